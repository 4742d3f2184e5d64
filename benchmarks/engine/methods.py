"""Rosenbrock methods beside each other: what a patient-decade of weekly doses costs at which error.

    python benchmarks/engine/methods.py

Milliseconds of one thread, the best of five; the error as in ``compare.py``, of the states that another one reads, against the
chosen method at a tolerance of 1e-11.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

import real  # noqa: E402
from compare import Patients, fastest  # noqa: E402

from antitrypsim.engine.llvm_kernel import LlvmKernel  # noqa: E402
from antitrypsim.engine.tableau import RODAS3P, RODAS4, RODAS4P2, RODAS5P  # noqa: E402

PEOPLE = 96


def main() -> None:
    """Print a line a method and tolerance."""
    model = real.model()
    p = Patients(model, PEOPLE, 10.0, real.constants(model, PEOPLE), amount=60)
    reference = p.kernel.advance(p.batch, tolerance=1e-11).states
    print("method | tolerance | error | ms | steps")
    for tableau in (RODAS5P, RODAS4P2, RODAS4, RODAS3P):
        kernel = LlvmKernel.of(model, tableau=tableau)
        for tolerance in (1e-3, 1e-4, 1e-5, 1e-6):
            seconds, found = fastest(kernel, p.batch, tolerance, 1)
            error = p.error(found.states, reference)[:, p.read].max()
            print(
                f"{tableau.name} | {tolerance:.0e} | {error:.1e} | {seconds / PEOPLE * 1e3:.2f} | {found.steps.mean():.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
