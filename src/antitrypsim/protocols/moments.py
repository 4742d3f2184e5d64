"""The moments of an entry's doses: stated times in order, and doses of a schedule that are missed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from antitrypsim.documents.faults import fault
from antitrypsim.documents.times import days, passes

_SAME = 1e-6
"""Days within which two times are one: a tenth of a second."""


def check_order(at: Sequence[str]) -> None:
    """Raise a fault for stated times that do not come one after another."""
    for k, (earlier, later) in enumerate(pairwise(at), 1):
        if not passes(days(later), days(earlier)):
            raise fault(f"'{later}' does not come after '{earlier}'; write times in order", "at", k)


def without(times: Sequence[float], missed: Sequence[str]) -> tuple[float, ...]:
    """Return the days of the doses that are given: ``times`` but for those that are missed."""
    gaps = [days(text) for text in missed]
    return tuple(time for time in times if all(abs(time - gap) > _SAME for gap in gaps))


def check_missed(missed: Sequence[str], times: Sequence[float]) -> None:
    """Raise a fault for a missed dose that the schedule does not have, or if none would be left."""
    for k, text in enumerate(missed):
        gap = days(text)
        if all(abs(time - gap) > _SAME for time in times):
            near = min(times, key=lambda time: abs(time - gap))
            raise fault(
                f"no dose falls at '{text}', so none is missed there; the nearest is at day {near:g} of "
                "the epoch",
                "missed", k,
            )  # fmt: skip
    if not without(times, missed):
        raise fault("every dose is missed; leave the entry out instead", "missed")
