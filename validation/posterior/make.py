"""Make the posterior that comes with the package, in as many sittings as it takes.

    python validation/posterior/make.py run [minutes]
    python validation/posterior/make.py keep
    python validation/posterior/make.py unpack
    python validation/posterior/make.py check

``run`` goes on with the runs in ``runs/posterior`` and stops between two of them when its minutes are over; ``PLAN`` says how
many there are. ``keep`` makes what is left, packs the runs into a Parquet file a wave beside this one, writes the report into
``report.txt`` and puts the posterior into the package. ``unpack`` writes the runs back from the packed waves, to go on with
more waves or on another machine. ``check`` leaves with 1 where the packaged posterior is not of today's equations and targets: before
a release it has to be. Every call of ``run`` and ``keep`` leaves a line in ``log.txt``.
"""

import contextlib
import io
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from antitrypsim.calibration.posterior.calibrate import (
    POSTERIOR,
    Plan,
    Problem,
    calibrate,
    problem_of,
)
from antitrypsim.calibration.posterior.data import data_hash
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.knowledge import PACKAGED
from antitrypsim.calibration.posterior.waves import scores_of
from antitrypsim.calibration.scene import TOLERANCE
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import Cancelled
from antitrypsim.foundations.files import sealed
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "runs" / "posterior"
# A wave takes two cores twenty minutes; errors of so few people are part of the likelihood.
PLAN = Plan(waves=8, runs=240, people=300, checked=60, checked_people=1000)


def command(plan: Plan, folder: Path) -> list[str]:
    """Return what the command line is asked for the same."""
    return [
        "calibrate", "--out", str(folder), "--waves", str(plan.waves), "--runs", str(plan.runs),
        "--people", str(plan.people), "--check", str(plan.checked), "--check-people", str(plan.checked_people),
        "--draws", str(plan.draws), "--tolerance", str(TOLERANCE), "--quiet", *(word for id in plan.only for word in ("--only", id)),
    ]  # fmt: skip


def run(minutes: float, plan: Plan = PLAN, folder: Path = RUNS, here: Path = HERE) -> bool:
    """Go on for so many minutes; return whether all runs are there."""
    problem = problem_of(plan)
    begun, before = monotonic(), count(folder)
    settings = Settings(tolerance=TOLERANCE, cancel=lambda: monotonic() - begun > 60 * minutes)
    done = True
    try:
        calibrate(folder, plan, problem=problem, settings=settings)
    except Cancelled:
        done = False
    made = count(folder) - before
    log(here, problem, f"{made} runs in {(monotonic() - begun) / 60:.0f} min, {count(folder)} in all{', done' if done else ''}")  # fmt: skip
    return done


def keep(
    plan: Plan = PLAN, folder: Path = RUNS, here: Path = HERE, packaged: Path = PACKAGED
) -> Posterior:
    """Make what is left, pack the runs, and put the posterior into the package."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = main(command(plan, folder))
    if code:
        sys.exit(code)
    for wave in sorted(each for each in folder.iterdir() if each.is_dir()):
        pack(wave, here / f"{wave.name}.parquet")
    shutil.copy(folder / "calibration.json", here / "calibration.json")
    # The last line names a folder of this machine.
    text = said.getvalue().split("\nWritten: ")[0]
    (here / "report.txt").write_text(text, encoding="utf-8")
    found = Posterior.load(folder / POSTERIOR)
    packaged.parent.mkdir(exist_ok=True)
    found.save(packaged)
    log(here, problem_of(plan), f"kept posterior {found.content_hash} of {len(found)} draws, Pareto's k {found.origin.k}")  # fmt: skip
    return found


def pack(wave: Path, file: Path) -> None:
    """Write the runs of a wave as one table: a row a run, the scores of a wave, a value and an error a statistic, NaN where there is none."""
    runs = [json.loads(each.read_text("utf-8")) for each in sorted(wave.glob("run-*.json"))]
    labels = list(dict.fromkeys(label for one in runs for label in one.get("statistics", {})))
    columns: dict[str, list[object]] = {
        "key": [one["key"] for one in runs],
        "failed": [one.get("failed") for one in runs],
    }
    columns["scores"] = list(np.load(scores_of(wave))[: len(runs)])
    for label in labels:
        pairs = [one.get("statistics", {}).get(label, [None, None]) for one in runs]
        columns[f"{label} value"] = [np.nan if v is None else v for v, _ in pairs]
        columns[f"{label} error"] = [np.nan if e is None else e for _, e in pairs]
    table = pa.table(columns).replace_schema_metadata({"labels": json.dumps(labels)})
    pq.write_table(table, file, compression="zstd", use_dictionary=False)


def unpack(here: Path = HERE, folder: Path = RUNS) -> None:
    """Write packed runs back as the files that ``calibrate`` goes on with; what is there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(here / "calibration.json", folder / "calibration.json")
    for file in sorted(here.glob("*.parquet")):
        table = pq.read_table(file)
        labels = json.loads(table.schema.metadata[b"labels"])
        place = folder / file.stem
        place.mkdir(exist_ok=True)
        rows = table.to_pylist()
        np.save(scores_of(place), np.array([row["scores"] for row in rows], dtype=np.float64))
        for k, row in enumerate(rows):
            run_file = place / f"run-{k + 1:04d}.json"
            if not run_file.exists():
                run_file.write_text(text_of(row, labels), encoding="utf-8")


def text_of(row: dict[str, object], labels: list[str]) -> str:
    """Return the text of a run's file."""
    said: dict[str, object] = {
        "schema": SCHEMA_VERSION,
        "kind": "calibration run",
        "key": row["key"],
    }
    if row["failed"] is not None:
        said["failed"] = row["failed"]
    else:
        said["statistics"] = {
            label: [
                None if np.isnan(x) else x for x in (row[f"{label} value"], row[f"{label} error"])
            ]
            for label in labels
        }
    return sealed(said)


def check(plan: Plan = PLAN, packaged: Path = PACKAGED) -> str:
    """Return why the packaged posterior is not of today's equations and targets; nothing where it is."""
    if not packaged.is_file():
        return "there is none"
    found = Posterior.load(packaged)
    if problem := found.misfit(build_model()):
        return f"it {problem}"
    return (
        ""
        if found.origin.targets == data_hash(problem_of(plan).data)
        else "it was made of other targets"
    )


def count(folder: Path) -> int:
    """Return how many runs a folder holds."""
    return len(list(folder.glob("*/run-*.json")))


def log(here: Path, problem: Problem, what: str) -> None:
    """Write down what was done, when, and with which equations and targets."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    with (here / "log.txt").open("a", encoding="utf-8") as file:
        file.write(
            f"{now} UTC  equations {problem.equations}  targets {data_hash(problem.data)}  {what}\n"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", *minutes]:
            run(float(minutes[0]) if minutes else float("inf"))
        case ["keep"]:
            keep()
        case ["unpack"]:
            unpack()
        case ["check"]:
            if why := check():
                sys.exit(f"the packaged posterior: {why}; make it anew")
        case _:
            sys.exit(__doc__)
