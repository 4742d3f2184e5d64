"""The same people under every arm that is claimed about and untreated, for any unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import endpoint
from antitrypsim.evidence import Parameter
from antitrypsim.experiments.counterfactual import Experiment
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.units import WEEK
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.results import Results
from antitrypsim.uncertainty.draws import Draws

if TYPE_CHECKING:
    from antitrypsim.protocols.parts import Claimed

_RATE = "events.exacerbation_rate"
_AT_ONCE = 512

Floats = NDArray[np.float64]


class ClaimSimulation:
    """Runs unknowns, given as scores (rows, unknowns), and tells each claim's gain and change.

    ``typical`` holds what typical values give, shape (claims,
    2); ``toward`` is 1 for a claim that more reaches as well, -1 for one that less does.
    """

    def __init__(self, protocol: Protocol, here: Experiment) -> None:
        self.here, self.model = here, here.model
        self.claimed: Sequence[Claimed] = protocol.claimed
        self.toward = [toward(one) for one in self.claimed]
        self.unknown = [
            k
            for k, parameter in enumerate(self.model.parameters)
            if parameter.uncertainty.sd or parameter.uncertainty.cv
        ]
        regimens = protocol.regimens(self.model)
        self._regimens = {one.arm: regimens[one.arm] for one in self.claimed}
        self._visits, self._end = protocol.visit_days(), protocol.length_days
        times = {0.0, *(self.day(one) for one in self.claimed)}
        if any(one.visit is None for one in self.claimed):
            times |= set(np.arange(0.0, self._end, WEEK))
        self._times = sorted(times)
        self._outputs = sorted({_output(one) for one in self.claimed})
        self._levels = [0.0] * len(self.claimed)
        base = self._both(self._draws(np.zeros((1, len(self.unknown)))))
        assert base is not None
        untreated = base[0]
        for c, one in enumerate(self.claimed):
            if one.measure == "level":
                level = self._values(untreated, one)[:, 0, self._at(one)]
                self._levels[c] = float(np.nanmean(level))
        self.typical = self._told(base)[0]

    def day(self, one: Claimed) -> float:
        """Return the day on which a claim is to hold; the end of the trial for events."""
        return self._end if one.visit is None else self._visits[one.visit]

    def parameter(self, k: int) -> Parameter:
        """Return the parameter of an unknown."""
        return self.model.parameters[self.unknown[k]]

    def gaps(self, scores: Floats) -> Floats:
        """Return by how much the gain lies beyond each claim, shape (rows, claims)."""
        gains = self.results(self._draws(scores))[:, :, 0]
        values = np.array([one.value for one in self.claimed])
        return np.asarray(np.array(self.toward) * (gains - values))

    def results(self, draws: Draws) -> Floats:
        """Return gain and change for each draw and claim, shape (draws, claims, 2)."""
        parts = [
            self._safely(draws.take(slice(first, first + _AT_ONCE)))
            for first in range(0, len(draws), _AT_ONCE)
        ]
        return np.concatenate(parts)

    def _draws(self, scores: Floats) -> Draws:
        columns = [np.full(len(scores), p.value) for p in self.model.parameters]
        for k, at in enumerate(self.unknown):
            p = self.model.parameters[at]
            columns[at] = p.uncertainty.transform(p.value, scores[:, k])
        return Draws(self.model.parameter_names, np.stack(columns, axis=1))

    def _safely(self, draws: Draws) -> Floats:
        """Return the results, NaN for draws so far out that a course cannot be integrated."""
        try:
            return self._told(self._both(draws))
        except RunError:
            if len(draws) == 1:
                return np.full((1, len(self.claimed), 2), np.nan)
            half = len(draws) // 2
            return np.concatenate(
                [
                    self._safely(draws.take(slice(None, half))),
                    self._safely(draws.take(slice(half, None))),
                ]
            )

    def _both(self, draws: Draws) -> tuple[Results, dict[str, Results]]:
        here = replace(self.here, draws=draws, drawn_people=len(self.here.people))

        def lived(regimen: Regimen) -> Results:
            asked = here.lives(regimen, times=self._times, outputs=self._outputs, drawn=True)
            return Results.join(asked)

        return lived(Regimen()), {arm: lived(regimen) for arm, regimen in self._regimens.items()}

    def _at(self, one: Claimed) -> int:
        return self._times.index(self.day(one))

    def _values(self, results: Results, one: Claimed) -> Floats:
        what = endpoint(one.endpoint)
        if what.kind == "count":
            return np.asarray(results[_RATE])
        return np.asarray(results[what.output] * what.factor)

    def _told(self, lived: tuple[Results, dict[str, Results]]) -> Floats:
        untreated, arms = lived
        parts = []
        for c, one in enumerate(self.claimed):
            plain, own = self._values(untreated, one), self._values(arms[one.arm], one)
            parts.append(self._result(c, one, plain, own))
        return np.stack(parts, axis=1)

    def _result(self, c: int, one: Claimed, plain: Floats, own: Floats) -> Floats:
        """Return gain and change of one claim, shape (draws, 2); of those alive under both."""
        with np.errstate(invalid="ignore"):
            if one.visit is None:
                alive = np.isfinite(plain) & np.isfinite(own)
                rates = [np.sum(np.where(alive, x, 0.0), axis=(0, 2)) for x in (own, plain)]
                percent = 100 * (rates[0] / rates[1] - 1)
                return np.stack([percent, percent], axis=1)
            at = self._at(one)
            before, without, treated = plain[:, :, 0], plain[:, :, at], own[:, :, at]
            without = np.where(np.isfinite(treated), without, np.nan)
            treated = np.where(np.isfinite(without), treated, np.nan)
            scale = 100 / before if one.measure == "relative change" else np.ones_like(before)
            gain = np.nanmean(scale * (treated - without), axis=0)
            if one.measure == "level":
                return np.stack([self._levels[c] + gain, np.nanmean(treated, axis=0)], axis=1)
            return np.stack([gain, np.nanmean(scale * (treated - before), axis=0)], axis=1)


def _output(one: Claimed) -> str:
    return _RATE if one.visit is None else endpoint(one.endpoint).output


def toward(one: Claimed) -> float:
    """Return 1 where more reaches the claim as well, -1 where less does."""
    if one.measure == "level":
        return 1.0 if endpoint(one.endpoint).better == "higher" else -1.0
    return 1.0 if one.value > 0 else -1.0
