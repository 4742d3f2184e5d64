"""What is missing from a protocol or doubtful in it; what is wrong is refused when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Literal

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence import load_registry
from antitrypsim.protocols.amounts import excess, given_in, in_a_day, trifle
from antitrypsim.protocols.assessments import noise_of
from antitrypsim.protocols.delivery import OWN, Delivery, by_name, known_doses
from antitrypsim.protocols.doubts import Finding, doubts, loud
from antitrypsim.protocols.protocol import Protocol
from antitrypsim.protocols.strata import groups_of
from antitrypsim.simulation.given import AMOUNTS_AT
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.delivery import AnyDose
    from antitrypsim.simulation.regimen import Regimen

SMALL_ARM = 20
"""Arms smaller than this are warned of."""

_FEW_PERCENT = 0.05
_CLOSE = 0.75


def check_protocol(protocol: Protocol, model: Model | None = None) -> list[Finding]:
    """Return what is missing or doubtful, warnings first; an empty list is rare.

    ``model`` is needed only for therapies from elsewhere.
    """
    found = [
        *_sources(protocol),
        *_people(protocol),
        *_doses(protocol, model),
        *_joins(protocol, model),
        *_measurement(protocol),
        *_results(protocol),
        *doubts(protocol, model),
    ]
    return sorted(found, key=lambda finding: finding.level != "warning")


def _sources(protocol: Protocol) -> Iterator[Finding]:
    if not protocol.references:
        level: Literal["warning", "note"] = "warning" if protocol.role == "calibration" else "note"
        yield Finding(level, "references", "no source is named for the design")
    for k, reference in enumerate(protocol.references):
        if reference.identifier is None:
            yield Finding(
                "note", f"references[{k}].identifier", f"'{reference.cite}' has no identifier"
            )
    recalled = [fact for fact in protocol.facts if load_registry().fact(fact).recalled]
    if recalled:
        yield Finding("note", "facts", f"recalled, not read in a source: {', '.join(recalled)}")


def _people(protocol: Protocol) -> Iterator[Finding]:
    for arm, size in protocol.arm_sizes().items():
        if size < SMALL_ARM:
            yield Finding(
                "warning",
                "participants",
                f"the arm '{arm}' has {size}; a slope or a rate will be loose",
            )
    whole = sum(protocol.allocation.values())
    if whole != protocol.participants and whole > SMALL_ARM:
        yield Finding(
            "warning",
            "allocation",
            f"the numbers add up to {whole} and there are {protocol.participants} participants; "
            "they are read as a ratio",
        )
    for said in may_stay_empty(protocol):
        yield Finding("warning", "allocation", said)
    shares = [protocol.participants * part % whole for part in protocol.allocation.values()]
    strata = _strata(protocol)
    if strata > 1:
        yield Finding(
            "note",
            "stratify_by",
            "in each stratum every arm has its share rounded up or down, so that the arms may differ "
            f"from the numbers above by a few, at most one for each of {strata} strata",
        )
    elif any(shares):
        yield Finding(
            "note",
            "participants",
            "the arms' shares are not whole numbers: which are rounded up is left to chance",
        )
    if protocol.dropout.yearly == 0 and not protocol.dropout.by_arm:
        yield Finding("note", "dropout", "nobody leaves the trial but by death")
    if not protocol.population.eligibility:
        yield Finding("note", "population.eligibility", "there are no eligibility criteria")


def may_stay_empty(protocol: Protocol, participants: int | None = None) -> tuple[str, ...]:
    """Return a sentence for each arm that chance may leave without anybody.

    ``participants`` replaces the protocol's number.
    """
    count = protocol.participants if participants is None else participants
    whole = sum(protocol.allocation[arm.id] for arm in protocol.arms)
    shares = {arm.id: count * protocol.allocation[arm.id] / whole for arm in protocol.arms}
    return tuple(
        f"the arm '{arm}' may stay empty: its share of {count:,} participants is {share:.2g}"
        for arm, share in shares.items()
        if share < _strata(protocol)
    )


def _strata(protocol: Protocol) -> int:
    """Return how many strata there can be."""
    return prod(len(groups_of(protocol, factor)) for factor in protocol.stratify_by)


def _doses(protocol: Protocol, model: Model | None) -> Iterator[Finding]:
    doses = known_doses() if model is None else by_name(model.doses)
    spans = protocol.epoch_days()
    for k, arm in enumerate(protocol.arms):
        for epoch, deliveries in arm.treatment.items():
            yield from _lines(f"arms[{k}].treatment.{epoch}", deliveries, spans[epoch], doses)


def _lines(
    where: str,
    deliveries: Sequence[Delivery],
    span: tuple[float, float],
    doses: Mapping[str, AnyDose],
) -> Iterator[Finding]:
    """Remark on what one arm is given in one epoch."""
    given: set[tuple[str, float]] = set()
    for j, delivery in enumerate(deliveries):
        key = f"{where}[{j}]"
        if delivery in deliveries[:j]:
            if delivery.name in doses and delivery not in deliveries[j + 1 :]:
                yield Finding("warning", key, _again(delivery, deliveries, span, doses))
            continue
        dose = doses.get(delivery.name)
        if dose is None:
            continue
        amount = delivery.amount_in(dose)
        if said := trifle(amount, dose):
            yield Finding("warning" if amount else "note", f"{key}.dose", said)
        if dose.limit is None:
            kind = "dose" if dose.holds is None else "level"
            yield Finding("note", f"{key}.dose", f"no {kind} of {dose.name} is on record")
        elif said := excess(amount, dose):
            yield Finding("warning", f"{key}.dose", said)
        if dose.holds is not None:
            continue
        if delivery.per_weight is not None:
            yield Finding("note", f"{key}.per_weight", _shared_out(delivery, amount, dose))
        moments = {(dose.name, time) for time in delivery.times(span[1] - span[0])}
        if moments & given:
            same = [each for each in deliveries if each.name == delivery.name]
            yield Finding(
                "warning",
                key,
                f"{dose.name} is given twice at the same times; doses add up{_sum(same, span, doses)}",
            )
        given |= moments


def _again(
    delivery: Delivery,
    deliveries: Sequence[Delivery],
    span: tuple[float, float],
    doses: Mapping[str, AnyDose],
) -> str:
    """Return how often a line stands there, and what that adds up to."""
    same = [each for each in deliveries if each == delivery]
    often = "twice" if len(same) == 2 else f"{len(same)} times"
    return (
        f"{delivery.name}, {delivery.dose}, is the same line {often}, and all of them are given"
        f"{_sum(same, span, doses)}"
    )


def _sum(
    deliveries: Sequence[Delivery], span: tuple[float, float], doses: Mapping[str, AnyDose]
) -> str:
    """Return what lines of one product add up to, beside the largest dose on record."""
    whole = given_in(((each, *span) for each in deliveries), doses)
    ((name, amount),) = in_a_day(whole, doses).items()
    dose = doses[name]
    record = "" if dose.limit is None else (
        f", beside {dose.limit.value:g} {dose.unit}, the largest dose on record ({dose.limit.source})"
    )  # fmt: skip
    return f": {amount:g} {dose.unit} in all{record}"


def _shared_out(delivery: Delivery, amount: float, dose: AnyDose) -> str:
    """Return for whom a dose is right that is said for one weight and given by another rule."""
    fixed = dose.unit.endswith("/kg")
    if delivery.per_weight == OWN:
        to = "everybody, whatever they weigh" if fixed else "each person by their own weight"
        return (
            f"{delivery.dose} is given to {to}; at {AMOUNTS_AT:g} kg it is {amount:.4g} {dose.unit}"
        )
    kind, far = ("fixed dose", "much") if fixed else ("dose by weight", "little")
    near = "little" if fixed else "much"
    return (
        f"the {kind} of {delivery.dose} is given as {amount:.4g} {dose.unit}: right at "
        f"{delivery.per_weight}, too {far} for the heavier, too {near} for the lighter"
    )


def beyond_record(given: Protocol | Regimen, model: Model | None = None) -> tuple[str, ...]:
    """Return a sentence for each product of which more is given in a day than ever reported.

    ``model`` is needed only for therapies from elsewhere; without it they are passed over.
    """
    from antitrypsim.simulation.regimen import Regimen

    doses = known_doses() if model is None else by_name(model.doses)
    regimens = (given,) if isinstance(given, Regimen) else (
        given_in(((d, *span) for e, span in spans.items() for d in arm.treatment.get(e, ())), doses)
        for spans in (given.epoch_days(),)
        for arm in given.arms
    )  # fmt: skip
    largest: dict[str, float] = {}
    for regimen in regimens:
        for name, amount in in_a_day(regimen, doses).items():
            largest[name] = max(amount, largest.get(name, 0.0))
    found = {name: excess(amount, doses[name]) for name, amount in largest.items()}
    return tuple(f"{name}: {said}." for name, said in found.items() if said)


def amounts_told(given: Regimen, model: Model) -> tuple[str, ...]:
    """Return a sentence for each product of which more is given than ever reported, or next to none."""
    doses = by_name(model.doses)
    found = {name: trifle(amount, doses[name]) for name, amount in in_a_day(given, doses).items()}
    little = tuple(f"{name}: {said}." for name, said in found.items() if said)
    return (*beyond_record(given, model), *little)


def result_warnings(
    protocol: Protocol, model: Model | None = None, participants: int | None = None
) -> tuple[str, ...]:
    """Return the sentences that results of a protocol must carry, in every command and report.

    ``participants``: how many take part where that is not the protocol's number.
    """
    found = doubts(protocol, model, participants)
    others = (f"{one.message}." for one in found if one.level == "warning")
    return (*_of_doses(protocol, model), *others)


def _of_doses(protocol: Protocol, model: Model | None) -> tuple[str, ...]:
    warned = (each for each in _doses(protocol, model) if each.level == "warning")
    # Of a dose beyond the record the sum of its lines is told once.
    lines = (f"{each.message}." for each in warned if not each.key.endswith(".dose"))
    return tuple(dict.fromkeys((*beyond_record(protocol, model), *lines)))


def _joins(protocol: Protocol, model: Model | None) -> Iterator[Finding]:
    regimens = protocol.regimens(model)
    starts = [start for start, _ in protocol.epoch_days().values()][1:]
    for k, arm in enumerate(protocol.arms):
        for name in sorted({record.dose for record in regimens[arm.id].doses}):
            times = sorted(
                time
                for record in regimens[arm.id].doses
                if record.dose == name
                for time in record.times
            )
            for start in starts:
                before = [time for time in times if time < start][-2:]
                after = [time for time in times if time >= start][:1]
                if len(before) < 2 or not after:
                    continue
                usual, gap = before[1] - before[0], after[0] - before[1]
                if gap < _CLOSE * usual:
                    yield Finding(
                        "warning",
                        f"arms[{k}].treatment",
                        f"{name} is given {gap:g} days after the last dose of the epoch before, "
                        f"and {usual:g} days apart otherwise; lengths in weeks keep the rhythm",
                    )


def unbased(protocol: Protocol, endpoint: str) -> bool:
    """Whether an endpoint is measured, and never before treatment."""
    order = protocol.visit_days()
    visits = protocol.assessment_visits(endpoint)
    return bool(visits) and order[visits[0]] > 0


def _measurement(protocol: Protocol) -> Iterator[Finding]:
    described = {p.endpoint for p in protocol.endpoints.all if ANALYSES[p.analysis].tells_values}
    for k, assessment in enumerate(protocol.assessments):
        info = ENDPOINTS[assessment.endpoint]
        key = f"assessments[{k}]"
        if info.kind != "measurement":
            continue
        if unbased(protocol, assessment.endpoint):
            what = "; 'describe' compares its values" if assessment.endpoint in described else ""
            yield Finding(
                "warning" if what else "note",
                f"{key}.visits",
                f"'{assessment.endpoint}' is not measured at day 0, before treatment: it has no "
                f"baseline and no change from it{what}",
            )
        own = noise_of(assessment.endpoint)
        noise = noise_of(assessment.endpoint, assessment.noise)
        if noise.size == 0:
            yield Finding(
                "warning", f"{key}.noise", f"'{assessment.endpoint}' is measured without any noise"
            )
        elif noise.size != own.size and not loud(noise.size, own.size):
            yield Finding(
                "note",
                f"{key}.noise",
                f"'{assessment.endpoint}' has noise {noise.size:g} for {own.size:g}, no source",
            )
        if noise.limit != own.limit:
            yield Finding(
                "note",
                f"{key}.noise",
                f"'{assessment.endpoint}' has the assay limit {noise.limit:g} {info.formal_unit} instead "
                f"of {own.limit:g}",
            )
    assumed = [
        each.endpoint
        for each in protocol.assessments
        if ENDPOINTS[each.endpoint].kind == "measurement" and noise_of(each.endpoint).assumed
    ]
    if assumed:
        yield Finding("note", "assessments", f"the noise is assumed for: {', '.join(assumed)}")
    if protocol.endpoints.primary.endpoint in assumed:
        yield Finding(
            "warning",
            "endpoints.primary",
            f"the primary endpoint '{protocol.endpoints.primary.endpoint}' has an assumed noise, "
            "which decides the power",
        )


def _results(protocol: Protocol) -> Iterator[Finding]:
    if protocol.role == "calibration" and not protocol.published:
        yield Finding(
            "warning", "published", "a trial whose data were used reports no result to hold against"
        )
    if protocol.role == "prediction" and protocol.published:
        yield Finding(
            "warning", "published", "a result is known already; say in 'notes' that it was not used"
        )
    recalled = [
        f"{result.endpoint} {result.measure} ({result.fact})"
        for result in protocol.published
        if result.known.startswith("recalled")
    ]
    if recalled:
        yield Finding(
            "note", "published", f"recalled, to be checked against the paper: {', '.join(recalled)}"
        )
    ends = max(protocol.visit_days().values())
    if ends < protocol.length_days * (1 - _FEW_PERCENT):
        yield Finding(
            "note",
            "visits",
            f"the last visit is at day {ends:g}, and the trial lasts {protocol.length_days:g} days",
        )
