"""Responder analysis.

Shares of participants who change far enough from baseline.
Newcombe 1998, Stat Med 17:873, for the intervals of differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import were
from antitrypsim.statistics.analysis.base import (
    Analysis,
    AnalysisResult,
    Direction,
    Kind,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._responders import ResponderShares, Rule
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates, Floats


def rule_of(options: Options) -> Rule:
    """Return the rule of who responds that ``options`` say; ``InputError`` for one that cannot be."""
    from antitrypsim.statistics.analysis import _responders

    return _responders.rule(options)


def responded(
    baseline: NDArray[np.floating], value: NDArray[np.floating], rule: Rule
) -> NDArray[np.bool_]:
    """Return who responded by ``rule``, of values alike; nobody whose change is not known."""
    from antitrypsim.statistics.analysis import _responders

    return _responders.responded(baseline, value, rule)[1]


class Responder(Analysis):
    """Share of responders of every arm at one visit, and comparisons with the reference.

    Columns: AVISIT, ADY (days since randomisation, which order the visits), AVAL, one row a
    participant and visit. The baseline is the first visit, which must be at day 0. A responder's
    change meets ``change`` or ``percent`` (at a baseline above 0; at others it is missing); a
    change that meets it but for rounding counts. Rows of the result: the share of each arm with
    its Clopper-Pearson interval, then by ``method``
    - exact: differences of shares with Newcombe's hybrid score interval (1998, Stat Med 17:873,
      method 10), p of Fisher's exact test, two-sided as R's fisher.test, and ``se`` from the
      observed shares, which neither of them uses;
    - logistic: odds ratios with Wald interval and p, ``se`` of the log ratio, from one regression
      on arm, with the baseline and other covariates if so asked; people of whom one is unknown are
      then left out;
    - mantel-haenszel: common odds ratios over ``strata``, two arms at a time, with ``se`` of the log
      ratio by Robins, Breslow and Greenland (1986, Biometrics 42:311), and p of Mantel and
      Haenszel's chi-squared without correction for continuity, as R's mantelhaen.test with
      correct = FALSE; a ratio of 0 or infinity is NaN, and its p stands.
    One arm alone: its share against ``null_value``, with the two-sided binomial p of R's binom.test,
    which stands in the sentence.

    Of a block: (R, arms - 1), or (R, 1) for one arm; NaN where an arm has fewer than two
    participants or none with a change, and where odds have no finite ratio, which of one trial
    raises ``InputError``. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "responder"
    quotient: ClassVar[str] = "odds ratio"
    title: ClassVar[str] = "Share of responders"
    estimates: ClassVar[str] = "share of responders at one visit"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    unit: ClassVar[str] = "share"
    alone: ClassVar[bool] = True
    told: ClassVar[str] = "At {when}, the share of responders in {what} was {each}."
    counted: ClassVar[str] = "responders"
    at_visit: ClassVar[bool] = True
    least_people: ClassVar[int] = 2
    one_arm_option: ClassVar[str] = "null_value"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "ADY", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which people respond or not; of a block, by default the last.",
            "change": "The change from baseline that makes a responder, in the unit of AVAL.",
            "percent": "The same in percent of the baseline; one of the two is needed.",
            "direction": "Whether a responder changes by at least (the default) or at most so much.",
            "missing": "Whether people without a change count as failure (the default) or are left "
            "out.",
            "method": "How arms are compared: exact, logistic (the default where covariates are "
            "named) or mantel-haenszel (where strata are).",
            "adjust": "What the logistic regression adjusts for: none (the default) or baseline.",
            "covariates": "Columns that the logistic regression adjusts for, BASE being the baseline.",
            "strata": "Columns within whose levels mantel-haenszel compares the arms.",
            "null_value": "The share that a single arm is compared with; needed there.",
        }
    )

    def ratio(self, options: Options) -> bool:
        """Odds are compared by their quotient, whether the method is named or follows."""
        from antitrypsim.statistics.analysis import _responders

        return _responders.rule(options).method != "exact"

    def named(self, options: Options, unit: str) -> str:
        """Say how far a responder changes."""
        from antitrypsim.statistics.analysis import _responders

        rule = _responders.rule(options)
        side, of = "at most" if rule.most else "at least", "%" if rule.percent else unit
        return f"{self.title}, a change of {side} {rule.limit:g} {of}".rstrip()

    def better(self, endpoint: Direction, options: Options) -> Direction:
        """More who fall are better where less is."""
        falls = options.get("direction", "at least") == "at most"
        return "higher" if falls == (endpoint == "lower") else "lower"

    def _valid(self, options: Options) -> object:
        from antitrypsim.statistics.analysis import _responders

        return _responders.rule(options)

    def meaning(self, options: Options) -> tuple[object, ...]:
        """Who responds and how arms are compared, the baseline being a covariate in either word."""
        from antitrypsim.statistics.analysis import _responders

        self.check_options(options)
        rule = _responders.rule(options)
        covariates, strata = (tuple(sorted(each)) for each in (rule.covariates, rule.strata))
        return replace(rule, covariates=covariates, strata=strata), options.get("visit")

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Count responders at the visit and compare the arms."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _exact, _responders, _rows
        from antitrypsim.statistics.block import Estimates, block_of

        visit = _checks.needed_visit(self.name, options)
        rule = _responders.rule(options, len(arms))
        _checks.numbers(frame, ("ADY", "AVAL"))
        _checks.visit(frame, visit)
        for each, rows in frame.groupby("AVISIT"):
            _checks.one_row_each(rows, f" at visit '{each}'")
        where = f" at visit '{visit}'"
        frame = _with_groups(frame, rule)
        block = block_of(frame, arms)
        known, _ = _responders.responses(block, visit, rule)
        ids = frame.drop_duplicates("USUBJID")
        _checks.enough(ids[known[0]], arms, 1, where)
        _checks.enough(ids if rule.failure else ids[known[0]], arms, 2, where)
        shares, told = _responders.analyse(block, visit, rule, level)
        for k, arm in enumerate(arms[1:]):
            if np.isnan(told.p[0, k]):
                also = " or covariate" if rule.covariates else ""
                raise InputError(
                    f"the odds of response of the arms '{arm}' and '{arms[0]}' have no finite ratio: "
                    f"an arm{also} tells who responds without error"
                )
        people = dict(zip(arms, shares.n[0].tolist(), strict=True))
        share = shares.x / shares.n
        own = Estimates(
            share, np.sqrt(share * (1 - share) / shares.n), np.full(share.shape, np.inf),
            np.full(share.shape, np.nan), *_exact.clopper_pearson(shares.x, shares.n, level),
        )  # fmt: skip
        found = _rows.of_arms(own, arms, people, visit=visit)
        found += _rows.of_contrasts(told, arms, people, visit=visit)
        return AnalysisResult(
            found, _method(rule, where, level, told), _warnings(rule, shares, known[0], told)
        )

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Compare the arms in every replicate."""
        from antitrypsim.statistics.analysis import _columns, _responders, _strata
        from antitrypsim.statistics.block import Estimates

        rule = _responders.rule(options, len(block.arms))
        scale: Literal["absolute", "ratio"] = "absolute" if rule.method == "exact" else "ratio"

        def work(part: Block) -> tuple[Floats, ...]:
            told = _responders.analyse(part, options.get("visit"), rule, level)[1]
            return told.estimate, told.se, told.df, told.p, told.lower, told.upper

        columns = _columns.of_block(block, rule.covariates).x.shape[2]
        found = _strata.in_parts(work, block, 2 * (columns + 1))
        estimate, se, df, p, lower, upper = found
        return Estimates(estimate, se, df, p, lower, upper, scale)


def _method(rule: Rule, where: str, level: float, told: Estimates) -> str:
    unit = " percent" if rule.percent else ""
    meets = f"{'at most' if rule.most else 'at least'} {rule.limit:g}{unit}"
    text = f"Share of participants whose change from baseline{where} was {meets}, "
    if rule.null is not None:
        return (
            f"{text}with a Clopper-Pearson interval at {level:.4g}; against a share of "
            f"{rule.null:g} the exact binomial test gives p = {told.p[0, 0]:.4g}."
        )
    if rule.method == "logistic":
        also = "".join(f" + {'baseline' if n == 'BASE' else n}" for n in rule.covariates)
        return f"{text}compared by logistic regression on arm{also} with Wald intervals at {level:.4g}."
    if rule.strata:
        return (
            f"{text}compared within {', '.join(rule.strata)} by Mantel and Haenszel's common odds "
            f"ratio with Robins-Breslow-Greenland intervals at {level:.4g} and their chi-squared "
            "test without correction for continuity."
        )
    return (
        f"{text}compared by Fisher's exact test, with Newcombe's hybrid score intervals of the "
        f"differences at {level:.4g}."
    )


def _with_groups(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Return the columns that are analysed, strata as text; ``InputError`` for one that is missing."""
    from antitrypsim.statistics.analysis import _checks

    also = [name for name in (*rule.covariates, *rule.strata) if name != "BASE"]
    _checks.columns(frame, also)
    frame = frame[["USUBJID", "ARM", "AVISIT", "ADY", "AVAL", *also]]
    text = {n: frame[n].where(frame[n].isna(), frame[n].astype(str)) for n in rule.strata}
    return frame.assign(**text)


def _warnings(
    rule: Rule, shares: ResponderShares, known: NDArray[np.bool_], told: Estimates
) -> tuple[str, ...]:
    import numpy as np

    failed = int((shares.n - shares.known).sum())
    out = len(known) - int(shares.n.sum())
    endless = rule.strata and np.isnan(told.estimate).any()
    return (
        *((f"{failed} without a change count as not responding.",) if failed else ()),
        *(
            (f"{out} of {len(known)} participants {were(out)} left out for want of values.",)
            if out
            else ()
        ),
        *(
            (
                "A common odds ratio is 0 or infinite: it has no finite estimate, and its test stands.",
            )
            if endless
            else ()
        ),
    )
