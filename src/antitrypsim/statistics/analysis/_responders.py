"""Who responded: a change from baseline that goes far enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import (
    _checks,
    _columns,
    _exact,
    _logistic,
    _mantel_haenszel,
    _settings,
    _strata,
)
from antitrypsim.statistics.analysis._cells import Cells
from antitrypsim.statistics.analysis._columns import BASELINE
from antitrypsim.statistics.block import Estimates

if TYPE_CHECKING:
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# A change that meets the limit but for rounding counts, also of values held in single precision.
ROUNDING = 1e-6


METHODS = ("exact", "logistic", "mantel-haenszel")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a responder is and how arms are compared; the options of ``responder``."""

    limit: float
    percent: bool
    most: bool
    failure: bool
    method: str
    covariates: tuple[str, ...]
    strata: tuple[str, ...]
    null: float | None


def rule(options: Options, arms: int | None = None) -> Rule:
    """Return the rule that options give; InputError for one that cannot be (with so many arms)."""
    given = [name for name in ("change", "percent") if options.get(name) is not None]
    if len(given) != 1:
        raise InputError("the analysis 'responder' needs one of the options 'change' and 'percent'")
    covariates, strata = (_checks.names(options.get(k), k) for k in ("covariates", "strata"))
    if _settings.choice(options, "adjust", ("none", "baseline")) == "baseline":
        covariates = (BASELINE, *(name for name in covariates if name != BASELINE))
    # What is named says which method is meant, unless that is said too.
    meant = "logistic" if covariates else "mantel-haenszel" if strata else METHODS[0]
    chosen = _settings.choice(options, "method", METHODS)
    method = meant if options.get("method") is None else chosen
    if covariates and method != "logistic":
        named = "adjust" if covariates == (BASELINE,) else "covariates"
        raise InputError(f"the option '{named}' is for the method 'logistic' alone")
    if strata and method != "mantel-haenszel":
        also = ": name the strata as covariates" if method == "logistic" else ""
        raise InputError(f"the option 'strata' is for the method 'mantel-haenszel' alone{also}")
    if method == "mantel-haenszel" and not strata:
        raise InputError("the method 'mantel-haenszel' needs the option 'strata'")
    null = options.get("null_value")
    if null is not None or arms == 1:
        null = _settings.number(options, "null_value")
        if not 0 <= null <= 1:
            raise InputError(f"the option 'null_value' must be a share from 0 to 1, not {null:g}")
    if arms == 1 and method != "exact":
        raise InputError(f"the method '{method}' compares arms, and there is one arm only")
    if arms is not None and arms > 1 and null is not None:
        raise InputError("the option 'null_value' is for a single arm")
    return Rule(
        limit=_settings.number(options, given[0]),
        percent=given[0] == "percent",
        most=_settings.choice(options, "direction", ("at least", "at most")) == "at most",
        failure=_settings.choice(options, "missing", ("failure", "left out")) == "failure",
        method=method,
        covariates=covariates,
        strata=strata,
        null=null,
    )


def responses(block: Block, visit: str | None, rule: Rule) -> tuple[Bools, Bools]:
    """Return whose change at a visit is known, and who responded, each (R, n)."""
    baseline, value = block.changed(visit)
    return responded(baseline, value, rule)


def responded(
    baseline: NDArray[np.floating], value: NDArray[np.floating], rule: Rule
) -> tuple[Bools, Bools]:
    """Return whose change from ``baseline`` to ``value``, arrays alike, is known, and who responded."""
    known = np.isfinite(baseline) & np.isfinite(value)
    with np.errstate(invalid="ignore"):
        if rule.percent:
            known &= baseline > 0
        limit = rule.limit / 100 * baseline if rule.percent else rule.limit
        beyond = value - baseline - limit
        slack = ROUNDING * (np.abs(baseline) + np.abs(value))
        met = (beyond <= slack) if rule.most else (beyond >= -slack)
    return known, known & met


@dataclass(frozen=True, slots=True)
class ResponderShares:
    """Participants ``n``, responders ``x``, and those whose change is ``known``, each (R, arms)."""

    n: Floats
    x: Floats
    known: Floats


def analyse(
    block: Block, visit: str | None, rule: Rule, level: float
) -> tuple[ResponderShares, Estimates]:
    """Return the numbers of each arm and the comparisons with the first, or of one arm with null.

    NaN where an arm has fewer than two participants, or none with a change.
    """
    known, met = responses(block, visit, rule)
    arms = len(block.arms)
    counted = np.ones(known.shape, dtype=bool) if rule.failure else known
    columns = _columns.of_block(block, rule.covariates)
    stratum = _strata.codes(block, rule.strata)
    counted = counted & columns.known & (stratum >= 0)
    cells = Cells.of(block.arm, arms, counted)
    n, x = cells.sums(), cells.sums(met[cells.kept])
    shares = ResponderShares(n, x, cells.sums(known[cells.kept]))
    usable = (n > 1) & (shares.known > 0)
    n = np.where(usable, n, 2.0)
    x = np.where(usable, x, 0.0)
    if arms == 1:
        assert rule.null is not None
        return shares, _blank(_single(n, x, rule.null, level), usable)
    usable = usable[:, 1:] & usable[:, :1]
    if rule.method == "exact":
        return shares, _blank(_differences(n, x, level), usable)
    if rule.strata:
        told = _mantel_haenszel.ratios(met, stratum, Cells.of(block.arm, arms, counted), level)
        return shares, _blank(told, usable)
    if rule.covariates:
        log_ratio, se = _logistic.adjusted(met, block.arm, arms, counted, columns)
    else:
        log_ratio, se = _logistic.plain(x, n)
    return shares, _blank(Estimates.of(log_ratio, se, np.inf, level, ratio=True), usable)


def _single(n: Floats, x: Floats, null: float, level: float) -> Estimates:
    share = x / n
    lower, upper = _exact.clopper_pearson(x, n, level)
    se = np.sqrt(share * (1 - share) / n)
    df = np.full(share.shape, np.inf)
    return Estimates(share, se, df, _exact.binomial(x, n, null), lower, upper)


def _differences(n: Floats, x: Floats, level: float) -> Estimates:
    y, m = (np.broadcast_to(each[:, :1], each[:, 1:].shape) for each in (x, n))
    x, n = x[:, 1:], n[:, 1:]
    lower, upper = _exact.newcombe(x, n, y, m, level)
    here, there = x / n, y / m
    se = np.sqrt(here * (1 - here) / n + there * (1 - there) / m)
    df = np.full(se.shape, np.inf)
    return Estimates(here - there, se, df, _exact.fisher(x, n, y, m), lower, upper)


def _blank(told: Estimates, usable: Bools) -> Estimates:
    """Return NaN where an arm is not ``usable``."""
    estimate, se, p, lower, upper = (
        np.where(usable, each, np.nan)
        for each in (told.estimate, told.se, told.p, told.lower, told.upper)
    )
    return Estimates(estimate, se, told.df, p, lower, upper, told.scale)
