"""Run many trials of a design, in threads where there are several."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numpy.typing import NDArray

from antitrypsim.foundations.errors import Cancelled
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import chunk_size

Progress = Callable[[int, int], None]
Floats = NDArray[Any]


def operate(
    lab: DesignSimulation,
    truth: Truth,
    *,
    replicates: int | None = None,
    participants: int | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Outcome:
    """Return the outcomes of ``replicates`` trials of the design; the same whatever the threads.

    Raises InputError where the design cannot be, RunError where nobody passes the screening,
    Cancelled when ``cancel`` says so.
    """
    kind = kind_of(lab.design)
    places = kind.places(lab, participants or lab.participants)
    total = replicates or lab.design.replicates

    each = chunk_size(places)

    def one(chunk: int) -> Outcome:
        if cancel is not None and cancel():
            raise Cancelled("the trials were stopped")
        size = min(each, total - chunk * each)
        return kind.conduct(lab, lab.draw(chunk, size, places, truth))

    return Outcome.join(in_threads(one, -(-total // each), threads, progress))


def in_threads(
    work: Callable[[int], Any], chunks: int, threads: int, progress: Progress | None = None
) -> list[Any]:
    """Return ``work`` of every chunk in order; numpy lets threads run side by side."""
    tell = progress or (lambda *_: None)
    out: list[Any] = []
    if threads <= 1 or chunks == 1:
        for k in range(chunks):
            out.append(work(k))
            tell(k + 1, chunks)
        return out
    with ThreadPoolExecutor(threads) as pool:
        for k, found in enumerate(pool.map(work, range(chunks))):
            out.append(found)
            tell(k + 1, chunks)
    return out
