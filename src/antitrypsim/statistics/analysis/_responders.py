"""Who responded: a change from baseline that goes far enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.statistics.analysis import _exact, _logistic, _settings
from antitrypsim.statistics.analysis._cells import Cells
from antitrypsim.statistics.block import Estimates

if TYPE_CHECKING:
    from antitrypsim.statistics.block import Block

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# A change that meets the limit but for rounding counts, also of values held in single precision.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Rule:
    """What a responder is and how arms are compared; the options of ``responder``."""

    limit: float
    percent: bool
    most: bool
    failure: bool
    logistic: bool
    baseline: bool
    null: float | None


def rule(options: Mapping[str, Any], arms: int) -> Rule:
    """Return the rule that options give; InputError for one that cannot be."""
    given = [name for name in ("change", "percent") if options.get(name) is not None]
    if len(given) != 1:
        raise InputError("the analysis 'responder' needs one of the options 'change' and 'percent'")
    logistic = _choice(options, "method", ("exact", "logistic")) == "logistic"
    baseline = _choice(options, "adjust", ("none", "baseline")) == "baseline"
    if baseline and not logistic:
        raise InputError("the option 'adjust' is for the method 'logistic' alone")
    null = None
    if arms == 1:
        if logistic:
            raise InputError("the method 'logistic' compares arms, and there is one arm only")
        null = _settings.number(options, "null_value")
        if not 0 <= null <= 1:
            raise InputError(f"the option 'null_value' must be a share from 0 to 1, not {null:g}")
    elif options.get("null_value") is not None:
        raise InputError("the option 'null_value' is for a single arm")
    return Rule(
        limit=_settings.number(options, given[0]),
        percent=given[0] == "percent",
        most=_choice(options, "direction", ("at least", "at most")) == "at most",
        failure=_choice(options, "missing", ("failure", "left out")) == "failure",
        logistic=logistic,
        baseline=baseline,
        null=null,
    )


def _choice(options: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = options.get(name)
    if value is None:
        return known[0]
    if value not in known:
        hint = nearest(str(value), known)
        raise InputError(f"the option '{name}' must be {' or '.join(known)}, not '{value}'{hint}")
    return str(value)


def responses(block: Block, visit: str | None, rule: Rule) -> tuple[Bools, Bools, Floats]:
    """Return whose change at a visit is known, who responded, and the baseline, each (R, n)."""
    baseline, value = block.changed(visit)
    known = np.isfinite(baseline) & np.isfinite(value)
    with np.errstate(invalid="ignore"):
        if rule.percent:
            known &= baseline > 0
        limit = rule.limit / 100 * baseline if rule.percent else rule.limit
        beyond = value - baseline - limit
        slack = ROUNDING * (np.abs(baseline) + np.abs(value))
        met = (beyond <= slack) if rule.most else (beyond >= -slack)
    return known, known & met, baseline


@dataclass(frozen=True, slots=True)
class Shares:
    """Participants ``n``, responders ``x``, and those whose change is ``known``, each (R, arms)."""

    n: Floats
    x: Floats
    known: Floats


def analyse(block: Block, visit: str | None, rule: Rule, level: float) -> tuple[Shares, Estimates]:
    """Return the numbers of each arm and the comparisons with the first, or of one arm with null.

    NaN where an arm has fewer than two participants, or none with a change.
    """
    known, met, baseline = responses(block, visit, rule)
    arms = len(block.arms)
    counted = np.ones(known.shape, dtype=bool) if rule.failure else known
    if rule.baseline:
        counted = counted & np.isfinite(baseline)
    cells = Cells.of(block.arm, arms, counted)
    n, x = cells.sums(), cells.sums(met[cells.kept])
    shares = Shares(n, x, cells.sums(known[cells.kept]))
    usable = (n > 1) & (shares.known > 0)
    n = np.where(usable, n, 2.0)
    x = np.where(usable, x, 0.0)
    if arms == 1:
        assert rule.null is not None
        return shares, _blank(_single(n, x, rule.null, level), usable)
    usable = usable[:, 1:] & usable[:, :1]
    if not rule.logistic:
        return shares, _blank(_differences(n, x, level), usable)
    if rule.baseline:
        log_ratio, se = _logistic.adjusted(met, baseline, block.arm, arms, counted)
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
