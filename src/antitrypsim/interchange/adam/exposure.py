"""ADEX: what each participant was given, a row for each product, amount and stretch of time."""

from __future__ import annotations

import math

from antitrypsim.interchange.adam.spec import Column, Dataset, Variable, dataset
from antitrypsim.interchange.adam.subjects import STUDY_DAY, Conducted, about, study_day
from antitrypsim.interchange.amounts import unit_of
from antitrypsim.interchange.synthetic import SYNTHETIC
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.switch import switched

_Row = tuple[str, str, float, str, float, int, float, float]
"""Product, route, amount, unit, sum, number of doses, first and last time."""


def adex(run: Conducted) -> Dataset | None:
    """Return what was given until each participant died, left or finished; None where nothing was.

    Of a level that is held, the amount is the level and there is no number of doses.
    """
    people = run.participants
    # A participant's number stands at the end of USUBJID.
    places = [int(id.rpartition("-")[2]) - 1 for id in people["USUBJID"]]
    regimens = run.protocol.regimens_of(places)
    ids: list[str] = []
    rows: list[_Row] = []
    for k, (id, arm, end) in enumerate(
        zip(people["USUBJID"], people["ARM"], people["EOSDY"], strict=True)
    ):
        planned = regimens[arm]
        own = _given(planned if isinstance(planned, Regimen) else planned[k], float(end))
        ids += [id] * len(own)
        rows += own
    if not rows:
        return None
    product, route, amount, unit, total, number, first, last = zip(*rows, strict=True)
    columns: list[Column] = [
        *about(run, ids),
        (Variable("EXSEQ", "Sequence Number", "integer"), _sequence(ids)),
        (Variable("EXTRT", "Name of Treatment", listed=True), product),
        (Variable("EXROUTE", "Route of Administration", listed=True), route),
        (Variable("EXDOSE", "Dose per Administration", "float"), amount),
        (Variable("EXDOSU", "Dose Units", listed=True), unit),
        (Variable("EXNUM", "Number of Doses", "integer"),
         [math.nan if n == 0 else n for n in number]),
        (Variable("EXCUM", "Cumulative Dose", "float", "EXDOSE times EXNUM"), total),
        (Variable("ASTDY", "Analysis Start Relative Day", "integer", STUDY_DAY), study_day(first)),
        (Variable("AENDY", "Analysis End Relative Day", "integer", STUDY_DAY), study_day(last)),
        (Variable("ASTTIME", "Days to Start, Not Rounded", "float"), first),
        (Variable("AENTIME", "Days to End, Not Rounded", "float"), last),
    ]  # fmt: skip
    return dataset(
        "ADEX", f"{SYNTHETIC}: ADEX", "ADAM OTHER",
        "One record per subject, product, amount and stretch of time",
        ("STUDYID", "USUBJID", "EXSEQ"), columns,
    )  # fmt: skip


def _given(regimen: Regimen, end: float) -> list[_Row]:
    """Return what a regimen gives before ``end``, by its first time."""
    known = known_doses()
    found: list[_Row] = []
    # What still runs in at the end is given up to it.
    for record in switched(regimen, Regimen(), end).doses:
        times = record.times
        if times:
            product, _, route = record.dose.partition("/")
            unit = unit_of(known[record.dose].unit, record.by_weight)
            total = record.amount * len(times)
            found.append(
                (
                    product,
                    route,
                    record.amount,
                    unit,
                    total,
                    len(times),
                    min(times),
                    max(times) + record.duration,
                )
            )
    holders = {d.holds.name: d for d in known.values() if d.holds is not None}
    for level in regimen.levels:
        if level.start < end:
            dose = holders[level.input]
            found.append(
                (dose.product, dose.route, level.value, dose.unit, math.nan, 0, level.start,
                 min(level.end, end))
            )  # fmt: skip
    return sorted(found, key=lambda row: (row[6], row[0], row[1], row[2]))


def _sequence(ids: list[str]) -> list[int]:
    counts: dict[str, int] = {}
    found = []
    for id in ids:
        counts[id] = counts.get(id, 0) + 1
        found.append(counts[id])
    return found
