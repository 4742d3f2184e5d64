"""A part of a large trial: the people of some neighbouring places, and what they live under every arm.

A place's person does not depend on how many places there are, so the parts of a trial are its people
cut into pieces. Who is in which arm is known once everybody's strata are; a part therefore keeps every
course, and its tables follow from it and the arms.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Ints, Labels, Mask
from antitrypsim.foundations.plain import Plain, plain
from antitrypsim.modelling import Model
from antitrypsim.populations.cohorts import cohort_places
from antitrypsim.protocols import Protocol
from antitrypsim.protocols.plannable import FACTORS
from antitrypsim.simulation.people import People
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import own_parameters
from antitrypsim.trials.randomisation import strata_of
from antitrypsim.trials.tables import (
    days_kept,
    event_table,
    participant_table,
    person_table,
    treat,
    visit_table,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FAILED = "FAILED"
"""The column that says, of whom a course could not be integrated, in which arm and with which parameters."""


@dataclass(frozen=True, eq=False)
class LivedPart:
    """``table``: one row a place; ``enrolled``: who was met and left; ``failed``: who is named.

    Columns of the table: PLACE (from 0), ID, who they are, FAILED, and by arm lists of days or
    values: 'arm/output' at the days kept, 'arm/process' for events.
    """

    table: pa.Table
    enrolled: Plain
    failed: tuple[Plain, ...]

    def leaves(self) -> list[bytes]:
        """Return a hash of each row, the same whichever part the row is in."""
        return row_leaves(self.table)


def row_leaves(table: pa.Table) -> list[bytes]:
    """Return a hash of each row of a table, whatever the rows beside it are."""
    pieces = [_bytes_of(table.column(k)) for k in range(table.num_columns)]
    names = json.dumps(table.column_names).encode()
    return [hashlib.sha256(names + b"\0".join(row)).digest() for row in zip(*pieces, strict=True)]


def live_part(
    protocol: Protocol,
    model: Model,
    first: int,
    count: int,
    *,
    settings: Settings = DEFAULT,
) -> LivedPart:
    """Enrol ``count`` places from number ``first`` on and let their people live every arm.

    Of their courses only what the protocol assesses is kept. A person whose course cannot be integrated under any arm is named, and is in none of the tables.
    Raises as ``cohort_places``.
    """
    cohort = cohort_places(model, protocol.population, first, count, settings=settings)
    people = cohort.people
    outputs = sorted(
        {
            what.output
            for each in protocol.assessments
            if (what := endpoint(each.endpoint)).kind == "measurement"
        }
    )
    truth = treat(
        protocol, model, people, outputs=outputs, places=np.arange(first, first + len(people)),
        keep_failed=True, settings=settings,
    )  # fmt: skip
    broken = {arm: each.status[:, 0] > 1 for arm, each in truth.items()}
    own = own_parameters(model, people) if any(mask.any() for mask in broken.values()) else {}
    named: list[Plain] = [
        {"place": first + int(row), "person": int(people.ids[row]),
         "arms": [arm for arm, mask in broken.items() if mask[row]],
         "parameters": {name: plain(float(values[row])) for name, values in own.items()}}
        for row in np.flatnonzero(np.any(list(broken.values()), axis=0))
    ]  # fmt: skip
    before = [] if cohort.failed is None else _failed_before(model, cohort.failed)
    enrolled = {"met": cohort.met, "left": cohort.left, "failing": cohort.failing}
    if cohort.lives:
        # What the cache looked like before is no part of the result, whose bytes would differ by it.
        enrolled |= {"lives": cohort.lives, "anew": cohort.anew}
    table = _table(
        protocol, people, first, truth, {one["place"] - first: one for one in named}, settings.key
    )
    return LivedPart(table, enrolled, (*before, *named))


def _failed_before(model: Model, people: People) -> list[Plain]:
    own = own_parameters(model, people)
    return [
        {"place": None, "person": int(id), "arms": [],
         "parameters": {name: plain(float(values[row])) for name, values in own.items()}}
        for row, id in enumerate(people.ids)
    ]  # fmt: skip


def _table(
    protocol: Protocol,
    people: People,
    first: int,
    truth: Mapping[str, Results],
    failed: Mapping[int, Plain],
    seed: int,
) -> pa.Table:
    import pyarrow as pa

    n = len(people)
    columns: dict[str, pa.Array] = {
        "PLACE": pa.array(np.arange(first, first + n)),
        "ID": pa.array(people.ids),
    }
    persons = person_table(people)
    for name, values in persons.drop(columns="USUBJID").items():
        columns[str(name)] = pa.array(values)
    for word, labels in strata_of(protocol, persons, truth, people.ids, seed).items():
        columns[FACTORS[word]] = pa.array(labels)
    said = [json.dumps(failed[k], sort_keys=True) if k in failed else None for k in range(n)]
    columns[FAILED] = pa.array(said, type=pa.string())
    for arm, results in truth.items():
        for output in results.outputs:
            course = results[output][:, 0]
            columns[f"{arm}/{output}"] = _lists(course, np.ones(course.shape, dtype=bool))
        for process, days in results.events.items():
            columns[f"{arm}/{process}"] = _lists(days[:, 0], np.isfinite(days[:, 0]))
    return pa.table(columns)


def _lists(values: Floats, kept: Mask) -> pa.ListArray:
    import pyarrow as pa

    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values[kept]))


def _bytes_of(column: pa.ChunkedArray) -> list[bytes]:
    """Return the content of each row of a column, whatever the rows beside it are."""
    import pyarrow as pa

    whole = column.combine_chunks()
    if pa.types.is_list(whole.type):
        flat, offsets = whole.values.to_numpy(), whole.offsets.to_numpy()
        return [b"[" + flat[a:b].tobytes() for a, b in pairwise(offsets)]
    if pa.types.is_string(whole.type) or pa.types.is_large_string(whole.type):
        return [b"" if each is None else b"=" + each.encode() for each in whole.to_pylist()]
    numbers = whole.to_numpy(zero_copy_only=False)
    return [each.tobytes() for each in numbers]


@dataclass(frozen=True, eq=False)
class PartTables:
    """The tables of some places of a trial, as a ``Trial`` has them for all."""

    participants: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame


def strata_columns(protocol: Protocol) -> dict[str, str]:
    """Return the column of a lived part that holds each factor of the randomisation."""
    return {factor: FACTORS[factor] for factor in protocol.stratify_by}


def part_tables(protocol: Protocol, table: pa.Table, arms: Labels, seed: int) -> PartTables:
    """Return the tables of a lived part whose places are in these ``arms``; who failed is in none."""
    import pyarrow.compute as pc

    kept = pc.is_null(table.column(FAILED)).to_numpy()
    table, arms = table.filter(kept), arms[kept]
    ids, places = (np.asarray(table.column(name)) for name in ("ID", "PLACE"))
    truth = _truth(protocol, table, ids)
    own = table.column_names[: table.column_names.index(FAILED)]
    persons = table.select(own).drop_columns(["ID", "PLACE"]).to_pandas()
    persons.insert(0, "USUBJID", "")
    people = participant_table(protocol, persons, ids, places, arms, truth, seed)
    visits = visit_table(protocol, ids, arms, truth, people, seed)
    return PartTables(people, visits, event_table(arms, truth, people))


def _truth(protocol: Protocol, table: pa.Table, ids: Ints) -> dict[str, Results]:
    days = np.array(days_kept(protocol))
    found: dict[str, Results] = {}
    for arm in protocol.arms:
        lists = {
            name.partition("/")[2]: table.column(name).combine_chunks()
            for name in table.column_names
            if name.startswith(f"{arm.id}/")
        }
        # What a process is called has no full stop, and an output is 'module.name'.
        outputs = tuple(name for name in lists if "." in name)
        values = [np.empty((len(ids), days.size, 0))]
        values += [_ragged(lists[name], days.size)[:, :, None] for name in outputs]
        found[arm.id] = Results(
            ids=ids,
            times=days,
            outputs=outputs,
            values=np.concatenate(values, axis=2)[:, None],
            events={k: _ragged(v, 1)[:, None] for k, v in lists.items() if k not in outputs},
            status=np.zeros((len(ids), 1), dtype=np.int8),
            provenance={},
        )
    return found


def _ragged(lists: pa.ListArray, least: int) -> Floats:
    """Return lists as rows of one array of at least so many columns, NaN padded."""
    flat, offsets = lists.values.to_numpy(zero_copy_only=False), lists.offsets.to_numpy()
    lengths = np.diff(offsets)
    out = np.full((lengths.size, max(least, int(lengths.max(initial=0)))), np.nan)
    rows = np.repeat(np.arange(lengths.size), lengths)
    at = np.arange(offsets[0], offsets[-1])
    out[rows, at - np.repeat(offsets[:-1], lengths)] = flat[at]
    return out
