"""People who change from one arm to another: what is true of them from the day of the change on.

Some days of change are lived by everybody in the library (``switchlives``); between them each
person's values are interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from antitrypsim.foundations.arrays import Ints, Reals
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.arm_changes import blend
from antitrypsim.laboratory.replicates import Replicates, Switch


def followed(drawn: Replicates, switch: Switch | None) -> Replicates:
    """Return trials in which people change arms as said, and die when they then would."""
    if switch is None or not (switch.change >= 0).any():
        return replace(drawn, switch=None)
    drawn = replace(drawn, switch=switch)
    death = drawn.death.copy()
    for k, change in enumerate(drawn.sampler.library.changes):
        rows = np.nonzero(switch.change == k)
        if not rows[0].size or not change.nodes:
            continue
        own, day = death[rows], switch.day[rows]
        left, right, before, after = _around(drawn, "death", k, rows, own[:, None], [])
        before = np.where(np.isnan(before), np.inf, before)
        after = np.where(np.isnan(after), np.inf, after)
        found = blend(change.place(day), left, right, before, after)[:, 0]
        # Whoever was dead by then did not change, and a change does not kill in the past.
        death[rows] = np.where(own <= day, own, np.maximum(found, day))
    return replace(drawn, death=death)


def true_values(drawn: Replicates, id: str, columns: Sequence[int]) -> Reals:
    """Return true values at some columns of the library's days, (R, n, columns)."""
    own = drawn.sampler.gathered(drawn.truth, id, drawn.draw, drawn.lived, drawn.person, columns)
    return follow(drawn, id, own, columns)


def follow(drawn: Replicates, id: str, own: Reals, columns: Sequence[int]) -> Reals:
    """Return true values (R, n, columns), from the day of a change on those of who changed.

    ``own`` are those of people who stay in their arm. Raises InputError for an endpoint, or a change
    of arm, that the library did not keep.
    """
    if drawn.switch is None:
        return own
    library = drawn.sampler.library
    days = library.days[list(columns)]
    found = own.copy()
    for k, change in enumerate(library.changes):
        # Nobody's values differ before their day.
        rows = np.nonzero((drawn.switch.change == k) & (drawn.switch.day < days.max()))
        if not rows[0].size or not change.nodes:
            continue
        day, mine = drawn.switch.day[rows], own[rows]
        left, right, before, after = _around(drawn, id, k, rows, mine, columns)
        # Who changes on the day of a visit, or later, has the same value there.
        right = np.minimum(right, change.place(days))
        values = blend(change.place(day), left, right, before, after)
        found[rows] = np.where(day[:, None] >= days, mine, values)
    return found


def _around(
    drawn: Replicates, id: str, k: int, rows: tuple[Ints, ...], own: Reals,
    columns: Sequence[int],
) -> tuple[Reals, Reals, Reals, Reals]:  # fmt: skip
    """Return the nodes around each day of change (m, 1), and the values at them (m, V)."""
    library, switch = drawn.sampler.library, drawn.switch
    change = library.changes[k]
    held = drawn.sampler.courses(drawn.truth).switched
    if f"{id}-{k}" not in held:
        raise InputError(f"the library keeps no '{id}' of people who change to '{change.after}'")
    flat = held[f"{id}-{k}"]
    assert switch is not None
    nodes = np.array([*change.nodes, change.place(change.end)])
    place = change.place(switch.day[rows])
    right = np.clip(np.searchsorted(nodes, place, side="right"), 1, len(nodes) - 1)
    draw, person = drawn.draw[rows[0]], drawn.person[rows]
    # Values are kept from day 0 on; what was before is nobody's to change. A death is one number.
    late = np.maximum(np.array(list(columns) or [0]) - int((library.days < 0).sum()), 0)
    before = np.asarray(flat[draw, person, right - 1])[:, late]
    last = (right > len(change.nodes) - 1)[:, None]
    after = np.asarray(flat[draw, person, np.minimum(right, len(change.nodes) - 1)])[:, late]
    after = np.where(last, own, after)
    return nodes[right - 1][:, None], nodes[right][:, None], before, after
