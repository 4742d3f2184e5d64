"""What is made wrong on purpose has to be noticed: in the posterior of the packed waves.

    python validation/posterior/hostile.py

The emulators are those of the packed waves, put right by the packed runs of other people. Then, one at a time: a target is
poisoned (moved by eight of its errors), and the prior of the best-known unknown is moved by three of its SDs. Noticed is what
the report says: a statistic that more than half of the draws miss, an unknown about which targets and prior disagree. That
half the noise is noticed is shown by ranks.py. What is found is written into hostile.json.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from make import PLAN, unpack

from antitrypsim.calibration.posterior.calibrate import Problem, problem_of
from antitrypsim.calibration.posterior.calibration import learned, predicted_by
from antitrypsim.calibration.posterior.emulate import Emulated, emulate
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.waves import Wave, run_wave, scores_of
from antitrypsim.calibration.scene import TOLERANCE
from antitrypsim.foundations.files import write_file
from antitrypsim.simulation.settings import Settings

HERE = Path(__file__).parent
POISONED = "TGT-17 ZZ kPa"
ERRORS, MOVED = 8.0, 3.0


def packed(problem: Problem, name: str, folder: Path, people: int, own: str = "") -> Wave:
    """Return a packed wave; nothing is run."""

    def never(*_: object, **__: object) -> dict[str, object]:
        raise SystemExit(f"{name} is not whole; make it anew")

    settings = Settings(tolerance=TOLERANCE)
    return run_wave(
        folder / name, np.load(scores_of(folder / name)), unknowns=problem.unknowns, data=problem.data,
        people=people, seed=settings.key, equations=problem.equations, evaluate=never, settings=settings,
        stage=name, own=own,
    )  # fmt: skip


def emulated_of(problem: Problem) -> Emulated:
    """Return the emulators of the packed runs."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        unpack(folder=folder)
        waves = [packed(problem, f"wave-{k + 1}", folder, PLAN.people) for k in range(PLAN.waves)]
        (name,) = (each.name for each in folder.glob("others-*"))
        others = packed(problem, name, folder, PLAN.checked_people, own="run")
    return emulate(waves, [u.group for u in problem.unknowns], others)


def missed(found: Emulated, draws: np.ndarray) -> list[str]:
    """Return what more than half of the draws miss, with the emulators' error in them."""
    normals = np.random.default_rng(0).standard_normal((len(draws), len(found.used)))
    rows = predicted_by(found, draws, normals)
    return [f"{one.target} {one.check}" for one in rows if one.met < 0.5]


def main() -> int:
    """Write what is found; return 1 where something is not noticed."""
    problem = problem_of(PLAN)
    found = emulated_of(problem)
    one = found.likelihood

    def contradicted(draws: np.ndarray) -> list[str]:
        return [row.id for row in learned(problem.unknowns, draws) if row.contradicted]

    right = sample(one, 0).draws
    (at,) = (k for k, d in enumerate(found.data) if d.label == POISONED)
    datum = found.data[at]
    away = ERRORS * datum.sd
    # Its scale is the logarithm, on which what is accepted moves by as much.
    low, high = datum.plain(datum.scaled(np.array([datum.low, datum.high])) + away)
    bad = replace(datum, centre=datum.centre + away, low=float(low), high=float(high))
    centre = one.centre + away * (found.used == at)
    poisoned = replace(
        found, data=(*found.data[:at], bad, *found.data[at + 1 :]), likelihood=replace(one, centre=centre)
    )  # fmt: skip
    pulled = sample(poisoned.likelihood, 0).draws
    best = int(np.argmin(right.std(axis=0)))
    # A prior that lies three SDs higher: the same scores stand for values three SDs further up.
    higher = MOVED * (np.arange(len(problem.unknowns)) == best)
    shifted = replace(one, surface=replace(one.surface, centre=one.surface.centre - higher))
    moved = sample(shifted, 0).draws
    before, after = missed(found, right), missed(poisoned, pulled)
    name = problem.unknowns[best].id
    said = {
        "missed by more than half of the draws": before,
        "with a poisoned target, further": sorted(set(after) - set(before)),
        "largest move of a mean by the poison, posterior SDs": round(
            float(np.max(np.abs(pulled.mean(axis=0) - right.mean(axis=0)) / right.std(axis=0))), 2
        ),
        "prior and targets disagree about": contradicted(right),
        f"with the prior of {name} moved, about": contradicted(moved),
    }
    write_file(HERE / "hostile.json", json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(said, indent=1, ensure_ascii=False))
    return 0 if POISONED in after and name in contradicted(moved) else 1


if __name__ == "__main__":
    sys.exit(main())
