"""What is read off the same people under several arms, draw by draw, without keeping every course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.results import Results
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol

Floats = NDArray[np.float64]
Pair = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class TrialReading:
    """One number of a person: a value or its change per year by ``day``, or a rate of events.

    ``output`` is empty for a rate, which is that of ``process``, from day 0 to the end or death.
    """

    endpoint: str
    title: str
    unit: str
    kind: Literal["value", "slope", "rate"]
    visit: str | None
    day: float
    output: str = ""
    factor: float = 1.0
    process: str = ""
    better: str = ""
    primary: bool = False


def readings_of(protocol: Protocol, processes: Sequence[str]) -> tuple[TrialReading, ...]:
    """Return the primary reading, then what is measured at each full year and last, then events.

    ``processes`` are the event processes of the model that runs.
    """
    plan = protocol.endpoints.primary
    days = protocol.visit_days()
    found = [_primary(protocol)]
    for id in dict.fromkeys(a.endpoint for a in protocol.assessments):
        what = endpoint(id)
        if what.kind != "measurement":
            continue
        visits = [v for v in protocol.assessment_visits(id) if days[v] > 0]
        for visit in visits:
            if visit == visits[-1] or _full_years(days[visit]):
                found.append(_value(id, visit, days[visit]))
    found = [r for k, r in enumerate(found) if k == 0 or _place(r) != _place(found[0])]
    besides = plan.endpoint if found[0].kind == "rate" else ""
    return (*found, *_rates(protocol, processes, besides))


def _place(reading: TrialReading) -> tuple[str, str, str | None]:
    return reading.endpoint, reading.kind, reading.visit


def _full_years(day: float) -> bool:
    years = day / YEAR
    return round(years) >= 1 and abs(years - round(years)) < 0.05


def _primary(protocol: Protocol) -> TrialReading:
    plan, days = protocol.endpoints.primary, protocol.visit_days()
    what = endpoint(plan.endpoint)
    if what.kind != "measurement":
        return _rate(plan.endpoint, what.title, what.output, protocol.length_days, primary=True)
    visit = plan.visit or protocol.assessment_visits(what.id)[-1]
    kind: Literal["value", "slope"] = "slope" if ANALYSES[plan.analysis].per_year else "value"
    return _value(what.id, visit, days[visit], kind=kind, primary=True)


def _value(
    id: str,
    visit: str,
    day: float,
    kind: Literal["value", "slope"] = "value",
    primary: bool = False,
) -> TrialReading:
    what = endpoint(id)
    unit = "" if what.unit == "1" else what.unit
    per = f"{unit} per year".strip() if kind == "slope" else unit
    return TrialReading(id, what.title, per, kind, visit, day, what.output, what.factor,
                   better=what.better, primary=primary)  # fmt: skip


def _rate(id: str, title: str, process: str, end: float, primary: bool = False) -> TrialReading:
    return TrialReading(id, title, "per person-year", "rate", None, end, process=process,
                   better="lower", primary=primary)  # fmt: skip


def _rates(protocol: Protocol, processes: Sequence[str], besides: str) -> list[TrialReading]:
    end = protocol.length_days
    known = {e.output: e for e in ENDPOINTS.values() if e.kind != "measurement"}
    found = []
    for process in sorted(processes, key="death".__eq__):
        what = known.get(process)
        id = what.id if what else process
        title = what.title if what else process.replace("_", " ").capitalize()
        # What a composite counts is read by itself already.
        if id != besides and not (what and what.first_of):
            found.append(_rate(id, title, process, end))
    return found


class ReadingSums:
    """Means over people by draw, and every person's own reading, of arms and of pairs of arms."""

    def __init__(
        self, readings: tuple[TrialReading, ...], pairs: tuple[Pair, ...], end: float, draws: int
    ) -> None:
        self.readings = readings
        self.pairs = pairs
        self.end = end
        self.draws = draws
        self._total: dict[tuple[TrialReading, Pair], Floats] = {}
        self._count: dict[tuple[TrialReading, Pair], Floats] = {}
        self._events: dict[tuple[TrialReading, str], Floats] = {}
        self._exposure: dict[str, Floats] = {}
        self._own: dict[tuple[TrialReading, Pair], list[Floats]] = {}

    def add(self, chunk: Mapping[str, Results]) -> None:
        """Add some people: their results under every arm."""
        lived = {arm: self._lived(results) for arm, results in chunk.items()}
        for arm, days in lived.items():
            self._exposure[arm] = self._exposure.get(arm, 0.0) + days.sum(axis=0) / YEAR
        for reading in self.readings:
            if reading.kind == "rate":
                self._add_events(reading, chunk, lived)
            else:
                self._add_values(reading, chunk)

    def _lived(self, results: Results) -> Floats:
        death = results.events["death"][:, :, 0]
        return np.where(death <= self.end, death, self.end)

    def _add_values(self, reading: TrialReading, chunk: Mapping[str, Results]) -> None:
        change = {arm: _change(reading, results) for arm, results in chunk.items()}
        value = {arm: _at(reading, results, reading.day) for arm, results in chunk.items()}
        for pair in self.pairs:
            arm, reference = pair
            values = change[arm]
            if reference is not None:
                read = change if reading.kind == "slope" else value
                values = read[arm] - read[reference]
            there = np.isfinite(values)
            key = reading, pair
            self._total[key] = self._total.get(key, 0.0) + np.where(there, values, 0.0).sum(axis=0)
            self._count[key] = self._count.get(key, 0.0) + there.sum(axis=0)
            self._keep(key, values)

    def _add_events(
        self, reading: TrialReading, chunk: Mapping[str, Results], lived: Mapping[str, Floats]
    ) -> None:
        counts = {}
        for arm, results in chunk.items():
            days = results.events[reading.process]
            counts[arm] = np.sum((days > 0) & (days <= lived[arm][..., None]), axis=2)
            key = reading, arm
            self._events[key] = self._events.get(key, 0.0) + counts[arm].sum(axis=0)
        for pair in self.pairs:
            arm, reference = pair
            own = counts[arm] / lived[arm]
            if reference is not None:
                own = own - counts[reference] / lived[reference]
            self._keep((reading, pair), own * YEAR)

    def _keep(self, key: tuple[TrialReading, Pair], values: Floats) -> None:
        # Of many draws, only the primary reading is needed person by person.
        if self.draws == 1 or key[0].primary:
            self._own.setdefault(key, []).append(values)

    def told(self, reading: TrialReading, pair: Pair) -> bool:
        """Whether there is anything to tell: a value, an arm's events, or half an event of effect."""
        if reading.kind != "rate":
            return bool(np.any(self._count[reading, pair] > 0))
        return bool(np.any(self.clear(reading, pair, self.means(reading, pair))))

    def clear(self, reading: TrialReading, pair: Pair, means: Floats) -> NDArray[np.bool_]:
        """Return in which draws the mean is an effect that can be told.

        Of a value by half of the endpoint's last decimal; of events half of one or more, since
        rates differ a little where only the time at risk does.
        """
        if reading.kind != "rate":
            with np.errstate(invalid="ignore"):
                return np.asarray(np.abs(means) >= endpoint(reading.endpoint).least)
        return np.asarray(np.abs(means) * self._exposure[pair[0]] >= 0.5)

    def means(self, reading: TrialReading, pair: Pair) -> Floats:
        """Return the mean over people of each draw, NaN where nobody is alive to tell."""
        if reading.kind == "rate":
            arm, reference = pair
            rate = self._events[reading, arm] / self._exposure[arm]
            if reference is not None:
                rate = rate - self._events[reading, reference] / self._exposure[reference]
            return np.asarray(rate)
        count = self._count[reading, pair]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(count > 0, self._total[reading, pair] / count, np.nan))

    def own(self, reading: TrialReading, pair: Pair) -> Floats:
        """Return every person's own reading, shape (people, draws)."""
        return np.concatenate(self._own[reading, pair])

    def noise(self, reading: TrialReading, pair: Pair) -> float:
        """Return the variance that each draw's mean has from chance, people being finitely many.

        Taken from how persons and draws do not add up; what people truly differ in is in it too.
        """
        own = self.own(reading, pair)
        n, draws = own.shape
        if n < 2 or draws < 2:
            return 0.0
        left = own - own.mean(axis=0) - own.mean(axis=1)[:, None] + own.mean()
        return float(np.sum(left**2) / ((n - 1) * (draws - 1)) / n)


def _at(reading: TrialReading, results: Results, day: float) -> Floats:
    at = list(results.times).index(day)
    return np.asarray(results[reading.output][:, :, at] * reading.factor)


def _change(reading: TrialReading, results: Results) -> Floats:
    """Return each person's change since day 0, per year for a slope, shape (people, draws)."""
    change = _at(reading, results, reading.day) - _at(reading, results, 0.0)
    return change / (reading.day / YEAR) if reading.kind == "slope" else change
