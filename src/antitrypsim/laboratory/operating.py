"""Run many trials of a design, in threads where there are several."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import chunk_size
from antitrypsim.simulation.settings import DEFAULT, Settings

Found = TypeVar("Found")


def operate(
    lab: DesignSimulation,
    truth: Truth,
    *,
    replicates: int | None = None,
    participants: int | None = None,
    settings: Settings = DEFAULT,
) -> Outcome:
    """Return the outcomes of ``replicates`` trials of the design; the same whatever the threads.

    Raises InputError where the design cannot be, RunError where nobody passes the screening,
    Cancelled when the settings say so.
    """
    kind = kind_of(lab.design)
    places = kind.places(lab, participants or lab.participants)
    total = replicates or lab.design.replicates

    each = chunk_size(places)

    def one(chunk: int) -> Outcome:
        size = min(each, total - chunk * each)
        return kind.conduct(lab, lab.draw(chunk, size, places, truth))

    return Outcome.join(in_threads(one, -(-total // each), settings))


def in_threads(work: Callable[[int], Found], chunks: int, settings: Settings) -> list[Found]:
    """Return ``work`` of every chunk in order; numpy lets threads run side by side.

    Raises Cancelled between chunks when the settings say so.
    """

    def one(chunk: int) -> Found:
        settings.check()
        return work(chunk)

    out: list[Found] = []
    if settings.threads <= 1 or chunks == 1:
        for k in range(chunks):
            out.append(one(k))
            settings.tell("drawing trials", k + 1, chunks)
        return out
    with ThreadPoolExecutor(settings.threads) as pool:
        for k, found in enumerate(pool.map(one, range(chunks))):
            out.append(found)
            settings.tell("drawing trials", k + 1, chunks)
    return out
