"""What a patient-decade costs by how many people and doses there are, and the floor below it.

    python benchmarks/engine/curve.py [MOST] > curve.json

From 100 people to MOST (1,000,000, which takes half an hour). People are lived in batches of at most 20,000, without samples in between, at a tolerance of 1e-4, on one and two threads.
The floor: arithmetic of a step counted on the graph (a function as the operations that its code takes), over the rate at which this
processor does independent multiply-adds of vectors; what memory, dependences and book-keeping cost is the distance.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from llvmlite import ir

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

import real  # noqa: E402
from compare import Patients, fastest  # noqa: E402

from antitrypsim.engine.graph import MOVING  # noqa: E402
from antitrypsim.engine.jit import Loaded, host, object_code  # noqa: E402
from antitrypsim.engine.tableau import RODAS5P  # noqa: E402

BATCH = 20_000
EVERY = {"weekly": 1, "every two weeks": 2, "monthly": 4, "quarterly": 13, "none": 0}
FUNCTIONS = {"exp": 20, "log": 30, "pow": 70, "sqrt": 12, "recip": 12, "tanh": 45}
"""Operations that a function's code takes about; counted on ``vectormath`` and the divider's throughput."""
TOLERANCE = 1e-4


def main() -> None:
    """Measure and print as JSON."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    model = real.model()
    few = 200
    by_doses, steps = {}, {}
    for name, every in EVERY.items():
        p = Patients(model, few, 10.0, real.constants(model, few), amount=60, every=every)
        batch = _bare(p.batch)
        doses = float((batch.event_codes >= 0).sum() / few)
        found = p.kernel.advance(batch, tolerance=TOLERANCE)
        steps[name] = float(found.steps.mean())
        by_doses[name] = {"doses": doses, "steps": steps[name]} | {
            f"{n} threads, ms": fastest(p.kernel, batch, TOLERANCE, n)[0] / few * 1e3
            for n in (1, 2)
        }
        if every == 1:
            weekly = (p.kernel, batch, p.low)
    kernel, batch, low = weekly
    by_people = {}
    for count in (n for n in (100, 1_000, 10_000, 100_000, 1_000_000) if n <= most):
        by_people[count] = {
            f"{n} threads, s": _many(kernel, batch, count, n)
            for n in ((1, 2) if count <= 10_000 else (2,))
        }
    operations = _operations(low)
    rate = _rate()
    floor = operations * steps["weekly"] / host().lanes / rate * 1e3
    print(json.dumps({
        "host": host().cpu, "lanes": host().lanes, "load": os.getloadavg()[0],
        "by doses": by_doses, "by people, weekly": by_people,
        "operations of a step": operations, "vector multiply-adds a second": rate,
        "floor, ms": floor, "measured over floor": by_doses["weekly"]["1 threads, ms"] / floor,
    }, indent=1))  # fmt: skip


def _bare(batch):
    return replace(batch, sample_offsets=None, sample_times=np.zeros(0), thresholds=None)


def _repeated(batch, times: int):
    lengths = np.tile(np.diff(batch.event_offsets), times)
    return replace(
        batch, constants=np.tile(batch.constants, (times, 1)), start=np.tile(batch.start, times),
        end=np.tile(batch.end, times), initial_states=np.tile(batch.initial_states, (times, 1)),
        initial_inputs=np.tile(batch.initial_inputs, (times, 1)),
        event_offsets=np.concatenate([[0], np.cumsum(lengths)]), event_times=np.tile(batch.event_times, times),
        event_codes=np.tile(batch.event_codes, times), event_values=np.tile(batch.event_values, times),
    )  # fmt: skip


def _many(kernel, batch, count: int, threads: int) -> float:
    """Return seconds on the clock for so many people."""
    at_once = min(BATCH, count)
    more = _repeated(batch, -(-at_once // batch.size))
    begun = time.perf_counter()
    for _ in range(-(-count // more.size)):
        kernel.advance(more, tolerance=TOLERANCE, threads=threads)
    return (time.perf_counter() - begun) * count / (-(-count // more.size) * more.size)


def _operations(low) -> int:
    """Return the vector operations of one step of one pack."""
    graph, tab = low.graph, RODAS5P
    leaves = {
        "state",
        "time",
        "literal",
        "constant",
        "input",
        "right",
        "factor",
        "inverse",
        "shrunk",
        "stage",
    }

    def count(roots) -> int:
        moved = (n for n in graph.order(list(roots)) if graph.levels[n] == MOVING)
        return sum(FUNCTIONS.get(graph.ops[n], 1) for n in moved if graph.ops[n] not in leaves)

    moving = low.moving
    rates = count(low.courses[i] for i in moving)
    prepare = count(
        [
            *(low.courses[i] for i in moving),
            *low.drift,
            *low.elimination.factors,
            low.elimination.smallest,
        ]
    )
    solve = count(low.elimination.solution[i] for i in moving)
    fresh = sum(tab.same_rate(i) == i and i > 0 for i in range(tab.stages))
    weights = sum(w != 0.0 for rows in (tab.A, tab.C) for row in rows for w in row)
    weights += sum(w != 0.0 for row in (tab.b, tab.e) for w in row)
    return prepare + fresh * rates + tab.stages * solve + weights * len(moving)


def _rate(rounds: int = 20_000_000, chains: int = 16) -> float:
    """Return how many multiply-adds of whole vectors this processor does in a second, on one thread."""
    lanes = host().lanes
    vector, whole = ir.VectorType(ir.DoubleType(), lanes), ir.IntType(64)
    module = ir.Module("rate")
    f = ir.Function(module, ir.FunctionType(ir.DoubleType(), [whole, ir.DoubleType()]), "go")
    entry, loop, end = (f.append_basic_block(n) for n in ("entry", "loop", "end"))
    b = ir.IRBuilder(entry)
    x = ir.Constant(vector, [0.999] * lanes)
    first = b.insert_element(x, f.args[1], ir.Constant(ir.IntType(32), 0))
    b.branch(loop)
    b.position_at_end(loop)
    k = b.phi(whole)
    held = [b.phi(vector) for _ in range(chains)]
    fma = ir.Function(module, ir.FunctionType(vector, [vector] * 3), f"llvm.fma.v{lanes}f64")
    new = [b.call(fma, [each, first, x]) for each in held]
    after = b.add(k, ir.Constant(whole, 1))
    k.add_incoming(ir.Constant(whole, 0), entry)
    k.add_incoming(after, loop)
    for each, value in zip(held, new, strict=True):
        each.add_incoming(first, entry)
        each.add_incoming(value, loop)
    b.cbranch(b.icmp_signed("<", after, f.args[0]), loop, end)
    b.position_at_end(end)
    total = new[0]
    for value in new[1:]:
        total = b.fadd(total, value)
    b.ret(b.extract_element(total, ir.Constant(ir.IntType(32), 0)))
    loaded = Loaded(object_code(str(module)))
    go = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_double)(loaded.address("go"))
    go(1000, 0.5)
    begun = time.process_time()
    go(rounds, 0.5)
    return rounds * chains / (time.process_time() - begun)


if __name__ == "__main__":
    main()
