"""The planned analyses of a protocol, run on a trial's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.foundations.errors import AntitrypsimError, RunError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import Protocol, unadjusted
from antitrypsim.protocols.plannable import COVARIATES, FACTORS, GROUPED, MEASURED
from antitrypsim.protocols.planrules import plan_options
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.trials.groups import number_of

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.statistics.analysis.base import AnalysisResult, Asked

    Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class PlanResult:
    """One planned analysis: its rows, the sentence that says how, and what was wrong if anything."""

    id: str
    title: str
    endpoint: str
    analysis: str
    primary: bool
    rows: tuple[Plain, ...]
    method: str
    warnings: tuple[str, ...]
    failed: str = ""

    @property
    def untold(self) -> tuple[str, ...]:
        """The comparisons without an estimate at any visit, as 'active against placebo'."""
        told: dict[str, bool] = {}
        for row in self.rows:
            if row.get("contrast"):
                pair = f"{row['arm']} against {row['contrast']}"
                told[pair] = told.get(pair, False) or isfinite(row["estimate"])
        return tuple(pair for pair, known in told.items() if not known)

    @property
    def wanting(self) -> str:
        """Why this analysis, or a comparison of it, could not be done; empty where all was."""
        left = f"no estimate of {', '.join(self.untold)}" if self.untold else ""
        return (self.failed or left).rstrip(".")


def analyse_all(
    protocol: Protocol, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame
) -> tuple[tuple[PlanResult, ...], tuple[Plain, ...]]:
    """Return every planned analysis, and the tidy rows of these and of means by visit.

    An analysis that failed has one row, without numbers, whose ``failed`` says why.
    """
    plans = tuple(
        analyse_plan(protocol, plan, people, visits, events, primary=k == 0)
        for k, plan in enumerate(protocol.endpoints.all)
    )
    return plans, (*plan_rows(plans), *_means(visits))


def plan_rows(plans: Iterable[PlanResult]) -> list[Plain]:
    """Return the rows of planned analyses; of one that could not be done a row that says why."""
    return [row for plan in plans for row in (plan.rows or (_no_row(plan),))]


def analyse_plan(
    protocol: Protocol,
    plan: EndpointPlan,
    people: pd.DataFrame,
    visits: pd.DataFrame,
    events: pd.DataFrame,
    *,
    primary: bool,
) -> PlanResult:
    """Return one planned analysis of a trial's tables, of which it needs its endpoint's rows.

    A covariate that is measured needs the rows of its endpoint on day 0 too.
    """
    what = endpoint(plan.endpoint)

    def work() -> AnalysisResult:
        frame = analysis_frame(what, people, visits, events)
        return _run(protocol, plan, _with_covariates(frame, plan, people, visits))

    return _told(protocol, plan, work, primary=primary)


def analyse_parts(
    protocol: Protocol,
    plan: EndpointPlan,
    parts: Callable[[], Iterable[Frames]],
    *,
    primary: bool,
    summed: bool,
) -> PlanResult:
    """Return one planned analysis of people who come part by part, as ``analyse_plan`` of all of them.

    ``parts`` gives, as often as it is called, the participants, visits and events of each part. Where
    ``summed``, an analysis that can do with sums keeps nothing else; any other keeps of everybody the
    numbers that it needs.
    """
    what, how = endpoint(plan.endpoint), ANALYSES[plan.analysis]

    named = columns_named(plan)
    more = ("AVISIT",) if summed else () if how.at_visit else ("ADY",)
    wanted = dict.fromkeys(("USUBJID", "ARM", *how.columns, *named, *more))

    def frames() -> Iterable[pd.DataFrame]:
        import pandas as pd

        first = 0
        for people, visits, events in parts():
            frame = analysis_frame(what, people, visits, events)
            frame = _with_covariates(frame, plan, people, visits)
            # Numbers in the order of places, since words of a million people take much room.
            number = pd.Index(people["USUBJID"]).get_indexer(frame["USUBJID"]) + first
            first += len(people)
            yield frame[[name for name in wanted if name in frame]].assign(USUBJID=number)

    def work() -> AnalysisResult:
        sums = how.summed(_asked(protocol, plan, parts), plan_options(plan)) if summed else None
        if sums is None:
            return _run(protocol, plan, _joined(frames()))
        for frame in frames():
            sums.add(frame)
        return sums.result()

    return _told(protocol, plan, work, primary=primary)


def needs_everybody(protocol: Protocol, plan: EndpointPlan) -> bool:
    """Whether a planned analysis needs the numbers of everybody at once, and sums do not do."""
    asked = _asked(protocol, plan, lambda: ())
    return ANALYSES[plan.analysis].summed(asked, plan_options(plan)) is None


def _asked(protocol: Protocol, plan: EndpointPlan, parts: Callable[[], Iterable[Frames]]) -> Asked:
    from antitrypsim.statistics.analysis.base import Asked

    day = protocol.visit_days()
    measured = endpoint(plan.endpoint).kind == "measurement"
    visits = protocol.assessment_visits(plan.endpoint) if measured else ()
    groups = [COVARIATES[word] for word in plan.covariates if word in GROUPED]
    levels: dict[str, set[str]] = {name: set() for name in groups}
    for people, _, _ in parts() if groups else ():
        for name, found in levels.items():
            found.update(people[name].dropna().unique())
    return Asked(
        _arms(protocol, plan),
        {visit: day[visit] for visit in sorted(visits, key=lambda each: day[each])},
        {name: sorted(found) for name, found in levels.items()},
        1 - protocol.endpoints.alpha,
    )


def _arms(protocol: Protocol, plan: EndpointPlan) -> tuple[str, ...]:
    """Return the arms that are compared, the reference first."""
    compared = plan.compare or tuple(arm.id for arm in protocol.arms)
    return compared[-1], *compared[:-1]


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one, of which no word is held twice."""
    import numpy as np
    import pandas as pd

    words: dict[str, str] = {}
    held: dict[str, list[np.ndarray]] = {}
    for frame in frames:
        for name, column in frame.items():
            values = column.to_numpy()
            if not pd.api.types.is_numeric_dtype(column):
                codes, found = pd.factorize(column)
                each = [words.setdefault(str(word), str(word)) for word in found]
                # The last stands for what is not known.
                values = np.array([*each, None], dtype=object)[codes]
            held.setdefault(str(name), []).append(values)
    columns = {name: pd.Series(np.concatenate(held.pop(name)), copy=False) for name in list(held)}
    return pd.DataFrame(columns, copy=False)


def _run(protocol: Protocol, plan: EndpointPlan, frame: pd.DataFrame) -> AnalysisResult:
    arms = _arms(protocol, plan)
    return ANALYSES[plan.analysis].run(
        frame, reference=arms[0], arms=list(arms), level=1 - protocol.endpoints.alpha,
        **plan_options(plan),
    )  # fmt: skip


def _told(
    protocol: Protocol, plan: EndpointPlan, work: Callable[[], AnalysisResult], *, primary: bool
) -> PlanResult:
    what = endpoint(plan.endpoint)
    named = ANALYSES[plan.analysis].named(plan_options(plan), "" if what.unit == "1" else what.unit)
    title = plan.title or f"{what.title}: {named}"
    try:
        result = work()
        contrasts = [row for row in result.rows if row.contrast is not None]
        if not any(isfinite(row.estimate) for row in contrasts or result.rows):
            raise RunError("these data give no estimate")
    except AntitrypsimError as problem:
        return PlanResult(
            plan.id, title, what.id, plan.analysis, primary, (), "", (), problem.message
        )
    rows = tuple(
        {
            "arm": row.arm,
            "endpoint": what.id,
            "visit": row.visit,
            **({} if row.time is None else {"time": row.time}),
            "n": row.n,
            "estimate": row.estimate,
            "se": row.se,
            "lower": row.lower,
            "upper": row.upper,
            **({"p": row.p, "contrast": row.contrast} if row.contrast is not None else {}),
            "plan": plan.id,
            "analysis": plan.analysis,
            "primary": primary,
            "unit": _unit(plan, what.unit, row.unit_per, row.scale),
            "scale": row.scale,
        }
        for row in result.rows
    )
    method = result.method
    if left := unadjusted(protocol, plan):
        method += (
            f" Randomisation was stratified by {' and '.join(left)}, for which this analysis does "
            "not adjust."
        )
    return PlanResult(
        plan.id, title, what.id, plan.analysis, primary, rows, method, tuple(result.warnings)
    )


def _no_row(plan: PlanResult) -> Plain:
    return {
        "arm": None, "endpoint": plan.endpoint, "visit": None, "n": None, "estimate": None,
        "se": None, "lower": None, "upper": None, "plan": plan.id, "analysis": plan.analysis,
        "primary": plan.primary, "unit": endpoint(plan.endpoint).unit, "scale": "absolute",
        "failed": plan.failed,
    }  # fmt: skip


def _with_covariates(
    frame: pd.DataFrame, plan: EndpointPlan, people: pd.DataFrame, visits: pd.DataFrame
) -> pd.DataFrame:
    """Return the frame with a column for each covariate and stratum of the plan."""
    import pandas as pd

    own = people.set_index("USUBJID")
    for word in plan.covariates:
        if word == "baseline":
            continue
        if word in read_of(plan):
            first = visits[(visits["ENDPOINT"] == word) & (visits["ADY"] == 0)]
            known = first.set_index("USUBJID")["AVAL"]
        elif word in GROUPED:
            known = own[COVARIATES[word]]
        else:
            known = pd.Series(number_of(own, word), index=own.index)
        frame = frame.assign(**{COVARIATES[word]: frame["USUBJID"].map(known)})
    for word in plan.strata:
        frame = frame.assign(**{FACTORS[word]: frame["USUBJID"].map(own[FACTORS[word]])})
    return frame


def columns_named(plan: EndpointPlan) -> list[str]:
    """Return the columns of a plan's covariates and strata."""
    return [*(COVARIATES[w] for w in plan.covariates), *(FACTORS[w] for w in plan.strata)]


def read_of(plan: EndpointPlan) -> tuple[str, ...]:
    """Return the endpoints whose values on day 0 a plan adjusts for."""
    return tuple(word for word in plan.covariates if MEASURED.get(word) == word)


def _unit(plan: EndpointPlan, unit: str, per: str | None, scale: str) -> str:
    """Return the unit of an analysis's numbers, which need not be that of its endpoint."""
    own = ANALYSES[plan.analysis].unit
    if scale == "ratio" or own == "share":
        return "1"
    if own:
        return own
    if plan.options.get("measure") == "percent":
        return "percent"
    return unit if per is None or unit.endswith(f"per {per}") else f"{unit} per {per}"


def analysis_frame(
    what: Endpoint, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows that an analysis of an endpoint takes.

    One a visit for what is measured, and one a participant for a count (COUNT, EXPOSURE in years) and for the time to an
    event (AVAL in days, CNSR 1 where it did not come).
    """
    if what.kind == "measurement":
        return visits[visits["ENDPOINT"] == what.id].drop(
            columns=["PARAM", "ENDPOINT", "TRUTH"], errors="ignore"
        )
    frame = people[["USUBJID", "ARM", "EOSDY", "EOSSTT"]].copy()
    if what.kind == "count":
        counts = events.loc[events["EVENT"] == what.output, "USUBJID"].value_counts()
        frame["COUNT"] = frame["USUBJID"].map(counts).fillna(0).astype(int)
        frame["EXPOSURE"] = frame["EOSDY"] / YEAR
    else:
        first = events[events["EVENT"] == what.output].groupby("USUBJID")["ADY"].min()
        day = frame["USUBJID"].map(first)
        frame["AVAL"] = day.fillna(frame["EOSDY"])
        frame["CNSR"] = day.isna().astype(int)
    return frame.drop(columns=["EOSDY", "EOSSTT"])


def _means(visits: pd.DataFrame) -> list[Plain]:
    rows = []
    seen = visits.dropna(subset=["AVAL"])
    for (id, visit, arm), group in seen.groupby(["ENDPOINT", "AVISIT", "ARM"], sort=False):
        values = group["AVAL"].to_numpy()
        sd = float(values.std(ddof=1)) if len(values) > 1 else None
        rows.append(mean_row(str(id), str(visit), str(arm), len(values), float(values.mean()), sd))
    return rows


def mean_row(id: str, visit: str, arm: str, n: int, mean: float, sd: float | None) -> Plain:
    """Return the row of the mean of ``n`` measurements, ``sd`` None for one alone."""
    import numpy as np

    from antitrypsim.statistics.intervals import mean_half_width

    se = None if sd is None else sd / float(np.sqrt(n))
    half = None if sd is None else float(mean_half_width(np.array([n]), np.array([sd]), 0.95)[0])
    return {
        "arm": arm,
        "endpoint": id,
        "visit": visit,
        "n": n,
        "estimate": mean,
        "se": se,
        "lower": None if half is None else mean - half,
        "upper": None if half is None else mean + half,
        "plan": None,
        "analysis": "mean",
        "primary": False,
        "unit": endpoint(id).unit,
        "scale": "absolute",
    }
