"""Are fits to one's own trial as sure as they should be? Simulated trials of sixty people whose unknowns are known.

    python validation/own-trial/coverage.py RUNS [emulated] [real]

``RUNS`` is a folder of the runs of a wave from the prior, made if it is not there (minutes). So many trials are simulated on the
emulators, with their error and as many people as in the example of ``docs/how-to/own-trial.md``, and so many through the real
simulation; the ranks of what was true among the draws must be uniform. ``coverage.json`` beside this script keeps every rank; a further
call goes on.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, kstest

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.waves import run_wave
from antitrypsim.experiments.fitting.data import read_trial
from antitrypsim.experiments.fitting.fit import asked_of
from antitrypsim.experiments.fitting.likelihood import likelihood_on, patterns_of
from antitrypsim.experiments.fitting.lived import Evaluation, Scene
from antitrypsim.experiments.fitting.ranks import LAST_MOVES, MOVES, PARTICLES, rank_of_truth
from antitrypsim.foundations.errors import AntitrypsimError
from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.random import generator, normals
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import conduct
from antitrypsim.uncertainty.unknowns import parameter_set, unknowns_of

KEPT = Path(__file__).with_suffix(".json")
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
SEED, NAMED, PEOPLE, RUNS = 20261129, 20, 300, 120
PROTOCOL = load_protocol(HOW_TO / "own-trial.yaml")
MODEL = build_model(therapies=PROTOCOL.therapies())
UNKNOWNS = unknowns_of((MODEL,), widening=numbers.widening(), spread=numbers.of_spreads())
SETTINGS = Settings(tolerance=1e-3)


def wave_of(folder: str):
    """Return a wave of runs from the prior, as the first of a fit of the example is, with its scene."""
    scene = Scene(PROTOCOL, MODEL, read_trial(HOW_TO / "own-trial.csv", PROTOCOL), PEOPLE)
    adjusted = scene.adjusting(scene.live(None, replace(SETTINGS, seed=SETTINGS.key)))
    rows = np.arange(RUNS, dtype=np.int64)
    streams = [normals(SETTINGS.key, f"fit wave 1 {u.id}", rows)[:, 0] for u in UNKNOWNS]
    scores = np.stack(streams, axis=1)
    wave = run_wave(
        Path(folder), scores, unknowns=UNKNOWNS, data=scene.labels(), people=PEOPLE, seed=SETTINGS.key,
        equations=asked_of(scene, SETTINGS, adjusted), evaluate=Evaluation(scene, adjusted),
        settings=SETTINGS, stage="wave",
    )  # fmt: skip
    return scene, adjusted, wave


def real(number: int, scene, adjusted, wave, named) -> list[float] | None:
    """Return ranks of a trial that was really simulated; None of values with which none can be."""
    z = generator(SEED + number, "trial of known values").standard_normal(len(UNKNOWNS))
    try:
        trial = conduct(
            PROTOCOL, model=MODEL, parameters=parameter_set(UNKNOWNS, z), settings=replace(SETTINGS, seed=SEED + number)
        )  # fmt: skip
        who = trial.participants[["USUBJID", "AGE", "SEX", "HEIGHT"]]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "trial.csv"
            trial.visits.merge(who, on="USUBJID").to_csv(file, index=False)
            data = read_trial(file, PROTOCOL)
    except AntitrypsimError as problem:
        # The prior holds values with which nobody is eligible, and people whose values a file of data may not have.
        print(f"trial {number}: {problem}")
        return None
    one = likelihood_on(data, replace(scene, data=data), adjusted, [wave.scores], [wave])
    drawn = sample(
        one, SEED + number, particles=PARTICLES, moves=MOVES, last_moves=LAST_MOVES
    ).draws
    return [round(float(np.mean(drawn[:, k] < z[k])), 4) for k in named]


def main(folder: str, emulated: int, lived: int) -> None:
    """Go on to so many trials of each kind and say how their ranks lie."""
    scene, adjusted, wave = wave_of(folder)
    one = likelihood_on(scene.data, scene, adjusted, [wave.scores], [wave])
    # Nothing is missing in these, which makes a trial four times as fast to fit.
    whole = [np.zeros((sum(p.count for p in g.patterns), g.size)) for g in one.groups]
    one = replace(one, groups=tuple(
        replace(g, patterns=patterns_of(v, np.zeros(v.shape, dtype=bool))) for g, v in zip(one.groups, whole, strict=True)
    ))  # fmt: skip
    p = len(UNKNOWNS)
    # Those whose scores move the means of these people most.
    weight = np.sum(one.surface.linear**2, axis=0)
    named = np.argsort(-weight, kind="stable")[:NAMED]
    names = [UNKNOWNS[k].id for k in named]
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    if kept.get("names") != names:
        kept = {"names": names, "emulated": [], "real": []}
    for number in range(len(kept["real"]), lived):
        kept["real"].append(real(number, scene, adjusted, wave, named))
        write_file(KEPT, json.dumps(kept) + "\n")
    for number in range(len(kept["emulated"]), emulated):
        ranks = rank_of_truth(one, SEED + number)[:p][named]
        kept["emulated"].append([round(float(r), 4) for r in ranks])
        if number % 20 == 19 or number == emulated - 1:
            write_file(KEPT, json.dumps(kept) + "\n")
    for kind in ("emulated", "real"):
        ranks = np.array([row for row in kept[kind] if row])
        if not len(ranks):
            continue
        worst = min(kstest(column, "uniform").pvalue for column in ranks.T)
        print(
            f"{kind}: {len(ranks)} trials; least p of uniform ranks of {NAMED} unknowns {worst:.4f}"
        )
        for share in (0.5, 0.8, 0.9):
            inside = np.abs(ranks - 0.5) <= share / 2
            each = [binomtest(int(c.sum()), len(c), share).pvalue for c in inside.T]
            print(
                f"  inside {100 * share:.0f} %: {100 * inside.mean():.1f} %; least p {min(each):.4f}"
            )


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in [*sys.argv[2:], "1000", "20"][:2]))
