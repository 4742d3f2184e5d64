"""Every arm of every bundled protocol and every therapy as SBML in libRoadRunner and COPASI, every state.

    PYTHONPATH=src:. python validation/other-solvers/run.py            # goes on where it ended
    PYTHONPATH=src:. python validation/other-solvers/run.py rapid therapies  # these anew

Needs the extra ``test``. One participant an arm, another one in each, and one person a therapy, of six genotypes in
turn: the whole life from 18 years to the end of the trial, or for ten years, without chance events, read monthly. Stored is the largest |x - y| / (scale of the state + |y|) of all times and
states, and the state that it is of. Fails where one is above 1e-7.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.sbml import export_sbml
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.protocols import bundled_protocols, load_protocol
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.therapies import build_model, therapies_in
from tests.interchange.oracles import by_copasi, by_engine, by_roadrunner, gap

RESULT = Path(__file__).with_name("result.json")
MOST = 1e-7
BEFORE, EVERY, FIRST = 3000.3, 30.4, 0.37
"""Days: how long before day 0 a first reading is, how far readings lie apart, and the first one after day 0. No reading
falls on a dose: at that very moment SBML tools read after it and our engine before it."""


THERAPIES = "therapies"
"""Beside the protocols: every dose as its example says or that of its product, for ten years, in people of six genotypes in turn."""

GENOTYPES = ("ZZ", "SZ", "MZ", "null", "MM", "SS")
SMOKING = ("never", "ex", "current")
TEN_YEARS = 10.0


def held_against(model: Model, person: People, regimen: Regimen, years: float) -> dict[str, object]:
    """Return how far both tools lie from our engine, of one person's life."""
    days = np.concatenate([[-BEFORE], np.arange(FIRST, years * YEAR, EVERY)])
    days = days[days + person.age[0] > person.birth[0]]
    sbml = export_sbml(model, person, regimen, years=years)
    ours = by_engine(model, person, regimen, days, years)
    told: dict[str, object] = {"states": len(model.states), "times": days.size}
    for tool, run in (("libroadrunner", by_roadrunner), ("copasi", by_copasi)):
        try:
            apart = gap(model, run(model, sbml, sbml.day_0 + days), ours)
        except Exception as problem:
            told[tool] = " ".join(str(problem).split())[:200]
            continue
        worst = model.state_names[int(np.argmax(np.max(apart, axis=0)))]
        told[tool] = float(f"{np.max(apart):.2g}") if np.isfinite(apart).all() else "no number"
        told[f"{tool}_worst"] = worst
    return told


def of(name: str) -> dict[str, dict[str, object]]:
    """Return what each arm of a protocol gives."""
    protocol = load_protocol(name)
    model = build_model(therapies=protocol.therapies())
    people = enrol(model, protocol.population, len(protocol.arms)).people
    found: dict[str, dict[str, object]] = {}
    for k, (arm, regimen) in enumerate(protocol.regimens().items()):
        told = held_against(model, people.take([k]), regimen, protocol.length_days / YEAR)
        found[arm] = {"person": k + 1, **told}
        print(name, arm, found[arm], flush=True)
    return found


def each_dose() -> list[str]:
    """Return a treatment with every dose: its example, else that of its product by this route."""
    doses = known_doses().values()
    shown = {dose.product: dose for dose in reversed(list(doses)) if dose.example}
    others = [dose for dose in doses if not dose.example]
    return [dose.example for dose in doses if dose.example] + [
        shown[dose.product].example.replace(f"@{shown[dose.product].route}", f"@{dose.route}")
        for dose in others
    ]


def of_therapies(stored: dict[str, dict[str, object]]) -> Iterator[dict[str, dict[str, object]]]:
    """Yield what every therapy gives, one more each time."""
    for k, text in enumerate(each_dose()):
        if text in stored:
            continue
        genotype, smoking = GENOTYPES[k % len(GENOTYPES)], SMOKING[k % len(SMOKING)]
        regimen = parse_therapy(text, TEN_YEARS)
        model = build_model(therapies=therapies_in(regimen.names))
        population = Population(genotype={genotype: 1.0}, smoking={smoking: 1.0})
        person = draw_people(model, population, k + 1, np.arange(1), np.arange(1))
        told = held_against(model, person, regimen, TEN_YEARS)
        stored[text] = {"genotype": genotype, "smoking": smoking, **told}
        print(text, stored[text], flush=True)
        yield stored


def store(found: dict[str, dict[str, dict[str, object]]]) -> None:
    """Write what is known so far."""
    write_file(RESULT, json.dumps(dict(sorted(found.items())), indent=1) + "\n")


def main() -> int:
    """Run what was asked for, or what is not stored yet; return the exit code."""
    stored = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    asked = sys.argv[1:]
    for name in asked:
        stored.pop(name, None)
    for name in [each for each in bundled_protocols() if each not in stored]:
        stored[name] = of(name)
        store(stored)
    for found in of_therapies(dict(stored.get(THERAPIES, {}))):
        stored[THERAPIES] = found
        store(stored)
    bad = [
        f"{name}, {arm}, {tool}: {told[tool]}"
        for name, arms in stored.items()
        for arm, told in arms.items()
        for tool in ("libroadrunner", "copasi")
        if not (isinstance(told[tool], float) and told[tool] < MOST)
    ]
    print("\n".join(bad) or f"All of {sum(map(len, stored.values()))} lives are within {MOST:g}.")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
