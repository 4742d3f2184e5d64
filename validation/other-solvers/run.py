"""Every arm of every bundled protocol as SBML in libRoadRunner and COPASI, every state against our engine.

    PYTHONPATH=src:. python validation/other-solvers/run.py            # goes on where it ended
    PYTHONPATH=src:. python validation/other-solvers/run.py rapid ...  # these protocols anew

Needs the extra ``test``. One participant an arm, another one in each; the whole life from 18 years to the end of the
trial, without chance events, read monthly. Stored is the largest |x - y| / (scale of the state + |y|) of all times and
states, and the state that it is of. Fails where one is above 1e-7.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.sbml import export_sbml
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import bundled_protocols, load_protocol
from antitrypsim.therapies import build_model
from tests.interchange.oracles import by_copasi, by_engine, by_roadrunner, gap

RESULT = Path(__file__).with_name("result.json")
MOST = 1e-7
BEFORE, EVERY, FIRST = 3000.3, 30.4, 0.37
"""Days: how long before day 0 a first reading is, how far readings lie apart, and the first one after day 0. No reading
falls on a dose: at that very moment SBML tools read after it and our engine before it."""


def of(name: str) -> dict[str, dict[str, object]]:
    """Return what each arm of a protocol gives."""
    protocol = load_protocol(name)
    model = build_model(therapies=protocol.therapies())
    people = enrol(model, protocol.population, len(protocol.arms)).people
    years = protocol.length_days / YEAR
    days = np.concatenate([[-BEFORE], np.arange(FIRST, protocol.length_days, EVERY)])
    found: dict[str, dict[str, object]] = {}
    for k, (arm, regimen) in enumerate(protocol.regimens().items()):
        person = people.take([k])
        days_of = days[days + person.age[0] > person.birth[0]]
        sbml = export_sbml(model, person, regimen, years=years)
        ours = by_engine(model, person, regimen, days_of, years)
        told: dict[str, object] = {
            "person": k + 1,
            "states": len(model.states),
            "times": days_of.size,
        }
        for tool, run in (("libroadrunner", by_roadrunner), ("copasi", by_copasi)):
            try:
                apart = gap(model, run(model, sbml, sbml.day_0 + days_of), ours)
            except Exception as problem:
                told[tool] = " ".join(str(problem).split())[:200]
                continue
            worst = int(np.argmax(np.nanmax(apart, axis=0)))
            told[tool] = float(f"{np.max(apart):.2g}")
            told[f"{tool}_worst"] = model.state_names[worst]
        found[arm] = told
        print(name, arm, told, flush=True)
    return found


def main() -> int:
    """Run what was asked for, or what is not stored yet; return the exit code."""
    stored = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    for name in sys.argv[1:] or [each for each in bundled_protocols() if each not in stored]:
        stored[name] = of(name)
        write_file(RESULT, json.dumps(dict(sorted(stored.items())), indent=1) + "\n")
    bad = [
        f"{name}, {arm}, {tool}: {told[tool]}"
        for name, arms in stored.items()
        for arm, told in arms.items()
        for tool in ("libroadrunner", "copasi")
        if not (isinstance(told[tool], float) and told[tool] < MOST)
    ]
    print("\n".join(bad) or f"All of {sum(map(len, stored.values()))} arms are within {MOST:g}.")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
