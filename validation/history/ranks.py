"""Are people with a history told as surely as they should be? Ranks and coverage of simulated people.

    python validation/history/ranks.py [people]

Each simulated person of some age, sex, smoking history and number of visits is measured with noise up to
today; people with that history are found as ``antitrypsim patient --data`` finds them. The rank of the person's own value
three years ahead among theirs must be uniform, and their intervals of 50, 80 and 90 % must hold it as often.
``ranks.json`` beside this script keeps every rank, by the person's number; a further call goes on.
"""

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import kstest

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.history import people_with_history, with_months
from antitrypsim.experiments.visits import History, Visit
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.matching import Description, of_the_kind
from antitrypsim.protocols import measure
from antitrypsim.protocols.therapytext import past_therapy
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

KEPT = Path(__file__).with_suffix(".json")
SEED = 20261128
MEASURED = ("fev1", "density", "serum_aat")
AHEAD = 3 * YEAR
SCHEDULES = {
    "few": ([-2.0, 0.0], ("fev1",)),
    "some": ([-4.0, -2.0, 0.0], MEASURED),
    "many": (list(-0.5 * np.arange(12)[::-1]), ("fev1", "density")),
}
KINDS = tuple(product((35.0, 48.0, 60.0), ("never", "ex"), SCHEDULES, (False, True)))
MODEL = build_model(therapies=("augmentation",))


def one(number: int) -> dict | None:
    """Return the ranks of one simulated person; None of who does not live to be told of."""
    age, smoking, schedule, treated = KINDS[number % len(KINDS)]
    rng = generator(SEED + number, "simulated person")
    who = Description(age=age, smoking=smoking, sex=("female", "male")[int(rng.integers(2))])
    years, endpoints = SCHEDULES[schedule]
    days = np.array(years) * YEAR
    past = past_therapy(["augmentation:60mg/kg/week from 30 to now"] if treated else [], age)
    settings = Settings(seed=SEED + number, tolerance=1e-3)
    met = of_the_kind(MODEL, who, settings.seed, 10**9 + np.arange(200))
    outputs = [endpoint(id).output for id in MEASURED]
    times = np.unique(np.concatenate([days, [0.0, AHEAD]]))
    lived = simulate_all(
        MODEL, with_months(met, days), past, times=times, outputs=outputs, settings=settings
    )
    alive = np.isfinite(lived[outputs[0]][:, 0, -1])
    if not alive.any():
        return None
    # Who dies before today or in the three years is not asked for, in the person and in the others alike.
    k = int(np.flatnonzero(alive)[0])
    visits = []
    for day, id in product(days, endpoints):
        true = endpoint(id).factor * lived[endpoint(id).output][k, 0, np.searchsorted(times, day)]
        visits.append(Visit(float(day), id, float(measure(id, true, rng.standard_normal()))))
    try:
        found = people_with_history(
            MODEL, who, History(tuple(sorted(visits))), 512, past=past, settings=settings
        )
    except RunError as problem:
        return {"kind": KINDS[number % len(KINDS)], "failed": str(problem)}
    theirs = simulate_all(
        MODEL, found.people, past, times=[0.0, AHEAD], outputs=outputs, settings=settings
    )
    ranks = {}
    for id in MEASURED:
        values = theirs[endpoint(id).output][:, 0, -1]
        values = values[np.isfinite(values)]
        own = lived[endpoint(id).output][k, 0, -1]
        ranks[id] = round(float(np.mean(values < own)), 4)
    return {"kind": KINDS[number % len(KINDS)], "p": round(found.p, 4), "ranks": ranks}


def main(people: int) -> None:
    """Go on to so many people and say how their ranks lie."""
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    for number in range(people):
        if str(number) not in kept:
            kept[str(number)] = one(number)
            write_file(KEPT, json.dumps(kept) + "\n")
    told = [row for row in kept.values() if row and "ranks" in row]
    print(
        f"{len(told)} people, {sum(1 for row in kept.values() if row and 'failed' in row)} not told"
    )
    for id in MEASURED:
        ranks = np.array([row["ranks"][id] for row in told])
        print(f"{id}: p of uniform ranks {kstest(ranks, 'uniform').pvalue:.3f}; {inside(ranks)}")
        for schedule in SCHEDULES:
            some = np.array([row["ranks"][id] for row in told if row["kind"][2] == schedule])
            if some.size:
                print(f"  {schedule} visits, {some.size} people: {inside(some)}")


def inside(ranks: np.ndarray) -> str:
    """Return how many ranks lie inside intervals of 50, 80 and 90 %."""
    held = (f"{100 * np.mean(np.abs(ranks - 0.5) <= share / 2):.0f}" for share in (0.5, 0.8, 0.9))
    return f"inside 50, 80, 90 %: {', '.join(held)} %"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
