"""What the library of lives saves: questions that meet everybody anew, and with a library that is ready.

    python benchmarks/lives.py [TIMES] > lives.json

Seconds on the clock and of the processor, each the median of TIMES (3) processes that begin from nothing
but a cache of compiled code; what is kept of earlier answers is removed before each. The machine is shared,
so processor time says more.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

COMMAND = "from antitrypsim.cli.main import run; run()"
PATIENT = "patient --people 100 --fev1 55 --age 45 --therapy augmentation:60mg/kg/week --quiet"
TWO = "--therapy fazirsiran:200mg@75kg/12weeks --therapy augmentation:60mg/kg/week --quiet"
QUESTIONS = {
    "run rapid": "run rapid --quiet --out {out} --force",
    "patient, 100 people": PATIENT,
    "compare of two": f"compare {TWO}",
    "compare of two, nothing drawn": f"compare --uncertainty 0 {TWO}",
    "power rapid": "power rapid --quiet",
}


def ask(words, cache):
    """Return seconds on the clock and of the processor that a command takes."""
    shutil.rmtree(cache / "libraries", ignore_errors=True)
    with TemporaryDirectory() as out:
        command = [sys.executable, "-c", COMMAND, *words.format(out=Path(out) / "run").split()]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "ANTITRYPSIM_CACHE": str(cache), "ANTITRYPSIM_RUNS": out},
        )  # fmt: skip
        clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main():
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found = {}
    with TemporaryDirectory() as home:
        cache = Path(home)
        for name, words in QUESTIONS.items():
            # Compiles, and is not counted.
            ask(f"{words} --meet-anew", cache)
            row = {}
            for way, more in (("anew", " --meet-anew"), ("first", ""), ("ready", "")):
                if way == "first":
                    shutil.rmtree(cache / "lives", ignore_errors=True)
                runs = [ask(words + more, cache) for _ in range(1 if way == "first" else times)]
                clock, processor = (statistics.median(each) for each in zip(*runs, strict=True))
                row[way] = {"clock": round(clock, 2), "processor": round(processor, 2)}
            row["bytes"] = size(cache / "lives")
            found[name] = row
            print(name, row, file=sys.stderr)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
