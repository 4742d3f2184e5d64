"""A power curve of 10 sizes x 10,000 trials by a random-slope mixed model; and beside Mediana.

    python power_curve.py [--mediana] [--out FILE]

The curve: RAPID from a ready library of 2,000 people, five unequally spaced visits with dropout.
Beside Mediana (Rscript, r-cran-mediana): a t test of change over a year at ten sizes, the same number of
trials, in one run; powers of both and of theory.
"""

import argparse
import json
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import synthetic

from antitrypsim.laboratory.design_file.load import load_design
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.power import _powers
from antitrypsim.laboratory.replicates import Truth

SIZES = (60, 90, 120, 150, 180, 220, 270, 330, 420, 600)
EACH = (20, 30, 40, 50, 60, 70, 80, 100, 120, 150)
REPLICATES = 10_000
ROUNDS = 3


def timed(lab, sizes, threads):
    """Return the median seconds of some rounds, and the powers."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = _powers(lab, sizes, Truth(), REPLICATES, threads, lambda *_: None)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), [(m.value, m.error) for m in found]


def curve():
    """Return the benchmark of the mixed model."""
    design, protocol = load_design("rapid")
    library = open_library(protocol, people=2000)
    lab = DesignSimulation(design, protocol, library)
    out = {"sizes": SIZES, "replicates": REPLICATES}
    for threads in (1, 2):
        out[f"seconds, {threads} threads"], out["power"] = timed(lab, SIZES, threads)
    return out


def mediana():
    """Return the same trials by a t test here and by Mediana, each on two cores."""
    sizes = tuple(2 * n for n in EACH)
    seconds, power = timed(synthetic.laboratory(sizes, REPLICATES), sizes, 2)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mediana.json"
        script = Path(__file__).parent / "mediana.R"
        subprocess.run(["Rscript", str(script), str(REPLICATES), "2", str(file)], check=True,
                       capture_output=True)  # fmt: skip
        theirs = json.loads(file.read_text("utf-8"))
    return {
        "each": EACH, "replicates": REPLICATES, "seconds": seconds,
        "mediana seconds": theirs["seconds"], "ratio": theirs["seconds"] / seconds,
        "power": power, "mediana power": theirs["power"], "theory": theirs["theory"],
        "versions": theirs["versions"],
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mediana", action="store_true")
    parser.add_argument("--out")
    asked = parser.parse_args()
    found = {"machine": platform.machine(), "mixed model": curve()}
    if asked.mediana:
        found["t test"] = mediana()
    text = json.dumps(found, indent=1)
    print(text)
    if asked.out:
        Path(asked.out).write_text(text + "\n", encoding="utf-8")
