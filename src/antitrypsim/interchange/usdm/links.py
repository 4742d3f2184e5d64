"""The objects of a study by their ids, and chains of references that must come to an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.interchange.usdm.model import StudyDesign, StudyVersion, Thing

Found = TypeVar("Found", bound=Thing)


def by_id(things: Iterable[Found]) -> dict[str, Found]:
    """Return objects by id; raise InputError for an id that two of them have."""
    found: dict[str, Found] = {}
    for thing in things:
        if thing.id in found:
            raise InputError(
                f"two objects of class {thing.kind} have the id '{shown(thing.id)}'; ids are unique"
            )
        found[thing.id] = thing
    return found


def no_circle(links: Mapping[str, Iterable[str]], what: str) -> None:
    """Raise InputError, naming the members, if references lead back to where they began."""
    done: set[str] = set()
    for start in links:
        # By hand, not by recursion: a chain may be as long as the file.
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(node)
                done.add(node)
                continue
            if node in on_path:
                circle = [*path[path.index(node) :], node]
                told = " -> ".join(shown(each) for each in circle[:6])
                raise InputError(
                    f"{what} go round in a circle ({told}{' ...' if len(circle) > 6 else ''}); "
                    "one of these references is wrong"
                )
            if node in done or node not in links:
                continue
            path.append(node)
            on_path.add(node)
            stack.append((node, True))
            stack += [(each, False) for each in links[node]]


def check_links(version: StudyVersion, design: StudyDesign) -> None:
    """Raise InputError for ids that are not unique and for references in a circle."""
    for things in (design.arms, design.epochs, design.elements, design.encounters,
                   design.activities, design.schedule_timelines, version.study_interventions,
                   version.eligibility_criterion_items):  # fmt: skip
        by_id(things)
    for what, ordered in (("epochs", design.epochs), ("encounters", design.encounters),
                          ("activities", design.activities)):  # fmt: skip
        for direction in ("next_id", "previous_id"):
            links = {one.id: _one(getattr(one, direction)) for one in ordered}
            no_circle(
                links, f"the {what}, by {'nextId' if direction == 'next_id' else 'previousId'},"
            )
    no_circle({one.id: one.child_ids for one in design.activities}, "activities and their children")
    calls: dict[str, list[str]] = {}
    held = {one.id: _one(one.timeline_id) for one in design.activities}
    for line in design.schedule_timelines:
        calls[line.id] = [
            each
            for point in line.instances
            for each in (*_one(point.timeline_id), *(t for a in point.activity_ids for t in held.get(a, [])))
        ]  # fmt: skip
    no_circle(calls, "timelines that call one another")


def _one(name: str | None) -> list[str]:
    return [name] if name else []
