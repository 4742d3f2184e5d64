"""How many small faults the tests catch: seeded mutants of the rooms that decide a trial.

    python tests/mutants.py lines              # all tests once: which test runs which line, and for how long
    python tests/mutants.py run --count 200    # each mutant against the quickest tests that run its line
    python tests/mutants.py again              # those that were missed against as many more

A mutant is one fault in one line: a comparison turned, a sign changed, a number moved, a branch
inverted, a word put for another, a call left out. It is caught where a test fails, an import does, or
the tests take ten times as long as without it. Results go to a JSON file, and a run goes on where it
stopped. Which mutants are drawn depends on the seed and the code alone. Needs pytest-cov.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "antitrypsim"
STORE = ROOT / ".mutants"
ROOMS = ("populations", "protocols", "trials", "experiments", "laboratory")
QUICK, MOST = 45.0, 120
"""Seconds and number of the tests tried on a mutant at first, the quickest before others."""

COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.FloorDiv: ast.Div, ast.Mod: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault: its file, the lines of its statement, what it is, and the file's text with it."""

    file: str
    lines: range
    what: str
    text: str


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    """Yield the faults that can be put into a node, each with what puts it there."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARE:
        new = COMPARE[type(node.ops[0])]
        yield (
            f"{type(node.ops[0]).__name__} -> {new.__name__}",
            lambda n: n.ops.__setitem__(0, new()),
        )
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        op = ARITHMETIC[type(node.op)]
        if not (isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)):
            yield f"{type(node.op).__name__} -> {op.__name__}", lambda n: setattr(n, "op", op())
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda n: setattr(n, "op", other())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield "not left out", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.If | ast.IfExp):
        yield "branch inverted", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield f"{node.value} -> {node.value + 1}", lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.Continue):
        yield "continue -> break", lambda n: setattr(n, "__class__", ast.Break)


def skipped(tree: ast.Module) -> set[int]:
    """Return nodes that decide nothing at run time: annotations, docstrings, words of errors."""
    out: set[int] = set()
    for node in ast.walk(tree):
        hidden: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            hidden.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            hidden.append(node.returns)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            hidden += [*node.body, node.test, node]
        if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
            hidden.append(node)
        for each in hidden:
            if each is not None:
                out |= {id(inner) for inner in ast.walk(each)}
    return out


def mutants_of(file: Path) -> Iterator[tuple[int, str, int, int]]:
    """Yield line, words, the node's place in a walk, and which of its faults."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    out = skipped(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in out:
            for k, (what, _) in enumerate(changes(node)):
                yield getattr(node, "lineno", 1), what, place, k


def drawn(count: int, seed: int) -> list[Mutant]:
    """Return ``count`` mutants, drawn evenly from all that there are."""
    every = [
        (file, *each)
        for room in ROOMS
        for file in sorted((SOURCE / room).rglob("*.py"))
        for each in mutants_of(file)
    ]
    chosen = random.Random(seed).sample(every, count)
    found = []
    for file, line, what, place, k in chosen:
        tree = copy.deepcopy(ast.parse(file.read_text(encoding="utf-8")))
        node = list(ast.walk(tree))[place]
        list(changes(node))[k][1](node)
        text = ast.unparse(ast.fix_missing_locations(tree))
        found.append(Mutant(str(file.relative_to(ROOT / "src")), around(file, line), what, text))
    return found


def around(file: Path, line: int) -> range:
    """Return the lines of the innermost statement that a line is in, itself first where it is known."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    best = range(line, line + 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            inner = [n.lineno for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)]
            last = min([node.end_lineno or line, *(n - 1 for n in inner)])
            if line <= last:
                best = range(node.lineno, last + 1)
    return best


@cache
def seconds_of() -> dict[str, float]:
    """Return how long each test took when all ran, by its id."""
    out: dict[str, float] = {}
    for case in ElementTree.parse(STORE / "times.xml").iter("testcase"):
        file = case.get("file") or ""
        inner = (case.get("classname") or "").removeprefix(
            file.removesuffix(".py").replace("/", ".")
        )
        name = "::".join([file, *inner.split(".")[1:], case.get("name") or ""])
        out[name] = out.get(name, 0.0) + float(case.get("time") or 0)
    return out


@cache
def run_by(file: str) -> dict[int, set[str]]:
    """Return the tests that ran each line of a file; a fixture's lines count for its test file."""
    data = CoverageData(str(STORE / "coverage"))
    data.read()
    full = next(name for name in data.measured_files() if name.endswith("src/" + file))
    out: dict[int, set[str]] = {}
    for line, contexts in data.contexts_by_lineno(full).items():
        for context in contexts:
            test, _, phase = context.rpartition("|")
            if phase == "run":
                out.setdefault(line, set()).add(test)
            elif test:
                beside = test.split("::")[0] + "::"
                out.setdefault(line, set()).update(t for t in seconds_of() if t.startswith(beside))
    return out


def tests_of(mutant: Mutant) -> list[str]:
    """Return the tests that run a mutant's line, or its module: of its own room first, then the quickest."""
    by_line = run_by(mutant.file)
    found = set().union(*(by_line.get(line, set()) for line in mutant.lines))
    found = found or set().union(*by_line.values())
    room = Path(mutant.file).parts[1]

    def far(test: str) -> tuple[bool, float, str]:
        return room not in Path(test.split("::")[0]).parts, seconds_of()[test], test

    return sorted(found & seconds_of().keys(), key=far)


def first_of(tests: list[str]) -> int:
    """Return how many of the tests are tried at first."""
    total, count = 0.0, 0
    while count < min(len(tests), MOST) and (total := total + seconds_of()[tests[count]]) < QUICK:
        count += 1
    return max(count, min(1, len(tests)))


def caught(mutant: Mutant, tests: list[str]) -> tuple[bool, str]:
    """Return whether the tests see the fault, and how."""
    with tempfile.TemporaryDirectory() as name:
        copy_of = Path(name) / "src"
        shutil.copytree(ROOT / "src", copy_of, ignore=shutil.ignore_patterns("__pycache__"))
        (copy_of / mutant.file).write_text(mutant.text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(copy_of), "PYTHONDONTWRITEBYTECODE": "1"}
        seconds = 10 * sum(seconds_of()[test] for test in tests) + 300
        # Kernels are kept by content, and libraries by a hash of the software: both can be shared.
        try:
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
                cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True, "too slow"
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return run.returncode != 0, failed[0][:200] if failed else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("lines", "run", "again", "tell"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261127)
    options = parser.parse_args()
    STORE.mkdir(exist_ok=True)
    if options.step == "lines":
        lines()
        return
    results = STORE / f"results-{options.seed}.json"
    done = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    for k, mutant in enumerate(drawn(options.count, options.seed)):
        key = f"{mutant.file}:{mutant.lines[0]} {mutant.what} #{k + 1}"
        again = options.step == "again"
        if options.step == "tell" or (key in done) != again:
            continue
        if again and (done[key]["caught"] or done[key]["again"]):
            continue
        tests = tests_of(mutant)
        first = first_of(tests)
        tests = tests[first : first + first_of(tests[first:])] if again else tests[:first]
        began = time.monotonic()
        seen, how = caught(mutant, tests) if tests else (False, "no test runs it")
        done[key] = {"caught": seen, "how": how, "tests": len(tests), "again": again}
        results.write_text(json.dumps(done, indent=1), encoding="utf-8")
        word = "caught" if seen else "MISSED"
        print(
            f"{word} {key} {len(tests)} tests, {time.monotonic() - began:.0f} s {how}", flush=True
        )
    share = sum(each["caught"] for each in done.values()) / max(1, len(done))
    slow = sum(each["how"] == "too slow" for each in done.values())
    print(f"{100 * share:.1f} % of {len(done)} mutants caught, {slow} of them by the clock")


def lines() -> None:
    """Run all tests once, and keep which lines each of them ran."""
    settings = STORE / "coveragerc"
    settings.write_text("[run]\nsource = antitrypsim\nparallel = true\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--cov=antitrypsim", "--cov-report=",
         f"--cov-config={settings}", "--cov-context=test", "-o", "junit_family=xunit1",
         f"--junitxml={STORE / 'times.xml'}"],
        cwd=ROOT, env={**os.environ, "COVERAGE_FILE": str(STORE / "coverage")}, check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
