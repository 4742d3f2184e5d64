"""The timeline of a protocol: where its epochs begin, its visits, and its end."""

from __future__ import annotations

from itertools import pairwise

from antitrypsim.documents.times import days, passes
from antitrypsim.interchange.usdm.codes import Numbers
from antitrypsim.interchange.usdm.durations import write_iso
from antitrypsim.interchange.usdm.model import (
    ScheduledInstance,
    ScheduleTimeline,
    ScheduleTimelineExit,
    StudyDesign,
    Timing,
)
from antitrypsim.protocols import Protocol


def timeline_of(protocol: Protocol, design: StudyDesign, numbers: Numbers) -> ScheduleTimeline:
    """Return the main timeline; its anchor is randomisation, the start of the first epoch.

    A visit on the day on which an epoch begins belongs to the one before, as it is read before the dose.
    """
    line = ScheduleTimeline(
        id=numbers.next("ScheduleTimeline"),
        name="Main timeline",
        main_timeline=True,
        entry_condition="Randomisation",
    )
    spans = protocol.epoch_days()
    epoch_ids = {epoch.name: epoch.id for epoch in design.epochs}
    points: list[tuple[float, ScheduledInstance]] = []
    before, length = None, ""
    for epoch in protocol.epochs:
        point = _point(f"Start of {epoch.id}", numbers)
        point.epoch_id = epoch_ids[epoch.id]
        points.append((spans[epoch.id][0], point))
        line.timings.append(_timing(point, before, length, numbers))
        before, length = point, epoch.length
    end = _point("End", numbers)
    assert before is not None
    line.timings.append(_timing(end, before, length, numbers))
    end.epoch_id = before.epoch_id
    anchor = points[0][1]
    activities = {activity.name: activity.id for activity in design.activities}
    encounters = {encounter.name: encounter for encounter in design.encounters}
    for visit in protocol.visits:
        day = days(visit.time)
        point = _point(visit.id, numbers)
        inside = [name for name, (start, _) in spans.items() if passes(day, start)]
        point.epoch_id = epoch_ids[inside[-1] if inside else protocol.epochs[0].id]
        point.encounter_id = encounters[visit.id].id
        point.activity_ids = [
            activities[each.endpoint]
            for each in protocol.assessments
            if each.visits == "all" or visit.id in (each.visits or ())
        ]
        timing = _timing(point, anchor, visit.time, numbers)
        encounters[visit.id].scheduled_at_id = timing.id
        line.timings.append(timing)
        points.append((day, point))
    line.exits = [ScheduleTimelineExit(id=numbers.next("ScheduleTimelineExit"))]
    end.timeline_exit_id = line.exits[0].id
    line.instances = [*(p for _, p in sorted(points, key=lambda each: each[0])), end]
    line.entry_id = line.instances[0].id
    for one, other in pairwise(line.instances):
        one.default_condition_id = other.id
    return line


def _point(name: str, numbers: Numbers) -> ScheduledInstance:
    return ScheduledInstance(
        id=numbers.next("ScheduledActivityInstance"),
        instance_type="ScheduledActivityInstance",
        name=name,
    )


def _timing(
    point: ScheduledInstance, base: ScheduledInstance | None, length: str, numbers: Numbers
) -> Timing:
    """Return when a point is after ``base``; the anchor itself without one."""
    return Timing(
        id=numbers.next("Timing"),
        name=f"{point.name} time",
        type=numbers.term("after" if base else "fixed"),
        value=write_iso(length) if base else "P0D",
        value_label=length if base else "randomisation",
        relative_to_from=numbers.term("start to start"),
        relative_from_scheduled_instance_id=point.id,
        relative_to_scheduled_instance_id=(base or point).id,
    )
