"""Live changes of arm: on which days everybody changes, so that the days between can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Floats32, Reals
from antitrypsim.laboratory.arm_changes import ArmChange, Wanted, blend
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import TOLERANCE, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.simulation.switch import holds, switched, turns

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.simulation.people import People
    from antitrypsim.uncertainty.draws import Draws

Read = Callable[[Regimen], Mapping[str, Reals]]

ERROR = 0.01
"""The error of a mean between two days of change that is taken, as a share of the difference."""
MOST = 32
PILOT = 64
_QUARTERS = (1, 2, 3)
_SPLITS = 256


def key(switches: Wanted) -> dict[str, object]:
    """Return what of the wanted changes decides a library; nothing where none is wanted."""
    if not switches.pairs:
        return {}
    return {"switches": [switches.pairs, switches.endpoints, ERROR, MOST, PILOT, _SPLITS]}


@dataclass(frozen=True)
class Lives:
    """Lets people live changes of arm.

    ``regimens``: by arm id. ``days``: from 0 to the end, at which ``endpoints`` are read.
    """

    model: Model
    people: People
    regimens: Mapping[str, Regimen]
    days: Sequence[float]
    endpoints: Sequence[str]
    settings: Settings

    def changes(self, pairs: Sequence[tuple[str, str]]) -> tuple[ArmChange, ...]:
        """Return each pair of arms with the days on which everybody is to change, by trying some."""
        few = self.people.take(np.arange(min(PILOT, len(self.people))))
        found = []
        for k, (before, after) in enumerate(pairs):
            self.settings.tell("choosing days of change", k, len(pairs))
            found.append(chosen(
                self.regimens[before], self.regimens[after], np.array(self.days),
                lambda regimen: {id: v[0] for id, v in self._values(few, regimen, None)[0].items()},
                (before, after),
            ))  # fmt: skip
        self.settings.tell("choosing days of change", len(pairs), len(pairs))
        return tuple(found)

    def lived(
        self, changes: Sequence[ArmChange], people: People | None = None, sets: Draws | None = None
    ) -> dict[str, Floats32]:
        """Return courses under every change, as ``Courses.switched`` keeps them."""
        people = self.people if people is None else people
        found: dict[str, Floats32] = {}
        for k, change in enumerate(changes):
            before, after = self.regimens[change.before], self.regimens[change.after]
            stage = f"changing from {change.before} to {change.after}"
            parts: dict[str, list[Floats32]] = {id: [] for id in (*self.endpoints, "death")}
            for j, day in enumerate(change.nodes):
                self.settings.tell(stage, j, len(change.nodes))
                values, death = self._values(people, switched(before, after, day), sets)
                for id, each in values.items():
                    parts[id].append(each)
                parts["death"].append(death)
            self.settings.tell(stage, len(change.nodes), len(change.nodes))
            found |= {f"{id}-{k}": np.stack(each, axis=2) for id, each in parts.items() if each}
        return found

    def _values(
        self, people: People, regimen: Regimen, sets: Draws | None
    ) -> tuple[dict[str, Floats32], Floats32]:
        """Return values (draws, people, days) by endpoint, and days of death (draws, people, 1)."""
        held = {id: endpoint(id) for id in self.endpoints}
        outputs = list(dict.fromkeys(what.output for what in held.values()))
        values: dict[str, list[Floats32]] = {id: [] for id in held}
        death = []
        for part in simulate(
            self.model, people, regimen, times=self.days, outputs=outputs, draws=sets,
            as_enrolled=sets is not None, settings=self.settings.silent(),
        ):  # fmt: skip
            for id, what in held.items():
                values[id].append((part[what.output] * what.factor).astype(np.float32))
            death.append(part.events["death"][..., :1].astype(np.float32))
        return (
            {id: np.swapaxes(np.concatenate(each), 0, 1) for id, each in values.items()},
            np.swapaxes(np.concatenate(death), 0, 1),
        )


def chosen(
    before: Regimen, after: Regimen, days: Floats, read: Read, names: tuple[str, str]
) -> ArmChange:
    """Return a change with the days on which everybody is to live it.

    ``read`` lets some people live a regimen and returns values (people, days) by endpoint; ``days``
    rise from 0, the last is the end. Days of change are halved where interpolation between them is
    worst, until its error is at most ``ERROR`` or there are ``MOST``.
    """
    end = float(days[-1])
    if holds(before) or holds(after):
        steps, places = None, np.linspace(0.0, end, _SPLITS + 1)
    else:
        steps = tuple(t for t in turns(before, after) if 0 < t < end)
        edges = np.array([0.0, *steps, end])
        places = (edges[:-1] + edges[1:]) / 2
    plain = partial(ArmChange, *names, end, steps)
    last = len(places) - 1
    if last == 0:
        return plain((), 0.0)
    pilot = _Pilot(plain((), 0.0), places, days, before, after, read)
    nodes = [0, last]
    error = {(0, last): pilot.error(0, last)}
    while len(nodes) <= MOST:
        worst = max(error, key=lambda pair: error[pair])
        if error[worst] <= ERROR:
            break
        middle = sum(worst) // 2
        del error[worst]
        for pair in ((worst[0], middle), (middle, worst[1])):
            error[pair] = pilot.error(*pair)
        nodes = sorted({*nodes, middle})
    # Whoever changes at the last place has the course of who never does.
    return plain(tuple(float(places[k]) for k in nodes[:-1]), max(error.values()))


class _Pilot:
    """Some people who change at many places, to see how well the days between can be read."""

    def __init__(
        self, change: ArmChange, places: Reals, days: Reals, before: Regimen, after: Regimen,
        read: Read,
    ) -> None:  # fmt: skip
        self.change, self.places, self.days = change, places, days
        self.before, self.after, self.read = before, after, read
        self.known: dict[int, Mapping[str, Reals]] = {}
        own, first = self.at(len(places) - 1), self.at(0)
        self.scale = {
            id: max(
                _largest(np.sqrt(np.nanmean(np.square(own[id] - first[id]), axis=0))),
                # A difference below what steps are held to is none.
                TOLERANCE / ERROR * _largest(np.nanmean(np.abs(own[id]), axis=0)),
            )
            for id in own
        }  # fmt: skip

    def at(self, k: int) -> Mapping[str, Reals]:
        if k not in self.known:
            last = k == len(self.places) - 1
            day = float(self.places[k])
            regimen = self.before if last else switched(self.before, self.after, day)
            self.known[k] = self.read(regimen)
        return self.known[k]

    def error(self, left: int, right: int) -> float:
        """Return the largest error of a mean at the quarters between two places."""
        worst = 0.0
        between = {left + (right - left) * q // (1 + len(_QUARTERS)) for q in _QUARTERS}
        for k in between - {left, right}:
            day = self.places[k]
            seen, one, two = self.at(k), self.at(left), self.at(right)
            for id, true in seen.items():
                place = np.full(len(true), day)
                ends = np.minimum(self.places[right], self.change.place(self.days))[None]
                told = blend(place, self.places[left], ends, one[id], two[id])
                told = np.where(day >= self.days, true, told)
                off = np.abs(np.nanmean(told - true, axis=0))
                worst = max(worst, _largest(off) / self.scale[id])
        return worst


def _largest(values: Reals) -> float:
    return float(np.nanmax(values, initial=0.0)) or 1e-300
