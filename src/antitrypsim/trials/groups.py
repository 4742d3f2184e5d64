"""Which group and which number each participant has at the start, by the words of a protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Ints, Labels
from antitrypsim.foundations.random import normals
from antitrypsim.protocols import Protocol, measure, noise_of
from antitrypsim.protocols.plannable import COVARIATES, FACTORS, KINDS, MEASURED
from antitrypsim.protocols.strata import bands_of
from antitrypsim.simulation.results import Results

if TYPE_CHECKING:
    import pandas as pd


def number_of(persons: pd.DataFrame, word: str) -> Floats:
    """Return a number that is known of everybody, by the rows of a table of people."""
    if word == "bmi":
        return np.asarray(persons["WEIGHT"] / persons["HEIGHT"] ** 2, dtype=np.float64)
    return persons[COVARIATES[word]].to_numpy(dtype=np.float64)


def seen_of(protocol: Protocol, id: str, visit: str, true: Floats, ids: Ints, seed: int) -> Floats:
    """Return what is measured of people at a visit, ``true`` in the endpoint's unit."""
    (noise,) = (each.noise for each in protocol.assessments if each.endpoint == id)
    z = normals(seed, f"measurement {noise_of(id).draw} {visit}", ids)[:, 0]
    return measure(id, true, z, noise=noise)


def read_at_start(
    protocol: Protocol, word: str, values: Callable[[str], Floats], ids: Ints, seed: int
) -> Floats:
    """Return what is read of a word's endpoint on day 0; ``values`` gives an output on that day."""
    what = endpoint(MEASURED[word])
    visit = protocol.assessment_visits(what.id)[0]
    return seen_of(protocol, what.id, visit, values(what.output) * what.factor, ids, seed)


def groups_used(protocol: Protocol) -> list[str]:
    """Return the strata of a protocol that have to be worked out: bands of numbers.

    Those by airflow whenever FEV1 in percent of predicted is measured on day 0.
    """
    named = [*protocol.stratify_by, *(w for plan in protocol.endpoints.all for w in plan.strata)]
    visits = protocol.assessment_visits(MEASURED["airflow"])
    if visits and protocol.visit_days()[visits[0]] == 0:
        named.append("airflow")
    return [word for word in dict.fromkeys(named) if word not in KINDS]


def group_columns(
    protocol: Protocol,
    words: Iterable[str],
    persons: pd.DataFrame,
    values: Callable[[str], Floats],
    ids: Ints,
    seed: int,
) -> dict[str, Labels]:
    """Return by column the bands that people are in by ``words``; other arguments as ``read_at_start``."""
    found = {}
    for word in words:
        bands = bands_of(protocol, word)
        assert bands is not None
        number = (
            read_at_start(protocol, word, values, ids, seed)
            if word in MEASURED
            else number_of(persons, word)
        )
        # Nothing is read of whom no course could be computed: the last name stands for that.
        found[FACTORS[word]] = np.array([*bands.names, ""], dtype=object)[bands.places(number)]
    return found


def at_start(truth: Results) -> Callable[[str], Floats]:
    """Return a function that gives the true values of an output on day 0."""
    now = int(np.flatnonzero(np.asarray(truth.times) == 0.0)[0])
    return lambda output: truth[output][:, 0, now]
