"""Fit what narrows airways, what smoke adds and what ill lungs cost of life, all rows together.

    python validation/fit/airways.py [steps] [people]

Each step is one of SciPy's least squares (antitrypsim.calibration.fit) from where the last ended.
``airways.json`` beside it holds the bounds, the starting values, and of every step the values, the
loss, and each row's distance from the middle of what is accepted, in half widths, squeezed beyond six.
A further call goes on from its last step. The values go into ``parameters.toml`` by hand, with the
round and the behaviours looked at first.
"""

import json
import sys
from pathlib import Path

from antitrypsim.calibration.fit import Free, fit, residuals, start_values, with_values
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

SEED = 20261128
FREE = (
    Free("lung.elastin_attack", low=2e-6, high=6e-6),
    Free("lung.elastin_attack", "cv", low=0.1, high=0.8),
    Free("lung.airway_attack", "correlation", low=0.1, high=0.98),
    Free("lung.airway_attack", low=5e-7, high=1e-5),
    Free("lung.airway_attack", "cv", low=1.5, high=8.0),
    Free("lung.airway_smoking", low=2e-6, high=1.2e-5),
    Free("lung.airway_smoking", "cv", low=0.3, high=2.0),
    Free("lung.smoking_sensitivity", low=0.3, high=4.0),
    Free("lung.airway_resistance", low=0.1, high=1.5),
    Free("lung.airway_years_spread", low=0.6, high=1.8),
    Free("lung.ageing_share", low=0.75, high=1.0),
    Free("events.mortality_lung", low=0.4, high=1.2),
    Free("events.mortality_lung_steepness", low=18.0, high=40.0),
)
TARGETS = tuple(
    f"TGT-{n:02}" for n in (6, 9, 10, 11, 12, 13, 15, 16, 41, 42, 43, 44, 46, 47, 52, 53)
)
KEPT = Path(__file__).with_suffix(".json")


def main(steps: int, people: int) -> None:
    """Take so many steps with so many people a population, and keep each as it is done."""
    model, named = (
        build_model(therapies=("augmentation",)),
        [f"{each.parameter} {each.part}" for each in FREE],
    )
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {"people": people, "steps": []}
    if kept["steps"]:
        last = kept["steps"][-1]["values"]
        model = with_values(model, FREE, [last[name] for name in named])

    def keep() -> None:
        found, rows = residuals(model, TARGETS, people, SEED)
        values = dict(zip(named, map(float, start_values(model, FREE)), strict=True))
        rows = {name: round(float(value), 3) for name, value in zip(rows, found, strict=True)}
        step = {"values": values, "loss": round(float((found**2).sum()), 3), "rows": rows}
        kept["steps"].append(step)
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
        print(f"step {len(kept['steps']) - 1}: loss {step['loss']}", flush=True)

    if not kept["steps"]:
        keep()
    for _ in range(steps):
        model = fit(model, FREE, TARGETS, people=people, rounds=2, settings=Settings(seed=SEED))
        keep()


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:3]) if len(sys.argv) > 2 else (3, 1000))
