"""When the points of a timeline are, in days from its anchor, and how long its epochs last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.interchange.usdm.durations import day_words, read_iso, said
from antitrypsim.interchange.usdm.links import by_id, no_circle
from antitrypsim.interchange.usdm.model import (
    ScheduledInstance,
    ScheduleTimeline,
    StudyEpoch,
    Timing,
)

_FIXED, _BEFORE = ("C201358", "fixed reference"), ("C201357", "before")


@dataclass(frozen=True)
class Moment:
    """A day from the anchor, negative before it; ``words`` say it as a protocol does."""

    day: float
    words: str
    timing: Timing | None = None


def moments(timeline: ScheduleTimeline) -> dict[str, Moment]:
    """Return when each point is, by id; a point that no timing places is not in it.

    The anchor, day 0, is the point of the fixed reference that most timings lead to. Raises
    InputError for durations that cannot be read and for timings that anchor one another.
    """
    points = by_id(timeline.instances)
    placed: dict[str, Timing] = {}
    fixed: list[str] = []
    for timing in timeline.timings:
        start = timing.relative_from_scheduled_instance_id
        if _is(timing, _FIXED):
            fixed.append(start)
        elif start in points and start not in placed and timing.relative_to_scheduled_instance_id:
            placed[start] = timing
    to = {
        k: [str(t.relative_to_scheduled_instance_id)] for k, t in placed.items() if k not in fixed
    }
    no_circle(to, "timings, by the points that they are relative to,")
    anchors = [each for each in fixed if each in points]
    if not anchors:
        return {}
    ends = [each[0] for each in to.values()]
    anchor = max(anchors, key=lambda each: (ends.count(each), -anchors.index(each)))
    found = {anchor: Moment(0.0, "0 days")}
    for start in placed:
        chain = []
        node = start
        while node in placed and node not in found:
            chain.append(node)
            node = str(placed[node].relative_to_scheduled_instance_id)
        if node not in found:
            continue
        for each in reversed(chain):
            found[each] = _from(found[node], placed[each], node == anchor)
            node = each
    return found


def _from(base: Moment, timing: Timing, direct: bool) -> Moment:
    length, words = _length(timing, timing.value, "value")
    length = -length if _is(timing, _BEFORE) else length
    day = base.day + length
    if not direct or length < 0:
        words = day_words(abs(day))
    else:
        words = said(timing.value_label, length) or words
    return Moment(day, words, timing)


def window_words(timing: Timing | None) -> str:
    """Return the window of a timing in words; nothing where it has none."""
    if timing is None or not (timing.window_lower or timing.window_upper):
        return ""
    sides = [
        f"{_length(timing, value, key)[1]} {side}"
        for value, key, side in (
            (timing.window_lower, "windowLower", "before"),
            (timing.window_upper, "windowUpper", "after"),
        )
        if value
    ]
    return " to ".join(sides)


def _length(timing: Timing, value: str, key: str) -> tuple[float, str]:
    try:
        return read_iso(value)
    except InputError as problem:
        raise InputError(f"timing '{shown(timing.name)}': {problem.message}", key=key) from problem


def _is(timing: Timing, term: tuple[str, str]) -> bool:
    return timing.type.code == term[0] or timing.type.decode.strip().lower() == term[1]


def epoch_lengths(
    epochs: list[StudyEpoch], timeline: ScheduleTimeline | None, when: Mapping[str, Moment]
) -> dict[str, tuple[float, str]]:
    """Return (first day, length in words) of each epoch that has a point, by id.

    An epoch lasts until the first point of the next one, the last until the last point of all;
    the length is empty where that cannot be known.
    """
    if timeline is None:
        return {}
    first: dict[str, ScheduledInstance] = {}
    for point in timeline.instances:
        if point.epoch_id and point.id in when:
            known = first.get(point.epoch_id)
            if known is None or when[point.id].day < when[known.id].day:
                first[point.epoch_id] = point
    ordered = [epoch.id for epoch in epochs if epoch.id in first]
    last = max(
        (p for p in timeline.instances if p.id in when), key=lambda p: when[p.id].day, default=None
    )
    exits = [p for p in timeline.instances if p.timeline_exit_id and p.id in when]
    end = exits[-1] if exits and last and when[exits[-1].id].day >= when[last.id].day else last
    found = {}
    for k, epoch in enumerate(ordered):
        start = first[epoch]
        until = first[ordered[k + 1]] if k + 1 < len(ordered) else end
        length = "" if until is None else _between(start, until, when)
        found[epoch] = (when[start.id].day, length)
    return found


def _between(start: ScheduledInstance, until: ScheduledInstance, when: Mapping[str, Moment]) -> str:
    length = when[until.id].day - max(0.0, when[start.id].day)
    if not length > 0:
        return ""
    timing = when[until.id].timing
    if timing is not None and timing.relative_to_scheduled_instance_id == start.id:
        whole, words = read_iso(timing.value)
        return said(timing.value_label, whole) or words
    return day_words(length)
