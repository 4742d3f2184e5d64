"""How many steps a weekly dose takes, and how few it could if some states had no error.

    python benchmarks/engine/exact.py

A state whose course were known exactly (AAT in plasma and tissue is linear between doses) would not bound a step. Its error
is left out here by a scale that nothing reaches, so that what is printed is the fewest steps that an exact course could leave:
an upper bound on its gain, not the gain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

import real  # noqa: E402
from compare import Patients  # noqa: E402

UNREACHED = 1e12
TOLERANCES = (1e-3, 1e-4, 1e-5)


def main() -> None:
    """Print steps a dose by what is known exactly."""
    model = real.model()
    patients = Patients(model, 100, 10.0, real.constants(model, 100), amount=60)
    names = [line.handle.name for line in model.states]
    doses = np.diff(patients.batch.event_offsets).mean()

    def steps(bounds: Callable[[str], bool], tolerance: float) -> float:
        scales = np.array(
            [s if bounds(n) else UNREACHED for n, s in zip(names, patients.scales, strict=True)]
        )
        found = patients.kernel.advance(patients.batch, tolerance=tolerance, scales=scales)
        return float(found.steps.mean() / doses)

    def quadrature(name: str) -> bool:
        return name.endswith("_hazard") or name in ("circulation.days_above", "wellbeing.qalys")

    def given(name: str) -> bool:
        return "infused" in name or name == "augmentation.inhaled"

    kinds: dict[str, Callable[[str], bool]] = {
        "nothing (as it is)": lambda name: True,
        "infused AAT in plasma and tissue": lambda name: "infused" not in name,
        "the same and inhaled AAT": lambda name: not given(name),
        "all AAT": lambda name: not given(name) and not name.startswith("circulation."),
        "hazards and other quadratures": lambda name: not quadrature(name),
        "all of these": lambda name: (
            not given(name) and not name.startswith("circulation.") and not quadrature(name)
        ),
        "all but neutrophils in the lung": lambda name: name == "lung.neutrophils",
        "all but elastin": lambda name: name == "lung.elastin",
    }
    print("known exactly | " + " | ".join(f"{one:.0e}" for one in TOLERANCES))
    for what, bounds in kinds.items():
        print(f"{what} | " + " | ".join(f"{steps(bounds, one):.1f}" for one in TOLERANCES))


if __name__ == "__main__":
    main()
