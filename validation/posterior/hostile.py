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
from antitrypsim.calibration.posterior.emulate import Emulated, emulate
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.waves import Wave, run_wave, scores_of
from antitrypsim.calibration.scene import TOLERANCE
from antitrypsim.foundations.files import write_file
from antitrypsim.simulation.settings import Settings

HERE = Path(__file__).parent
POISONED = "TGT-17 ZZ kPa"
ERRORS, MOVED, CONTRADICTED = 8.0, 3.0, 2.0


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


def missed(found: Emulated, draws: np.ndarray, centre: np.ndarray) -> list[str]:
    """Return what more than half of the draws miss, with the emulators' error in them."""
    noise = found.likelihood.noise - np.diag([found.data[k].sd ** 2 for k in found.used])
    off = found.likelihood.surface(draws) - centre
    off += np.random.default_rng(0).multivariate_normal(np.zeros(len(centre)), noise, len(draws))
    sd = np.array([found.data[k].sd for k in found.used])
    share = np.mean(np.abs(off) < 1.96 * sd, axis=0)
    return [found.data[k].label for k, met in zip(found.used, share, strict=True) if met < 0.5]


def main() -> int:
    """Write what is found; return 1 where something is not noticed."""
    problem = problem_of(PLAN)
    found = emulated_of(problem)
    one = found.likelihood
    ids = [u.id for u in problem.unknowns]
    right = sample(one, 0).draws
    labels = [found.data[k].label for k in found.used]
    at = labels.index(POISONED)
    poisoned = one.centre.copy()
    poisoned[at] += ERRORS * found.data[found.used[at]].sd
    pulled = sample(replace(one, centre=poisoned), 0).draws
    best = int(np.argmin(right.std(axis=0)))
    # A prior that lies three SDs higher: the same scores stand for values three SDs further up.
    away = np.zeros(len(ids))
    away[best] = MOVED
    shifted = replace(one, surface=replace(one.surface, centre=one.surface.centre - away))
    moved = sample(shifted, 0).draws
    before, after = missed(found, right, one.centre), missed(found, pulled, poisoned)
    said = {
        "missed by more than half of the draws": before,
        "with a poisoned target, further": sorted(set(after) - set(before)),
        "largest move of a mean by the poison, posterior SDs": round(
            float(np.max(np.abs(pulled.mean(axis=0) - right.mean(axis=0)) / right.std(axis=0))), 2
        ),
        "prior and targets disagree about": contradicted(ids, right),
        f"with the prior of {ids[best]} moved, about": contradicted(ids, moved),
    }
    write_file(HERE / "hostile.json", json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(said, indent=1, ensure_ascii=False))
    return 0 if POISONED in after and ids[best] in contradicted(ids, moved) else 1


def contradicted(ids: list[str], draws: np.ndarray) -> list[str]:
    """Return unknowns whose mean moved by more than two prior SDs."""
    return [ids[k] for k in np.flatnonzero(np.abs(draws.mean(axis=0)) > CONTRADICTED)]


if __name__ == "__main__":
    sys.exit(main())
