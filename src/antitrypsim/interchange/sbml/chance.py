"""Chance events: when a person's own random streams have them happen."""

from __future__ import annotations

from typing import Any

import numpy as np

from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.sbml.events import counter, event
from antitrypsim.interchange.sbml.formulas import formula, looked_up
from antitrypsim.interchange.sbml.names import Names
from antitrypsim.modelling import Model
from antitrypsim.modelling.model import HazardLine
from antitrypsim.simulation.chance import thresholds_of
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.uncertainty.draws import ParameterSet

_MORE = 8


def thresholds_until(
    model: Model, person: People, regimen: Regimen, years: float, draws: ParameterSet | None
) -> tuple[Floats, ...]:
    """Return for each hazard the unit exponentials that the person uses, and eight more."""
    found = simulate_all(model, person, regimen, times=[years * YEAR], outputs=(), draws=draws)
    used = [int(np.isfinite(found.events[line.name]).sum()) for line in model.hazards]
    blocks = 1
    while True:
        whole = thresholds_of(model, person.seed, person.ids, blocks)[0]
        most = whole.shape[1]
        if most >= max(used, default=0) + _MORE:
            break
        blocks *= 4
    return tuple(
        row[: 1 if line.ends else count + _MORE]
        for row, line, count in zip(whole, model.hazards, used, strict=True)
    )


def write_chance(sbml: Any, names: Names, line: HazardLine, thresholds: Floats) -> None:
    """Write a hazard as an event: at its next unit exponential it happens, and begins anew."""
    stem = names.new(f"happens_{line.name}")
    done = names.new(f"{stem}_done")
    counter(sbml, done, f"how often {line.meaning} has happened", 0.0)
    hazard = names.moving[line.accumulator.name]
    limit = looked_up(done, [float(t) for t in thresholds])
    changed = {
        names.moving[state.name]: f"{names.moving[state.name]} + {formula(jump, names)}"
        for state, jump in line.jumps
    }
    changed |= {hazard: "0", done: f"{done} + 1"}
    when = f"({hazard} >= {limit}) && ({done} < {len(thresholds)})"
    event(sbml, stem, line.name, when, changed, 1)
