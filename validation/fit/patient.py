"""Fit lung, liver and what they cost of life to their targets, all rows together, and keep every step.

    python validation/fit/patient.py fit [steps] [people]
    python validation/fit/patient.py rows [people]

``patient.json`` beside it holds the steps that led to today's values: what each changed and why, all
free values, the loss, and each row's distance from the middle of what is accepted, in half widths,
squeezed beyond six. ``fit`` takes further ones by SciPy's least squares (antitrypsim.calibration.fit)
from where the last ended; ``rows`` reckons the rows of all steps anew with today's equations. The
values go into ``parameters.toml`` by hand, with the round and the behaviours looked at first.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from antitrypsim.calibration.fit import Free, fit, residuals, start_values, with_values
from antitrypsim.populations.numbers import population_parameters
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

SEED = 20261128
FREE = (
    Free("lung.elastin_attack", low=2e-6, high=6e-6),
    Free("lung.elastin_attack", "cv", low=0.1, high=0.8),
    Free("lung.airway_attack", "correlation", low=0.1, high=0.98),
    Free("lung.airway_attack", low=5e-8, high=1e-5),
    Free("lung.airway_attack", "cv", low=1.0, high=12.0),
    Free("lung.airway_smoking", low=2e-7, high=1.2e-5),
    Free("lung.airway_smoking", "cv", low=0.3, high=2.0),
    Free("lung.smoking_sensitivity", low=0.3, high=4.0),
    Free("lung.airway_resistance", low=0.03, high=1.5),
    Free("lung.airway_progression", low=0.02, high=80.0),
    Free("lung.airway_years_spread", low=0.15, high=1.8),
    Free("lung.airway_elastase", low=0.3, high=0.985),
    Free("lung.burden_harmless", low=0.01, high=4.0),
    Free("lung.burden_most", low=0.5, high=10.0),
    Free("lung.airway_recruitment", low=2.0, high=30.0),
    Free("lung.damage_recruitment", low=2.0, high=25.0),
    Free("lung.smoking_recruitment", low=0.2, high=2.0),
    Free("lung.strain", low=3.0, high=40.0),
    Free("lung.lung_years_spread", low=0.2, high=1.0),
    Free("lung.density_young", low=85.0, high=95.0),
    Free("lung.recoil_share", low=0.15, high=0.8),
    Free("lung.patency_floor", low=0.08, high=0.3),
    Free("lung.ageing_share", low=0.75, high=1.05),
    Free("events.mortality_50", low=8e-4, high=1.8e-3),
    Free("events.mortality_lung", low=0.4, high=5.0),
    Free("events.mortality_lung", "cv", low=0.1, high=1.5),
    Free("events.mortality_lung_steepness", low=18.0, high=50.0),
    Free("wellbeing.sgrq_rest", low=-3.0, high=-1.0),
    Free("liver.injury_stress", low=0.01, high=0.4),
    Free("liver.injury_stress", "cv", low=2.0, high=60.0),
    Free("liver.collagen_gain", low=5.0, high=60.0),
    Free("liver.collagen_turnover", low=2e-5, high=4e-4),
    Free("liver.collagen_turnover", "cv", low=0.1, high=1.0),
    Free("liver.stiffness_normal", low=3.0, high=4.6),
    Free("liver.stiffness_exponent", low=0.7, high=1.6),
    Free("cirrhosis.decompensation", low=0.02, high=0.2),
    Free("cirrhosis.carcinoma", low=0.01, high=0.08),
)
# How bad lungs are before they find somebody is no parameter of the model: chosen by hand alone.
THRESHOLD = "populations.lung_threshold value"
TARGETS = tuple(
    f"TGT-{n:02}"
    for n in (6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53)
)  # fmt: skip
NAMES = [f"{each.parameter} {each.part}" for each in FREE]
KEPT = Path(__file__).with_suffix(".json")


def looked_at(values: dict, people: int) -> dict:
    """Return the loss and the rows of some values."""
    known = population_parameters()
    known["lung_threshold"] = replace(known["lung_threshold"], value=values[THRESHOLD])
    model = with_values(build_model(therapies=("augmentation",)), FREE, [values[n] for n in NAMES])
    found, rows = residuals(model, TARGETS, people, SEED)
    return {
        "loss": round(float((found**2).sum()), 2),
        "rows": {row: round(float(value), 2) for row, value in zip(rows, found, strict=True)},
    }


def main(what: str, *numbers: int) -> None:
    """Take further steps, or look at all again."""
    kept = json.loads(KEPT.read_text("utf-8"))

    def keep() -> None:
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")

    if what == "rows":
        kept["people"] = (numbers or (kept["people"],))[0]
        for step in kept["steps"]:
            step |= looked_at(step["values"], kept["people"])
            print(f"{step['loss']:8} {step['by']}: {step['why']}", flush=True)
            keep()
        return
    steps, people = (numbers + (1, 1000)[len(numbers) :])[:2]
    last = kept["steps"][-1]["values"]
    model = build_model(therapies=("augmentation",))
    for _ in range(steps):
        model = with_values(model, FREE, [last[name] for name in NAMES])
        model = fit(model, FREE, TARGETS, people=people, rounds=2, settings=Settings(seed=SEED))
        last = last | dict(zip(NAMES, map(float, start_values(model, FREE)), strict=True))
        step = {"by": "least squares", "why": f"{people} people", "values": last}
        kept["steps"].append(step | looked_at(last, kept["people"]))
        keep()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
