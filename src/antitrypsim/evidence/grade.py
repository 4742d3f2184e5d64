"""What a number rests on: its grade, and the facts that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

from antitrypsim.evidence.reading import Entry
from antitrypsim.evidence.registry import Registry
from antitrypsim.foundations.errors import EvidenceError, nearest

Grade = Literal["measured", "fitted", "scaled", "assumed"]
GRADES: tuple[str, ...] = get_args(Grade)
"""The grades, best first."""
MEANINGS: Mapping[str, str] = {
    "measured": "read from a published measurement",
    "fitted": "chosen so that the model meets stated targets",
    "scaled": "computed, transcribed, or carried over from another species, tissue or dose",
    "assumed": "set by judgement, without data",
}
"""What each grade says of a number."""


def read_grade(entry: Entry) -> Grade:
    """Give the grade that an entry says.

    Raises:
        EvidenceError: there is no such grade.
    """
    grade = entry.words("grade")
    if grade not in GRADES:
        hint = nearest(grade, GRADES) or f"; use one of these: {', '.join(GRADES)}"
        raise entry.error(f"no grade '{grade}'{hint}", "grade")
    return cast(Grade, grade)


def read_rests_on(
    entry: Entry, grade: Grade, registry: Registry, *, reason: str = "note"
) -> tuple[str, ...]:
    """Give the ids of the facts that an entry rests on; ``reason`` is the key of its own reason.

    Raises:
        EvidenceError: there is no such fact, or nothing is named and the value is not assumed, or
            gives no reason.
    """
    ids = entry.ids("rests_on")
    for id in ids:
        try:
            registry.fact(id)
        except EvidenceError as problem:
            raise entry.error(problem.message, "rests_on") from problem
    if not ids and grade != "assumed":
        raise entry.error(
            f"a {grade} value must rest on a fact; name one, or grade it 'assumed'", "rests_on"
        )
    if not ids and not entry.words(reason, may_be_empty=True):
        raise entry.error(f"resting on no fact needs a {reason} that gives the reason", "rests_on")
    return ids
