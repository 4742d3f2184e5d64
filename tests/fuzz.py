"""Seeded damage to the bundled protocols and designs: each is run, or refused in a sentence.

    python tests/fuzz.py protocols --count 2000
    python tests/fuzz.py designs --count 500

A mutant is a bundled file with one or two faults: a key left out, misspelt or repeated, a number
that cannot be, a word of another kind, an entry given twice. What must never come of it: a traceback, a
hang, a half-written run folder, a failure told in more than a sentence, or the silent acceptance of a
contradiction (a dose that is never given, a visit after the end, the same thing twice).
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import antitrypsim
from antitrypsim.cli.main import main as command
from antitrypsim.protocols.load import load_protocol
from antitrypsim.runs.folder import read_run

HOME = Path(antitrypsim.__file__).parent
FOLDERS = {
    "protocols": HOME / "protocols" / "bundled",
    "designs": HOME / "laboratory" / "design_file" / "bundled",
}
NUMBERS = (
    0, -1, 1, 2, 0.5, -0.001, 13, 97, 1e-9, 1e9, 1e300, -1e300, 2**63, 10**7, float("nan"),
    float("inf"), True,
)  # fmt: skip
WORDS = (
    "", " ", "x", "0", "-3 weeks", "0 weeks", "1e-9 months", "1e300 mg/kg", "60 ppm", "60", "60 mg",
    "2e+8cells", "NaN", "null", "1 fortnight", "400 years", "Ünïcode ✓", "\x1b[31mred", "a" * 300,
    "rapid", "placebo", "serum_aat", "m12",
)  # fmt: skip
UNITS = ("mg", "mg/kg", "g", "cells", "particles", "weeks", "months", "years", "days", "kPa", "%")
SECONDS, WALL = 120, 1200
"""Of processor time and by the clock: a busy machine is no hang, and one that waits uses no processor."""


@dataclass
class Verdict:
    """What came of one mutant: ``kind`` is run, refused, failed, or a fault in capitals."""

    kind: str
    told: str = ""

    @property
    def bad(self) -> bool:
        """Whether it must not be."""
        return self.kind.isupper()


@cache
def documents(what: str) -> dict[str, Any]:
    """Return the bundled documents by id, as plain data."""
    reader = YAML(typ="safe", pure=True)
    return {
        file.stem: reader.load(file.read_text(encoding="utf-8"))
        for file in sorted(FOLDERS[what].glob("*.yaml"))
    }


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every entry below ``data``."""
    inside = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inside:
        yield (*path, key)
        yield from places(value, (*path, key))


def held(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def damaged(data: Any, rng: random.Random) -> tuple[Any, str]:
    """Return a copy with one fault that could be a slip of a person's, and what it is."""
    data = copy.deepcopy(data)
    everywhere = list(places(data))
    path = rng.choice(everywhere)
    parent, key = held(data, path[:-1]), path[-1]
    value = parent[key]
    # Values that stand under the same name elsewhere, so that they are of the right kind.
    alike = [
        held(data, p) for p in everywhere if p[-1] == key and isinstance(key, str) and p != path
    ]
    can = ["drop"] if rng.random() < 0.5 else []
    can += ["crude"] if rng.random() < 0.2 or not can else []
    if isinstance(parent, list):
        can += ["twice", "twice", "reorder"]
    if isinstance(value, bool):
        can += ["flip"] * 3
    elif isinstance(value, int | float):
        can += ["number"] * 5
    elif isinstance(value, str):
        can += ["amount"] * 5 if re.match(r"-?[\d.]+(e\d+)? \S", value) else ["word"] * 2
    if alike:
        can += ["other"] * 2
    if isinstance(value, dict):
        can += ["misspell", "stranger"]
    kind = rng.choice(can)
    if kind == "drop":
        del parent[key]
    elif kind == "twice":
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(value))
    elif kind == "reorder":
        rng.shuffle(parent)
    elif kind == "flip":
        parent[key] = not value
    elif kind == "number":
        parent[key] = rng.choice(
            (value * 10, value / 10, value + 1, value - 1, -value, value * 1000, 0, 1, *NUMBERS[:7])
        )
        if isinstance(value, int) and float(parent[key]).is_integer() and abs(parent[key]) < 1e15:
            parent[key] = int(parent[key])
    elif kind == "amount":
        number, _, unit = value.partition(" ")
        parent[key] = rng.choice((
            f"{float(number) * 10:g} {unit}", f"{float(number) / 10:g} {unit}", f"-{number} {unit}",
            f"0 {unit}", f"{number} {rng.choice(UNITS)}", number, f"1e-6 {unit}", f"1e9 {unit}",
        ))  # fmt: skip
    elif kind == "word":
        parent[key] = rng.choice(WORDS)
    elif kind == "other":
        parent[key] = copy.deepcopy(rng.choice(alike))
    elif kind == "misspell" and value:
        old = rng.choice(list(value))
        value[f"{old}"[:-1] + rng.choice("xyz")] = value.pop(old)
    elif kind == "stranger":
        value[
            rng.choice(("max", "visit", "times", "covariates", "strata", "then", "start", "every"))
        ] = rng.choice((1, "x", ["x"], "4 weeks", "m12", ["smoking"]))
    else:
        parent[key] = rng.choice((*NUMBERS, *WORDS, [], {}, None))
    return data, f"{kind} at {'.'.join(map(str, path))}"


def mutants(what: str, count: int, seed: int) -> Iterator[tuple[str, Any, str]]:
    """Yield name, data and faults of ``count`` mutants; the same for the same seed."""
    originals = documents(what)
    for k in range(count):
        rng = random.Random(f"{seed} {what} {k}")
        name = rng.choice(list(originals))
        data, said = originals[name], []
        for _ in range(rng.choice((1, 1, 1, 2))):
            data, fault = damaged(data, rng)
            said.append(fault)
            if not places_left(data):
                break
        yield f"{k}-{name}", data, "; ".join(said)


def places_left(data: Any) -> bool:
    return bool(isinstance(data, dict | list) and data)


def contradictions(file: Path) -> list[str]:
    """Return what an accepted protocol says that cannot be: found without the product's own rules."""
    protocol = load_protocol(file)
    found = []
    end = protocol.length_days
    days = protocol.visit_days()
    found += [f"the visit {v} is after the end" for v, d in days.items() if d > end + 1e-6]
    for arm in protocol.arms:
        for epoch, deliveries in arm.treatment.items():
            start, stop = protocol.epoch_days()[epoch]
            for delivery in deliveries:
                times = delivery.times(stop - start)
                given = [t for t in times if 0 <= t < stop - start]
                if not given:
                    found.append(f"{delivery.name} in {arm.id} is never given")
    for title, names in (
        ("arm", [arm.id for arm in protocol.arms]),
        ("title", [arm.title for arm in protocol.arms]),
        ("stratum", list(protocol.stratify_by)),
        ("visit", list(days.values())),
        ("endpoint", [plan.id for plan in protocol.endpoints.all]),
        ("assessment", [a.endpoint for a in protocol.assessments]),
    ):
        if len(set(names)) < len(names):
            found.append(f"the same {title} twice")
    limits: dict[str, list[float]] = {}
    for criterion in protocol.population.eligibility:
        low, high = limits.setdefault(criterion.quantity, [float("-inf"), float("inf")])
        limits[criterion.quantity] = [
            max(low, criterion.min if criterion.min is not None else low),
            min(high, criterion.max if criterion.max is not None else high),
        ]
    found += [f"{q} must be over {a:g} and under {b:g}" for q, (a, b) in limits.items() if a >= b]
    return found


class Late(BaseException):
    """Beside Exception, so that nothing of the product takes it for a failure of its own."""


def _late(*_: object) -> None:
    raise Late


def told_of(arguments: list[str]) -> tuple[int, str, str]:
    """Return exit code, output and errors of the command line on arguments."""
    out, err = io.StringIO(), io.StringIO()
    clocks = {
        signal.SIGPROF: (signal.ITIMER_PROF, SECONDS),
        signal.SIGALRM: (signal.ITIMER_REAL, WALL),
    }
    previous = {each: signal.signal(each, _late) for each in clocks}
    for clock, seconds in clocks.values():
        signal.setitimer(clock, seconds)
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(),
        ):
            code = command(arguments)
    finally:
        for clock, _ in clocks.values():
            signal.setitimer(clock, 0)
        for each, handler in previous.items():
            signal.signal(each, handler)
    return code, out.getvalue(), err.getvalue()


def judge(what: str, name: str, data: Any, folder: Path, *, only_check: bool = False) -> Verdict:
    """Run one mutant through the command line and say what came of it."""
    file = folder / f"{name}.yaml"
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(data, stream)
    run = folder / f"{name}-run"
    if only_check:
        arguments = ["protocol", "check", str(file)]
    elif what == "protocols":
        arguments = ["run", str(file), "--participants", "12", "--out", str(run), "--quiet"]
    else:
        arguments = ["design", str(file), "--people", "60", "--draws", "0", "--replicates", "20",
                     "--quiet"]  # fmt: skip
    try:
        code, _, err = told_of(arguments)
        complaint = [line for line in err.splitlines() if not line.startswith("warning: ")]
        if "something broke" in err or "Traceback" in err:
            return Verdict("TRACEBACK", err[-400:])
        if code == 2 and (run.exists() or len(complaint) != 1):
            return Verdict("REFUSED LATE OR AT LENGTH", err[-400:])
        if code == 1 and not complaint:
            return Verdict("FAILED WITHOUT A WORD")
        if run.exists():
            read_run(run)
        if any(path.suffix == ".partial" for path in folder.iterdir()):
            return Verdict("HALF WRITTEN", err[-400:])
        if code == 0 and what == "protocols" and (found := contradictions(file)):
            return Verdict("CONTRADICTION", "; ".join(found))
        kinds = {0: "run", 1: "failed", 2: "refused"}
        return Verdict(kinds.get(code, "EXIT CODE"), complaint[-1] if complaint else "")
    except Late:
        return Verdict("HANG")
    except Exception as problem:
        return Verdict("TRACEBACK", f"{type(problem).__name__}: {problem}"[:400])
    finally:
        shutil.rmtree(run, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=tuple(FOLDERS))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument(
        "--begin", type=int, default=0, help="pass over the mutants before this one"
    )
    parser.add_argument("--only-check", action="store_true", help="do not run what is accepted")
    parser.add_argument(
        "--all", action="store_true", help="tell of those that are as they should be too"
    )
    options = parser.parse_args()
    counts: dict[str, int] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for k, (id, data, said) in enumerate(mutants(options.what, options.count, options.seed)):
            if k < options.begin:
                continue
            place = Path(name) / str(k)
            place.mkdir()
            verdict = judge(options.what, id, data, place, only_check=options.only_check)
            counts[verdict.kind] = counts.get(verdict.kind, 0) + 1
            if verdict.bad or options.all:
                print(f"{verdict.kind}: {id}: {said}: {verdict.told}", flush=True)
            shutil.rmtree(place, ignore_errors=True)
    print(f"{sum(counts.values())} mutants in {time.monotonic() - began:.0f} s: {counts}")
    sys.exit(any(kind.isupper() for kind in counts))


if __name__ == "__main__":
    main()
