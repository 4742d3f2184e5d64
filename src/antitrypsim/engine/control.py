"""Numbers of the step size control, shared by the machine code and the portable path."""

from __future__ import annotations

SAFETY = 0.9
TREND = 0.5
"""How much of the last step's relative change of (step x error^(-1/p)) is expected to go on."""
TREND_LOW, TREND_HIGH = 0.5, 2.0
GROWTH = 6.0
SHRINK = 0.15
STRETCH = 1.05
"""A step that would end this close before an event is stretched to end at it."""
HALVE = 2.0
"""A step longer than half of what is left before an event is replaced by half of it."""
SINGULAR = 1e-7
"""A pivot below this share of 1/(h gamma) rejects the step."""
TINY = 1e-13
"""A rejected step below this share of (|t| + 1 day) fails the patient."""
FIRST = 1e-3
"""Days: the first step where nothing better is known."""

REACHED, ENDED, FAILED, EXHAUSTED, TOO_LONG = range(5)
"""Status of a course: end, ended by hazard, step too small, out of thresholds, too many steps."""
