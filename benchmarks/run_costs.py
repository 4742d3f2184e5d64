"""Measure what a user waits for: start-up, the main command, memory of a large run.

    python benchmarks/run_costs.py            # prints and writes benchmarks/run_costs.json

Wall-clock times depend on the machine and on who else uses it; each is the median of several runs,
with the processor time beside it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent / "antitrypsim"
LARGE = """
import numpy as np, resource, time
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.simulate import simulate
from antitrypsim.therapies import build_model
from antitrypsim.simulation.regimen import repeated
model = build_model()
ids = np.arange(10_000)
people = draw_people(model, Population(), 1, ids, ids)
times = np.arange(121) * 365.25 / 12
outputs = ("circulation.serum_aat", "lung.density", "lung.fev1", "liver.stiffness", "wellbeing.sgrq")
start = time.perf_counter()
kept = [c for c in simulate(model, people, repeated("augmentation/intravenous", 60, every=7, until=3652),
                            times=times, outputs=outputs)]
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def timed(command: list[str], repeats: int, **env: str) -> dict[str, float]:
    """Return median wall and processor seconds of a command."""
    wall, processor = [], []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ | env)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"wall": statistics.median(wall), "processor": statistics.median(processor)}


def main() -> None:
    """Measure and write."""
    scratch = Path(tempfile.mkdtemp())
    run = [str(BIN), "run", "rapid", "--out", str(scratch / "rapid"), "--force", "--quiet"]
    compile_ = [
        sys.executable,
        "-c",
        "from antitrypsim.therapies import build_model; "
        "from antitrypsim.engine.compile import compile_model; compile_model(build_model())",
    ]
    found = {
        "help": timed([str(BIN), "--help"], 7),
        "cold compile": timed(compile_, 1, ANTITRYPSIM_CACHE=str(scratch / "cold")),
        "warm compile": timed(compile_, 3),
        "run rapid, warm": timed(run, 5),
    }
    seconds, gib = subprocess.run(
        [sys.executable, "-c", LARGE], check=True, capture_output=True, text=True
    ).stdout.split()
    found["10,000 people, weekly doses, 10 years, monthly output"] = {
        "wall": float(seconds),
        "peak memory GiB": float(gib),
    }
    shutil.rmtree(scratch)
    (HERE / "run_costs.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, values in found.items():
        print(name, {k: round(v, 2) for k, v in values.items()})


if __name__ == "__main__":
    main()
