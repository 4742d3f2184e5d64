"""Which runs there are on this machine: one SQLite file of folders, kept by the command line.

The folders hold everything; the catalogue finds them. A run whose folder has gone is no run.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from antitrypsim.foundations.errors import InputError, nearest

FILE = "runs.sqlite"
_LAST = ("manifest.json", "posterior.parquet")
"""What a trial's run, and a calibration or a fit, write last."""
LEARNING = ("calibration.json", "fit.json")
"""What says that a folder is of a calibration or a fit."""
_TABLE = """create table if not exists runs (
    id text primary key, folder text not null, command text not null, begun text not null)"""


@dataclass(frozen=True)
class Entry:
    """One run: its id, folder, the command that began it, and when (UTC)."""

    id: str
    folder: Path
    command: str
    begun: str

    @property
    def state(self) -> str:
        """Return 'finished', 'running', 'stopped' or 'gone', as the folder says now."""
        from antitrypsim.runs.lock import is_held

        # A name that no system takes is of no folder; os.path raises nothing.
        if not os.path.isdir(self.folder):
            return "gone"
        if is_held(self.folder):
            return "running"
        there = any(os.path.isfile(self.folder / name) for name in _LAST)
        return "finished" if there else "stopped"


def catalogue_file() -> Path:
    """Return where the catalogue is: in the folder of ANTITRYPSIM_RUNS, or the user's data folder."""
    import platformdirs

    named = os.environ.get("ANTITRYPSIM_RUNS")
    return Path(named or platformdirs.user_data_dir("antitrypsim")) / FILE


def enter(id: str, folder: Path, command: str) -> bool:
    """Write a run down, as new or again; return whether the catalogue could be written."""
    from datetime import UTC, datetime

    begun = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    try:
        with _opened(make=True) as found:
            found.execute(
                "insert into runs values (?, ?, ?, ?) on conflict (id) do update set command = ?3",
                (id, os.path.realpath(folder), command, begun),
            )
            found.commit()
    except (OSError, ValueError, sqlite3.Error):
        # Whoever keeps no catalogue still has the run.
        return False
    return True


def entries() -> list[Entry]:
    """Return every run that was written down, the newest first; raise InputError for a broken file."""
    if not catalogue_file().is_file():
        return []
    try:
        with _opened(make=False) as found:
            rows = found.execute(
                "select id, folder, command, begun from runs order by begun desc, id"
            ).fetchall()
    except (OSError, sqlite3.Error) as problem:
        raise InputError(
            f"the catalogue of runs cannot be read ({problem}); move it away, and name runs by "
            "their folder",
            path=str(catalogue_file()),
        ) from problem
    return [
        Entry(id, Path(folder if isinstance(folder, str) else os.devnull), command, begun)
        for id, folder, command, begun in rows
    ]


def is_learning(folder: Path) -> bool:
    """Whether a folder is of a calibration or a fit."""
    return any(os.path.isfile(folder / name) for name in LEARNING)


def command_of(folder: Path) -> list[str]:
    """Return the words of the command that began a folder; raise InputError where nobody wrote it down."""
    import shlex

    real = os.path.realpath(folder)
    for each in entries():
        if str(each.folder) == real:
            return shlex.split(each.command)
    raise InputError(
        "nobody wrote down with which command this folder was begun; give the command itself again",
        path=str(folder),
    )


def folder_of(named: str) -> Path:
    """Return the folder of a run named by its folder or id; raise InputError for an unknown one."""
    if os.path.isdir(named):
        return Path(named)
    found = {entry.id: entry.folder for entry in entries()}
    if named not in found:
        hint = nearest(named, list(found)) or "; 'antitrypsim runs list' says which there are"
        raise InputError(f"no run '{named}'{hint}")
    if not os.path.isdir(found[named]):
        raise InputError(f"the folder of run '{named}' has gone", path=str(found[named]))
    return found[named]


@contextmanager
def _opened(*, make: bool) -> Iterator[sqlite3.Connection]:
    file = catalogue_file()
    if make:
        file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=5)) as found:
        found.execute(_TABLE)
        yield found
