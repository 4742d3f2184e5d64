"""How many small faults the tests catch: seeded mutants of the rooms that decide a trial.

    python tests/mutants.py run --count 200    # each mutant against the test files nearest to its module
    python tests/mutants.py again              # those that were missed against all that reach it

A mutant is one fault in one line: a comparison turned, a sign changed, a number moved, a branch
inverted, a word put for another, a call left out. It is caught where a test fails, an import does, or
the tests take ten times as long as without it. Results go to a JSON file, and a run goes on where it
stopped. Which mutants are drawn depends on the seed and the code alone.
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

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "antitrypsim"
ROOMS = ("populations", "protocols", "trials")
MOST_FILES = 6
"""Test files that are tried on a mutant, the nearest by imports first: more are seldom needed."""

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
    """One fault: where it is, what it is, and the whole text of the file with it."""

    file: str
    line: int
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
        found.append(Mutant(str(file.relative_to(ROOT / "src")), line, what, text))
    return found


@cache
def imported(file: Path) -> set[str]:
    """Return the modules of ours that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == "antitrypsim"}


def named(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tests_of(mutated: str) -> list[str]:
    """Return the test files that reach a module, the nearest by imports first, then of its room."""
    users: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        for name in imported(file):
            users.setdefault(name, set()).add(named(file))
    tests = {file: imported(file) for file in sorted((ROOT / "tests").rglob("test_*.py"))}
    conftests = {file.parent: imported(file) for file in (ROOT / "tests").rglob("conftest.py")}
    reached, ring = [], {named(SOURCE.parent / mutated)}
    seen = set(ring)
    for _ in range(3):
        for file, names in tests.items():
            if ring & (names | conftests.get(file.parent, set())):
                reached.append(str(file.relative_to(ROOT)))
        ring = set().union(*(users.get(name, set()) for name in ring)) - seen
        seen |= ring
    room = Path(mutated).parts[1]
    reached += [str(f.relative_to(ROOT)) for f in tests if room in f.parts]
    return list(dict.fromkeys(reached))


def caught(mutant: Mutant, tests: list[str], seconds: float) -> tuple[bool, str]:
    """Return whether the tests see the fault, and how."""
    with tempfile.TemporaryDirectory() as name:
        copy_of = Path(name) / "src"
        shutil.copytree(ROOT / "src", copy_of, ignore=shutil.ignore_patterns("__pycache__"))
        (copy_of / mutant.file).write_text(mutant.text, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(copy_of), "PYTHONDONTWRITEBYTECODE": "1"}
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
    parser.add_argument("step", choices=("run", "again", "tell"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--store", type=Path, default=ROOT / ".mutants")
    parser.add_argument("--seconds", type=float, default=400.0)
    options = parser.parse_args()
    options.store.mkdir(exist_ok=True)
    results = options.store / f"results-{options.seed}.json"
    done = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    for k, mutant in enumerate(drawn(options.count, options.seed)):
        key = f"{mutant.file}:{mutant.line} {mutant.what}"
        if options.step == "tell" or (key in done) == (options.step == "run"):
            continue
        if options.step == "again" and (done[key]["caught"] or done[key]["again"]):
            continue
        near = tests_of(mutant.file)
        tests = near[:MOST_FILES] if options.step == "run" else near[MOST_FILES:]
        began = time.monotonic()
        seen, how = caught(mutant, tests, options.seconds)
        again = options.step == "again"
        done[key] = {"caught": seen, "how": how, "tests": len(tests), "again": again}
        results.write_text(json.dumps(done, indent=1), encoding="utf-8")
        said = (
            f"{k + 1} {'caught' if seen else 'MISSED'} {key} {time.monotonic() - began:.0f} s {how}"
        )
        print(said, flush=True)
    share = sum(each["caught"] for each in done.values()) / max(1, len(done))
    print(f"{100 * share:.1f} % of {len(done)} mutants caught")


if __name__ == "__main__":
    main()
