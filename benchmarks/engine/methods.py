"""Rosenbrock methods beside each other: what a patient-decade of weekly doses costs at which error.

    python benchmarks/engine/methods.py

Milliseconds of one thread, the best of three; the error as in ``compare.py``, of the states that another one reads, against the
chosen method at a tolerance of 1e-11.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

import real  # noqa: E402
from compare import Patients  # noqa: E402

from antitrypsim.engine.llvm_kernel import LlvmKernel  # noqa: E402
from antitrypsim.engine.tableau import RODAS3P, RODAS4, RODAS4P2, RODAS5P  # noqa: E402

PEOPLE = 96


def main() -> None:
    """Print a line a method and tolerance."""
    model = real.model()
    p = Patients(model, PEOPLE, 10.0, real.constants(model, PEOPLE), amount=60)
    read = sorted({j for i, j in p.low.jacobian if i != j})
    reference = p.kernel.advance(p.batch, tolerance=1e-11).states
    print("method | tolerance | error | ms | steps")
    for tableau in (RODAS5P, RODAS4P2, RODAS4, RODAS3P):
        kernel = LlvmKernel.of(model, tableau=tableau)
        for tolerance in (1e-3, 1e-4, 1e-5, 1e-6):
            best = np.inf
            for _ in range(3):
                begun = time.process_time()
                found = kernel.advance(p.batch, tolerance=tolerance, threads=1)
                best = min(best, time.process_time() - begun)
            error = (np.abs(found.states - reference) / (p.scales + np.abs(reference)))[
                :, read
            ].max()
            print(
                f"{tableau.name} | {tolerance:.0e} | {error:.1e} | {best / PEOPLE * 1e3:.2f} | {found.steps.mean():.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
