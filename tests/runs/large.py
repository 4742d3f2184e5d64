"""What the tests of large runs share: a small protocol, run in parts once."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.dataset as ds

from antitrypsim.runs.large import run_large
from antitrypsim.simulation.settings import Settings

SMALL = Path(__file__).parents[1] / "cli" / "small.yaml"
PEOPLE, SIZE, SEED = 26, 7, 3
HELD = TemporaryDirectory(prefix="antitrypsim-large-")


def run(folder, *, seed=SEED, part_size=SIZE, participants=PEOPLE, threads=1, **more):
    how = {k: more.pop(k) for k in ("progress", "cancel", "tolerance") if k in more}
    return run_large(
        SMALL, folder, participants=participants, part_size=part_size,
        settings=Settings(seed=seed, threads=threads, **how), **more,
    )  # fmt: skip


@cache
def undisturbed():
    return run(Path(HELD.name) / "undisturbed").folder


def bits(folder):
    """Every file of a folder but the lock, by name."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def rows(folder, table, by=("USUBJID",)):
    frame = ds.dataset(folder / table).to_table().to_pandas()
    return frame.sort_values(list(by), ignore_index=True, kind="stable")
