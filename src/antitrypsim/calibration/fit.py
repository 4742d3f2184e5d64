"""Fit parameter values to calibration targets, all together, by damped Gauss-Newton steps.

The same people's random streams are used at every trial value, so that the difference between two
parameter sets is not drowned by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.target import published_targets
from antitrypsim.calibration.targets import studies
from antitrypsim.evidence import Spread
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.simulation.settings import Settings

Floats = NDArray[np.float64]
# A number that lies at the middle of its bounds cannot be improved; one far outside must not
# drown the others.
_FAR = 6.0


@dataclass(frozen=True)
class Free:
    """A number that a fit may choose: a parameter's value, or its spread between patients."""

    parameter: str
    part: Literal["value", "cv", "sd"] = "value"
    low: float = 0.0
    high: float = np.inf


def with_values(model: Model, free: Sequence[Free], values: Floats) -> Model:
    """Return the model with the free numbers put in."""
    changed = {p.id: p for p in model.parameters}
    for item, value in zip(free, values, strict=True):
        parameter = changed[item.parameter]
        if item.part == "value":
            changed[item.parameter] = replace(parameter, value=float(value))
        else:
            spread: Spread = replace(parameter.between_patients, **{item.part: float(value)})  # type: ignore[arg-type]
            changed[item.parameter] = replace(parameter, between_patients=spread)
    return replace(model, parameters=tuple(changed[p.id] for p in model.parameters))


def start_values(model: Model, free: Sequence[Free]) -> Floats:
    """Return the model's present values of the free numbers."""
    values = []
    for item in free:
        parameter = model.parameter(item.parameter)
        source = parameter if item.part == "value" else parameter.between_patients
        values.append(float(getattr(source, item.part)))
    return np.array(values)


def residuals(
    model: Model, targets: Sequence[str], people: int, seed: int
) -> tuple[Floats, list[str]]:
    """Return each check's distance from the middle of its bounds, in half widths, squeezed beyond six.

    Raises InputError for a target that may not choose values.
    """
    published = published_targets()
    scene = Scene(model, people=people, settings=Settings(seed=seed))
    out, names = [], []
    for id in targets:
        if not published[id].role.startswith("calibrate"):
            raise InputError(
                f"target {id} is for {published[id].role}; only calibrate rows may choose values"
            )
        if "mouse" in published[id].role:
            raise InputError(f"target {id} is of mice; it may not choose a value of people")
        for check in studies()[id](scene):
            distance = _distance(check.value, check.low, check.high)
            out.append(_FAR * np.tanh(distance / _FAR))
            names.append(f"{id} {check.label}")
    return np.array(out), names


def _distance(value: float, low: float, high: float) -> float:
    if not np.isfinite(value):
        return _FAR
    if np.isfinite(low) and np.isfinite(high):
        return 2 * (value - (low + high) / 2) / (high - low)
    if np.isfinite(low):
        return min(0.0, (value - 1.2 * low) / abs(0.2 * low))
    return 0.0


def fit(
    model: Model,
    free: Sequence[Free],
    targets: Sequence[str],
    *,
    people: int = 1000,
    seed: int = SEED,
    rounds: int = 5,
    damping: float = 0.1,
    step: float = 0.12,
    tell: Callable[[str], None] = lambda _: None,
) -> Model:
    """Return the model with fitted numbers; ``step`` is the relative size of a trial difference."""
    x = np.log(start_values(model, free))
    low = np.array([np.log(f.low) if f.low > 0 else -np.inf for f in free])
    high = np.array([np.log(f.high) for f in free])

    def at(point: Floats) -> Floats:
        try:
            return residuals(with_values(model, free, np.exp(point)), targets, people, seed)[0]
        except RunError:
            return np.full(len(best), _FAR) if best is not None else np.zeros(0)

    best: Floats | None = None
    best = at(x)
    for number in range(rounds):
        slopes = np.stack(
            [(at(np.clip(x + step * e, low, high)) - best) / step for e in np.eye(x.size)], axis=1
        )
        improved = False
        for _ in range(4):
            matrix = np.vstack([slopes, np.sqrt(damping) * np.eye(x.size)])
            move = np.linalg.lstsq(matrix, -np.concatenate([best, np.zeros(x.size)]), rcond=None)[0]
            trial = np.clip(x + np.clip(move, -0.6, 0.6), low, high)
            result = at(trial)
            if np.sum(result**2) < np.sum(best**2):
                x, best, improved = trial, result, True
                damping = max(damping / 3, 1e-3)
                break
            damping *= 4
        values = ", ".join(
            f"{f.parameter.split('.')[1]}{'' if f.part == 'value' else ' ' + f.part} {np.exp(v):.4g}"
            for f, v in zip(free, x, strict=True)
        )
        tell(f"round {number + 1}: loss {np.sum(best**2):.2f}; {values}")
        if not improved:
            break
    return with_values(model, free, np.exp(x))
