"""The joint posterior of what is unknown, from the targets that may choose values."""
