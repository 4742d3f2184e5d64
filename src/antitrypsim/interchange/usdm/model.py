"""The part of USDM v4 that a protocol has: thin models, camelCase in files.

Only what is read or written here; what a file holds beside it is passed over. Source: the model of
CDISC and TransCelerate, as its published OpenAPI of version 4.0.0 says it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

VERSION = "4.0.0"


class _Written(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", strict=True,
        allow_inf_nan=False,
    )  # fmt: skip


class Thing(_Written):
    """An object with an id; ``extension_attributes`` hold what the standard has no place for."""

    id: str = Field(min_length=1)
    extension_attributes: list[ExtensionAttribute] = []

    @property
    def kind(self) -> str:
        """The class as the standard names it."""
        return type(self).__name__

    def model_post_init(self, context: Any) -> None:
        """Say the class in the file, as the standard asks."""
        if "instance_type" in type(self).model_fields and not getattr(self, "instance_type", ""):
            self.instance_type = self.kind


class ExtensionAttribute(Thing):
    """What somebody adds to an object: a url that names it, and a value."""

    url: str
    value_string: str | None = None
    instance_type: str = ""


class Code(Thing):
    """A term: code, its system, and the words for it."""

    code: str
    code_system: str = ""
    code_system_version: str = ""
    decode: str = ""
    instance_type: str = ""


class AliasCode(Thing):
    """A term and other terms for the same."""

    standard_code: Code
    standard_code_aliases: list[Code] = []
    instance_type: str = ""


class Quantity(Thing):
    """A number and its unit."""

    value: float
    unit: AliasCode | None = None
    instance_type: str = ""


class Range(Thing):
    """From one quantity to another."""

    min_value: Quantity
    max_value: Quantity
    is_approximate: bool = False
    instance_type: str = ""


class Named(Thing):
    """An object with a name, and words for people."""

    name: str = Field(min_length=1)
    label: str | None = None
    description: str | None = None
    instance_type: str = ""

    @property
    def words(self) -> str:
        """The label, or the description or name where there is none."""
        return (self.label or "").strip() or (self.description or "").strip() or self.name


class Comment(Thing):
    """A remark."""

    text: str
    instance_type: str = "CommentAnnotation"


class StudyArm(Named):
    """A group of participants."""

    type: Code | None = None
    data_origin_description: str = ""
    data_origin_type: Code | None = None


class StudyEpoch(Named):
    """A stretch of the study."""

    type: Code | None = None
    previous_id: str | None = None
    next_id: str | None = None


class StudyCell(Thing):
    """What an arm receives in an epoch: its elements."""

    arm_id: str
    epoch_id: str
    element_ids: list[str] = []
    instance_type: str = ""


class StudyElement(Named):
    """One stretch of treatment."""

    study_intervention_ids: list[str] = []


class Duration(Thing):
    """How long something goes on."""

    text: str | None = None
    quantity: Quantity | Range | None = None
    duration_will_vary: bool = False
    instance_type: str = ""


class Administration(Named):
    """How much is given, by which route, how often and how long."""

    duration: Duration | None = None
    dose: Quantity | None = None
    route: AliasCode | None = None
    frequency: AliasCode | None = None


class StudyIntervention(Named):
    """What is given."""

    role: Code | None = None
    type: Code | None = None
    codes: list[Code] = []
    administrations: list[Administration] = []


class Encounter(Named):
    """A visit."""

    type: Code | None = None
    previous_id: str | None = None
    next_id: str | None = None
    scheduled_at_id: str | None = None


class Activity(Named):
    """Something that is done at visits."""

    previous_id: str | None = None
    next_id: str | None = None
    child_ids: list[str] = []
    timeline_id: str | None = None


class ConditionAssignment(Thing):
    """Where a decision leads under a condition."""

    condition: str = ""
    condition_target_id: str
    instance_type: str = ""


class ScheduledInstance(Named):
    """A point of a timeline: activities at a visit, or a decision."""

    instance_type: Literal["ScheduledActivityInstance", "ScheduledDecisionInstance", ""] = ""
    default_condition_id: str | None = None
    epoch_id: str | None = None
    timeline_id: str | None = None
    timeline_exit_id: str | None = None
    activity_ids: list[str] = []
    encounter_id: str | None = None
    condition_assignments: list[ConditionAssignment] | None = None

    @property
    def kind(self) -> str:
        """The class as the standard names it."""
        return "ScheduledActivityInstance"


class Timing(Named):
    """When one point of a timeline is, from another."""

    type: Code
    value: str
    value_label: str = ""
    relative_to_from: Code | None = None
    relative_from_scheduled_instance_id: str
    relative_to_scheduled_instance_id: str | None = None
    window_lower: str | None = None
    window_upper: str | None = None


class ScheduleTimelineExit(Thing):
    """The end of a timeline."""

    instance_type: str = ""


class ScheduleTimeline(Named):
    """Points in time and how they hang together."""

    main_timeline: bool
    entry_condition: str = ""
    entry_id: str = ""
    exits: list[ScheduleTimelineExit] = []
    timings: list[Timing] = []
    instances: list[ScheduledInstance] = []


class Endpoint(Named):
    """What an objective is judged by."""

    text: str = ""
    purpose: str = ""
    level: Code | None = None


class Objective(Named):
    """What the study asks."""

    text: str = ""
    level: Code | None = None
    endpoints: list[Endpoint] = []


class EligibilityCriterionItem(Named):
    """The words of a criterion."""

    text: str = ""


class EligibilityCriterion(Named):
    """A criterion of entry."""

    category: Code | None = None
    identifier: str = ""
    criterion_item_id: str = ""


class StudyDesignPopulation(Named):
    """Who takes part."""

    includes_healthy_subjects: bool = False
    planned_enrollment_number: Quantity | Range | None = None
    planned_sex: list[Code] = []
    criterion_ids: list[str] = []
    planned_age: Range | None = None


class StudyDesign(Named):
    """The design: arms, epochs, visits, what is given and what is asked."""

    model_config = ConfigDict(extra="allow")

    instance_type: Literal["InterventionalStudyDesign", "ObservationalStudyDesign", ""] = ""
    study_type: Code | None = None
    rationale: str = ""
    model: Code | None = None
    arms: list[StudyArm] = Field(min_length=1)
    epochs: list[StudyEpoch] = Field(min_length=1)
    study_cells: list[StudyCell] = []
    elements: list[StudyElement] = []
    study_intervention_ids: list[str] = []
    encounters: list[Encounter] = []
    activities: list[Activity] = []
    objectives: list[Objective] = []
    population: StudyDesignPopulation | None = None
    eligibility_criteria: list[EligibilityCriterion] = []
    schedule_timelines: list[ScheduleTimeline] = []
    notes: list[Comment] = []

    @property
    def kind(self) -> str:
        """The class as the standard names it."""
        return "InterventionalStudyDesign"


class StudyTitle(Thing):
    """A title."""

    text: str
    type: Code
    instance_type: str = ""


class StudyIdentifier(Thing):
    """What an organisation calls the study."""

    text: str
    scope_id: str = ""
    instance_type: str = ""


class Organization(Named):
    """Who says something of the study."""

    type: Code | None = None
    identifier_scheme: str = ""
    identifier: str = ""


class StudyVersion(Thing):
    """One version of the study."""

    model_config = ConfigDict(extra="allow")

    version_identifier: str = ""
    rationale: str = ""
    study_identifiers: list[StudyIdentifier] = []
    titles: list[StudyTitle] = []
    organizations: list[Organization] = []
    study_designs: list[StudyDesign] = Field(min_length=1)
    study_interventions: list[StudyIntervention] = []
    eligibility_criterion_items: list[EligibilityCriterionItem] = []
    notes: list[Comment] = []
    instance_type: str = ""


class Study(_Written):
    """A study and its versions."""

    id: str | None = None
    name: str = Field(min_length=1)
    label: str | None = None
    description: str | None = None
    versions: list[StudyVersion] = Field(min_length=1)
    instance_type: str = "Study"


class Wrapper(_Written):
    """What a file holds."""

    study: Study
    usdm_version: str
    system_name: str | None = None
    system_version: str | None = None


Thing.model_rebuild()
