"""A wave: many runs of all targets under drawn scores, one file a run, so that it goes on after a stop."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.evaluate import Evaluate
from antitrypsim.calibration.posterior.normal import Normal
from antitrypsim.calibration.statistic import Statistic
from antitrypsim.foundations.errors import InputError, Remade, RunError
from antitrypsim.foundations.files import as_sentence, sealed, unsealed, write_bytes, write_file
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.foundations.random import generator, normals
from antitrypsim.simulation.settings import Settings
from antitrypsim.uncertainty.unknowns import Unknown, parameter_set

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Wave:
    """Runs: ``scores`` (runs, p), and by datum ``values`` in its unit and Monte Carlo ``errors``, (runs, s).

    A run that failed has NaN everywhere and its sentence in ``failed`` by number.
    """

    data: tuple[Datum, ...]
    scores: Floats
    values: Floats
    errors: Floats
    failed: Mapping[int, str]

    @property
    def lived(self) -> NDArray[np.int64]:
        """Positions of the runs that could be lived."""
        return np.array(
            [k for k in range(len(self.scores)) if k not in self.failed], dtype=np.int64
        )

    @property
    def scaled(self) -> Floats:
        """The values on the scale of each datum."""
        columns = [d.scaled(self.values[:, k]) for k, d in enumerate(self.data)]
        return np.stack(columns, axis=1)

    @property
    def chance(self) -> Floats:
        """The variance of Monte Carlo of each datum on its scale: the middle one over the runs."""
        errors = [
            d.scaled_error(self.values[:, k], self.errors[:, k]) for k, d in enumerate(self.data)
        ]
        squares = np.stack(errors, axis=1) ** 2
        squares[~np.isfinite(squares)] = np.nan
        known = np.isfinite(squares).any(axis=0)
        middle = np.zeros(squares.shape[1])
        middle[known] = np.nanmedian(squares[:, known], axis=0)
        return middle


def wave_scores(
    unknowns: Sequence[Unknown], number: int, runs: int, seed: int, about: Normal
) -> Floats:
    """Return the scores of a wave, (runs, unknowns): from ``about``, by streams of their own.

    A wave of more runs begins with those of a smaller one.
    """
    rows = np.arange(runs, dtype=np.int64)
    streams = [normals(seed, f"calibration wave {number} {u.id}", rows)[:, 0] for u in unknowns]
    return about.draws(np.stack(streams, axis=1))


def scores_of(wave: Path) -> Path:
    """Return the file of a wave's scores, beside the folder of its runs."""
    return wave.with_name(f"scores-{wave.name.removeprefix('wave-')}.npy")


def kept_scores(file: Path, runs: int, unknowns: int, draw: Callable[[], Floats]) -> Floats:
    """Return the scores with which a wave was begun, (runs, unknowns), from ``file``; what ``draw`` returns is kept there.

    It is asked only where the file does not hold them all, and returns as many as are asked for.
    Where a wave lies hangs on how earlier ones are emulated and on the last digits of a machine; what
    was run stays usable. Of a wave that is asked to be larger the runs that are new are as drawn. Raises
    InputError for a file of anything else.
    """
    there = np.zeros((0, unknowns))
    try:
        if file.exists():
            with file.open("rb") as stream:
                there = np.lib.format.read_array(stream, allow_pickle=False)
            if there.shape[1:] != (unknowns,) or not np.isfinite(there).all():
                raise ValueError
    except (ValueError, TypeError, EOFError):
        raise InputError(
            "these are no scores of a wave; delete them and the runs of the wave, and both are made anew",
            path=str(file),
        ) from None
    except OSError as problem:
        raise as_sentence(problem, file) from problem
    if len(there) < runs:
        there = np.concatenate([there, draw()[len(there) :]])
        held = BytesIO()
        np.save(held, there)
        write_bytes(file, held.getvalue())
    return np.asarray(there[:runs], dtype=np.float64)


def own_seeds(seed: int, own: str, runs: int) -> list[int]:
    """Return a seed for each of so many runs, 'people of OWN 1' and so on; more runs begin with the same."""
    drawn = [generator(seed, f"people of {own} {k + 1}").integers(2**31) for k in range(runs)]
    return [int(each) for each in drawn]


def open_runs(folder: Path, said: Mapping[str, object]) -> None:
    """Make a folder of runs if there is none; what they are of (``said``, with its "kind") is kept in it.

    Raises InputError for a folder of something else, or of runs of which other things are said.
    """
    kind = said["kind"]
    place = folder / f"{kind}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if place.exists():
            there = json.loads(place.read_text(encoding="utf-8"))
            other = [key for key in said if there.get(key) != said[key]]
            if other:
                raise InputError(
                    f"this folder is of a {kind} with other {' and '.join(other)}; choose another, or "
                    "give what it was begun with",
                    path=str(folder),
                )
        elif any(folder.iterdir()):
            raise InputError(
                "this folder holds something else; name one that is empty or not there",
                path=str(folder),
            )
        else:
            write_file(place, json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    except OSError as problem:
        raise as_sentence(problem, folder) from problem
    except (ValueError, AttributeError):
        raise InputError(
            f"this is not what a {kind} wrote; choose another folder", path=str(place)
        ) from None


def run_wave(
    folder: Path,
    scores: Floats,
    *,
    unknowns: Sequence[Unknown],
    data: Sequence[Datum],
    people: int,
    seed: int,
    equations: str,
    evaluate: Evaluate,
    settings: Settings,
    stage: str,
    first: Callable[[float], None] = lambda seconds: None,
    own: str = "",
) -> Wave:
    """Return a wave of runs at scores (runs, p): those in the folder as they are, the others made.

    People and seed are the same in every run, common random numbers, unless ``own`` names streams: then each run has
    people of its own, others under another name. Each run is written beside its
    place and renamed, and sealed: those that are not as they were written, or have no seal, are named in a
    warning (Remade) and made anew. ``first`` is told how many seconds the first run that was made took. Raises
    InputError for a file of other runs, RunError where every run failed.
    """
    from time import monotonic

    folder.mkdir(parents=True, exist_ok=True)
    targets = sorted({d.target for d in data})
    labels = [d.label for d in data]
    # A score stands for another value under another prior.
    priors = [u.prior_hash for u in unknowns]
    values, errors = (np.full((len(scores), len(labels)), np.nan) for _ in range(2))
    failed: dict[int, str] = {}
    told = False
    seeds = own_seeds(seed, own, len(scores)) if own else [seed] * len(scores)
    places = [folder / f"run-{k + 1:04d}.json" for k in range(len(scores))]
    wanted = [
        content_hash([equations, people, seed, settings.tolerance, labels, priors, row])
        for row, seed in zip(scores, seeds, strict=True)
    ]
    kept = [_read(*each) for each in zip(places, wanted, strict=True)]
    broken = [p.name for p, one in zip(places, kept, strict=True) if one is None and p.exists()]
    if broken:
        warnings.warn(
            f"{folder}: not as written, or without a seal as in an earlier version, and made anew: "
            f"{', '.join(broken)}",
            Remade,
            stacklevel=2,
        )
    for k, (row, seed, said) in enumerate(zip(scores, seeds, kept, strict=True)):
        settings.check()
        settings.tell(stage, k, len(scores))
        if said is None:
            begun = monotonic()
            found = _made(evaluate, parameter_set(unknowns, row), people, seed, targets, settings)
            said = _said(wanted[k], found, labels)
            write_file(places[k], sealed(said))
            if not told:
                told = True
                first(monotonic() - begun)
        if "failed" in said:
            failed[k] = said["failed"]
            continue
        for j, label in enumerate(labels):
            values[k, j], errors[k, j] = map(_or_nan, said["statistics"][label])
    settings.tell(stage, len(scores), len(scores))
    if len(failed) == len(scores):
        raise RunError(f"every run of this wave failed; the first: {failed[0]}", path=str(folder))
    return Wave(tuple(data), scores, values, errors, failed)


def _made(
    evaluate: Evaluate,
    parameters: object,
    people: int,
    seed: int,
    targets: Sequence[str],
    settings: Settings,
) -> Mapping[str, Statistic] | str:
    """Return the statistics of a run, or the sentence with which it failed."""
    from antitrypsim.foundations.errors import Cancelled

    try:
        return evaluate(parameters, people, seed, targets=targets, settings=settings.silent())  # type: ignore[arg-type]
    except Cancelled:
        raise
    except (RunError, InputError) as problem:
        # Values far out can be such that a course cannot be integrated, or that nobody is eligible.
        return str(problem)


def _said(key: str, found: Mapping[str, Statistic] | str, labels: Sequence[str]) -> Plain:
    said: Plain = {"schema": SCHEMA_VERSION, "kind": "calibration run", "key": key}
    if isinstance(found, str):
        return {**said, "failed": found}
    statistics = {
        label: [_or_none(found[label].value), _or_none(found[label].error)] for label in labels
    }
    return {**said, "statistics": statistics}


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _read(place: Path, key: str) -> Plain | None:
    """Return what a run's file says, None where there is none or not what was written; raise InputError for another's."""
    try:
        said = unsealed(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if said.get("key") != key:
        raise InputError(
            "this run is of other equations, targets, priors, people, tolerance or scores; choose another folder, "
            "or delete this one's waves from here on",
            path=str(place),
        )
    return said


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
