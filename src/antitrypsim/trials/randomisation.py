"""Who is in which arm, and when they would leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arrays import Floats, Ints, Labels, Reals
from antitrypsim.foundations.random import generator, uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import Protocol
from antitrypsim.protocols.plannable import FACTORS, KINDS
from antitrypsim.simulation.results import Results
from antitrypsim.statistics.allocation import ALLOCATIONS, crossed
from antitrypsim.trials.groups import at_start, group_columns

if TYPE_CHECKING:
    import pandas as pd


def randomise(
    protocol: Protocol,
    persons: pd.DataFrame,
    truth: Mapping[str, Results],
    ids: Ints,
    seed: int,
) -> Labels:
    """Return each participant's arm id, in the order of enrolment.

    Within each stratum, or in all without strata, every arm has its share of the allocation rounded
    up or down, however many take part (see ``statistics.allocation.tunnel``). ``persons`` is a row a
    participant; what is measured is as read on day 0, before anybody is in an arm.
    """
    strata = strata_of(protocol, persons, truth, ids, seed)
    return allocate(protocol, strata, len(ids), seed)


def strata_of(
    protocol: Protocol,
    persons: pd.DataFrame,
    truth: Mapping[str, Results],
    ids: Ints,
    seed: int,
) -> dict[str, Labels]:
    """Return the label of each participant by what randomisation is stratified by, as ``randomise``."""

    def first(output: str) -> Floats:
        # By day 0 nobody has been given anything, or all the same: one arm stands for all.
        return at_start(next(iter(truth.values())))(output)

    numbers = [word for word in protocol.stratify_by if word not in KINDS]
    bands = group_columns(protocol, numbers, persons, first, ids, seed)
    return {
        word: bands[FACTORS[word]] if word in numbers else persons[FACTORS[word]].to_numpy()
        for word in protocol.stratify_by
    }


def allocate(protocol: Protocol, strata: Mapping[str, Labels], count: int, seed: int) -> Labels:
    """Return the arm ids of ``count`` participants with the labels of each factor, as ``randomise``."""
    names = [arm.id for arm in protocol.arms]
    found = {str(factor): levels(strata[factor]) for factor in protocol.stratify_by}
    return np.array(names, dtype=object)[allocated(protocol, found, count, seed)]


def allocated(
    protocol: Protocol, levels: Mapping[str, NDArray[np.integer]], count: int, seed: int
) -> NDArray[np.int8]:
    """Return the numbers of the arms of ``count`` participants with the ``levels`` of each factor."""
    crossing = crossed((levels[factor] for factor in protocol.stratify_by), (count,))
    place = ALLOCATIONS["blocks"](
        crossing[None, :],
        [protocol.allocation[arm.id] for arm in protocol.arms],
        generator(seed, "randomisation"),
    )
    return place[0]


def levels(labels: Labels) -> Ints:
    """Return the level of each label, whole numbers from 0 in the order of the words."""
    return np.unique(labels.astype(str), return_inverse=True)[1]


def leaving_day(u: Reals, yearly: Floats) -> Floats:
    """Return the day after which somebody leaves at a steady rate; infinity for never.

    ``u`` are uniform, ``yearly`` the share who leave within a year, shapes that fit each other.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(yearly > 0, np.log(np.maximum(u, 1e-12)) / np.log1p(-yearly) * YEAR, np.inf)


def leaving_days(protocol: Protocol, ids: Ints, arms: Labels, seed: int) -> Floats:
    """Return the day on which each person would leave, alive or not; infinity for never."""
    u = uniforms(seed, "dropout", ids)[:, 0]
    return leaving_day(u, np.array([protocol.dropout_of(arm) for arm in arms]))
