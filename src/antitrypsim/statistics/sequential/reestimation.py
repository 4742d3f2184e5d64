"""Sample-size re-estimation.

Sizes chosen anew at an interim, for many replicates at once.
Gould and Shih 1992, Commun Stat Theory Methods 21:2833; Mehta and Pocock 2011, Stat Med 30:3267.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array
from antitrypsim.statistics.sequential.futility import CRITICAL, conditional_power
from antitrypsim.statistics.sequential.sizes import Method, size_means


def blinded_variance(values: ArrayLike, *, difference: float = 0.0, ratio: float = 1.0) -> Array:
    """The one-sample variance of ``values`` (..., participants), arms unknown; NaN is left out.

    With an assumed ``difference`` of the arms, what it adds to the variance at allocation ``ratio``
    is taken off, never below 0 (Gould & Shih 1992, Commun Stat Theory Methods 21, 2833; left in:
    Kieser & Friede 2003, Stat Med 22, 3571). NaN with fewer than two values.
    """
    found = _checks.numbers(values, "values")
    ratio = _checks.ratio(ratio)
    if not np.isfinite(assumed := _checks.single(difference, "the difference")):
        raise InputError(f"the difference must be finite, not {difference}")
    share = ratio / (1 + ratio)
    squares, n = _squares(found)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = share * (1 - share) * n * np.square(assumed)
        return np.where(n > 1, np.maximum(squares - off, 0) / (n - 1), np.nan)


def pooled_variance(values: ArrayLike, arms: ArrayLike) -> Array:
    """The variance within arms of ``values`` (..., participants); NaN is left out.

    ``arms``: a code for each participant, (participants,) or of the shape of ``values``. NaN where
    an arm has no value or no degree of freedom is left.
    """
    found = _checks.numbers(values, "values")
    codes = np.asarray(arms)
    if codes.shape not in (found.shape[-1:], found.shape):
        raise InputError("every value needs the code of one arm")
    squares, df = np.zeros(found.shape[:-1]), np.zeros(found.shape[:-1])
    for code in np.unique(codes):
        inside, n = _squares(np.where(codes == code, found, np.nan))
        squares = squares + np.where(n > 0, inside, np.nan)
        df = df + n - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(df > 0, squares / df, np.nan)


def _squares(values: Array) -> tuple[Array, Array]:
    """Sum of squares about the mean, and number, of what is not NaN."""
    seen = ~np.isnan(values)
    n = seen.sum(axis=-1).astype(float)
    mean = np.where(seen, values, 0.0).sum(axis=-1) / np.maximum(n, 1)
    return (np.where(seen, values - mean[..., None], 0.0) ** 2).sum(axis=-1), n


@dataclass(frozen=True)
class SizeRange:
    """The ``least`` and the ``most`` participants that a size may be chosen from.

    Raises ``InputError`` for limits that do not ascend from above 0.
    """

    least: float
    most: float

    def __post_init__(self) -> None:
        low, high = (_checks.single(n, "the limit of the size") for n in (self.least, self.most))
        if not 0 < low <= high:
            raise InputError(
                f"the limits of the size must ascend from above 0, not {self.least}, {self.most}"
            )


def reestimated_size(
    variance: ArrayLike,
    difference: float,
    within: SizeRange,
    *,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
    method: Method = "normal",
) -> Array:
    """Participants in all with a ``variance`` seen at the interim, of its shape.

    As ``size_means``, kept ``within`` a range; a variance of 0 gives the least and NaN gives NaN.
    Raises ``InputError`` as ``size_means``, and for a variance below 0.
    """
    seen = _checks.numbers(variance, "the variance")
    if (seen < 0).any():
        raise InputError("a variance must not be below 0")
    sd = np.sqrt(np.where(seen == 0, np.nan, seen))
    found = size_means(
        difference, sd, power=power, alpha=alpha, sides=sides, ratio=ratio, method=method
    ).total
    return np.clip(np.where(seen == 0, within.least, found), within.least, within.most)


def second_stage_size(
    z1: ArrayLike,
    n1: ArrayLike,
    n_planned: ArrayLike,
    n_max: ArrayLike,
    wanted: float,
    *,
    zone: tuple[float, float],
    critical: ArrayLike = CRITICAL,
    drift: ArrayLike | None = None,
) -> Array:
    """Participants (or events) of the second stage, chosen by conditional power; all broadcast.

    ``z1``: statistic at the interim. ``n1``, ``n_planned``, ``n_max``: in all, at the interim, as
    planned and at most. Where conditional power with the planned size lies in the promising ``zone``
    (from the first number up to but without the second), the second stage grows to the size whose
    conditional power is ``wanted``, no further than ``n_max`` and never below the planned one;
    elsewhere it stays as planned. ``critical``: of the last test, an inverse normal combination with
    the planned shares as squared weights. ``drift``: mean of the last planned statistic under the
    effect assumed, None for the trend seen. Source: Mehta & Pocock 2011, Stat Med 30, 3267. NaN
    gives NaN. Raises ``InputError`` for an interim at or below 0, sizes that do not ascend, and
    a power or zone out of range.
    """
    from scipy.special import ndtri

    z = _checks.numbers(z1, "z")
    first, planned, most = (_checks.numbers(n, "the sizes") for n in (n1, n_planned, n_max))
    _checks.share(wanted, "the wanted conditional power")
    zone = (_checks.single(zone[0], "the zone"), _checks.single(zone[1], "the zone"))
    if not 0 <= zone[0] < zone[1] <= 1:
        raise InputError(f"the promising zone must ascend within 0 to 1, not {zone[0]}, {zone[1]}")
    if (first <= 0).any():
        raise InputError("the interim must come after more than 0 participants")
    if (planned <= first).any() or (most < planned).any():
        raise InputError("the sizes must ascend from the interim over the planned to the largest")
    t = first / planned
    power = conditional_power(z, t, drift, critical=critical)
    mean = z / np.sqrt(t) if drift is None else _checks.numbers(drift, "the drift")
    needed = (_checks.numbers(critical, "the critical value") - np.sqrt(t) * z) / np.sqrt(1 - t)
    needed = needed + ndtri(wanted)
    # Without a trend upwards, more participants do not bring more power.
    promising = (power >= zone[0]) & (power < zone[1]) & (mean > 0)
    rate = np.where(promising, mean / np.sqrt(planned), 1.0)
    grown = np.clip((np.maximum(needed, 0.0) / rate) ** 2, planned - first, most - first)
    return np.where(np.isnan(power), np.nan, np.where(promising, grown, planned - first))
