"""Fit every uncertain value at once to all calibration targets, by waves of runs and their emulators.

    python validation/fit/joint.py FOLDER [runs] [people] [waves]

A wave draws all values that are not measured about the last best ones, ``WIDTH`` of their prior's SD
wide, and lives every calibration target with each draw; runs stay in FOLDER, so that a stopped fit
goes on. On the emulators of the wave the most probable values under the prior are found, and the
step towards them that lives best is taken. ``joint.json`` beside this script holds of each wave how
well the targets are met before and after and what each value became. The values go into
``parameters.toml`` by hand, with the round and the behaviours looked at first.
"""

import json
import sys
from pathlib import Path

import numpy as np

from antitrypsim.calibration.posterior.calibrate import Plan, problem_of
from antitrypsim.calibration.posterior.emulate import emulate
from antitrypsim.calibration.posterior.evaluate import evaluate
from antitrypsim.calibration.posterior.gaussian import Normal, linear_update
from antitrypsim.calibration.posterior.waves import run_wave, wave_scores
from antitrypsim.foundations.files import write_file
from antitrypsim.simulation.settings import Settings

SEED = 20261128
WIDTH = 0.4
STEPS = (0.25, 0.5, 0.75, 1.0)
SAID = 0.1
"""A value is named that moved by so many SD of its prior."""
KEPT = Path(__file__).with_suffix(".json")


def distances(wave) -> np.ndarray:
    """Return how many published SDs each datum of each run is off."""
    centre, sd = (np.array([getattr(d, name) for d in wave.data]) for name in ("centre", "sd"))
    return (wave.scaled - centre) / sd


def main(folder: Path, runs: int, people: int, waves: int) -> None:
    """Take so many waves and keep each as it is done."""
    problem = problem_of(Plan())
    unknowns = tuple(u for u in problem.unknowns if u.grade != "measured")
    settings = Settings(seed=SEED, tolerance=1e-3, progress=lambda *said: print(*said, flush=True))
    common = {
        "unknowns": unknowns, "data": problem.data, "people": people, "seed": SEED,
        "equations": problem.equations, "evaluate": evaluate, "settings": settings,
    }  # fmt: skip
    best = np.zeros(len(unknowns))
    told: list[dict] = []
    for number in range(1, waves + 1):
        wide = WIDTH / number
        about = Normal(best, wide**2 * np.eye(len(unknowns)))
        scores = wave_scores(unknowns, number, runs, SEED, about)
        wave = run_wave(folder / f"wave-{number}", scores, stage=f"wave {number}", **common)
        emulated = emulate([wave])
        aim = linear_update(emulated.likelihood, start=best).mean
        # What the wave did not see far out is not believed there.
        aim = best + np.clip(aim - best, -3 * wide, 3 * wide)
        along = best + np.array([0.0, *STEPS])[:, None] * (aim - best)
        tried = run_wave(folder / f"tried-{number}", along, stage=f"steps {number}", **common)
        off = distances(tried)
        loss = np.nansum(np.minimum(np.abs(off), 6.0) ** 2, axis=1) + (along**2).sum(axis=1)
        k = int(np.argmin(loss))
        before, best = best, along[k]
        told.append({
            "loss": [round(float(one), 2) for one in loss],
            "step": [0.0, *STEPS][k],
            "emulated": int(emulated.used.size),
            "off": {d.label: [round(float(off[0, j]), 2), round(float(off[k, j]), 2)]
                    for j, d in enumerate(problem.data)},
            "moved": {
                u.id: [float(f"{float(u.values(np.array(z))):.5g}") for z in (before[j], best[j])]
                + [round(float(best[j]), 3)]
                for j, u in enumerate(unknowns) if abs(best[j] - before[j]) > SAID
            },
        })  # fmt: skip
        write_file(
            KEPT, json.dumps({"people": people, "runs": runs, "waves": told}, indent=1) + "\n"
        )
        np.save(folder / f"best-{number}.npy", best)
        print(f"wave {number}: loss {loss.round(1)}, step {told[-1]['step']}", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[2:]]
    main(Path(sys.argv[1]), *(given + [150, 300, 2][len(given) :]))
