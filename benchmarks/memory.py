"""How much memory a run in parts takes, and whether it grows with the number of people.

    python benchmarks/memory.py live 2000 8000
    python benchmarks/memory.py finish 10000 100000 1000000

``live`` conducts the whole run. ``finish`` lives one part and repeats its rows under other places, so
that tables, sums, analyses and manifest of many people are measured without living them. Each number
of people has a process of its own; told is its largest resident memory, and seconds. ``--protocol``: a
name or a file, by default a small trial with one ANCOVA.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from antitrypsim.foundations.hashtree import nodes_of
from antitrypsim.foundations.parquet import parquet
from antitrypsim.runs.finish import finish
from antitrypsim.runs.large import conduct_large, plan_large
from antitrypsim.runs.ledger import Ledger, part_of
from antitrypsim.runs.making import LIVES, make_part
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials.part import LivedPart

SMALL = Path(__file__).parents[1] / "tests" / "cli" / "small.yaml"
PROTOCOL = os.environ.get("ANTITRYPSIM_PROTOCOL", str(SMALL))


def live(count: int, size: int, folder: Path) -> None:
    """Conduct a whole run."""
    plan, model = plan_large(
        PROTOCOL, participants=count, part_size=size, settings=Settings(seed=1)
    )
    conduct_large(plan, model, folder, settings=Settings(seed=1))


def made_up(count: int, size: int, folder: Path) -> None:
    """Write one lived part as often as it takes, under other places."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plan, model = plan_large(
        PROTOCOL, participants=count, part_size=size, settings=Settings(seed=1)
    )
    ledger = Ledger(folder)
    _, data = make_part(plan, model, 0, min(size, 512), Settings(seed=1))
    some = pq.read_table(pa.BufferReader(data))
    whole = pa.concat_tables([some] * -(-size // some.num_rows)).slice(0, size)
    enrolled = {"met": size, "left": {}, "failing": {}}
    for first, n in plan.blocks():
        places = pa.array(range(first, first + n))
        table = whole.slice(0, n).set_column(0, "PLACE", places).set_column(1, "ID", places)
        data = parquet(table)
        part = part_of(LIVES, first, n, data, enrolled=enrolled, failed=[])
        tree = nodes_of(LivedPart(table, enrolled, ()).leaves(), first)
        ledger.add(replace(part, tree=tree), data)


def finished(count: int, size: int, folder: Path) -> None:
    """Finish a run whose parts are there."""
    plan, _ = plan_large(PROTOCOL, participants=count, part_size=size, settings=Settings(seed=1))
    for name, text in (("protocol.yaml", ""), ("request.json", "")):
        (folder / name).write_text(text)
    finish(plan, folder, Ledger(folder), Settings(), lambda part: None)


def measured(how: str, count: int, size: int, folder: Path) -> None:
    """Measure one way in a process of its own and print it."""
    begun = perf_counter()
    {"live": live, "made_up": made_up, "finish": finished}[how](count, size, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if how != "made_up":
        print(
            f"{how}: {count:,} people, {peak:,.0f} MB, {perf_counter() - begun:,.0f} s", flush=True
        )


def main() -> None:
    """Measure every number of people that was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("how", choices=["live", "finish"])
    asked.add_argument("people", type=int, nargs="+")
    asked.add_argument("--size", type=int, default=4096)
    asked.add_argument("--protocol", default=str(SMALL))
    said = asked.parse_args()
    for count in said.people:
        with tempfile.TemporaryDirectory() as folder:
            for how in ("live",) if said.how == "live" else ("made_up", "finish"):
                words = [how, str(count), str(said.size), folder]
                subprocess.run(
                    [sys.executable, __file__, *words], check=True,
                    env={**os.environ, "ANTITRYPSIM_MEMORY": "1", "ANTITRYPSIM_PROTOCOL": said.protocol},
                )  # fmt: skip


if __name__ == "__main__":
    if os.environ.get("ANTITRYPSIM_MEMORY"):
        measured(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
