"""What a large trial's tables say in sum, read part by part; the same bits however it is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import Protocol
from antitrypsim.statistics.exact import Moments
from antitrypsim.trials.plans import mean_row

if TYPE_CHECKING:
    import pandas as pd

SPREAD = (0.05, 0.5, 0.95)
"""The quantiles that are told of what was measured."""
Cell = tuple[str, str, str]
"""Endpoint, visit and arm."""


def cells(protocol: Protocol) -> Iterator[Cell]:
    """Return every endpoint, visit and arm that is measured, in the order of a trial's rows."""
    for assessment in protocol.assessments:
        if endpoint(assessment.endpoint).kind != "measurement":
            continue
        for visit in protocol.assessment_visits(assessment.endpoint):
            for arm in sorted(protocol.arms, key=lambda each: each.id):
                yield assessment.endpoint, visit, arm.id


class Sums:
    """Means and SDs of what was measured, and counts of what happened, as parts are added."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._measured: dict[Cell, Moments] = {cell: Moments() for cell in cells(protocol)}
        self._years = {arm.id: Moments() for arm in protocol.arms}
        self._people = {arm.id: 0 for arm in protocol.arms}
        self._ended: dict[tuple[str, str], int] = {}
        self._events: dict[tuple[str, str], list[int]] = {}

    def add(self, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame) -> None:
        """Count the tables of a part in."""
        groups = visits.groupby(["ENDPOINT", "AVISIT", "ARM"], observed=True, sort=False)["AVAL"]
        for (id, visit, arm), values in groups:
            self._measured[str(id), str(visit), str(arm)].add(values.to_numpy())
        for arm, days in people.groupby("ARM", observed=True)["EOSDY"]:
            self._people[str(arm)] += len(days)
            self._years[str(arm)].add(days.to_numpy() / YEAR)
        for (arm, how), ended in people.groupby(["ARM", "EOSSTT"], observed=True)["USUBJID"]:
            key = (str(arm), str(how))
            self._ended[key] = self._ended.get(key, 0) + len(ended)
        for (arm, event), who in events.groupby(["ARM", "EVENT"], observed=True)["USUBJID"]:
            found = self._events.setdefault((str(event), str(arm)), [0, 0])
            found[0] += len(who)
            # A participant is in one part, so that nobody is counted twice.
            found[1] += int(who.nunique())

    def counts(self) -> dict[Cell, int]:
        """Return how many numbers there are of each endpoint, visit and arm."""
        return {cell: found.count for cell, found in self._measured.items()}

    def mean_rows(self) -> list[Plain]:
        """Return the rows of means by visit, as a trial's."""
        return [
            mean_row(*cell, found.count, found.mean, found.sd)
            for cell, found in self._measured.items()
            if found.count
        ]

    def to_dict(self, quantiles: Iterable[tuple[Cell, Floats]]) -> Plain:
        """Return plain data: measured values with their ``quantiles``, ends and events by arm."""
        return {
            "measured": [
                {"endpoint": cell[0], "visit": cell[1], "arm": cell[2],
                 "unit": endpoint(cell[0]).unit, "n": self._measured[cell].count,
                 "mean": self._measured[cell].mean, "sd": self._measured[cell].sd,
                 "p05": found[0], "median": found[1], "p95": found[2]}
                for cell, found in ((c, [float(x) for x in q]) for c, q in quantiles)
            ],
            "arms": [
                {"arm": arm, "participants": count,
                 "years": count * self._years[arm].mean if count else 0.0,
                 **{how.lower(): self._ended.get((arm, how), 0)
                    for how in ("COMPLETED", "DISCONTINUED", "DIED")}}
                for arm, count in self._people.items()
            ],
            "events": [
                {"event": event, "arm": arm, "events": found[0], "participants": found[1]}
                for (event, arm), found in sorted(self._events.items())
            ],
        }  # fmt: skip
