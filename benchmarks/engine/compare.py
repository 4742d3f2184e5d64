"""Our kernel beside other integrators: one model, one set of patients, one error.

    pip install ".[bench]"
    python benchmarks/engine/compare.py [--model module:callable] [--patients 100] [--years 10]

Every tool gets the same right side as machine code (libRoadRunner compiles its own from SBML), what
is fixed between events computed once, and starts again at every dose and input switch. The error is
the largest over patients, visits and states of |x - reference| / (scale + |reference|), once of the states
that another one reads and once of all (counts and hazards feed nothing back); the reference is CVODE at a relative
tolerance of 1e-10. Times are processor
seconds of one thread, so that a busy machine does not count; ours is the best of five.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from cvode import Cvode, Sundials  # noqa: E402
from scalar_code import ScalarCode  # noqa: E402

from antitrypsim.engine.compile import compile_model  # noqa: E402
from antitrypsim.engine.jit import host  # noqa: E402
from antitrypsim.engine.lowering import lower  # noqa: E402
from antitrypsim.engine.numpy_program import NumpyProgram  # noqa: E402
from tests.engine.sketch import typical, weekly  # noqa: E402


def thinned(batch, every: int):
    """Keep each ``every``-th dose of each patient, none for 0; input switches stay."""
    keep = []
    for a, b in zip(batch.event_offsets[:-1], batch.event_offsets[1:], strict=True):
        given = batch.event_codes[a:b] >= 0
        number = np.cumsum(given) - 1
        keep.append(~given | (given & (number % every == 0) if every else False))
    lengths = [int(k.sum()) for k in keep]
    mask = np.concatenate(keep)
    return replace(
        batch,
        event_offsets=np.concatenate([[0], np.cumsum(lengths)]),
        event_times=batch.event_times[mask],
        event_codes=batch.event_codes[mask],
        event_values=batch.event_values[mask],
    )


class Patients:
    """Patients of different pasts, each with doses and switches at times of its own."""

    def __init__(
        self, model, count: int, years: float, constants=None, amount=1.0, every=1
    ) -> None:
        self.model = model
        self.kernel = compile_model(model, backend="llvm")
        if constants is None:
            constants = typical(model, count, 0.1, 7)
        past = weekly(model, count, 5.0, seed=11, constants=constants)
        past = replace(past, thresholds=None, sample_offsets=None, sample_times=np.zeros(0))
        past.event_values[past.event_codes >= 0] *= amount
        past.event_codes[past.event_codes >= 0] %= max(1, len(model.doses))
        lived = self.kernel.advance(past, tolerance=1e-6)
        future = weekly(model, count, years, seed=12, constants=constants)
        future = thinned(future, every)
        shift = np.repeat(lived.final_time - future.start, np.diff(future.event_offsets))
        visits = np.repeat(lived.final_time - future.start, np.diff(future.sample_offsets))
        doses = future.event_codes >= 0
        future.event_values[doses] *= amount
        codes = future.event_codes % max(1, len(model.doses))
        self.batch = replace(
            future, start=lived.final_time, end=future.end - future.start + lived.final_time,
            initial_states=lived.final_states, initial_inputs=lived.final_inputs, thresholds=None,
            event_times=future.event_times + shift, sample_times=future.sample_times + visits,
            event_codes=np.where(doses, codes, future.event_codes).astype(np.int32),
        )  # fmt: skip
        self.scales = np.array([line.handle.scale for line in model.states])
        self.low = lower(model)
        self.jumps = [
            NumpyProgram(self.low.graph, [v for _, v in d.additions]) for d in self.low.doses
        ]

    @cached_property
    def read(self) -> list[int]:
        """Positions of the states that another one reads."""
        return sorted({j for i, j in self.low.jacobian if i != j})

    def error(self, found: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return |x - reference| / (scale + |reference|), shape (samples, states)."""
        return np.abs(found - reference) / (self.scales + np.abs(reference))

    def plan(self, row: int):
        """Return the sample times, and the events as (time, code, value)."""
        b = self.batch
        samples = b.sample_times[b.sample_offsets[row] : b.sample_offsets[row + 1]]
        span = range(b.event_offsets[row], b.event_offsets[row + 1])
        events = [(b.event_times[i], b.event_codes[i], b.event_values[i]) for i in span]
        return samples, [e for e in events if e[0] < b.end[row]]

    def jump(self, dose: int, row: int, t: float, y, u, amount: float):
        leaves = {
            "constant": self.batch.constants[row][:, None], "state": np.array(y)[:, None],
            "input": np.array(u)[:, None], "time": [t], "amount": [amount],
        }  # fmt: skip
        return self.jumps[dose](leaves, {}, 1)[:, 0]

    def course(self, row: int, restart, until, state):
        """Drive a solver through a patient; return its samples and the seconds spent outside it."""
        samples, events = self.plan(row)
        b = self.batch
        t, end, u = b.start[row], b.end[row], b.initial_inputs[row].copy()
        out = np.empty((len(samples), len(self.scales)))
        state[:] = b.initial_states[row]
        at, outside = 0, 0.0
        restart(t, u)
        for stop in [*dict.fromkeys(e[0] for e in events), end]:
            while at < len(samples) and samples[at] <= stop:
                if samples[at] > t:
                    until(samples[at], stop)
                    t = samples[at]
                out[at] = state
                at += 1
            if stop > t:
                until(stop, stop)
                t = stop
            begun = time.process_time()
            while events and events[0][0] == stop:
                when, code, value = events.pop(0)
                if code < 0:
                    u[-1 - code] = value
                else:
                    change = self.jump(code, row, when, state, u, value)
                    for (index, _), add in zip(self.low.doses[code].additions, change, strict=True):
                        state[index] += add
            outside += time.process_time() - begun
            if stop < end:
                restart(t, u)
        return out, outside


def timed(patients: Patients, rows, course) -> tuple[float, np.ndarray]:
    """Return seconds per patient inside the solver, and the samples of all rows."""
    spent, results = 0.0, []
    for row in rows:
        begun = time.process_time()
        samples, outside = course(row)
        # The jumps are ours, in Python, and not what is being compared.
        spent += time.process_time() - begun - outside
        results.append(samples)
    return spent / len(rows), np.concatenate(results)


class Tools:
    """The integrators; each method returns a function of a row."""

    def __init__(self, patients: Patients) -> None:
        import ctypes

        self.p = patients
        self.sundials = Sundials()
        self.code = ScalarCode(patients.low, self.sundials.vector_data, self.sundials.matrix_data)
        self.hoist = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)(self.code.address("hoist"))

    def _prepare(self, row, u, p) -> None:
        constants = self.p.batch.constants[row]
        self.hoist(constants.ctypes.data, np.ascontiguousarray(u).ctypes.data, p.ctypes.data)

    def cvode(self, rtol: float):
        solver = Cvode(self.sundials, self.code, self.p.scales, rtol)

        def course(row):
            def restart(t, u):
                self._prepare(row, u, solver.p)
                solver.start(t)

            return self.p.course(row, restart, solver.until, solver.y)

        return course

    @cached_property
    def _numba_rhs(self):
        import ctypes

        import numba

        pointer = ctypes.CFUNCTYPE(None, ctypes.c_double, *[ctypes.c_void_p] * 3)(
            self.code.address("rhs")
        )

        @numba.njit
        def rhs(t, y, dy, p):
            pointer(t, y.ctypes, dy.ctypes, p.ctypes)
            return dy

        self._keep = pointer
        n = len(self.p.scales)
        rhs(0.0, np.ones(n), np.ones(n), np.ones(self.code.size))  # compile before the clock runs
        return rhs

    def lsoda(self, rtol: float):
        from scipy.integrate import ode

        rhs, p = self._numba_rhs, np.zeros(self.code.size)
        state = np.zeros(len(self.p.scales))
        solver = ode(lambda t, y: rhs(t, y, np.empty(len(y)), p))
        solver.set_integrator("lsoda", rtol=rtol, atol=rtol * self.p.scales, nsteps=10**7)

        def course(row):
            def restart(t, u):
                self._prepare(row, u, p)
                solver.set_initial_value(state.copy(), t)

            def until(t, stop):
                state[:] = solver.integrate(t)

            return self.p.course(row, restart, until, state)

        return course

    def roadrunner(self, rtol: float):
        import roadrunner

        from antitrypsim.interchange.sbml import equations
        from antitrypsim.interchange.sbml.names import AGE

        roadrunner.Logger.disableLogging()
        model = self.p.model
        sbml = equations(model)
        engine = roadrunner.RoadRunner(sbml.text)
        engine.integrator.setValue("stiff", True)
        engine.integrator.setValue("relative_tolerance", rtol)
        engine.integrator.setValue("maximum_num_steps", 10**7)
        states = [sbml.ids[line.handle.name] for line in model.states]
        inputs = [sbml.ids[handle.name] for handle in model.inputs]
        constants = [sbml.constants[name] for name in self.p.kernel.constant_names]
        engine.integrator.setValue("absolute_tolerance", [rtol, *(rtol * self.p.scales)])
        engine.timeCourseSelections = states
        state = np.zeros(len(states))
        now = [0.0]
        globals_ = list(engine.model.getGlobalParameterIds())
        at_state = [globals_.index(s) for s in states]
        at_input = [globals_.index(s) for s in inputs]
        at_constant = [globals_.index(s) for s in constants]
        at_age = [globals_.index(AGE)]

        def course(row):
            engine.model.setGlobalParameterValues(at_constant, self.p.batch.constants[row])

            def restart(t, u):
                if inputs:
                    engine.model.setGlobalParameterValues(at_input, u)
                engine.model.setTime(t)
                engine.model.setGlobalParameterValues(at_age, [t])
                engine.model.setGlobalParameterValues(at_state, state)
                now[0] = t

            def until(t, stop):
                engine.simulate(now[0], t, 2)
                now[0] = t
                state[:] = engine.model.getGlobalParameterValues(at_state)

            return self.p.course(row, restart, until, state)

        return course


def fastest(kernel, batch, tolerance: float, threads: int):
    """Return the best of five in seconds, of the processor for one thread and else on the clock, and the courses."""
    clock = time.process_time if threads == 1 else time.perf_counter
    begun = clock()
    out = kernel.advance(batch, tolerance=tolerance, threads=threads)
    often = max(1, int(LEAST / max(clock() - begun, 1e-4)))
    best = np.inf
    for _ in range(5):
        begun = clock()
        for _ in range(often):
            kernel.advance(batch, tolerance=tolerance, threads=threads)
        best = min(best, (clock() - begun) / often)
    return best, out


def ours(patients: Patients, rows, tolerance: float, threads: int) -> tuple[float, np.ndarray]:
    best, out = fastest(patients.kernel, patients.batch, tolerance, threads)
    offsets = patients.batch.sample_offsets
    picked = np.concatenate([np.arange(offsets[r], offsets[r + 1]) for r in rows])
    return best / patients.batch.size, out.states[picked]


SLOW, LEAST = 0.5, 0.05
"""Seconds a patient of a slow tool, and those that our batch is repeated for, which may take less than a clock tells."""
NEEDS = {"cvode": "sksundae", "roadrunner": "roadrunner", "lsoda": "numba"}
"""The tools, and what each of them needs to be installed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tests.engine.sketch:standin")
    parser.add_argument(
        "--constants", help="module:callable(model, rows) for the patients' constants"
    )
    parser.add_argument("--amount", type=float, default=1.0, help="multiplies all doses (0.5 to 2)")
    parser.add_argument("--every", type=int, default=1, help="each n-th weekly dose; 0 for none")
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument(
        "--slow-patients", type=int, default=10, help="for a tool that needs more than 0.5 s each"
    )
    parser.add_argument("--years", type=float, default=10.0)
    parser.add_argument("--tools", default="cvode,roadrunner,lsoda")
    parser.add_argument("--out", default=str(Path(__file__).parent / "compare.json"))
    options = parser.parse_args()
    chosen = options.tools.split(",")
    for name in chosen:
        if name not in NEEDS:
            parser.error(f"no tool '{name}'; there are {', '.join(NEEDS)}")
    needed = {"sksundae", "libsbml", *(NEEDS[name] for name in chosen)}
    if missing := sorted(name for name in needed if importlib.util.find_spec(name) is None):
        parser.error(f"not installed: {', '.join(missing)}; run: pip install '.[bench]'")

    def named(text: str):
        module, _, attribute = text.partition(":")
        return getattr(importlib.import_module(module), attribute)

    model = named(options.model)()
    constants = named(options.constants)(model, options.patients) if options.constants else None
    patients = Patients(
        model, options.patients, options.years, constants, options.amount, options.every
    )
    tools = Tools(patients)
    everyone = list(range(options.patients))
    events = float(np.diff(patients.batch.event_offsets).mean())
    print(f"{len(model.states)} states, {options.patients} patients, {options.years:g} years, "
          f"{events:.0f} events each; {host().cpu}")  # fmt: skip
    reference_time, reference = timed(patients, everyone, tools.cvode(1e-10))
    print(f"reference: CVODE at 1e-10, {reference_time * 1e3:.0f} ms per patient")
    samples = len(reference) // options.patients
    rows: list[dict] = []
    failed: list[str] = []

    def note(tool: str, tolerance: float, seconds: float, found: np.ndarray) -> None:
        error = patients.error(found, reference[: len(found)])
        count = len(found) // samples
        row = {
            "tool": tool, "tolerance": tolerance, "ms": seconds * 1e3, "error": float(error[:, patients.read].max()),
            "error_of_all": float(error.max()), "patients": count,
        }  # fmt: skip
        rows.append(row)
        print(
            f"{tool:24s} {tolerance:7.0e} {row['ms']:10.3f} ms  error {row['error']:.1e}, of all {row['error_of_all']:.1e}",
            flush=True,
        )

    for tolerance in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        note("antitrypsim", tolerance, *ours(patients, everyone, tolerance, 1))
    note("antitrypsim, 2 threads", 1e-4, *ours(patients, everyone, 1e-4, 2))
    for name in chosen:
        for tolerance in (1e-4, 1e-6, 1e-8):
            try:
                course = getattr(tools, name)(tolerance)
                slow = timed(patients, everyone[:1], course)[0] > SLOW
                few = everyone[: options.slow_patients] if slow else everyone
                note(name, tolerance, *timed(patients, few, course))
            except Exception as problem:
                failed.append(f"{name} at {tolerance:.0e}: {problem}")
    own = sorted((r["error"], r["ms"]) for r in rows if r["tool"] == "antitrypsim")
    errors, times = np.log([e for e, _ in own]), np.log([t for _, t in own])
    print("\nours at the same error, and how many times as fast:")
    for row in rows:
        if not row["tool"].startswith("antitrypsim"):
            at_same = float(np.exp(np.interp(np.log(row["error"]), errors, times)))
            row["ratio"] = row["ms"] / at_same
            print(
                f"{row['tool']:24s} {row['tolerance']:7.0e} error {row['error']:.1e}"
                f" {at_same:8.3f} ms {row['ratio']:8.1f}"
            )
    result = {
        "model": options.model, "states": len(model.states), "patients": options.patients,
        "years": options.years, "amount": options.amount, "events": events,
        "host": host().cpu, "lanes": host().lanes, "reference_ms": reference_time * 1e3,
        "rows": rows,
    }  # fmt: skip
    Path(options.out).write_text(json.dumps(result, indent=2), encoding="utf-8")
    if failed:
        sys.exit("\n".join(["failed:", *failed]))


if __name__ == "__main__":
    main()
