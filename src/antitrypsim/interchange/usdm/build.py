"""A protocol as a USDM study, as far as the standard's own attributes say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import pairwise

from antitrypsim.documents.times import days
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.interchange.usdm.build_schedule import timeline_of
from antitrypsim.interchange.usdm.codes import Numbers
from antitrypsim.interchange.usdm.criteria import criterion_words
from antitrypsim.interchange.usdm.model import (
    VERSION,
    Activity,
    Comment,
    EligibilityCriterion,
    EligibilityCriterionItem,
    Encounter,
    Endpoint,
    Objective,
    Organization,
    Quantity,
    Range,
    Study,
    StudyArm,
    StudyCell,
    StudyDesign,
    StudyDesignPopulation,
    StudyElement,
    StudyEpoch,
    StudyIdentifier,
    StudyIntervention,
    StudyTitle,
    StudyVersion,
    Wrapper,
)
from antitrypsim.interchange.usdm.treatment import intervention_of
from antitrypsim.protocols import Protocol

SYNTHETIC = "SYNTHETIC: not of real people"
SECONDARY = "Secondary analyses"


def build(protocol: Protocol, numbers: Numbers) -> Wrapper:
    """Return the study; ``numbers`` gives the ids."""
    design = StudyDesign(
        id=numbers.next("InterventionalStudyDesign"),
        instance_type="InterventionalStudyDesign",
        name=protocol.id,
        study_type=numbers.term("interventional"),
        model=numbers.term("parallel"),
        rationale=protocol.context_of_use,
        arms=_arms(protocol, numbers),
        epochs=_epochs(protocol, numbers),
        encounters=_encounters(protocol, numbers),
        activities=_activities(protocol, numbers),
        objectives=_objectives(protocol, numbers),
        notes=[Comment(id=numbers.next("CommentAnnotation"), text=note) for note in protocol.notes],
    )
    items = _population(protocol, design, numbers)
    interventions = _cells(protocol, design, numbers)
    design.schedule_timelines = [timeline_of(protocol, design, numbers)]
    sponsor = Organization(
        id=numbers.next("Organization"),
        name="antitrypsim",
        label="A virtual trial of this software; it has no sponsor",
        type=numbers.term("sponsor"),
        identifier_scheme="antitrypsim",
        identifier="antitrypsim",
    )
    made = StudyVersion(
        id=numbers.next("StudyVersion"),
        version_identifier="1",
        rationale=protocol.question,
        study_identifiers=[
            StudyIdentifier(
                id=numbers.next("StudyIdentifier"), text=protocol.id, scope_id=sponsor.id
            )
        ],
        titles=[
            StudyTitle(
                id=numbers.next("StudyTitle"),
                text=protocol.title,
                type=numbers.term("official title"),
            )
        ],
        organizations=[sponsor],
        study_designs=[design],
        study_interventions=interventions,
        eligibility_criterion_items=items,
        notes=[
            Comment(id=numbers.next("CommentAnnotation"), text=text)
            for text in (SYNTHETIC, *protocol.notices)
        ],
    )
    return Wrapper(
        study=Study(id=numbers.next("Study"), name=protocol.id, versions=[made]),
        usdm_version=VERSION,
        system_name="antitrypsim",
        system_version=version("antitrypsim"),
    )


def _arms(protocol: Protocol, numbers: Numbers) -> list[StudyArm]:
    found = []
    for arm in protocol.arms:
        untreated = "placebo arm" if "placebo" in arm.title.lower() else "no intervention arm"
        found.append(
            StudyArm(
                id=numbers.next("StudyArm"),
                name=arm.id,
                label=arm.title,
                type=numbers.term("investigational arm" if arm.treatment else untreated),
                data_origin_description=SYNTHETIC,
                data_origin_type=numbers.term("synthetic"),
            )
        )
    return found


def _epochs(protocol: Protocol, numbers: Numbers) -> list[StudyEpoch]:
    treated = {epoch for arm in protocol.arms for epoch in arm.treatment}
    found = [
        StudyEpoch(
            id=numbers.next("StudyEpoch"),
            name=epoch.id,
            label=epoch.title,
            type=numbers.term("treatment epoch" if epoch.id in treated else "follow-up epoch"),
        )
        for epoch in protocol.epochs
    ]
    _chain(found)
    return found


def _encounters(protocol: Protocol, numbers: Numbers) -> list[Encounter]:
    found = [
        Encounter(
            id=numbers.next("Encounter"), name=visit.id, label=visit.title,
            type=numbers.term("visit"),
        )
        for visit in protocol.visits
    ]  # fmt: skip
    # As a list the order of the file, by their links the order of time.
    when = {visit.id: days(visit.time) for visit in protocol.visits}
    _chain(sorted(found, key=lambda each: when[each.name]))
    return found


def _activities(protocol: Protocol, numbers: Numbers) -> list[Activity]:
    found = [
        Activity(
            id=numbers.next("Activity"), name=one.endpoint, label=ENDPOINTS[one.endpoint].title
        )
        for one in protocol.assessments
    ]
    _chain(found)
    return found


def _chain(things: Sequence[StudyEpoch | Encounter | Activity]) -> None:
    for one, other in pairwise(things):
        one.next_id, other.previous_id = other.id, one.id


def _objectives(protocol: Protocol, numbers: Numbers) -> list[Objective]:
    first, *others = protocol.endpoints.all
    found = []
    for level, text, plans in (
        ("primary", protocol.question, [first]),
        ("secondary", SECONDARY, others),
    ):
        if plans:
            endpoints = [
                Endpoint(
                    id=numbers.next("Endpoint"),
                    name=plan.id,
                    label=plan.title,
                    description=plan.note,
                    text=ENDPOINTS[plan.endpoint].title,
                    purpose="Efficacy",
                    level=numbers.term(f"{level} endpoint"),
                )
                for plan in plans
            ]
            found.append(
                Objective(
                    id=numbers.next("Objective"),
                    name=level,
                    text=text,
                    level=numbers.term(f"{level} objective"),
                    endpoints=endpoints,
                )
            )
    return found


def _population(
    protocol: Protocol, design: StudyDesign, numbers: Numbers
) -> list[EligibilityCriterionItem]:
    """Give the design its population and criteria; return the words of the criteria."""
    people = protocol.population
    items, criteria = [], []
    for k, criterion in enumerate(people.eligibility, 1):
        item = EligibilityCriterionItem(
            id=numbers.next("EligibilityCriterionItem"),
            name=f"IN{k:02d}",
            text=criterion_words(criterion.model_dump(exclude_none=True)),
        )
        items.append(item)
        criteria.append(
            EligibilityCriterion(
                id=numbers.next("EligibilityCriterion"),
                name=item.name,
                category=numbers.term("inclusion"),
                identifier=f"{k:02d}",
                criterion_item_id=item.id,
            )
        )
    sex = {0.0: "female", 1.0: "male"}.get(people.male, "both")
    design.eligibility_criteria = criteria
    design.population = StudyDesignPopulation(
        id=numbers.next("StudyDesignPopulation"),
        name="participants",
        planned_enrollment_number=Quantity(
            id=numbers.next("Quantity"), value=protocol.participants
        ),
        planned_sex=[numbers.term(sex)],
        criterion_ids=[criterion.id for criterion in criteria],
        planned_age=Range(
            id=numbers.next("Range"),
            min_value=_years(people.age.min, numbers),
            max_value=_years(people.age.max, numbers),
        ),
    )
    return items


def _years(age: float, numbers: Numbers) -> Quantity:
    return Quantity(id=numbers.next("Quantity"), value=age, unit=numbers.word("year"))


def _cells(protocol: Protocol, design: StudyDesign, numbers: Numbers) -> list[StudyIntervention]:
    """Give the design its cells and elements; return what is given, what is the same once."""
    made: dict[str, StudyIntervention] = {}
    for arm, study_arm in zip(protocol.arms, design.arms, strict=True):
        for epoch in design.epochs:
            given = arm.treatment.get(epoch.name, ())
            for delivery in given:
                if delivery.model_dump_json() not in made:
                    data: Mapping[str, object] = delivery.model_dump(
                        mode="json", by_alias=True, exclude_defaults=True
                    )
                    made[delivery.model_dump_json()] = intervention_of(data, numbers)
            element = StudyElement(
                id=numbers.next("StudyElement"),
                name=f"{arm.id} in {epoch.name}",
                study_intervention_ids=[made[each.model_dump_json()].id for each in given],
            )
            design.elements.append(element)
            design.study_cells.append(
                StudyCell(
                    id=numbers.next("StudyCell"),
                    arm_id=study_arm.id,
                    epoch_id=epoch.id,
                    element_ids=[element.id],
                )
            )
    design.study_intervention_ids = [each.id for each in made.values()]
    return list(made.values())
