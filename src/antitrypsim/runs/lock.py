"""One process at a time writes a run folder; whoever died holds nothing."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

from antitrypsim.foundations.errors import InputError

LOCK = ".lock"
"""The file in a run folder that the writing process holds; it stays, and says nothing by being there."""

_TRIES = 4
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOTSUP, errno.ENOLCK)


@contextmanager
def held(folder: Path, id: str) -> Iterator[None]:
    """Hold the folder for run ``id``; raise InputError with the id of another that holds it.

    The system lets go when a process ends, however it ends, so that nothing has to be cleared away.
    Raises OSError where the file cannot be written.
    """
    handles = _handles(folder, make=True)
    try:
        if not _all_taken(handles):
            raise InputError(
                f"{_holder(folder)} is writing here; wait for it, or choose another --out",
                path=str(folder),
            )
        os.truncate(handles[-1], 0)
        os.pwrite(handles[-1], json.dumps({"run": id, "process": os.getpid()}).encode(), 0)
        yield
    finally:
        for handle in handles:
            os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether a process writes the folder just now."""
    try:
        handles = _handles(folder, make=False)
    except OSError:
        return False
    try:
        return not all(map(_taken, handles))
    finally:
        for handle in handles:
            os.close(handle)


def _handles(folder: Path, *, make: bool) -> list[int]:
    """Open what is held: the folder itself, where the system can, since a file may be deleted."""
    found = []
    with suppress(OSError):
        # Windows opens no folders.
        found.append(os.open(folder, os.O_RDONLY))
    try:
        how = os.O_RDWR | (os.O_CREAT if make else 0)
        found.append(os.open(folder / LOCK, how, 0o666))
    except FileNotFoundError:
        if not found:
            raise
    except OSError:
        for handle in found:
            os.close(handle)
        raise
    return found


def _all_taken(handles: list[int]) -> bool:
    for _ in range(_TRIES):
        if all(map(_taken, handles)):
            return True
        # Whoever looks whether a folder is held holds it for a moment.
        sleep(0.05)
    return False


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
    except OSError as problem:
        # Some shared disks lock files and no folders; then the file alone is held.
        if not stat.S_ISDIR(os.fstat(handle).st_mode) or problem.errno not in _NO_LOCKS:
            raise
    return True


def _holder(folder: Path) -> str:
    try:
        said = json.loads((folder / LOCK).read_text("utf-8"))
        return f"run {said['run']} (process {said['process']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
