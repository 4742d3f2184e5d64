"""Error-spending functions.

How much of an error may be spent by an information fraction.
Lan and DeMets 1983, Biometrika 70:659.
"""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array

FAMILIES = (
    "lan-demets-obrien-fleming",
    "lan-demets-pocock",
    "hwang-shih-decani",
    "kim-demets",
)

# exp(gamma) of a larger one is all or nothing at the first look.
LARGEST_GAMMA = 40.0


def spent(
    family: str,
    fractions: ArrayLike,
    total: float,
    *,
    sides: int = 1,
    parameter: float | None = None,
) -> Array:
    """Cumulative error spent at ``fractions`` (any shape, from 0 to 1), out of ``total``.

    ``lan-demets-obrien-fleming``: 2 - 2 Phi(z(total / 2) / sqrt t), for each of ``sides`` its own
    share. ``lan-demets-pocock``: total ln(1 + (e - 1) t) (both Lan & DeMets 1983, Biometrika 70,
    659). ``hwang-shih-decani``: total (1 - exp(-g t)) / (1 - exp(-g)), g the ``parameter``, from
    -40 to 40, 0 meaning total t (Hwang, Shih & De Cani 1990, Stat Med 9, 1439). ``kim-demets``:
    total t^r, r the ``parameter``, above 0 (Kim & DeMets 1987, Biometrika 74, 149). Raises
    ``InputError`` for an unknown family and for a total, fraction or parameter out of range.
    """
    from scipy.special import ndtr, ndtri

    _checks.one_of(family, FAMILIES, "spending function")
    _checks.share(total, "the error to spend")
    t = _checks.numbers(fractions, "the information fractions")
    if not ((t >= 0) & (t <= 1)).all():
        raise InputError("information fractions must lie from 0 to 1")
    value = check_parameter(family, parameter)
    if family == "lan-demets-obrien-fleming":
        with np.errstate(divide="ignore"):
            return np.asarray(2 * sides * ndtr(ndtri(total / (2 * sides)) / np.sqrt(t)))
    if family == "lan-demets-pocock":
        return total * np.log1p((np.e - 1) * t)
    if family == "kim-demets":
        return total * t**value
    return total * (np.expm1(-value * t) / np.expm1(-value) if value else t)


def check_parameter(family: str, parameter: float | None) -> float:
    """The parameter of a family, or 0 for one without; refuses one missing, idle or impossible."""
    if family not in ("hwang-shih-decani", "kim-demets", "wang-tsiatis"):
        if parameter is not None:
            raise InputError(f"'{family}' has no parameter")
        return 0.0
    if not isinstance(parameter, Real) or not np.isfinite(parameter):
        raise InputError(f"'{family}' needs a number as its parameter")
    if family == "kim-demets" and parameter <= 0:
        raise InputError(f"the parameter of 'kim-demets' must be above 0, not {parameter}")
    if family == "hwang-shih-decani" and abs(parameter) > LARGEST_GAMMA:
        raise InputError(
            f"the parameter of 'hwang-shih-decani' must lie from -40 to 40, not {parameter}"
        )
    if family == "wang-tsiatis" and not 0 <= parameter <= 1:
        raise InputError(f"the parameter of 'wang-tsiatis' must lie from 0 to 1, not {parameter}")
    return float(parameter)
