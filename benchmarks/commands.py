"""What a user waits for a command: this tree beside a base commit, in turns.

    python benchmarks/commands.py [--base COMMIT] [--times 3] [--only WORD,WORD] > commands.json

Seconds on the clock and of the processor (both cores together), each the median of TIMES processes that
begin from nothing but a ready cache: code compiled, lives in their library, Python's own byte code written.
Answers that are kept are removed before each, but for 'power rapid, again'. Trees are asked in turns, so that
other work on the machine meets both. The load is told before and after; processor time says more.
"""

import argparse
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

HERE = Path(__file__).resolve().parents[1]
COMMAND = "from antitrypsim.cli.main import run; run()"
TWO = "--therapy fazirsiran:200mg@75kg/12weeks --therapy augmentation:60mg/kg/week --quiet"
QUESTIONS = {
    "run rapid": "run rapid --quiet --out {out} --force",
    "patient, 100 people": "patient --people 100 --fev1 55 --age 45 --therapy augmentation:60mg/kg/week --quiet",
    "compare of two, nothing drawn": f"compare --uncertainty 0 {TWO}",
    "compare of two": f"compare {TWO}",
    "power rapid": "power rapid --quiet",
    "power rapid, again": "power rapid --quiet",
}
KEPT = "again"
"""A question whose answer from before may be used ends so."""


def ask(tree, cache, name):
    """Return seconds on the clock and of the processor that a command takes."""
    if not name.endswith(KEPT):
        shutil.rmtree(cache / "libraries", ignore_errors=True)
    with TemporaryDirectory() as out:
        env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env |= {
            "PYTHONPATH": str(tree / "src"),
            "ANTITRYPSIM_CACHE": str(cache),
            "ANTITRYPSIM_RUNS": out,
        }
        words = QUESTIONS[name].format(out=Path(out) / "run").split()
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            [sys.executable, "-c", COMMAND, *words], check=True, stdout=subprocess.DEVNULL, env=env
        )
        clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--base", help="a commit to measure beside this tree")
    asked.add_argument("--times", type=int, default=3)
    asked.add_argument("--only", help="parts of names of questions, with commas between")
    said = asked.parse_args()
    wanted = said.only.split(",") if said.only else [""]
    names = [name for name in QUESTIONS if any(word in name for word in wanted)]
    found = {"load before": os.getloadavg()}
    with TemporaryDirectory() as home:
        trees = {"now": HERE}
        if said.base:
            trees = {"base": Path(home) / "base", **trees}
            # An archive and no worktree: nothing of the repository is changed by a measurement.
            packed = subprocess.run(
                ["git", "-C", str(HERE), "archive", said.base, "src"],
                check=True,
                capture_output=True,
            )
            trees["base"].mkdir()
            subprocess.run(["tar", "-x", "-C", str(trees["base"])], check=True, input=packed.stdout)
        for name in names:
            runs = {which: [] for which in trees}
            for turn in range(said.times + 1):
                for which, tree in trees.items():
                    one = ask(tree, Path(home) / f"cache-{which}", name)
                    # The first compiles and lives, and is not counted.
                    runs[which] += [one] if turn else []
            found[name] = {}
            for which, each in runs.items():
                clock, processor = (statistics.median(column) for column in zip(*each, strict=True))
                found[name][which] = {"clock": round(clock, 2), "processor": round(processor, 2)}
            print(name, found[name], file=sys.stderr)
    found["load after"] = os.getloadavg()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
