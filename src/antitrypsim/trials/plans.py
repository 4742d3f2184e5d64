"""The planned analyses of a protocol, run on a trial's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import AntitrypsimError
from antitrypsim.protocols import Protocol
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.trials.endpoint import endpoint

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.protocols.parts import EndpointPlan

YEAR = 365.25


@dataclass(frozen=True)
class PlanResult:
    """One planned analysis: its rows, the sentence that says how, and what was wrong if anything."""

    id: str
    title: str
    endpoint: str
    analysis: str
    primary: bool
    rows: tuple[dict[str, Any], ...]
    method: str
    warnings: tuple[str, ...]
    failed: str = ""


def analyse_all(
    protocol: Protocol, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame
) -> tuple[tuple[PlanResult, ...], tuple[dict[str, Any], ...]]:
    """Return every planned analysis, and the tidy rows of these and of means by visit."""
    plans = tuple(
        _analyse(protocol, plan, people, visits, events, primary=k == 0)
        for k, plan in enumerate(protocol.endpoints.all)
    )
    rows = [row for plan in plans for row in plan.rows]
    return plans, tuple(rows + _means(visits))


def _analyse(
    protocol: Protocol,
    plan: EndpointPlan,
    people: pd.DataFrame,
    visits: pd.DataFrame,
    events: pd.DataFrame,
    *,
    primary: bool,
) -> PlanResult:
    what = endpoint(plan.endpoint)
    title = plan.title or f"{what.title}: {ANALYSES[plan.analysis].title}"
    compared = list(plan.compare or [arm.id for arm in protocol.arms])
    frame = _frame(what, people, visits, events)
    options: dict[str, Any] = dict(plan.options)
    if plan.visit is not None:
        options["visit"] = plan.visit
    if plan.times is not None:
        from antitrypsim.foundations.units import parse_days

        options["times"] = [parse_days(t) for t in plan.times]
    elif plan.analysis == "kaplan-meier":
        options["times"] = [protocol.length_days]
    try:
        result = ANALYSES[plan.analysis].run(
            frame,
            reference=compared[-1],
            arms=[compared[-1], *compared[:-1]],
            level=1 - protocol.endpoints.alpha,
            **options,
        )
    except AntitrypsimError as problem:
        return PlanResult(
            plan.id, title, what.id, plan.analysis, primary, (), "", (), problem.message
        )
    rows = tuple(
        {
            "arm": row.arm,
            "endpoint": what.id,
            "visit": row.visit,
            "n": row.n,
            "estimate": row.estimate,
            "se": row.se,
            "lower": row.lower,
            "upper": row.upper,
            **({"p": row.p, "contrast": row.contrast} if row.contrast is not None else {}),
            "plan": plan.id,
            "analysis": plan.analysis,
            "primary": primary,
            "unit": _unit(what.unit, row.unit_per, row.scale),
            "scale": row.scale,
        }
        for row in result.rows
    )
    return PlanResult(
        plan.id, title, what.id, plan.analysis, primary, rows, result.method, tuple(result.warnings)
    )


def _unit(unit: str, per: str | None, scale: str) -> str:
    if scale == "ratio":
        return "1"
    return unit if per is None or unit.endswith(f"per {per}") else f"{unit} per {per}"


def _frame(
    what: Any, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    if what.kind == "value":
        return visits[visits["ENDPOINT"] == what.id].drop(columns=["PARAM", "ENDPOINT", "TRUTH"])
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


def _means(visits: pd.DataFrame) -> list[dict[str, Any]]:
    import numpy as np
    from scipy.special import stdtrit

    rows = []
    seen = visits.dropna(subset=["AVAL"])
    for (id, visit, arm), group in seen.groupby(["ENDPOINT", "AVISIT", "ARM"], sort=False):
        values = group["AVAL"].to_numpy()
        n, mean = len(values), float(values.mean())
        se = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else None
        half = float(stdtrit(n - 1, 0.975)) * se if se is not None else None
        rows.append(
            {
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
                "unit": endpoint(str(id)).unit,
                "scale": "absolute",
            }
        )
    return rows
