"""What every file of virtual people says of them."""

SYNTHETIC = "SYNTHETIC: not of real people"
"""Stands in every file of every format."""
