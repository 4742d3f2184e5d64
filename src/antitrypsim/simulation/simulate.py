"""The one call under everything: people x draws x times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch, Courses, Kernel
from antitrypsim.foundations.arrays import Floats, Ints, Mask, Scalar
from antitrypsim.foundations.errors import InputError, RunError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.random import exponentials
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.simulation.people import People, Snapshot
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.rerun import batch_rows, merge_courses
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.schedule import repeat_offsets, repeat_rows, schedule_of
from antitrypsim.simulation.settings import CHUNK, DEFAULT, Settings
from antitrypsim.uncertainty.draws import Draws, ParameterSet, typical

_THRESHOLDS = 64
_MOST_BLOCKS = 64
_OUT_OF_THRESHOLDS = 3


def simulate(
    model: Model,
    people: People,
    regimen: Regimen | Sequence[Regimen] | None = None,
    *,
    times: Sequence[float] | Floats,
    outputs: Sequence[str],
    draws: Draws | ParameterSet | None = None,
    as_enrolled: bool = False,
    settings: Settings = DEFAULT,
) -> Iterator[Results]:
    """Simulate people under a regimen, from the start of their lives; yield chunks of results.

    ``regimen`` is one for all, or one for each person in their order. ``times`` are days since day
    0 (negative: before enrolment), shape (times,) for all or (people, times); ``outputs`` are names
    of states or quantities. ``draws`` replaces typical values: a ParameterSet, or Draws of which
    each person lives every one. Chance events come from the people's own seed, so a person has the
    same exponentials in every arm (``People.living_anew`` gives them another life).
    ``as_enrolled`` starts every draw from the states in which ``live`` left the people: the same
    people as they were met, with an unknown future; without it each draw lives their past too.
    ``settings`` say the error allowed, the threads, who is told of progress after each chunk, and
    who may stop it.

    Raises ModelError or InputError for input that does not fit the model, RunError when a
    person's course cannot be integrated.
    """
    regimens, which = _of_each(regimen, people)
    for each in regimens:
        each.check(model)
    seed = _seed_of(people, settings)
    sets = draws if isinstance(draws, Draws) else typical(model, draws)
    if sets.names != model.parameter_names:
        raise InputError("the draws are of another model: their parameters differ")
    if isinstance(outputs, str):
        outputs = (outputs,)
    known = [*model.state_names, *model.quantity_names]
    for name in outputs:
        if name not in known:
            raise InputError(f"no output '{name}'{nearest(name, known)}")
    days = _days(times, people)
    run = _Run(model, regimens, sets, tuple(outputs), seed, settings)
    run.earliest = min(float(days.min()), *(each.earliest for each in regimens))
    if not isinstance(regimen, Regimen | None):
        run.given = content_hash([regimens[k].content_hash for k in which])
    if as_enrolled:
        run.snapshot_key = _snapshot_key(model, typical(model), seed, settings.tolerance)
        if people.snapshot is None or people.snapshot.key != run.snapshot_key:
            raise InputError("these people have not lived to day 0 in this model")
        if run.earliest < 0:
            raise InputError(
                f"day {run.earliest:g} lies before enrolment, from which these people are followed"
            )
        run.as_enrolled = True
    step = max(1, settings.chunk // max(1, len(sets)))
    for first in range(0, len(people), step):
        rows = np.arange(first, min(first + step, len(people)))
        yield run.chunk(people.take(rows), days if days.ndim == 1 else days[rows], which[rows])
        settings.tell("living", int(rows[-1]) + 1, len(people))


def _of_each(
    regimen: Regimen | Sequence[Regimen] | None, people: People
) -> tuple[tuple[Regimen, ...], Ints]:
    """Return the different regimens, and which of them each person is given."""
    if regimen is None or isinstance(regimen, Regimen):
        return (regimen or Regimen(),), np.zeros(len(people), dtype=np.int64)
    if len(regimen) != len(people):
        raise InputError(f"there are {len(regimen)} regimens for {len(people)} people")
    different = list(dict.fromkeys(regimen))
    rows = {each: k for k, each in enumerate(different)}
    return tuple(different), np.array([rows[each] for each in regimen], dtype=np.int64)


def _seed_of(people: People, settings: Settings) -> int:
    if settings.seed not in (None, people.seed):
        raise InputError(
            f"these people live under seed {people.seed}; under seed {settings.seed} each would live "
            "another life, which is another past too: leave the seed out, or ask for "
            f"people.living_anew({settings.seed})"
        )
    return people.seed


def _days(times: Sequence[float] | Floats, people: People) -> Floats:
    """Return the days at which people are read; raise InputError for days that nobody has."""
    try:
        days = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("times must be numbers, in days since day 0") from None
    if days.ndim not in (1, 2):
        raise InputError("times must be a list of days, or one list for each person")
    if not np.all(np.isfinite(days)):
        raise InputError("a time is not a number")
    if days.ndim == 2 and days.shape[0] != len(people):
        raise InputError(f"times has {days.shape[0]} rows for {len(people)} people")
    if not len(people):
        raise InputError("there are no people to simulate")
    if not days.size:
        raise InputError("there are no times to read at; write for example times=[0, 365.25]")
    first = np.broadcast_to(days, (len(people), days.shape[-1])).min(axis=1)
    early = np.flatnonzero(first + people.age < people.birth)
    if early.size:
        row = early[0]
        raise InputError(
            f"day {first[row]:g} lies before the life of person {people.ids[row]}, which starts at "
            f"day {people.birth[row] - people.age[row]:g}"
        )
    return days


def simulate_all(
    model: Model,
    people: People,
    regimen: Regimen | Sequence[Regimen] | None = None,
    *,
    times: Sequence[float] | Floats,
    outputs: Sequence[str],
    draws: Draws | ParameterSet | None = None,
    as_enrolled: bool = False,
    settings: Settings = DEFAULT,
) -> Results:
    """Run ``simulate`` and join its chunks; arguments as there."""
    chunks = simulate(
        model, people, regimen, times=times, outputs=outputs, draws=draws,
        as_enrolled=as_enrolled, settings=settings,
    )  # fmt: skip
    return Results.join(chunks)


def live(
    model: Model,
    people: People,
    *,
    draws: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> tuple[People, Mask]:
    """Let people live to day 0 and keep their states; return them and who is alive.

    Chance events come from the people's own seed; settings with another are refused. Later calls
    of ``simulate`` with the same model, parameters and tolerance start from there.
    """
    sets = typical(model, draws)
    run = _Run(model, (Regimen(),), sets, (), _seed_of(people, settings), settings)
    states, counts, alive = [], [], []
    for first in range(0, len(people), CHUNK):
        part = people.take(np.arange(first, min(first + CHUNK, len(people))))
        nothing = np.zeros(len(part), dtype=np.int64)
        course = run.advance(part, part.birth, part.age, np.zeros(0), None, nothing)
        states.append(course.final_states)
        counts.append(course.hazard_counts)
        alive.append(course.status == 0)
    snapshot = Snapshot(run.snapshot_key, np.concatenate(states), np.concatenate(counts))
    return replace(people, snapshot=snapshot), np.concatenate(alive)


@dataclass(frozen=True)
class _Content:
    """A model that is equal to any other of the same content."""

    hash: str
    model: Model = field(compare=False)


def _kernel(model: Model) -> Kernel:
    return _compiled(_Content(model.content_hash, model))


@lru_cache(maxsize=16)
def _compiled(content: _Content) -> Kernel:
    return compile_model(content.model)


def _snapshot_key(model: Model, sets: Draws, seed: int, tolerance: float) -> str:
    return content_hash([model.content_hash, sets.values, seed, tolerance])


class _Run:
    def __init__(
        self,
        model: Model,
        regimens: Sequence[Regimen],
        sets: Draws,
        outputs: tuple[str, ...],
        seed: int,
        settings: Settings,
    ) -> None:
        self.model = model
        self.kernel = _kernel(model)
        self.regimens = tuple(regimens)
        self.sets = sets
        self.outputs = outputs
        self.seed = seed
        self.settings = settings
        self.snapshot_key = _snapshot_key(model, sets, seed, settings.tolerance)
        self.as_enrolled = False
        self.earliest = 0.0
        self.given = self.regimens[0].content_hash

    def chunk(self, people: People, days: Floats, which: Ints) -> Results:
        n, d = len(people), len(self.sets)
        per_person = np.broadcast_to(days, (n, days.shape[-1])) if days.ndim == 1 else days
        order = np.argsort(per_person, axis=1, kind="stable")
        samples = np.take_along_axis(per_person, order, axis=1) + people.age[:, None]
        usable = people.snapshot is not None and people.snapshot.key == self.snapshot_key
        usable = usable and (d == 1 or self.as_enrolled)
        from_snapshot = usable and self.earliest >= 0
        snapshot = people.snapshot if from_snapshot else None
        start = people.age if from_snapshot else people.birth
        end = samples[:, -1] if samples.shape[1] else people.age
        course = self.advance(people, start, np.maximum(end, start), samples, snapshot, which)
        values = self._observe(people, samples, course)
        unsorted = np.empty_like(values)
        t = samples.shape[1]
        np.put_along_axis(
            unsorted.reshape(n, d, t, -1),
            order[:, None, :, None],
            values.reshape(n, d, t, -1),
            axis=2,
        )
        hazards = {
            name: _packed(course.hazard_times[:, k].reshape(n, d, -1) - people.age[:, None, None])
            for k, name in enumerate(self.kernel.hazard_names)
        }
        return Results(
            ids=people.ids,
            times=days,
            outputs=self.outputs,
            values=unsorted.reshape(n, d, t, len(self.outputs)),
            events=hazards,
            status=course.status.reshape(n, d),
            provenance=self._provenance(people),
        )

    def _provenance(self, people: People) -> Plain:
        return {
            "model": self.model.content_hash,
            "regimen": self.given,
            "draws": self.sets.content_hash,
            "seed": self.seed,
            "tolerance": self.settings.tolerance,
            "units": {name: self.model.units[name] for name in self.outputs},
        }

    def _observe(self, people: People, samples: Floats, course: Courses) -> Floats:
        if not self.outputs or not samples.size:
            return np.empty((samples.size * len(self.sets), len(self.outputs)))
        rows = np.repeat(np.arange(len(people) * len(self.sets)), samples.shape[1])
        times = np.repeat(samples[:, None, :], len(self.sets), axis=1).ravel()
        return self.kernel.observe(
            self._constants(people), times, course.states, course.inputs, self.outputs, owner=rows
        )

    def _constants(self, people: People) -> Floats:
        n, d = len(people), len(self.sets)
        table = np.empty((n, d, len(self.kernel.constant_names)))
        column = {name: k for k, name in enumerate(self.kernel.constant_names)}
        for k, parameter in enumerate(self.model.parameters):
            values = self.sets.values[:, k]
            z = people.effects.get(parameter.id)
            individual = (
                values[None, :]
                if z is None
                else parameter.between_patients.transform(values[None, :], z[:, None])
            )
            if parameter.id in column:
                table[:, :, column[parameter.id]] = individual
        for covariate in self.model.covariates:
            if covariate.name not in people.covariates:
                raise InputError(f"the people have no '{covariate.name}'")
            table[:, :, column[covariate.name]] = people.covariates[covariate.name][:, None]
        return table.reshape(n * d, -1)

    def advance(
        self,
        people: People,
        start: Floats,
        end: Floats,
        samples: Floats,
        snapshot: Snapshot | None,
        which: Ints,
    ) -> Courses:
        """Integrate people x draws between two ages; the rows are people first, draws within."""
        n, d = len(people), len(self.sets)
        events = schedule_of(self.kernel, people, self.regimens, which, start, end)
        per_row = samples.shape[1] if samples.ndim == 2 else 0

        def each(values: NDArray[Scalar]) -> NDArray[Scalar]:
            return np.repeat(values, d, axis=0)

        counts = np.zeros((n, len(self.kernel.hazard_names)), dtype=np.int64)
        batch = Batch(
            constants=self._constants(people),
            start=each(start),
            end=each(end),
            initial_states=None if snapshot is None else each(snapshot.states),
            initial_inputs=each(events.inputs),
            event_offsets=repeat_offsets(events.offsets, d),
            event_times=repeat_rows(events.offsets, events.times, d),
            event_codes=repeat_rows(events.offsets, events.codes, d),
            event_values=repeat_rows(events.offsets, events.values, d),
            sample_offsets=np.arange(n * d + 1, dtype=np.int64) * per_row,
            sample_times=each(samples).ravel() if per_row else np.zeros(0),
            thresholds=each(self._thresholds(people.ids, 1)),
            hazard_counts=each(counts if snapshot is None else snapshot.hazard_counts),
        )
        course = self._advance_with_more(batch, each(people.ids), per_row)
        self.settings.check()
        failed = np.flatnonzero(course.status > 1)
        if failed.size:
            person = people.ids[failed[0] // d]
            raise RunError(
                f"the course of {failed.size} of {n * d} people could not be integrated, "
                f"first person {person} at age {course.final_time[failed[0]] / YEAR:.1f}"
            )
        return course

    def _thresholds(self, ids: Ints, blocks: int) -> Floats:
        """Return the unit exponentials of each process; more blocks go on where fewer end."""
        names = self.kernel.hazard_names
        if not names:
            return np.zeros((ids.size, 0, 1))
        return np.stack(
            [
                np.concatenate(
                    [
                        exponentials(self.seed, f"{name} block {b}", ids, _THRESHOLDS)
                        for b in range(blocks)
                    ],
                    axis=1,
                )
                for name in names
            ],
            axis=1,
        )

    def _advance_with_more(self, batch: Batch, ids: Ints, per_row: int) -> Courses:
        """Advance; people with more events than exponentials are run again with more of them."""
        advance = partial(
            self.kernel.advance,
            tolerance=self.settings.tolerance,
            threads=self.settings.threads,
            cancel=self.settings.cancel,
        )
        course = advance(batch)
        blocks = 1
        while np.any(course.status == _OUT_OF_THRESHOLDS):
            blocks *= 4
            if blocks > _MOST_BLOCKS:
                raise RunError(
                    "a person has thousands of events of one kind; the event rate is absurd"
                )
            rows = np.flatnonzero(course.status == _OUT_OF_THRESHOLDS)
            again = advance(batch_rows(batch, rows, per_row, self._thresholds(ids[rows], blocks)))
            course = merge_courses(course, again, rows, per_row)
        return course


def _packed(times: Floats) -> Floats:
    """Return event times ascending, NaN last, with no more columns than the most that anybody has."""
    ordered = np.sort(times, axis=-1)
    most = int(np.isfinite(ordered).sum(axis=-1).max(initial=1))
    return np.ascontiguousarray(ordered[..., :most])
