"""Dropout.

Who leaves the trial, and when: at a steady rate, or the likelier the worse things go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.switching import true_values
from antitrypsim.protocols import noise_of
from antitrypsim.trials.randomisation import leaving_day

if TYPE_CHECKING:
    from antitrypsim.laboratory.replicates import Replicates, Source


def last_seen(sampler: Source, id: str, days: list[float], read: Reals) -> Reals:
    """Return the last reading by each day, at the visits at which an endpoint is measured.

    NaN at day 0, and so no change from it, where nothing is measured before treatment.
    """
    known = sampler.protocol.visit_days()
    kept = sampler.design.visits or tuple(known)
    seen = {known[v] for v in sampler.protocol.assessment_visits(id) if v in kept}
    read = read.copy()
    if days[0] not in seen:
        read[:, :, 0] = np.nan
    for k in range(1, len(days)):
        if days[k] not in seen:
            read[:, :, k] = read[:, :, k - 1]
    return read


def leaving(sampler: Source, drawn: Replicates, u: Reals) -> Reals:
    """Return the day on which each place leaves, infinity for never, with uniforms (R, n, days)."""
    said = sampler.design.leaving
    own = np.array([
        said.by_arm.get(arm, sampler.protocol.dropout_of(arm) if said.yearly is None else said.yearly)
        if arm in sampler.compared else 0.0
        for arm in sampler.library.arms
    ])  # fmt: skip
    if said.depends_on is None:
        return leaving_day(u[:, :, 0], own[drawn.arm])
    rate = -np.log1p(-own)[drawn.arm] / YEAR
    on = said.depends_on
    visits = [d for d in sampler.library.days if d >= 0]
    columns = [sampler.library.column(d) for d in visits]
    course = true_values(drawn, on.endpoint, columns)
    if on.seen:
        z = drawn.z[noise_of(on.endpoint).draw][:, :, columns]
        course = last_seen(sampler, on.endpoint, visits, sampler.read(on.endpoint, course, z))
    leaves = np.full(drawn.shape, np.inf)
    for k in range(len(visits) - 1):
        # What was last measured is at random, the value that comes next is not.
        at = k if on.seen else k + 1
        change = np.nan_to_num(course[:, :, at] - course[:, :, 0])
        hazard = rate * on.ratio ** np.clip(change / on.per, -20, 20)
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = -np.log(np.maximum(u[:, :, k], 1e-12)) / hazard
        goes = np.isinf(leaves) & (wait < visits[k + 1] - visits[k])
        leaves = np.where(goes, visits[k] + wait, leaves)
    return leaves
