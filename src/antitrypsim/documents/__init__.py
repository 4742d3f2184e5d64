"""Documents that people write: text with line numbers, faults as sentences, times in words."""
