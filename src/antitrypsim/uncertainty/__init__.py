"""What is unknown: draws from it, what of an answer each unknown decides, and what knowing it is worth."""
