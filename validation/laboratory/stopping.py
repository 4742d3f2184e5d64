"""True effects where people stop treatment or are rescued, against people whose regimen changes.

    python stopping.py [PEOPLE]

RAPID's people, 30 % a year of one arm changing to the other. Here each of them really changes on every
day that makes a difference (doses are weekly), and what follows is weighed by how likely that day is:
no laboratory, no interpolation, no chance. The laboratory draws days and reads between those that its
library lived. Writes stopping.txt beside this file.
"""

import sys
from pathlib import Path

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.laboratory.arm_changes import wanted
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.regimen import repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

YEARLY, YEAR, WEEK, SEEDS = 0.3, 365.25, 7.0, 5
ASKED = [("density", "random-slope"), ("fev1", "t-test"), ("serum_aat", "t-test")]
EVENTS = {"stops infusions": ("active", "placebo"), "is rescued": ("placebo", "active")}


def truths(protocol, people, endpoint_id, analysis, arm, then):
    """Return the laboratory's true effect for each of some seeds, and the change that it lived."""
    found = []
    for seed in range(1, SEEDS + 1):
        plan = {
            "id": "p",
            "endpoint": endpoint_id,
            "analysis": analysis,
            "compare": ["active", "placebo"],
        }
        design = TrialDesign.model_validate({
            "trial_design": 1, "id": "stopping", "title": "Stopping", "question": "None.",
            "protocol": "rapid", "seed": seed,
            "primary": plan if analysis == "random-slope" else {**plan, "visit": "m24"},
            "intercurrent": [{"event": "change", "strategy": "treatment-policy", "yearly": YEARLY,
                              "arms": [arm], "then": then}],
        })  # fmt: skip
        check_design(design, protocol)
        library = open_library(protocol, people=people, switches=wanted(design, protocol))
        lab = DesignSimulation(design, protocol, library)
        found.append(float(lab.true_effects(lab.draw(0, 1, 2, Truth()))[0, 0]))
    return np.array(found), library.changes[0]


def lived(model, people, protocol, before, after):
    """Yield the chance of each week of change, with everybody's values if they change in it."""
    end = protocol.length_days
    weeks = np.arange(0.0, end, WEEK)
    rate = -np.log1p(-YEARLY) / YEAR
    outputs = [endpoint(id).output for id, _ in ASKED]
    days = list(protocol.visit_days().values())
    for week in [*weeks, np.inf]:
        # Doses on the days up to this week's came before the change.
        doses = [t for t in weeks if (before if t <= week else after)]
        regimen = repeated("augmentation/intravenous", 60.0, at=doses)
        chance = np.exp(-rate * week) - np.exp(-rate * min(week + WEEK, end))
        if np.isinf(week):
            chance = np.exp(-rate * end)
        run = simulate_all(
            model, people, regimen, times=days, outputs=outputs, settings=Settings(seed=1)
        )
        yield (
            chance,
            {
                id: run[o][:, 0] * endpoint(id).factor
                for (id, _), o in zip(ASKED, outputs, strict=True)
            },
        )


def reading(values, years, analysis):
    if analysis == "random-slope":
        return np.polynomial.polynomial.polyfit(years, values.T, 1)[1]
    return values[:, -1] - values[:, 0]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    protocol = load_protocol("rapid")
    model = build_model(therapies=protocol.therapies())
    people = enrol(model, protocol.population, count, settings=Settings(seed=1)).people
    years = np.array(list(protocol.visit_days().values())) / YEAR
    mean, plain = {}, {}
    for event, (arm, _) in EVENTS.items():
        parts = list(lived(model, people, protocol, arm == "active", arm != "active"))
        for id, analysis in ASKED:
            read = [(chance, reading(v[id], years, analysis)) for chance, v in parts]
            plain[arm, id] = read[-1][1]
            mean[event, id] = read
    lines = [
        f"True effects in {count} people of RAPID, 30 % a year of one arm changing to the other.",
        f"The laboratory's over {SEEDS} seeds, with the standard error of their mean.", "",
        f"{'':30}{'no change':>12}{'really changed':>16}{'laboratory':>12}{'error':>10}  days lived, largest error between",
    ]  # fmt: skip
    for event, (arm, then) in EVENTS.items():
        for id, analysis in ASKED:
            sign = 1 if arm == "active" else -1
            none = np.nanmean(sign * (plain[arm, id] - plain[then, id]))
            chance = np.array([each for each, _ in mean[event, id]])[:, None]
            apart = sign * (np.stack([v for _, v in mean[event, id]]) - plain[then, id])
            # Whoever dies under either is in no mean, as in the laboratory.
            really = np.nansum(chance * apart) / (chance * np.isfinite(apart)).sum()
            told, change = truths(protocol, count, id, analysis, arm, then)
            error = told.std(ddof=1) / np.sqrt(SEEDS)
            lines.append(
                f"{event + ', ' + id:30}{none:12.4f}{really:16.4f}{told.mean():12.4f}{error:10.4f}"
                f"  {len(change.nodes)}, {100 * change.error:.2f} %"
            )
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "stopping.txt").write_text(text)


if __name__ == "__main__":
    main()
