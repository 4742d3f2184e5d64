"""The visits of a study and what is measured at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.usdm.kin import kin_endpoint
from antitrypsim.interchange.usdm.links import by_id
from antitrypsim.interchange.usdm.model import (
    Encounter,
    ScheduledInstance,
    ScheduleTimeline,
    StudyDesign,
)
from antitrypsim.interchange.usdm.reading import Reading, ids_of, plain_text
from antitrypsim.interchange.usdm.schedule import Moment, window_words

_BY_TITLE = {endpoint.title.lower(): endpoint.id for endpoint in ENDPOINTS.values()}


def read_visits(
    design: StudyDesign,
    main: ScheduleTimeline | None,
    when: Mapping[str, Moment],
    found: Reading,
) -> None:
    """Put visits and assessments into ``found``; ``when`` says the day of each point of ``main``."""
    if main is None:
        found.ask("visits", "the file has no main timeline; when are people seen?")
        points: list[ScheduledInstance] = []
    else:
        points = _in_order(design, [p for p in main.instances if p.encounter_id])
        _decisions(main, found)
    encounters = by_id(design.encounters)
    often = Counter(point.encounter_id for point in points)
    chosen: list[tuple[ScheduledInstance, str]] = []
    for point in points:
        encounter = encounters.get(point.encounter_id or "")
        name = point.name if encounter is None or often[encounter.id] > 1 else encounter.name
        moment = when.get(point.id)
        if moment is None:
            found.ask(
                "visits", f"when is the visit '{shown(point.words)}'? the file gives it no time"
            )
        elif moment.day < 0:
            found.pass_over(
                f"visit '{shown(point.words)}', {moment.words} before day 0: visits begin at "
                "randomisation"
            )
            continue
        chosen.append((point, name))
    made: list[Plain] = []
    ids = ids_of([name for _, name in chosen])
    for (point, _), name in zip(chosen, ids, strict=True):
        made.append(
            _visit(point, name, encounters.get(point.encounter_id or ""), when, often, found)
        )
    seen = {point.encounter_id for point in points}
    for encounter in design.encounters:
        if encounter.id not in seen:
            found.pass_over(
                f"encounter '{shown(encounter.words)}': no point of the main timeline has it"
            )
    if made:
        found.data["visits"] = made
    else:
        found.ask(
            "visits", "the file has no visit at or after randomisation; when are people seen?"
        )
    _assessments(
        design, dict(zip((point.id for point, _ in chosen), ids, strict=True)), chosen, found
    )


def _in_order(design: StudyDesign, points: list[ScheduledInstance]) -> list[ScheduledInstance]:
    """Return points as the file lists their encounters; those of one encounter in their own order."""
    place = {encounter.id: k for k, encounter in enumerate(design.encounters)}
    return sorted(points, key=lambda point: place.get(point.encounter_id or "", len(place)))


def _visit(
    point: ScheduledInstance,
    name: str,
    encounter: Encounter | None,
    when: Mapping[str, Moment],
    often: Mapping[str | None, int],
    found: Reading,
) -> Plain:
    data: Plain = {"id": name}
    own = encounter is None or often[encounter.id] > 1
    label = point.label if own or encounter is None else encounter.label
    if label and label.strip() and label not in (name, point.name):
        data["title"] = plain_text(label)
    if point.id in when:
        data["time"] = when[point.id].words
        if window := window_words(when[point.id].timing):
            found.pass_over(f"the window of visit '{name}' ({window}): people come on the day")
    if encounter is not None and not own:
        found.homes[("visits", len(found.data.setdefault("visits", [])))] = encounter
    found.data.setdefault("visits", []).append(data)
    return data


def _decisions(main: ScheduleTimeline, found: Reading) -> None:
    place = {point.id: k for k, point in enumerate(main.instances)}
    for k, point in enumerate(main.instances):
        for each in point.condition_assignments or ():
            target = place.get(each.condition_target_id)
            if target is None:
                continue
            condition = shown(plain_text(each.condition))
            if target <= k:
                found.ask(
                    "visits",
                    f"at '{shown(point.words)}' the timeline goes back to "
                    f"'{shown(main.instances[target].words)}' ({condition}); how many cycles are there? "
                    "one stands here",
                )
            else:
                found.pass_over(
                    f"the decision '{shown(point.words)}' ({condition}): everybody goes on as listed"
                )


def _assessments(
    design: StudyDesign,
    visits: Mapping[str, str],
    chosen: list[tuple[ScheduledInstance, str]],
    found: Reading,
) -> None:
    at: dict[str, list[str]] = {}
    for point, _ in chosen:
        for name in dict.fromkeys(point.activity_ids):
            at.setdefault(name, []).append(visits[point.id])
    made: list[Plain] = []
    taken: set[str] = set()
    for activity in design.activities:
        words = (activity.name, activity.label or "", activity.description or "")
        endpoint = next(
            (w if w in ENDPOINTS else _BY_TITLE[w.lower()] for w in words
             if w in ENDPOINTS or w.lower() in _BY_TITLE), None,
        )  # fmt: skip
        if endpoint is None or endpoint in taken:
            found.pass_over(
                f"activity '{shown(activity.words)}': it is no endpoint of the model"
                + kin_endpoint(" ".join(words))
            )
            continue
        taken.add(endpoint)
        data: Plain = {"endpoint": endpoint}
        seen = at.get(activity.id, [])
        if seen:
            data["visits"] = "all" if len(seen) == len(visits) else seen
        found.homes[("assessments", len(made))] = activity
        made.append(data)
    if made:
        found.data["assessments"] = made
    else:
        found.ask(
            "assessments", "no activity of the file is an endpoint of the model; what is measured?"
        )
