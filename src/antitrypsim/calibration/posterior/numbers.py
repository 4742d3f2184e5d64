"""The numbers of the priors that no parameter has in its own file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from antitrypsim.evidence import Spread, load_fixed
from antitrypsim.uncertainty.unknowns import Widening

FIXED = load_fixed(Path(__file__).parent / "parameters.toml", "posterior")


def widening() -> Widening:
    """Return how the uncertainty of a fitted value without a prior of its own is widened."""
    return Widening(FIXED.fitted_widening.value, FIXED.fitted_least_cv.value, _taught())


@cache
def _taught() -> frozenset[str]:
    # Here, so that whoever draws nothing reads no targets.
    from antitrypsim.calibration.posterior.data import data_of

    return frozenset(datum.target for datum in data_of())


def of_spreads() -> Spread:
    """Return the prior of a factor on how far people differ."""
    return Spread("lognormal", cv=FIXED.spread_cv.value)
