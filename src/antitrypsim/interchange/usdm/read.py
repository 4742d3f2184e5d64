"""A USDM study as the data of a protocol, as far as the standard's own attributes say it.

Every part that is read is kept with the object that stands for it, which is where extensions hang.
What a protocol cannot say, and what the file leaves open, is told as a question or as left out.
"""

from __future__ import annotations

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.interchange.usdm.build import SECONDARY, SYNTHETIC
from antitrypsim.interchange.usdm.criteria import read_criterion
from antitrypsim.interchange.usdm.kin import kin_endpoint
from antitrypsim.interchange.usdm.links import by_id, check_links
from antitrypsim.interchange.usdm.model import (
    Endpoint,
    Quantity,
    StudyDesign,
    StudyVersion,
    Wrapper,
)
from antitrypsim.interchange.usdm.read_arms import read_arms
from antitrypsim.interchange.usdm.read_visits import read_visits
from antitrypsim.interchange.usdm.reading import Reading, ids_of, plain_text
from antitrypsim.interchange.usdm.schedule import epoch_lengths, moments
from antitrypsim.populations.spec import MOST_PARTICIPANTS
from antitrypsim.protocols import BANNER, CALIBRATED

_OFFICIAL = ("C207616", "C99905x2")
_PRIMARY = "C85826"


def read(wrapper: Wrapper) -> Reading:
    """Return what the first design of a study says of a protocol.

    Raises InputError for ids that are not unique, for references in a circle and for times that
    cannot be read.
    """
    version = wrapper.study.versions[0]
    design = version.study_designs[0]
    check_links(version, design)
    found = Reading()
    found.homes[()] = design
    found.data["antitrypsim"] = 1
    found.data["id"] = ids_of([wrapper.study.name])[0]
    _titles(wrapper, version, found)
    _rest(wrapper, version, design, found)
    _population(version, design, found)
    main = next((each for each in design.schedule_timelines if each.main_timeline), None)
    when = {} if main is None else moments(main)
    epochs = epoch_lengths(design.epochs, main, when)
    epoch_ids = dict(
        zip([e.id for e in design.epochs], ids_of([e.name for e in design.epochs]), strict=True)
    )
    _epochs(design, epochs, epoch_ids, found)
    taken = [epoch_ids[epoch.id] for epoch in design.epochs if _is_within(epoch.id, epochs)]
    names = ids_of([arm.name for arm in design.arms])
    read_arms(version, design, names, {k: v for k, v in epoch_ids.items() if v in taken}, found)
    read_visits(design, main, when, found)
    _endpoints(design, found)
    if design.notes:
        found.data["notes"] = [plain_text(note.text) for note in design.notes]
    return found


def _titles(wrapper: Wrapper, version: StudyVersion, found: Reading) -> None:
    official = [t.text for t in version.titles if t.type.code in _OFFICIAL]
    texts = [*official, *(t.text for t in version.titles), wrapper.study.label, wrapper.study.name]
    found.data["title"] = next(plain_text(t) for t in texts if t and plain_text(t))


def _rest(wrapper: Wrapper, version: StudyVersion, design: StudyDesign, found: Reading) -> None:
    if len(wrapper.study.versions) > 1:
        found.pass_over(f"{len(wrapper.study.versions) - 1} further versions; the first is read")
    for other in version.study_designs[1:]:
        found.pass_over(f"design '{shown(other.words)}'; the first of the file is read")
    for line in design.schedule_timelines:
        if not line.main_timeline:
            found.pass_over(
                f"timeline '{shown(line.words)}' ({shown(line.entry_condition) or 'no condition'}): "
                "only the main timeline is simulated"
            )
    if design.instance_type == "ObservationalStudyDesign":
        found.pass_over(
            "the study is observational: its arms are groups, and people here are randomised"
        )
    for what, thing in (("version", version), ("design", design)):
        beside = [_counted(key, value) for key, value in (thing.model_extra or {}).items() if value]
        if beside:
            found.pass_over(f"of the {what}, not simulated: {', '.join(beside)}")
    for note in version.notes:
        if note.text not in (SYNTHETIC, BANNER, CALIBRATED):
            found.pass_over(f"note '{shown(plain_text(note.text))}'")


def _counted(key: str, value: object) -> str:
    return f"{shown(key)} ({len(value)})" if isinstance(value, list) else shown(key)


def _population(version: StudyVersion, design: StudyDesign, found: Reading) -> None:
    people = design.population
    if people is None:
        return
    data: Plain = {}
    found.homes[("population",)] = people
    size = people.planned_enrollment_number
    if isinstance(size, Quantity):
        if size.value in range(1, MOST_PARTICIPANTS + 1):
            found.data["participants"] = int(size.value)
        else:
            found.ask(
                "participants",
                f"{size.value:g} people are planned; how many, from 1 to {MOST_PARTICIPANTS:,}, is that?",
            )
    elif size is not None:
        found.ask(
            "participants",
            f"between {size.min_value.value:g} and {size.max_value.value:g} people are planned; how "
            "many are simulated?",
        )
    if people.planned_age is not None:
        age = people.planned_age
        data["age"] = {"min": _whole(age.min_value.value), "max": _whole(age.max_value.value)}
    codes = {code.code for code in people.planned_sex}
    if codes in ({"C20197"}, {"C16576"}):
        data["male"] = 1.0 if codes == {"C20197"} else 0.0
    items = by_id(version.eligibility_criterion_items)
    criteria = []
    for criterion in design.eligibility_criteria:
        item = items.get(criterion.criterion_item_id)
        text = plain_text(item.text) if item else ""
        made = read_criterion(text)
        kind = "" if criterion.category is None else criterion.category.decode
        if made is not None and not kind.lower().startswith("exclusion"):
            criteria.append(made)
        else:
            found.pass_over(
                f"criterion '{shown(criterion.words)}' ({kind.lower()}): '{text[:120]}'"
            )
    if criteria:
        data["eligibility"] = criteria
    worded = len(design.eligibility_criteria) - len(criteria)
    if worded:
        found.ask(
            "population",
            f"{so_many(worded, 'criterion', 'criteria')} {verb(worded, 'is', 'are')} in words; what of "
            "that can be said as 'eligibility: [{quantity: serum_aat, max: 11}]'?",
        )
    found.data["population"] = data


def _whole(value: float) -> float:
    # As files of ours have them: 18, not 18.0.
    return int(value) if value == int(value) else value


def _is_within(epoch: str, spans: dict[str, tuple[float, str]]) -> bool:
    """Whether an epoch reaches beyond randomisation, or cannot be said to lie before it."""
    return epoch not in spans or spans[epoch][0] >= 0 or bool(spans[epoch][1])


def _epochs(
    design: StudyDesign, spans: dict[str, tuple[float, str]], ids: dict[str, str], found: Reading
) -> None:
    made: list[Plain] = []
    for epoch in design.epochs:
        if not _is_within(epoch.id, spans):
            found.pass_over(f"epoch '{shown(epoch.words)}': it lies before randomisation, day 0")
            continue
        data: Plain = {"id": ids[epoch.id]}
        if epoch.label and epoch.label.strip() and epoch.label != epoch.name:
            data["title"] = plain_text(epoch.label)
        length = spans.get(epoch.id, (0.0, ""))[1]
        if length:
            data["length"] = length
        else:
            found.ask(
                "epochs", f"how long is the epoch '{ids[epoch.id]}'? write 'length: 12 weeks'"
            )
        found.homes[("epochs", len(made))] = epoch
        made.append(data)
    found.data["epochs"] = made


def _endpoints(design: StudyDesign, found: Reading) -> None:
    plans: list[tuple[Endpoint, bool]] = []
    for objective in design.objectives:
        main = objective.level is not None and objective.level.code == _PRIMARY
        text = plain_text(objective.text)
        if main and "question" not in found.data and text:
            found.data["question"] = text
        elif text and text != SECONDARY:
            found.pass_over(f"objective '{shown(objective.words)}': '{text[:120]}'")
        plans += [(endpoint, main) for endpoint in objective.endpoints]
    # One analysis decides; the file may name several endpoints as primary.
    plans.sort(key=lambda each: not each[1])
    made: list[Plain] = []
    names = ids_of([endpoint.name for endpoint, _ in plans])
    for k, ((endpoint, _), name) in enumerate(zip(plans, names, strict=True)):
        data: Plain = {"id": name}
        if endpoint.label and endpoint.label.strip() and endpoint.label != endpoint.name:
            data["title"] = plain_text(endpoint.label)
        if endpoint.description and endpoint.description.strip():
            data["note"] = plain_text(endpoint.description)
        text = plain_text(endpoint.text)
        known = next((e.id for e in ENDPOINTS.values() if e.title.lower() == text.lower()), None)
        data["endpoint"] = known or (text[:200] or name)
        where = "endpoints.primary" if k == 0 else f"endpoints.secondary[{k - 1}]"
        if known is None:
            found.ask(
                where,
                f"'{shown(text)}' is no endpoint of the model; which one stands for it"
                f"{kin_endpoint(text)}?",
            )
        found.homes[("endpoints", "primary") if k == 0 else ("endpoints", "secondary", k - 1)] = (
            endpoint
        )
        made.append(data)
    if made:
        found.data["endpoints"] = {"primary": made[0]}
        if made[1:]:
            found.data["endpoints"]["secondary"] = made[1:]
