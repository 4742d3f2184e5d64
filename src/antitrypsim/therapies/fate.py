"""The words of a cell's or particle's fate: landing, expansion, early loss, staying, late loss.

What lands is ``amount x viability x share``. What has landed grows and is lost early; a share of
those that leave stays on, and is lost late: together the biphasic course of a living drug.
"""

from __future__ import annotations

import sympy

from antitrypsim.modelling.words import Number


def per_day(half_life: Number) -> Number:
    """Return the first-order rate, 1/day, of a half-life in days."""
    return sympy.log(2) / half_life


def landing(amount: Number, *, viability: Number = 1, share: Number = 1) -> Number:
    """Return what arrives alive of an amount given: a dose's jump."""
    return amount * viability * share


def if_given(amount: Number, jump: Number) -> Number:
    """Return the jump of what goes with a dose whatever its size; a dose of nothing has none."""
    return sympy.Piecewise((jump, amount > 0), (0, True))


def early(landed: Number, *, loss: Number, growth: Number = 0) -> Number:
    """Return the change of what has just landed: it grows and is lost."""
    return (growth - loss) * landed


def staying(landed: Number, *, loss: Number, kept: Number) -> Number:
    """Return the flow into those that stay: the share ``kept`` of what ``loss`` takes."""
    return kept * loss * landed


def late(lasting: Number, *, inflow: Number, loss: Number) -> Number:
    """Return the change of those that stay: an inflow and a slow loss."""
    return inflow - loss * lasting
