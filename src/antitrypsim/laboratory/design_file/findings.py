"""What is doubtful in a design, and what it changes against its protocol; what is wrong is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.design_file.in_force import (
    alpha_of,
    compared_arms,
    primary_of,
    ratio_of,
    strata_of,
    visits_used,
)
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.protocols.check import Finding
from antitrypsim.protocols.doubts import asks_reverse
from antitrypsim.protocols.strata import one_kind
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Screen
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.protocol import Protocol

UNUSUAL_ALPHA = 0.001
"""Below this a type I error is asked about."""
FEW_PEOPLE = 200
"""By the square root of their number, fewer people than these move power by three points and more: it
is one point with 2,000 (docs/reference/design.md)."""
LONG_MONTHS = 240.0
"""A trial that takes in people for longer is asked about."""
RARELY = 0.02
"""Trials that chance leaves without an analysis are told of where they are more than these."""


@dataclass(frozen=True, slots=True)
class ProtocolChange:
    """A key in which a design differs: what the protocol says, and what the design does."""

    key: str
    protocol: str
    design: str


def check_findings(design: TrialDesign, protocol: Protocol) -> tuple[Finding, ...]:
    """Return what to look at before a result is believed; nothing where nothing is doubtful."""
    found = [
        *_level(design, protocol),
        *_asked(design, protocol),
        *_people(design, protocol),
        *_small_arms(design, protocol),
        *_events(design, protocol),
        *_idle(design, protocol),
        *_paces(design, protocol),
        *kind_of(design).findings(design, protocol),
    ]
    return tuple(Finding("warning", key, message) for key, message in found)


def changes(design: TrialDesign, protocol: Protocol) -> tuple[ProtocolChange, ...]:
    """Return what the design says otherwise than its protocol, in the order of the file."""
    said: list[tuple[str, str | int, str | int]] = [
        ("primary endpoint", _plan(protocol.endpoints.primary), _plan(primary_of(design, protocol))),
        ("two-sided type I error", f"{protocol.endpoints.alpha:g}", f"{alpha_of(design, protocol):g}"),
        ("participants", protocol.participants, design.participants or protocol.participants),
        ("visits", _listed(protocol.visit_days()), _listed(_kept(design, protocol))),
    ]  # fmt: skip
    arms = compared_arms(design, protocol)
    if len(arms) > 1:
        own = ratio_of(design.model_copy(
            update={"allocation": design.allocation.model_copy(update={"ratio": None})}
        ), protocol, arms)  # fmt: skip
        said += [
            ("allocation", _ratio(own, arms), _ratio(ratio_of(design, protocol, arms), arms)),
            ("strata", _listed(protocol.stratify_by), _listed(strata_of(design, protocol))),
        ]
    leaving = design.leaving
    for arm in arms:
        plain = protocol.dropout_of(arm) if leaving.yearly is None else leaving.yearly
        said.append((f"leaving a year, {arm}", _share(protocol.dropout_of(arm)),
                     _share(leaving.by_arm.get(arm, plain))))  # fmt: skip
    return tuple(
        ProtocolChange(key, str(old), str(new)) for key, old, new in said if str(old) != str(new)
    )


def _plan(plan: EndpointPlan) -> str:
    parts = [plan.endpoint, f"by {plan.analysis}"]
    parts += [f"at {plan.visit}"] if plan.visit else []
    parts += [f"of {' against '.join(plan.compare)}"] if plan.compare else []
    parts += [f"adjusted for {', '.join(plan.covariates)}"] if plan.covariates else []
    parts += [f"within {', '.join(plan.strata)}"] if plan.strata else []
    parts += [f"{k} {v}" for k, v in plan.options.items()]
    return ", ".join(parts)


def _kept(design: TrialDesign, protocol: Protocol) -> list[str]:
    known = protocol.visit_days()
    last = known[design.until] if design.until else float("inf")
    return [
        v for v, day in known.items() if day <= last and (not design.visits or v in design.visits)
    ]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _ratio(parts: tuple[int, ...], arms: tuple[str, ...]) -> str:
    return f"{' to '.join(f'{p:,}' for p in parts)} ({' to '.join(arms)})"


def _share(value: float) -> str:
    return f"{100 * value:g} %"


def _level(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    alpha = alpha_of(design, protocol)
    if alpha < UNUSUAL_ALPHA:
        yield "alpha", f"a type I error of {alpha:g} is far below what trials are judged by"
    arms = compared_arms(design, protocol)
    count = design.design.unprotected(len(arms))
    if count > 1:
        yield "design", (
            f"{count} comparisons, each tested at {alpha:g}: a claim is a benefit in any of them, so "
            f"that where nothing works up to {100 * count * alpha / 2:g} % of the trials claim one; "
            "'kind: multi-arm' protects them"
        )  # fmt: skip


def _asked(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    if reverse := asks_reverse(protocol, compared_arms(design, protocol)):
        yield "primary.compare", reverse
    measured = {a.endpoint for a in protocol.assessments}
    for said in design.screening:
        if said.endpoint is not None and said.endpoint not in measured:
            yield "screening", (
                f"'{said.endpoint}' is measured at screening alone: the protocol never measures it, so the "
                "noise is the endpoint's own"
            )  # fmt: skip
    on = design.leaving.depends_on
    if on is not None and on.endpoint not in measured:
        yield (
            "leaving.depends_on",
            (
                f"'{on.endpoint}' is never measured in this trial: people leave by its true value, which "
                "nobody sees, and no analysis can take account of it"
            ),
        )
    for said in design.screening:
        yield from _narrow(said, protocol)


def _narrow(said: Screen, protocol: Protocol) -> Iterator[tuple[str, str]]:
    if said.endpoint is None or said.change_over is not None:
        return
    for own in protocol.population.eligibility:
        if own.quantity != said.endpoint:
            continue
        above = said.min is not None and own.max is not None and said.min >= own.max
        below = said.max is not None and own.min is not None and said.max <= own.min
        if above or below:
            limit = own.max if above else own.min
            yield "screening", (
                f"people are enrolled with '{said.endpoint}' {'up to' if above else 'from'} {limit:g}, so "
                "only the noise of measurement lets anybody meet this criterion"
            )  # fmt: skip


def _people(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    size, people = design.library, design.participants or protocol.participants
    if size.people < max(FEW_PEOPLE, people):
        yield "library.people", (
            f"each trial of {people:,} participants is drawn, with replacement, from {size.people:,} "
            "virtual people: one person comes into many trials, and may come into one of them more than "
            f"once; so power is that in these {size.people:,}, and others would move it by more than the "
            f"error that is told; let {max(FEW_PEOPLE, people):,} or more live"
        )  # fmt: skip


def _small_arms(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield the arms in which chance may leave fewer people than the analysis needs."""
    from scipy.special import bdtr

    arms = compared_arms(design, protocol)
    kind = design.design
    if len(arms) < 2 or kind.own_allocation or not kind.randomised:
        return
    plan = primary_of(design, protocol)
    needed = ANALYSES[plan.analysis].least_people
    people = design.participants or protocol.participants
    parts = ratio_of(design, protocol, arms)
    visits = visits_used(design, protocol)
    day = visits.get(plan.visit or "", max(visits.values(), default=protocol.length_days))
    if ENDPOINTS[plan.endpoint].kind != "measurement":
        # Those who leave are counted for as long as they were there.
        day = 0.0
    for arm, part in zip(arms, parts, strict=True):
        plain = protocol.dropout_of(arm) if design.leaving.yearly is None else design.leaving.yearly
        stay = (1 - design.leaving.by_arm.get(arm, plain)) ** (day / YEAR)
        expected = people * part / sum(parts) * stay
        failing = float(bdtr(needed - 1, people, expected / people))
        if failing > RARELY:
            yield "participants", (
                f"{expected:.2g} people are expected in the arm '{arm}' in the end, and the analysis needs "
                f"{needed} in each: chance leaves fewer in up to about {100 * failing:.2g} % of the trials, "
                "which cannot be analysed and count as without a claim"
            )  # fmt: skip


def _idle(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield the keys that do nothing in this kind of design, or for arms that nobody compares."""
    kind, said = design.design, design.allocation
    if said.ratio is not None or said.within or said.block is not None:
        if kind.own_allocation:
            yield "allocation", f"a design '{kind.kind}' gives arms by its own rule, not by this"
        elif not kind.randomised:
            yield (
                "allocation",
                f"nobody is randomised in a design '{kind.kind}', so this does nothing",
            )
    for word in said.within or ():
        if word != "site" and (level := one_kind(protocol, word)):
            yield "allocation.within", f"everybody is {level}, so '{word}' makes no strata"
    arms = {*compared_arms(design, protocol), *(design.search.treatments if design.search else ())}
    named: dict[str, Iterable[str]] = {
        "leaving.by_arm": design.leaving.by_arm, "costs.treatment": design.costs.treatment,
    }  # fmt: skip
    for k, event in enumerate(design.intercurrent):
        named[f"intercurrent[{k}].arms"] = event.arms
    for key, names in named.items():
        for arm in names:
            if arm not in arms:
                yield key, f"the arm '{arm}' is not among those compared, so this does nothing"


def _events(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    for k, event in enumerate(design.intercurrent):
        key = f"intercurrent[{k}]"
        if event.strategy == "treatment-policy" and event.then is None:
            yield (
                key,
                (
                    f"the event '{event.event}' changes nothing: values after it are used as they are, and "
                    "without 'then' nobody's treatment changes"
                ),
            )
        if event.then is not None and not event.arms:
            yield (
                key,
                (
                    f"the event '{event.event}' comes in every arm; to people of '{event.then}' it does "
                    "nothing, since they are there"
                ),
            )
        if event.value is not None:
            info = ENDPOINTS[primary_of(design, protocol).endpoint]
            low = float("-inf") if info.lowest is None else info.lowest
            high = float("inf") if info.highest is None else info.highest
            if not low <= event.value <= high:
                yield (
                    f"{key}.value",
                    f"no instrument shows {event.value:g} {info.formal_unit}".rstrip(),
                )


def _paces(design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
    people = design.participants or protocol.participants
    months = people / design.accrual.per_month + design.accrual.ramp_months / 2
    if months > LONG_MONTHS:
        yield (
            "accrual",
            (
                f"{people:,} people at {design.accrual.per_month:g} a month take about {months / 12:,.0f} "
                "years to come"
            ),
        )
