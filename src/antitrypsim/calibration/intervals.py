"""The one rule from a published error to what is accepted: the 95 % interval of the published value.

| error as published | interval |
|---|---|
| ``95 % CI 56 to 83`` | as printed |
| ``range 16 to 18.6`` | as printed; it is no standard error |
| ``SE 0.25`` | value +- 1.96 SE |
| ``SD 2.4``, of n people | value +- 1.96 SD / sqrt(n), of a mean |
| ``exact``, of n people | of a share the exact binomial, of a count the exact Poisson, of an SD chi-square |
| ``Fisher z``, of n people | of a correlation, normal on the scale of Fisher's z |
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal, cast

Statistical = Literal[
    "mean", "median", "SD", "quantile", "share", "slope", "ratio", "correlation", "difference",
    "count", "order", "typical",
]  # fmt: skip
"""What kind of number was published; 'order' is how many of a published order hold, 'typical' is
of a typical person or a formula."""

Word = Literal["95 % CI", "range", "SE", "SD", "exact", "Fisher z"]

Z95 = 1.96
_NUMBER = r"-?\d+(?:\.\d+)?"
_ERROR = re.compile(
    rf"(?P<word>95 % CI|range) (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})"
    rf"|(?P<spread>SE|SD) (?P<size>\d+(?:\.\d+)?)|(?P<bare>exact|Fisher z)"
)
_EXACT = ("share", "count", "SD")


@dataclass(frozen=True)
class Error:
    """A published error. ``low`` and ``high`` are printed limits, ``size`` an SE or SD, ``n`` people."""

    word: Word
    statistic: Statistical
    low: float = math.nan
    high: float = math.nan
    size: float = math.nan
    n: int = 0
    percent: bool = False

    @property
    def needs_n(self) -> bool:
        """Whether the interval follows from a number of people."""
        return self.word in ("SD", "exact", "Fisher z")

    def of(self, n: int) -> Error:
        """Return the error in so many people; raise ValueError for too few."""
        if (self.word != "SD" and n < 2) or (self.word == "Fisher z" and n < 4):
            raise ValueError(f"'{self.word}' cannot be reckoned of {n} people")
        return replace(self, n=n)

    @property
    def se(self) -> float:
        """The standard error where it does not depend on the value; NaN otherwise."""
        if self.word == "SE":
            return self.size
        if self.word == "SD":
            return self.size / math.sqrt(self.n)
        if self.word == "95 % CI":
            return (self.high - self.low) / (2 * Z95)
        return math.nan

    def interval(self, value: float) -> tuple[float, float]:
        """Return the 95 % interval of a published value; NaN where it needs a value and has none."""
        if self.word in ("95 % CI", "range"):
            return self.low, self.high
        if self.word == "exact":
            return _exact(self.statistic, value, self.n, 100 if self.percent else 1)
        if self.word == "Fisher z":
            half = Z95 / math.sqrt(self.n - 3)
            return math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)
        return value - Z95 * self.se, value + Z95 * self.se

    def distance(self, published: float, simulated: float, error: float) -> float:
        """Return (simulated - published) in standard errors of both; NaN where there is none.

        ``error`` is Monte Carlo's. A ratio is compared by its logarithm, a correlation by Fisher's z.
        """
        if self.word == "range" or not math.isfinite(simulated):
            return math.nan
        low, high = self.interval(published)
        if self.statistic == "ratio" and min(low, published, simulated) > 0:
            own = math.log(high / low) / (2 * Z95)
            return math.log(simulated / published) / math.hypot(own, error / simulated)
        if self.statistic == "correlation" and abs(simulated) < 1:
            own = (math.atanh(high) - math.atanh(low)) / (2 * Z95)
            apart = math.atanh(simulated) - math.atanh(published)
            return apart / math.hypot(own, error / (1 - simulated**2))
        return (simulated - published) / math.hypot((high - low) / (2 * Z95), error)


def error_of(text: str, statistic: Statistical, *, percent: bool = False) -> Error | None:
    """Return the error that is published of a statistic, None for empty words.

    ``percent``: a share is in per cent. Raises ValueError for other words, and for an error that the
    statistic does not have.
    """
    if not text:
        return None
    said = _ERROR.fullmatch(text)
    if not said:
        raise ValueError(
            f"'{text}' is no error; write it as it is published: 'SE 0.25', 'SD 2.4', "
            "'95 % CI 56 to 83', 'range 16 to 18.6', 'exact' or 'Fisher z'"
        )
    word = cast(Word, said["word"] or said["spread"] or said["bare"])
    of = {"SD": ("mean",), "exact": _EXACT, "Fisher z": ("correlation",)}
    if word in of and statistic not in of[word]:
        raise ValueError(
            f"'{word}' is the error of a {' or '.join(of[word])}, not of a {statistic}"
        )
    if word in ("95 % CI", "range"):
        low, high = float(said["low"]), float(said["high"])
        if not low < high:
            raise ValueError(f"'{text}' holds nothing")
        return Error(word, statistic, low=low, high=high)
    size = float(said["size"]) if said["size"] else math.nan
    return Error(word, statistic, size=size, percent=percent)


def _exact(statistic: Statistical, value: float, n: int, whole: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share of ``whole``, of a count, or of an SD."""
    # The functions behind scipy.stats, which takes half a second to import: draws wait for these intervals.
    from scipy.special import betaincinv, gammaincinv

    if math.isnan(value):
        return math.nan, math.nan
    if statistic == "SD":
        upper, lower = (2 * float(gammaincinv((n - 1) / 2, p)) for p in (0.975, 0.025))
        return value * math.sqrt((n - 1) / upper), value * math.sqrt((n - 1) / lower)
    if statistic == "count":
        low = gammaincinv(value, 0.025) if value > 0 else 0.0
        return float(low), float(gammaincinv(value + 1, 0.975))
    # The published share is rounded: what was counted is the whole number next to it.
    counted = round(value / whole * n)
    low = betaincinv(counted, n - counted + 1, 0.025) if counted > 0 else 0.0
    high = betaincinv(counted + 1, n - counted, 0.975) if counted < n else 1.0
    return float(whole * low), float(whole * high)
