"""Trials that tests of several rooms look at, conducted once for all workers of one run of the suite."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = "ANTITRYPSIM_TESTS_SHARED"
"""Names the folder of this run; workers inherit it from the process that starts them."""


def begin() -> Callable[[], None]:
    """Make the folder of this run, and return what removes it."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="antitrypsim-tests-")
    return lambda: shutil.rmtree(os.environ[FOLDER], ignore_errors=True)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold off the other workers until this one has made the file."""
    try:
        import fcntl
    except ImportError:  # then two may make it, and make the same
        yield
        return
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept(name: str, make: Callable[[], Any]) -> Any:
    """Return what ``make`` returns; what one worker has made the others read."""
    file = Path(os.environ[FOLDER]) / f"{name}.pickle"
    with _alone(file):
        if not file.exists():
            file.write_bytes(pickle.dumps(make()))
        return pickle.loads(file.read_bytes())


@cache
def trial(id: str = "rapid", participants: int = 24, seed: int = 1) -> Any:
    """Return a small trial of a bundled protocol; what is claimed in it is not worked."""
    from antitrypsim.experiments.virtual_trial import run_trial
    from antitrypsim.protocols import load_protocol
    from antitrypsim.simulation.settings import Settings

    return kept(
        f"trial-{id}-{participants}-{seed}",
        lambda: run_trial(
            load_protocol(id),
            participants=participants,
            settings=Settings(seed=seed),
            claims=False,
        ),
    )
