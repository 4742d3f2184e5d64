"""The counterfactual library: every virtual person once under every arm, and under draws, on disk.

Trials are drawn from it with replacement, so that its people are the population of every replicate
and the true effect on them is known exactly. Courses are kept as 32-bit floats: a ten-millionth of a
value, far below what any instrument reads.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.endpoints import endpoint
from antitrypsim.foundations import cache
from antitrypsim.foundations.arrays import Floats, Floats32
from antitrypsim.foundations.errors import InputError, reason_of
from antitrypsim.foundations.files import (
    as_sentence,
    beside,
    hash_of,
    put,
    put_text,
    sealed,
    synced_hash,
    unsealed,
)
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import (
    SCHEMA_VERSION,
    Provenance,
    content_hash,
    software_hash,
)
from antitrypsim.foundations.sizes import size_of, time_of
from antitrypsim.laboratory import large_library, switchlives
from antitrypsim.laboratory.arm_changes import ArmChange, Wanted
from antitrypsim.laboratory.design_file.limits import MOST_DRAWS, MOST_PEOPLE
from antitrypsim.populations.cohorts import cohort as cohort_of
from antitrypsim.populations.cohorts import cohort_places
from antitrypsim.populations.enrol import together
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import Draws, check_number_of_draws

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.laboratory.design_file.trial_design import LibrarySize
    from antitrypsim.modelling import Model
    from antitrypsim.protocols import Protocol
    from antitrypsim.simulation.people import People

KIND = "antitrypsim library"
UNTREATED = "no treatment"
"""The arm that a library adds where every arm of its protocol is treated."""


@dataclass(frozen=True, eq=False)
class Counterfactuals:
    """True courses: of people under every arm, by draw of what is unknown.

    ``values``: by endpoint id, float32 (draws, arms, people, days) in the endpoint's unit, NaN after
    death. ``events``: by event process, float32 (draws, arms, people, most) days since
    randomisation, NaN padded. ``switched``: of people who change from one arm to another, by endpoint
    id or 'death', '-', and the number of the library's change: float32 (draws, people, nodes, days
    from 0 on; one day of death). All may lie on disk.
    """

    values: Mapping[str, Floats32]
    events: Mapping[str, Floats32]
    switched: Mapping[str, Floats32] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws there are; 1 for typical values."""
        return int(self.events["death"].shape[0])

    @property
    def people(self) -> int:
        """How many people lived each of them."""
        return int(self.events["death"].shape[2])

    @cached_property
    def death(self) -> Floats32:
        """The day of death, infinity for none: (draws, arms, people)."""
        days = np.asarray(self.events["death"][..., 0])
        return np.where(np.isnan(days), np.float32(np.inf), days)


@dataclass(frozen=True, eq=False)
class Library:
    """The people of a protocol under every arm.

    ``arms``: arm ids, the last ``no treatment`` where every arm is treated. ``days``: at which values
    are kept, negative ones before randomisation. ``typical``: all people under the model's typical
    values; ``drawn``: the first of them under each draw, None without draws. ``scores`` (draws,
    parameters): the standard normal behind each draw. ``people``: a frame, one row a person.
    ``met`` were met to enrol them, and ``left`` how many not taken for which reason. ``changes``: the
    changes from one arm to another that they lived too. ``told`` is a sentence on the library of lives that
    they were drawn from, nothing where they were met anew.
    """

    protocol: Protocol
    arms: tuple[str, ...]
    days: Floats
    people: pd.DataFrame
    typical: Counterfactuals
    drawn: Counterfactuals | None
    met: int
    left: Mapping[str, int]
    provenance: Provenance
    changes: tuple[ArmChange, ...] = ()
    told: str = ""

    def column(self, day: float) -> int:
        """Return where a day stands in ``days``; raise InputError for one that was not kept."""
        found = np.flatnonzero(np.abs(self.days - day) < 1e-6)
        if not found.size:
            raise InputError(f"the library keeps no values at day {day:g}")
        return int(found[0])

    @property
    def untreated(self) -> int:
        """The place of the arm without any treatment."""
        regimens = self.protocol.regimens()
        for k, arm in enumerate(self.arms):
            if arm == UNTREATED or not regimens[arm].names:
                return k
        raise InputError("no arm of the library is untreated")

    def courses(self, *, uncertain: bool) -> Counterfactuals:
        """Return the courses under draws, or at typical values; raise InputError without draws."""
        if not uncertain:
            return self.typical
        if self.drawn is None:
            raise InputError("the library holds no draws of what is unknown; ask for some")
        return self.drawn


def open_library(
    protocol: Protocol,
    size: LibrarySize,
    *,
    before: Sequence[float] = (),
    extra: Sequence[str] = (),
    switches: Wanted | None = None,
    model: Model | None = None,
    known: Knowledge = PRIOR,
    settings: Settings = DEFAULT,
) -> Library:
    """Return the library of a protocol, from disk if it was made before, else made and kept.

    ``before``: days before randomisation, positive, at which values are kept too. ``extra``:
    endpoints kept besides those that the protocol measures. ``switches``: changes from one arm to
    another that are lived too, and their endpoints. ``known``: where draws come from. It lies in the cache folder (ANTITRYPSIM_CACHE)
    under a name made of all that it depends on, this software included. Every file is held against its
    hash when it is opened; a damaged library is made anew. Raises InputError for numbers that cannot be
    and for a cache that cannot be written, RunError as ``run_trial``.
    """
    _check_size(size)
    if size.draws:
        protocol.check_drawn(model)
    model = model or build_model(therapies=protocol.therapies())
    what = _Contents(
        protocol, tuple(sorted(before, reverse=True)), tuple(sorted(set(extra))),
        switches or Wanted(),
    )  # fmt: skip
    source = known.hash_for(model) if size.draws else ""
    key = content_hash(
        {
            **switchlives.key(what.switches),
            "schema": SCHEMA_VERSION, "software": software_hash(),
            "protocol": what.course_key(), "model": model.content_hash,
            "people": size.people, "draws": size.draws, "per_draw": size.per_draw if size.draws else 0,
            "days": what.days(), "endpoints": what.endpoints(), "seed": settings.key,
            "tolerance": settings.tolerance, "meet_anew": settings.meet_anew,
            **({"posterior": source} if source else {}),
        }
    )  # fmt: skip
    known.check(model, size.draws)
    folder = cache.folder() / "libraries" / f"{protocol.id}-{key}"
    found = _read(folder, protocol, key)
    if found is not None:
        return found
    _check_place(folder)
    wanted = what.bytes(model, size)
    if wanted > large_library.IN_MEMORY:
        large_library.check_room(folder, wanted)
        return _live_large(folder, key, what, model, size, settings, known, wanted)
    lived = _live(what, model, size, settings, known)
    _write(folder, lived, key)
    return lived


def _check_size(size: LibrarySize) -> None:
    if not 2 <= size.people <= MOST_PEOPLE:
        raise InputError(
            f"a library of {so_many(size.people, 'person', 'people')} cannot be; 2 to {MOST_PEOPLE:,} can"
        )
    check_number_of_draws(size.draws, MOST_DRAWS)
    if size.draws and not 2 <= size.per_draw <= size.people:
        raise InputError(
            f"{so_many(size.per_draw, 'person', 'people')} for each draw cannot be; 2 to {size.people:,} can"
        )


@dataclass(frozen=True)
class _Contents:
    protocol: Protocol
    before: tuple[float, ...]
    extra: tuple[str, ...]
    switches: Wanted

    def days(self) -> list[float]:
        asked = {0.0, *self.protocol.visit_days().values(), self.protocol.length_days}
        return sorted({-b for b in self.before} | asked)

    def endpoints(self) -> list[str]:
        measured = [a.endpoint for a in self.protocol.assessments]
        found = dict.fromkeys([*measured, *self.extra])
        return [id for id in found if endpoint(id).kind == "measurement"]

    def regimens(self, model: Model) -> dict[str, Regimen]:
        found = self.protocol.regimens(model)
        if all(r.names for r in found.values()):
            found[UNTREATED] = Regimen()
        return found

    def bytes(self, model: Model, size: LibrarySize) -> int:
        """Return how much the values of all take, before anybody lives; changes of arm not counted."""
        lives = size.people + size.draws * size.per_draw
        return 4 * len(self.endpoints()) * len(self.regimens(model)) * len(self.days()) * lives

    def course_key(self) -> dict[str, object]:
        """Return what of a protocol decides the courses: who, what is given, how long."""
        said = self.protocol.to_dict()
        own = any(self.protocol.by_person(arm.id) for arm in self.protocol.arms)
        keys = ("population", "epochs", "arms", *(("participants",) if own else ()))
        return {key: said[key] for key in keys}


def _live(
    what: _Contents, model: Model, size: LibrarySize, settings: Settings, known: Knowledge
) -> Library:
    cohort = cohort_of(model, what.protocol.population, size.people, settings=settings)
    regimens = what.regimens(model)
    typical = _courses(what, model, cohort.people, regimens, None, settings)
    drawn = None
    if size.draws:
        some = cohort.people.take(np.arange(size.per_draw))
        sets = known.draws(model, size.draws, settings.key)
        drawn = _courses(what, model, some, regimens, sets, settings)
    changes: tuple[ArmChange, ...] = ()
    if what.switches.pairs:
        lives = _changing(what, model, cohort.people, regimens, settings)
        changes = lives.changes(what.switches.pairs)
        typical = replace(typical, switched=lives.lived(changes))
        if drawn is not None:
            drawn = replace(drawn, switched=lives.lived(changes, some, sets))
    return Library(
        what.protocol, tuple(regimens), np.array(what.days()),
        cohort.people.to_frame(), typical, drawn, cohort.met, dict(cohort.left),
        _provenance(model, cohort.people.content_hash, size, settings, known), changes, cohort.told(),
    )  # fmt: skip


def _changing(
    what: _Contents,
    model: Model,
    people: People,
    regimens: Mapping[str, Regimen],
    settings: Settings,
) -> switchlives.Lives:
    by_person = [arm for arm in regimens if what.protocol.by_person(arm)]
    if by_person:
        raise InputError(
            f"people cannot change arms where single participants are given otherwise than planned, as in "
            f"'{by_person[0]}'; leave out 'persons' and 'records', or 'intercurrent'"
        )
    return switchlives.Lives(
        model, people, regimens, [d for d in what.days() if d >= 0], what.switches.endpoints, settings,
    )  # fmt: skip


def _provenance(
    model: Model, people: str, size: LibrarySize, settings: Settings, known: Knowledge
) -> Provenance:
    return Provenance(
        model=model.content_hash, people=people, seed=settings.key,
        tolerance=settings.tolerance, draws=size.draws,
        drawn_people=size.per_draw if size.draws else 0, software=software_hash(),
        posterior=known.hash_for(model) if size.draws else "",
    )  # fmt: skip


def _live_large(
    folder: Path, key: str, what: _Contents, model: Model, size: LibrarySize, settings: Settings,
    known: Knowledge, wanted: int,
) -> Library:  # fmt: skip
    """Make a library block by block on the disk; raise RunError where that becomes full."""
    import pandas as pd

    regimens = what.regimens(model)
    sets = known.draws(model, size.draws, settings.key) if size.draws else None
    each = max(wanted // (size.people + size.draws * size.per_draw), 1)
    at_once = max(1, large_library.TOGETHER // (each * max(size.draws, 1)))
    changes: tuple[ArmChange, ...] = ()
    cohorts, frames, hashes, anew = [], [], [], 0
    quiet = settings.silent()

    def met(people: int) -> People:
        # As most of so many are.
        anew = replace(quiet, meet_anew=True)
        return cohort_places(model, what.protocol.population, 0, people, settings=anew).people

    seconds = large_library.seconds_of(
        size, met, lambda some, draws: _courses(what, model, some, regimens, draws, quiet), sets
    )
    stage = f"living ({size_of(int(large_library.MARGIN * wanted))} on the disk, about {time_of(seconds)})"
    try:
        with beside(folder) as workplace:
            typical = large_library.Filling(workplace, "typical", size.people)
            drawn = large_library.Filling(workplace, "drawn", size.per_draw)
            for first, count in large_library.blocks(size.people, large_library.BLOCK):
                settings.tell(stage, first, size.people)
                settings.check()
                cohort = cohort_places(
                    model, what.protocol.population, first, count, settings=quiet
                )
                people = cohort.people
                lives = None
                if what.switches.pairs:
                    lives = _changing(what, model, people, regimens, quiet)
                    changes = changes or lives.changes(what.switches.pairs)
                lived = _block(what, model, people, regimens, None, quiet, lives, changes, first)
                typical.add(first, lived.values, lived.events, lived.switched)
                own = min(count, size.per_draw - first) if sets is not None else 0
                for begin, n in large_library.blocks(max(own, 0), at_once):
                    settings.check()
                    some = people.take(np.arange(begin, begin + n))
                    at = first + begin
                    lived = _block(what, model, some, regimens, sets, quiet, lives, changes, at)
                    drawn.add(at, lived.values, lived.events, lived.switched)
                anew += cohort.anew if cohort.lives else count
                cohorts.append(replace(cohort, people=people.take(np.arange(0)), failed=None))
                frames.append(people.to_frame())
                hashes.append(people.content_hash)
            settings.tell(stage, size.people, size.people)
            typical.finish()
            drawn.finish()
            whole = replace(together(cohorts), anew=anew)
            pd.concat(frames, ignore_index=True).to_parquet(workplace / "people.parquet")
            made = sorted(each.name for each in workplace.iterdir())
            hash = hashes[0] if len(hashes) == 1 else content_hash(hashes)
            about = Library(
                what.protocol, tuple(regimens), np.array(what.days()), frames[0],
                Counterfactuals({}, {}), None, whole.met, dict(whole.left),
                _provenance(model, hash, size, settings, known), changes, whole.told(),
            )  # fmt: skip
            _seal(workplace, about, key, {file: synced_hash(workplace / file) for file in made})
            put(workplace, folder)
    except OSError as problem:
        raise as_sentence(problem, folder) from problem
    found_all = _read(folder, what.protocol, key)
    assert found_all is not None
    return found_all


def _block(
    what: _Contents, model: Model, people: People, regimens: Mapping[str, Regimen], sets: Draws | None,
    settings: Settings, lives: switchlives.Lives | None, changes: Sequence[ArmChange], first: int,
) -> Counterfactuals:  # fmt: skip
    lived = _courses(what, model, people, regimens, sets, settings, first=first)
    if lives is None:
        return lived
    return replace(lived, switched=lives.lived(changes, people, sets))


def _courses(
    what: _Contents, model: Model, people: People, regimens: Mapping[str, Regimen],
    sets: Draws | None, settings: Settings, *, first: int = 0,
) -> Counterfactuals:  # fmt: skip
    """Return the courses of people who take the places from number ``first`` on."""
    ids, days = what.endpoints(), what.days()
    outputs = list(dict.fromkeys(endpoint(id).output for id in ids))
    # Before enrolment nothing is unknown, so a draw begins at day 0 and past values are the typical.
    late = [d for d in days if d >= 0] if sets is not None else days
    stage = "drawing from what is unknown" if sets is not None else "living"
    values: dict[str, list[Floats32]] = {id: [] for id in ids}
    events: dict[str, list[Floats32]] = {}
    own = what.protocol.regimens_of(np.arange(first, first + len(people)), model)
    for arm, plan in regimens.items():
        regimen = own.get(arm, plan)
        parts = list(
            simulate(
                model, people, regimen, times=late, outputs=outputs, draws=sets,
                as_enrolled=sets is not None, settings=settings.during(f"{stage}: {arm}"),
            )
        )  # fmt: skip
        lived = Results.join(_slim(parts))
        for id in ids:
            found = endpoint(id)
            course = np.swapaxes(lived[found.output] * found.factor, 0, 1).astype(np.float32)
            if len(late) < len(days):
                gap = np.full((*course.shape[:2], len(days) - len(late)), np.nan, np.float32)
                course = np.concatenate([gap, course], axis=2)
            values[id].append(course)
        for process, when in lived.events.items():
            events.setdefault(process, []).append(np.swapaxes(when, 0, 1).astype(np.float32))
    return Counterfactuals(
        {id: np.stack(each, axis=1) for id, each in values.items()},
        {process: _padded(each) for process, each in events.items()},
    )


def _slim(parts: Sequence[Results]) -> Iterator[Results]:
    for part in parts:
        yield replace(part, values=part.values.astype(np.float32))


def _padded(arms: Sequence[Floats32]) -> Floats32:
    most = max(1, *(a.shape[-1] for a in arms))
    pad = [
        np.pad(a, ((0, 0), (0, 0), (0, most - a.shape[-1])), constant_values=np.nan) for a in arms
    ]
    return np.stack(pad, axis=1)


def _check_place(folder: Path) -> None:
    """Raise InputError before anybody lives where nothing could be kept."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with beside(folder):
            pass
    except OSError as problem:
        raise InputError(
            f"the cache cannot be written ({reason_of(problem)}); set "
            "ANTITRYPSIM_CACHE to a folder that can be",
            path=str(cache.folder()),
        ) from problem


def _write(folder: Path, library: Library, key: str) -> None:
    # What people lived is not lost to a disk that has become full: it is only not kept.
    with contextlib.suppress(OSError), beside(folder) as workplace:
        files = {}
        for part in ("typical", "drawn"):
            courses = getattr(library, part)
            if courses is None:
                continue
            for room in ("values", "events", "switched"):
                held = getattr(courses, room)
                for name, array in held.items():
                    file = f"{part}-{room}-{name}.npy"
                    np.save(workplace / file, array)
                    files[file] = synced_hash(workplace / file)
        library.people.to_parquet(workplace / "people.parquet")
        files["people.parquet"] = synced_hash(workplace / "people.parquet")
        _seal(workplace, library, key, files)
        put(workplace, folder)


def _seal(workplace: Path, library: Library, key: str, files: Mapping[str, str]) -> None:
    manifest = {
        "kind": KIND, "schema": SCHEMA_VERSION, "key": key, "arms": list(library.arms),
        "days": [float(d) for d in library.days], "met": library.met,
        "left": dict(library.left), "provenance": library.provenance.to_dict(),
        "told": library.told, "files": dict(files), "changes": [change.to_dict() for change in library.changes],
    }  # fmt: skip
    put_text(workplace / "manifest.json", sealed(manifest))


def _read(folder: Path, protocol: Protocol, key: str) -> Library | None:
    """Return the library kept in a folder; None where there is none, or one that is not whole."""
    try:
        manifest = unsealed((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["kind"] != KIND or manifest["key"] != key:
            return None
        if any(hash_of(folder / file) != said for file, said in manifest["files"].items()):
            return None
        return _opened(folder, protocol, manifest)
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def _opened(folder: Path, protocol: Protocol, manifest: Plain) -> Library:
    import pandas as pd

    parts: dict[str, dict[str, dict[str, Floats32]]] = {}
    for file in manifest["files"]:
        if not file.endswith(".npy"):
            continue
        part, room, name = file.removesuffix(".npy").split("-", 2)
        array = np.load(folder / file, mmap_mode="r")
        parts.setdefault(part, {}).setdefault(room, {})[name] = array
    courses = {
        part: Counterfactuals(held["values"], held["events"], held.get("switched", {}))
        for part, held in parts.items()
    }
    return Library(
        protocol, tuple(manifest["arms"]), np.array(manifest["days"]),
        pd.read_parquet(folder / "people.parquet"), courses["typical"], courses.get("drawn"),
        manifest["met"], manifest["left"], Provenance.from_dict(manifest["provenance"]),
        tuple(ArmChange.from_dict(each) for each in manifest["changes"]), manifest["told"],
    )  # fmt: skip
