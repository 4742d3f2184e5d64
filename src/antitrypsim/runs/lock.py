"""One process at a time writes a run folder; whoever died holds nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from antitrypsim.foundations.errors import InputError

LOCK = ".lock"
"""The file in a run folder that the writing process holds; it stays, and says nothing by being there."""


@contextmanager
def held(folder: Path, id: str) -> Iterator[None]:
    """Hold the folder for run ``id``; raise InputError with the id of another that holds it.

    The system lets go when a process ends, however it ends, so that nothing has to be cleared away.
    Raises OSError where the file cannot be written.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _taken(handle):
            raise InputError(
                f"{_holder(folder)} is writing here; wait for it, or choose another --out",
                path=str(folder),
            )
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps({"run": id, "process": os.getpid()}).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether a process writes the folder just now."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _taken(handle)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(folder: Path) -> str:
    try:
        said = json.loads((folder / LOCK).read_text("utf-8"))
        return f"run {said['run']} (process {said['process']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
