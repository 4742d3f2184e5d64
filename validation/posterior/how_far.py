"""How far is the posterior from passing its own check?

    python validation/posterior/how_far.py

Pareto's k of the packed runs, and the k that the same draws would be expected to have if emulators erred a share as much: what other
people would show of each draw is drawn from the errors that the emulators are believed to have, and weighed as ``truth.py`` weighs.
"""

import sys
import tempfile
from pathlib import Path

import make
import numpy as np

from antitrypsim.calibration.posterior.calibrate import problem_of
from antitrypsim.calibration.posterior.emulate import Fit
from antitrypsim.calibration.posterior.psis import smoothed
from antitrypsim.calibration.posterior.truth import log_normal, truth_of, updated
from antitrypsim.calibration.posterior.waves import Wave, run_wave, scores_of
from antitrypsim.calibration.scene import TOLERANCE
from antitrypsim.foundations.random import generator
from antitrypsim.simulation.settings import Settings

SHARES, REPEATS = (1.0, 0.7, 0.5, 0.4, 0.3, 0.2), 20


def nothing(*_: object, **__: object) -> None:
    """Refuse to make a run: all are packed."""
    sys.exit("a run is missing")


def packed(folder: Path, name: str, people: int, own: str = "") -> Wave:
    """Return the runs of an unpacked wave."""
    problem, settings = problem_of(make.PLAN), Settings(tolerance=TOLERANCE)
    return run_wave(
        folder / name, np.load(scores_of(folder / name)), unknowns=problem.unknowns, seed=settings.key,
        evaluate=nothing, settings=settings, equations=problem.equations,
        data=(*problem.data, *problem.validated) if own == "checked run" else problem.data,
        people=people, stage="", own=own,
    )  # fmt: skip


def main() -> None:
    """Print k as it is, and by the share of today's errors."""
    plan, problem = make.PLAN, problem_of(make.PLAN)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make.unpack(folder=folder)
        waves = [packed(folder, f"wave-{k + 1}", plan.people) for k in range(plan.waves)]
        (others,) = (each.name for each in folder.glob("others-*") if each.is_dir())
        (checked,) = (each.name for each in folder.glob("truth-*") if each.is_dir())
        elsewhere = packed(folder, others, plan.checked_people, "run")
        lived = packed(folder, checked, plan.checked_people, "checked run")
    fit = Fit.to(waves, [u.group for u in problem.unknowns]).put_right(elsewhere)
    emulated, n = fit.emulated(), len(problem.data)
    lived = Wave(
        lived.data[:n], lived.scores, lived.values[:, :n], lived.errors[:, :n], lived.failed
    )
    print(f"k {truth_of(emulated, lived, plan.checked_people).k:.2f}")
    likelihood, used = emulated.likelihood, emulated.used
    published = np.diag([emulated.data[k].sd ** 2 for k in used])
    believed, chance = likelihood.noise - published, np.diag(lived.chance[used])
    before = likelihood.surface(lived.scores)
    for share in SHARES:
        error = share**2 * believed
        gain, remains = updated(published, error, chance)
        told = log_normal(before - likelihood.centre, published + error)
        rng, found = generator(0, "how far"), []
        for _ in range(REPEATS):
            drawn = rng.multivariate_normal(np.zeros(used.size), error + chance, size=len(before))
            after = before + drawn @ gain.T
            logs = log_normal(after - likelihood.centre, remains) - told
            found.append(smoothed(logs)[1])
        print(f"errors of {share:g} of today's: k {np.mean(found):.2f} (SD {np.std(found):.2f})")


if __name__ == "__main__":
    main()
