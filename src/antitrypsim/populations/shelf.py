"""The library of lives on disk: whole lives by kind, in parts that are there whole or not at all.

A part is a Parquet file of 256 lives of one kind, written beside its place and renamed. It says of which
library it is and holds a hash of each column: what is damaged or of another library is made anew. Parts
are numbered, and a part is the same whatever other parts there are.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from antitrypsim.foundations import cache
from antitrypsim.foundations.arrays import Ints
from antitrypsim.foundations.errors import AntitrypsimError, InputError, Remade, reason_of
from antitrypsim.foundations.files import as_sentence, sealed, write_bytes, write_file
from antitrypsim.foundations.parquet import parquet
from antitrypsim.foundations.provenance import (
    SCHEMA_VERSION,
    content_hash,
    software_hash,
    versions,
)
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import every_output_judged
from antitrypsim.populations.lives_read import Kind, LivesRead, ages_read, ids_of, live_whole
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.people import Comorbid, Demographics, Smoked
from antitrypsim.populations.spec import GENOTYPES, Smoking
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

if TYPE_CHECKING:
    import pyarrow as pa

PART = 256
"""Lives in a part: few enough that a small question makes few, enough to fill the lanes of the engine."""
UNTIL = FIXED.usual_age_most.value
"""The age up to which lives are read."""
MANIFEST = "library.json"
# Whoever is taken lives once more at the error that was asked for and is judged by that.
_TOLERANCE = 1e-3
# Whose files can move a bit of a life without therapy.
_ROOMS = (
    "documents", "endpoints", "engine", "evidence", "foundations", "modelling", "organs", "populations",
    "simulation", "statistics", "uncertainty",
)  # fmt: skip
_STALE = 3600.0
_MARK = b"antitrypsim"
_KINDS = frozenset(product(GENOTYPES, ("female", "male"), get_args(Smoking)))
_NAME = re.compile(r"part-([0-9]{5}|[1-9][0-9]{5,})\.parquet")
_OWN = (
    "ID", "OFFSET", "HEIGHT", "WEIGHT", "PACKS", "STARTED", "STOPPED", "ALCOHOL", "METABOLIC",
    "BRONCHIECTASIS", "SYMPTOMS", "FAILED",
)  # fmt: skip


@dataclass
class Shelf:
    """The library of lives of this software, one for the model without therapy and a parameter set.

    ``settings`` say on how many threads lives are made, who is told and who may stop it; seed and error
    are the library's own. ``remade`` are the files that were not as they were written and were made
    anew, ``made`` is how many lives were lived.
    """

    parameters: ParameterSet | None = None
    settings: Settings = DEFAULT
    remade: list[str] = field(default_factory=list)
    made: int = 0

    @cached_property
    def key(self) -> str:
        """Hash of all that a life of it depends on."""
        return content_hash(
            {
                "schema": SCHEMA_VERSION, "software": software_hash(*_ROOMS), "seed": SEED,
                "parameters": (self.parameters or ParameterSet()).content_hash,
                "tolerance": _TOLERANCE, "until": UNTIL, "part": PART, "outputs": every_output_judged(),
            }
        )  # fmt: skip

    @property
    def folder(self) -> Path:
        """Where its parts lie; raise InputError as ``cache.folder``."""
        return shelves() / self.key

    @cached_property
    def model(self) -> Model:
        """The model in which its lives are lived."""
        return build_model(therapies=())

    def warm(self) -> None:
        """Compile what lives are lived by, so that what is timed next is living alone."""
        self._live(Kind("ZZ", "female", "never"), 0, 1)
        self.made -= 1

    def file(self, kind: Kind, number: int) -> Path:
        """Return the place of a part."""
        return self.folder / "-".join(kind) / f"part-{number:05d}.parquet"

    def part(self, kind: Kind, number: int, outputs: Iterable[str]) -> LivesRead:
        """Return the lives of a part with some outputs: those on disk, else made now and kept.

        What cannot be read or kept serves this once. A damaged part is named in a warning (Remade). Raises
        RunError where a life cannot be lived, Cancelled.
        """
        found = self._whole(kind, number, outputs)
        if found is not None:
            return found
        lives = self._live(kind, number)
        # A disk that is full or not to be written to costs the time of the next one, and no answer.
        with contextlib.suppress(AntitrypsimError, OSError):
            self._write(kind, number, lives)
        return lives

    def make(self, kind: Kind, number: int) -> bool:
        """Make a part where it is not there whole; return whether it was made.

        Raises InputError or RunError where it cannot be kept, and as ``part``.
        """
        if self._whole(kind, number, every_output_judged()) is not None:
            return False
        self._write(kind, number, self._live(kind, number))
        return True

    def read(self, kind: Kind, number: int, outputs: Iterable[str]) -> LivesRead | None:
        """Return the lives of a part on disk, None where there is none.

        Raises Damaged for another, Unreadable where it may not be looked at.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        file, names = self.file(kind, number), [*_OWN, *outputs]
        try:
            if not file.exists():
                return None
            with pq.ParquetFile(file, memory_map=True) as opened:
                said = json.loads(opened.schema_arrow.metadata[_MARK])
                table = opened.read(columns=names)
            if said["library"] != self.key or said["part"] != [*kind, number]:
                raise Damaged(str(file))
            columns = {name: _values(table.column(name)) for name in names}
            if any(_hash(columns[name]) != said["columns"][name] for name in names):
                raise Damaged(str(file))
        except PermissionError as problem:
            raise _unreadable(problem, file) from problem
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as problem:
            raise Damaged(str(file)) from problem
        return _lives_of(kind, columns, names[len(_OWN) :])

    def numbers(self, kind: Kind) -> list[int]:
        """Return the numbers of the parts of a kind on disk; raise Unreadable."""
        named = (_NAME.fullmatch(file.name) for file in _listed(self.folder / "-".join(kind)))
        return sorted(int(each[1]) for each in named if each)

    def kinds(self) -> list[Kind]:
        """Return the kinds of which there is a folder on disk; raise Unreadable."""
        words = (tuple(each.name.split("-")) for each in _listed(self.folder))
        return [Kind(*each) for each in words if each in _KINDS]

    def wrong(self, kind: Kind, number: int, rows: int) -> str:
        """Return what is wrong with a part on disk, nothing where it is whole.

        Its hashes are compared, and its first ``rows`` lives with the same people who live once more.
        """
        outputs = every_output_judged()
        try:
            kept = self.read(kind, number, outputs)
        except Damaged:
            return "not as it was written"
        except Unreadable as problem:
            return problem.message
        if kept is None:
            return "not there"
        again = self._live(kind, number, rows)
        for output in outputs:
            if not np.array_equal(again.now[output], kept.now[output][:rows], equal_nan=True):
                return f"another '{output}' than these people have when they live once more"
        return ""

    def _whole(self, kind: Kind, number: int, outputs: Iterable[str]) -> LivesRead | None:
        """Return the lives of a part on disk, None where they have to be lived; a damaged one is named."""
        try:
            return self.read(kind, number, outputs)
        except Damaged:
            file = self.file(kind, number)
            self.remade.append(file.relative_to(self.folder).as_posix())
            warnings.warn(
                f"{file} was not as it was written and is made anew", Remade, stacklevel=2
            )
        except Unreadable:
            pass
        return None

    def _live(self, kind: Kind, number: int, count: int = PART) -> LivesRead:
        settings = replace(
            self.settings.silent(), seed=SEED, tolerance=_TOLERANCE, chunk=Settings().chunk
        )
        self.made += count
        return live_whole(
            self.model, [kind], np.zeros(count, dtype=np.int64), number * PART + np.arange(count),
            until=UNTIL, outputs=every_output_judged(), parameters=self.parameters,
            keep_failed=True, settings=settings,
        )  # fmt: skip

    def _write(self, kind: Kind, number: int, lives: LivesRead) -> None:
        file = self.file(kind, number)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            for half in file.parent.glob(".*.partial"):
                # What a kill has left; another process may be at work on a young one.
                if time() - half.stat().st_mtime > _STALE:
                    half.unlink(missing_ok=True)
        except OSError as problem:
            raise as_sentence(problem, file) from problem
        if not os.path.exists(manifest := self.folder / MANIFEST):
            write_file(manifest, sealed(self._manifest()))
        write_bytes(file, parquet(self._table(kind, number, lives)))

    def _table(self, kind: Kind, number: int, lives: LivesRead) -> pa.Table:
        import pyarrow as pa

        columns = _columns_of(lives)
        said = {
            "library": self.key,
            "part": [*kind, number],
            "columns": {name: _hash(values) for name, values in columns.items()},
        }
        arrays = {
            name: pa.array(values)
            if values.ndim == 1
            else pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
            for name, values in columns.items()
        }
        return pa.table(arrays).replace_schema_metadata({_MARK: json.dumps(said, sort_keys=True)})

    def _manifest(self) -> dict[str, Any]:
        return {
            "kind": "antitrypsim lives", "schema": SCHEMA_VERSION, "key": self.key,
            "model": self.model.content_hash, "software": software_hash(*_ROOMS), "seed": SEED,
            "parameters": (self.parameters or ParameterSet()).to_dict(), "tolerance": _TOLERANCE,
            "ages": ages_read(UNTIL).tolist(), "outputs": every_output_judged(), "part": PART,
            "versions": versions(),
        }  # fmt: skip


class Damaged(InputError):
    """A part of the library that is not as it was written, or is of another library."""


class Unreadable(InputError):
    """What of the library may not be looked at."""


def _unreadable(problem: OSError, place: Path) -> Unreadable:
    return Unreadable(f"this cannot be read: {reason_of(problem)}", path=str(place))


def _listed(folder: Path) -> list[Path]:
    """Return what a folder holds, in order, nothing where there is none; raise Unreadable."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        raise _unreadable(problem, folder) from problem


def shelves() -> Path:
    """Return the folder of all libraries of lives; raise InputError as ``cache.folder``."""
    return cache.folder() / "lives"


def others(shelf: Shelf) -> Iterator[Path]:
    """Yield the folders of libraries of other software or other parameters; raise Unreadable."""
    for folder in _listed(shelves()):
        if os.path.isdir(folder) and folder.name != shelf.key:
            yield folder


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder that may be looked at."""
    files = (os.path.join(home, name) for home, _, names in os.walk(folder) for name in names)
    return sum(os.path.getsize(file) for file in files if os.path.isfile(file))


def parts_of(shelf: Shelf) -> list[tuple[Kind, int]]:
    """Return the parts of a library on disk."""
    return [(kind, number) for kind in shelf.kinds() for number in shelf.numbers(kind)]


def _columns_of(lives: LivesRead) -> dict[str, np.ndarray[Any, Any]]:
    who, ill = lives.who, lives.ill
    own = (
        lives.ids, lives.offset, who.height, who.weight, who.smoked.packs, who.smoked.started,
        who.smoked.stopped, ill.alcohol, ill.metabolic, ill.bronchiectasis, lives.symptoms,
        lives.failed.astype(np.float64),
    )  # fmt: skip
    return {**dict(zip(_OWN, own, strict=True)), **lives.now}


def _lives_of(
    kind: Kind, columns: Mapping[str, np.ndarray[Any, Any]], outputs: Iterable[str]
) -> LivesRead:
    own: list[Any] = [columns[name] for name in _OWN]
    ids, offset, height, weight, packs, started, stopped, *had, symptoms, failed = own
    n = ids.size
    ill = Comorbid(*had)
    who = Demographics(
        np.full(n, FIXED.age_most.value), np.full(n, float(kind.sex == "male")), height, weight,
        np.tile(np.array(GENOTYPES[kind.genotype], dtype=float), (n, 1)),
        Smoked(np.full(n, kind.smoking, dtype=object), packs, started, stopped), ill,
    )  # fmt: skip
    now = {output: columns[output] for output in outputs}
    return LivesRead(SEED, ids, who, ill, symptoms, offset, now, failed > 0)


def _values(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    import pyarrow as pa

    whole = column.combine_chunks()
    if pa.types.is_fixed_size_list(whole.type):
        return _flat(whole.flatten()).reshape(len(whole), -1)
    return _flat(whole)


def _flat(values: pa.Array) -> np.ndarray[Any, Any]:
    import pyarrow as pa

    # pyarrow's own way to numpy imports pandas first, a quarter of a second.
    plain = values.null_count == 0 and not pa.types.is_boolean(values.type)
    return np.from_dlpack(values) if plain else values.to_numpy(zero_copy_only=False)


def _hash(values: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()


def ids_in(kind: Kind, numbers: Ints) -> Ints:
    """Return the ids of the lives of a kind, by their numbers."""
    return ids_of([kind], np.zeros(numbers.size, dtype=np.int64), numbers)
