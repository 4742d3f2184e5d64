"""What a reader of a trial's results must be told: true of the protocol, and easily overlooked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.possible import lets_all_in
from antitrypsim.protocols.assessments import noise_of
from antitrypsim.protocols.plannable import MEASURED
from antitrypsim.protocols.strata import effects_of, one_kind
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.protocol import Protocol
    from antitrypsim.simulation.regimen import Regimen

USUAL_ALPHA = (0.001, 0.2)
"""Levels of type I error outside these are told of: hardly anybody tests at them."""


LOUD = 10.0
"""A noise above this many times the endpoint's own is told of."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: a ``warning`` (look at it before believing a result) or a ``note``."""

    level: Literal["warning", "note"]
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.level}: '{self.key}': {self.message}"


def doubts(
    protocol: Protocol, model: Model | None = None, participants: int | None = None
) -> tuple[Finding, ...]:
    """Return what a reader of results must be told; warnings belong into every report.

    ``participants``: how many take part where that is not the protocol's number. ``model`` is needed
    only for therapies from elsewhere.
    """
    return (
        *_same(protocol, model),
        *_once_given(protocol),
        *_few(protocol, participants),
        *_level(protocol),
        *_strata(protocol),
        *_unassessed(protocol),
        *_idle_criteria(protocol),
        *_loud(protocol),
        *_reverse(protocol),
    )


def _same(protocol: Protocol, model: Model | None) -> Iterator[Finding]:
    given = {arm: _bare(regimen) for arm, regimen in protocol.regimens(model).items()}
    names = list(given)
    if not any(regimen.doses or regimen.inputs for regimen in given.values()):
        if len(names) > 1:
            said = "nobody is given anything in this trial: arms differ by chance alone"
            yield Finding("warning", "arms", said)
        else:
            yield Finding("note", "arms", "nobody is given anything in this trial")
        return
    for k, name in enumerate(names):
        twins = [other for other in names[:k] if given[other] == given[name]]
        if twins:
            yield Finding(
                "warning",
                f"arms[{k}]",
                f"the arms '{twins[0]}' and '{name}' are given the same: between them there is "
                "nothing but chance to find",
            )


def _bare(regimen: Regimen) -> Regimen:
    # '0.06 g/kg' and '60 mg/kg' are the same but for the last digit.
    doses = tuple(
        replace(
            record,
            amount=float(f"{record.amount:.9g}"),
            times=tuple(round(time, 6) for time in record.times),
        )
        for record in regimen.doses
        if record.amount > 0
    )
    return replace(regimen, name="", doses=doses, inputs=regimen.inputs if doses else ())


def _once_given(protocol: Protocol) -> Iterator[Finding]:
    spans = protocol.epoch_days()
    for k, arm in enumerate(protocol.arms):
        for epoch, deliveries in arm.treatment.items():
            start, end = spans[epoch]
            for j, delivery in enumerate(deliveries):
                repeat = delivery.every or delivery.then_every
                stated = len(delivery.at or ()) or 1
                if repeat is None or delivery.missed or len(delivery.times(end - start)) > stated:
                    continue
                length = "'for'" if delivery.duration else "the epoch"
                yield Finding(
                    "warning",
                    f"arms[{k}].treatment.{epoch}[{j}]",
                    f"{delivery.product} is given every {repeat}, and {length} ends before it is given "
                    "again",
                )


def _few(protocol: Protocol, participants: int | None) -> Iterator[Finding]:
    count = protocol.participants if participants is None else participants
    sizes = protocol.arm_sizes(count)
    told: dict[str, list[str]] = {}
    for plan in protocol.endpoints.all:
        for reason in _too_few(protocol, plan, sizes):
            told.setdefault(reason, []).append(f"'{plan.id}'")
    for reason, plans in told.items():
        noun = "analysis" if len(plans) == 1 else "analyses"
        yield Finding(
            "warning",
            "participants",
            f"{so_many(count, 'participant')} {verb(count, 'is', 'are')} too few for the {noun} {', '.join(plans)}: {reason}",
        )


def _too_few(protocol: Protocol, plan: EndpointPlan, sizes: dict[str, int]) -> Iterator[str]:
    arms = plan.compare or tuple(sizes)
    least = ANALYSES[plan.analysis].least_people
    needs = f"each arm needs {least}"
    small = [f"'{arm}' has {sizes[arm]}" for arm in arms if sizes[arm] < least]
    if small:
        yield f"{needs}, and {', '.join(small)}"
        return
    if ENDPOINTS[plan.endpoint].kind == "measurement":
        day = protocol.visit_days().get(plan.visit or "", protocol.length_days)
        left = {arm: sizes[arm] * (1 - protocol.dropout_of(arm)) ** (day / YEAR) for arm in arms}
        gone = [f"{_fewer(n, least)} of '{arm}'" for arm, n in left.items() if n < least]
        if gone:
            yield (
                f"{needs}, and at the stated dropout {', '.join(gone)} are expected to be there on "
                f"day {day:g}"
            )
            return
    if sum(sizes[arm] for arm in arms) <= (needed := _parameters(protocol, plan)):
        yield f"it estimates {needed} numbers at a visit"


def _fewer(people: float, least: int) -> str:
    """Return how many people are expected, as a number that does not round up to those needed."""
    told = f"{people:.2g}"
    return told if float(told) < least else f"less than {least}"


def _parameters(protocol: Protocol, plan: EndpointPlan) -> int:
    """Return how many means and effects of covariates an analysis of change fits at a visit."""
    if not ANALYSES[plan.analysis].holds_baseline:
        return 0
    arms = len(plan.compare or protocol.arms)
    effects = [
        effects_of(protocol, word) for word in plan.covariates if word not in ("baseline", "site")
    ]
    return arms + 1 + sum(effects)


def _level(protocol: Protocol) -> Iterator[Finding]:
    alpha, (low, high) = protocol.endpoints.alpha, USUAL_ALPHA
    if not low <= alpha <= high:
        yield Finding(
            "warning",
            "endpoints.alpha",
            f"hardly anybody tests at a level of {alpha:g}; intervals are at "
            f"{100 * (1 - alpha):.6g} %",
        )


def unadjusted(protocol: Protocol, plan: EndpointPlan) -> tuple[str, ...]:
    """Return what randomisation is stratified by and an analysis does not take into account."""
    held = {*plan.covariates, *plan.strata}
    if "baseline" in held or ANALYSES[plan.analysis].holds_baseline:
        held.add(plan.endpoint)
    return tuple(
        word
        for word in protocol.stratify_by
        if not held & {word, MEASURED.get(word, word)} and not one_kind(protocol, word)
    )


def _strata(protocol: Protocol) -> Iterator[Finding]:
    for k, word in enumerate(protocol.stratify_by):
        if kind := one_kind(protocol, word):
            yield Finding(
                "note", f"stratify_by[{k}]", f"everybody is {kind}, so this makes no strata"
            )
    left = {plan.id: unadjusted(protocol, plan) for plan in protocol.endpoints.all}
    for words in dict.fromkeys(words for words in left.values() if words):
        plans = ", ".join(f"'{id}'" for id, own in left.items() if own == words)
        yield Finding(
            "note",
            "stratify_by",
            f"randomisation is stratified by {' and '.join(words)}, and these analyses do not "
            f"adjust for it: {plans}; add 'covariates: [{', '.join(words)}]' to those that can",
        )


def loud(size: float, own: float) -> bool:
    """Whether a stated noise is so many times an endpoint's own that a slip is likelier."""
    return own > 0 and size > LOUD * own


def _loud(protocol: Protocol) -> Iterator[Finding]:
    for k, each in enumerate(protocol.assessments):
        own, noise = noise_of(each.endpoint), noise_of(each.endpoint, each.noise)
        if loud(noise.size, own.size):
            yield Finding(
                "warning",
                f"assessments[{k}].noise",
                f"'{each.endpoint}' is measured with {noise.size / own.size:.3g} times its own noise "
                f"({noise.describe()} for {own.describe()}): little but noise will be seen",
            )


def asks_reverse(protocol: Protocol, compare: Sequence[str]) -> str:
    """Return what is odd in a comparison of the untreated against the treated; nothing in another."""
    given = {arm.id: bool(arm.treatment) for arm in protocol.arms}
    *arms, reference = compare or given
    bare = [arm for arm in arms if not given.get(arm)]
    if not bare or not given.get(reference):
        return ""
    return (
        f"this asks whether '{bare[0]}', which is given nothing, is better than '{reference}', which "
        "is treated; the reference comes last"
    )


def _reverse(protocol: Protocol) -> Iterator[Finding]:
    places = ["primary", *(f"secondary[{k}]" for k in range(len(protocol.endpoints.secondary)))]
    for place, plan in zip(places, protocol.endpoints.all, strict=True):
        # Means and survival by arm have no reference.
        if ANALYSES[plan.analysis].decides and (said := asks_reverse(protocol, plan.compare or ())):
            yield Finding("warning", f"endpoints.{place}.compare", said)


def _idle_criteria(protocol: Protocol) -> Iterator[Finding]:
    for k, one in enumerate(protocol.population.eligibility):
        if said := lets_all_in(one.quantity, (one.min, one.max)):
            yield Finding("warning", f"population.eligibility[{k}]", said)


def _unassessed(protocol: Protocol) -> Iterator[Finding]:
    assessed = {each.endpoint for each in protocol.assessments}
    for kind in ("published", "claimed"):
        for k, one in enumerate(getattr(protocol, kind)):
            if one.endpoint not in assessed and (kind == "claimed" or one.comparable):
                yield Finding(
                    "note",
                    f"{kind}[{k}].endpoint",
                    f"'{one.endpoint}' is never assessed in this protocol"
                    + ("" if kind == "claimed" else ": no simulated number will stand beside it"),
                )
