"""Calibration: targets, the fit to them, and the report of what is met."""
