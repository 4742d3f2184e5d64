"""Adjusted p values for several hypotheses: one file a procedure, each with ``adjust``.

Every ``adjust`` takes p values with the hypotheses on the last axis and any axes before it (one
entry a replicate, say) and returns adjusted p values of that shape: rejecting where they are at
most alpha keeps the chance of any false rejection at alpha. NaN (a replicate that could not be
analysed) stays NaN and counts as 1 for the other hypotheses, which is to say that it is not
rejected. ``InputError`` for p values outside 0 to 1.
"""

from antitrypsim.statistics.multiplicity import (
    bonferroni,
    fixed_sequence,
    graphical,
    hochberg,
    holm,
)

__all__ = ["bonferroni", "fixed_sequence", "graphical", "hochberg", "holm"]
