"""Fit parameter values to calibration targets, all together, by least squares.

The same people's random streams are used at every trial value, so that the difference between two
parameter sets is not drowned by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import TOLERANCE, Scene
from antitrypsim.calibration.target import published_targets
from antitrypsim.calibration.targets import studies
from antitrypsim.documents.faults import unknown
from antitrypsim.evidence import Spread
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.modelling import Model
from antitrypsim.simulation.settings import DEFAULT, Settings

Floats = NDArray[np.float64]
# A number that lies at the middle of its bounds cannot be improved; one far outside must not
# drown the others.
_FAR = 6.0


@dataclass(frozen=True)
class Free:
    """A number that a fit may choose: of a parameter its value, its spread between patients, or how
    closely it goes with the one other that it is correlated with."""

    parameter: str
    part: Literal["value", "cv", "sd", "correlation"] = "value"
    low: float = 0.0
    high: float = np.inf


def with_values(model: Model, free: Sequence[Free], values: Floats) -> Model:
    """Return the model with the free numbers put in."""
    changed = {p.id: p for p in model.parameters}
    for item, value in zip(free, values, strict=True):
        parameter = changed[item.parameter]
        if item.part == "value":
            changed[item.parameter] = replace(parameter, value=float(value))
        elif item.part == "correlation":
            ((other, _),) = parameter.correlated_with
            pair = ((other, float(value)),)
            changed[item.parameter] = replace(parameter, correlated_with=pair)
        else:
            spread: Spread = replace(parameter.between_patients, **{item.part: float(value)})  # type: ignore[arg-type]
            changed[item.parameter] = replace(parameter, between_patients=spread)
    return replace(model, parameters=tuple(changed[p.id] for p in model.parameters))


def start_values(model: Model, free: Sequence[Free]) -> Floats:
    """Return the model's present values of the free numbers."""
    values = []
    for item in free:
        parameter = model.parameter(item.parameter)
        if item.part == "correlation":
            ((_, value),) = parameter.correlated_with
        else:
            source = parameter if item.part == "value" else parameter.between_patients
            value = getattr(source, item.part)
        values.append(float(value))
    return np.array(values)


def residuals(
    model: Model, targets: Sequence[str], people: int, seed: int
) -> tuple[Floats, list[str]]:
    """Return each check's distance from the middle of its bounds, in half widths, squeezed beyond six.

    Raises InputError for a target that may not choose values.
    """
    published = published_targets()
    covered = studies()
    scene = Scene(
        model,
        people=people,
        settings=Settings(seed=seed, tolerance=TOLERANCE),
        among=frozenset().union(*(covered[id].populations for id in targets if id in covered)),
    )
    out, names = [], []
    for id in targets:
        if not published[id].role.startswith("calibrate"):
            raise InputError(
                f"target {id} is for {published[id].role}; only calibrate rows may choose values"
            )
        if "mouse" in published[id].role:
            raise InputError(f"target {id} is of mice; it may not choose a value of people")
        for check in covered[id](scene):
            distance = _distance(check.value, check.low, check.high)
            out.append(_FAR * np.tanh(distance / _FAR))
            names.append(f"{id} {check.label}")
    return np.array(out), names


def _distance(value: float, low: float, high: float) -> float:
    if not np.isfinite(value):
        return _FAR
    if np.isfinite(low) and np.isfinite(high):
        return 2 * (value - (low + high) / 2) / (high - low)
    # Of bounds that are open on one side, a fifth of the bound stands for half a width.
    if np.isfinite(low):
        return min(0.0, (value - low) / (0.2 * abs(low) or 1.0) - 1)
    if np.isfinite(high):
        return max(0.0, (value - high) / (0.2 * abs(high) or 1.0) + 1)
    return 0.0


def fit(
    model: Model,
    free: Sequence[Free],
    targets: Sequence[str],
    *,
    people: int = 1000,
    rounds: int = 5,
    step: float = 0.12,
    settings: Settings = DEFAULT,
) -> Model:
    """Return the model with its free numbers fitted: least squares of the logarithms, within bounds.

    ``people`` a population; ``rounds``, at most how many points are tried (by SciPy's
    ``least_squares``); ``step``, the relative difference from which slopes are taken. Progress is
    told round by round, with the loss as its stage. Raises InputError for a target that is unknown
    or may not choose values, and for what is free: nothing, the same twice, or a number that begins
    outside its bounds.
    """
    from scipy.optimize import least_squares

    _check(model, free, targets, step)
    whole(people, "people", 1)
    whole(rounds, "rounds", 1)
    start = np.log(start_values(model, free))
    bounds = np.array([[_log(f.low), np.log(f.high)] for f in free]).T
    for item, value, low, high in zip(free, start, *bounds, strict=True):
        if not low < value < high:
            raise InputError(
                f"{item.parameter} begins at {np.exp(value):g}, which is not between its bounds "
                f"{item.low:g} and {item.high:g}"
            )

    @lru_cache(maxsize=1)
    def lived(point: tuple[float, ...]) -> Floats:
        changed = with_values(model, free, np.exp(start + np.array(point)))
        try:
            return residuals(changed, targets, people, settings.key)[0]
        except RunError:
            # Nobody who is asked for is met: as far as can be, in every row.
            return np.full(sizes[0], _FAR) if sizes else np.zeros(0)

    sizes: list[int] = []
    sizes.append(len(lived((0.0,) * len(free))))
    tried = 0

    def at(point: Floats) -> Floats:
        nonlocal tried
        found = lived(tuple(point))
        tried += 1
        settings.tell(f"fitting, loss {np.sum(found**2):.2f}", min(tried, rounds), rounds)
        return found

    def slopes(point: Floats) -> Floats:
        here = lived(tuple(point))
        columns = []
        for k, one in enumerate(np.eye(point.size)):
            # Inwards where outwards would pass the bound.
            change = step if point[k] + step <= bounds[1, k] - start[k] else -step
            columns.append((lived(tuple(point + change * one)) - here) / change)
        return np.stack(columns, axis=1)

    found = least_squares(
        at, np.zeros(len(free)), jac=slopes, bounds=bounds - start, max_nfev=rounds
    )
    return with_values(model, free, np.exp(start + found.x))


def _check(model: Model, free: Sequence[Free], targets: Sequence[str], step: float) -> None:
    if not free:
        raise InputError("nothing is free to be fitted; name a parameter")
    _once([f"{item.parameter} ({item.part})" for item in free])
    if not targets:
        raise InputError("nothing is fitted to; name a target such as TGT-02")
    _once(targets)
    for id in targets:
        if id not in published_targets():
            raise InputError(unknown("target", id, tuple(published_targets())))
    if not 0 < step < 1:
        raise InputError(f"a step of {step:g} cannot be; above 0 and below 1 can")
    known = tuple(each.id for each in model.parameters)
    for item in free:
        if item.parameter not in known:
            raise InputError(unknown("parameter", item.parameter, known))
        spread = model.parameter(item.parameter).between_patients
        if item.part in ("cv", "sd") and not getattr(spread, item.part):
            raise InputError(
                f"{item.parameter} has no {item.part} between patients that could be fitted"
            )


def _once(names: Sequence[str]) -> None:
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise InputError(f"{twice} is named twice; name each once")


def _log(value: float) -> float:
    return float(np.log(value)) if value > 0 else -np.inf
