"""What is read of replicates: true values, what instruments show, and the block that is analysed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.intercurrent_events import settle
from antitrypsim.laboratory.replicates import Between, Replicates
from antitrypsim.laboratory.switching import true_values
from antitrypsim.protocols import noise_of
from antitrypsim.statistics.block import Block


def values(
    drawn: Replicates,
    id: str,
    visits: Mapping[str, float],
    until: Reals | None = None,
    *,
    noise: bool = True,
) -> Reals:
    """Return what is measured at ``visits``, (R, n, V), NaN where nothing is.

    ``until`` (R,): the calendar day of a look; what comes later is not there yet. Without
    ``noise``: what is true, beyond the range of an instrument too.
    """
    library = drawn.sampler.library
    columns = [library.column(d) for d in visits.values()]
    course = settle(drawn, true_values(drawn, id, columns), list(visits.values()))
    seen: Reals = np.array(course, dtype=np.float32)
    if noise:
        seen = drawn.sampler.read(id, course, drawn.z[noise_of(id).draw][:, :, columns])
    if noise and id == drawn.sampler.plan.endpoint and drawn.sampler.design.accrual.site_sd:
        seen = seen + drawn.shift[:, :, None]
    seen = _composite(drawn, id, seen, list(visits.values()))
    last = np.minimum(drawn.leaves, drawn.death)
    days = np.array(list(visits.values()))
    composite = _failed(drawn)
    gone = (days > last[:, :, None]) & ~(composite[:, :, None] <= days)
    if until is not None:
        gone |= drawn.entry[:, :, None] + days > until[:, None, None]
    seen[gone] = np.nan
    return seen


def _failed(drawn: Replicates) -> Reals:
    found = np.full(drawn.shape, np.inf)
    for one in drawn.between:
        if one.said.strategy == "composite":
            found = np.minimum(found, _seen(drawn, one))
    return found


def _seen(drawn: Replicates, one: Between) -> Reals:
    """Return the day of an event, infinity where it comes to somebody gone or dead."""
    # Whether those who left are alive is found out; what else happens to them is not.
    last = drawn.death if one.said.event == "death" else np.minimum(drawn.leaves, drawn.death)
    return np.where(one.day <= last, one.day, np.inf)


def _composite(drawn: Replicates, id: str, seen: Reals, days: list[float]) -> Reals:
    for one in drawn.between:
        if one.said.strategy == "composite" and id == drawn.sampler.plan.endpoint:
            after = np.array(days) >= _seen(drawn, one)[:, :, None]
            seen = np.where(after, np.float32(one.said.value or 0.0), seen)
    return seen


def block(
    drawn: Replicates, arms: tuple[str, ...], id: str, visits: Mapping[str, float], end: float,
    until: Reals | None = None,
) -> Block:  # fmt: skip
    """Return one endpoint for analysis; ``arms`` are ids, the reference first."""
    place = np.full(len(drawn.sampler.library.arms), -1, dtype=np.int8)
    for k, name in enumerate(arms):
        place[drawn.sampler.library.arms.index(name)] = k
    arm = place[drawn.arm]
    for one in drawn.between:
        if one.said.strategy == "principal-stratum":
            arm = np.where(one.ever, np.int8(-1), arm)
    if until is not None:
        arm = np.where(drawn.entry > until[:, None], np.int8(-1), arm)
    what = endpoint(id)
    if what.kind == "measurement":
        return Block(
            arms, arm, tuple(visits), np.array(list(visits.values()), dtype=float),
            values(drawn, id, visits, until),
        )  # fmt: skip
    last = np.minimum(np.minimum(drawn.leaves, drawn.death), end)
    for one in drawn.between:
        if one.said.strategy in ("hypothetical", "while-on-treatment"):
            last = np.minimum(last, one.day) if one.said.event != "death" else last
    if until is not None:
        last = np.clip(until[:, None] - drawn.entry, 0, last)
    when = drawn.sampler.happened(drawn.truth, what.output, drawn.draw, drawn.lived, drawn.person)
    inside = (when > 0) & (when <= last[:, :, None])
    if what.kind == "count":
        return Block(arms, np.where(last > 0, arm, -1), count=inside.sum(axis=2),
                     exposure=np.maximum(last, 1e-9) / YEAR)  # fmt: skip
    first = np.where(inside, when, np.inf).min(axis=2)
    event = np.isfinite(first)
    return Block(arms, arm, time=np.where(event, first, last), event=event)
