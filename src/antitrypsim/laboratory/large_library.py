"""A library of more courses than memory holds: lived block by block into files that are then opened.

A person's courses do not depend on who lives beside them, so that the files are those of a library that
was made in one go. Room for all is taken on the disk before anybody lives.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Floats32
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.sizes import size_of

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import LibrarySize
    from antitrypsim.populations.people import People
    from antitrypsim.uncertainty.draws import Draws

Held = Mapping[str, Floats32]

IN_MEMORY = 1 << 29
"""Bytes of values up to which a library is made in memory."""
BLOCK = 4096
"""People who live together; more than those by whom days of change are chosen."""
TOGETHER = 1 << 26
"""Bytes of values of the people who live every draw together."""
PILOT, PILOT_DRAWS = 192, 4
"""People, and draws of a third of them, who are lived to learn how long all will take."""
MARGIN = 1.5
"""What events, people and files in the making take beside values, of these."""


def check_room(place: Path, wanted: int) -> None:
    """Raise InputError, before anybody lives, where a disk has no room for ``wanted`` bytes of values."""
    from shutil import disk_usage

    while not place.exists():
        place = place.parent
    free, wanted = disk_usage(place).free, int(MARGIN * wanted)
    if wanted > free:
        raise InputError(
            f"this library takes about {size_of(wanted)} on the disk, and {size_of(free)} are free; ask "
            "for fewer people or draws, or set ANTITRYPSIM_CACHE to a folder with more room",
            path=str(place),
        )


def seconds_of(
    size: LibrarySize, met: Callable[[int], People], lived: Callable[[People, Draws | None], object], sets: Draws | None
) -> float:  # fmt: skip
    """Return about how long a library takes, from a few of its people and draws; changes of arm are not counted.

    ``met`` meets so many people, and ``lived`` lets people live, under draws where there are any.
    """

    def timed(people: int, drawn: int) -> tuple[float, float]:
        begun = perf_counter()
        some = met(people)
        lived(some, None)
        between = perf_counter()
        if sets is None:
            return between - begun, 0.0
        few = sets.take(slice(0, PILOT_DRAWS))
        lived(some.take(np.arange(drawn)), few)
        return between - begun, (perf_counter() - between) / drawn / len(few)

    people = min(PILOT, size.people)
    # Two people bear the loading of the model, which a long run does not feel.
    timed(2, 2)
    once, each = timed(people, min(max(people // 3, 2), size.per_draw))
    return once / people * size.people + each * size.draws * size.per_draw


def blocks(count: int, each: int) -> Iterator[tuple[int, int]]:
    """Return the first of each block of people, and how many there are."""
    for first in range(0, count, each):
        yield first, min(each, count - first)


class Filling:
    """The files of one part of a library (``typical`` or ``drawn``) of ``people``, in the making.

    Raises OSError where the disk is full, which a mapped file would not tell.
    """

    def __init__(self, folder: Path, part: str, people: int) -> None:
        self._folder, self._part, self._people = folder, part, people
        self._begun: dict[Path, tuple[int, ...]] = {}
        self._events: dict[str, list[tuple[int, Path, int]]] = {}

    def add(self, first: int, values: Held, events: Held, switched: Held) -> None:
        """Write the courses of the people from number ``first`` on, as ``Counterfactuals`` has them."""
        for room, held, axis in (("values", values, 2), ("switched", switched, 1)):
            for name, array in held.items():
                self._put(self._file(room, name), first, array, axis)
        # How wide events are is known when all have lived.
        for process, days in events.items():
            file = self._folder / f".{self._part}-{process}-{first}.npy"
            np.save(file, days)
            self._events.setdefault(process, []).append((first, file, days.shape[-1]))

    def finish(self) -> None:
        """Join the events."""
        for process, parts in self._events.items():
            most = max(width for _, _, width in parts)
            for first, file, width in parts:
                days = np.load(file)
                gap = ((0, 0), (0, 0), (0, 0), (0, most - width))
                days = np.pad(days, gap, constant_values=np.nan)
                self._put(self._file("events", process), first, days, 2)
                file.unlink()

    def _file(self, room: str, name: str) -> Path:
        return self._folder / f"{self._part}-{room}-{name}.npy"

    def _put(self, file: Path, first: int, array: Floats32, axis: int) -> None:
        count = array.shape[axis]
        if file not in self._begun:
            shape = (*array.shape[:axis], self._people, *array.shape[axis + 1 :])
            self._begun[file] = shape
            np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=shape)
            with file.open("rb+") as stream:
                reserve: Callable[[int, int, int], None] | None = getattr(
                    os, "posix_fallocate", None
                )
                if reserve is not None:
                    reserve(stream.fileno(), 0, os.fstat(stream.fileno()).st_size)
        # Opened anew for each block, since what is mapped counts as memory that is used.
        held = np.load(file, mmap_mode="r+")
        held[(*[slice(None)] * axis, slice(first, first + count))] = array
        held.flush()
