"""The one call under everything: people x draws x times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch, Courses, Kernel
from antitrypsim.foundations.arrays import Floats, Ints, Mask, Scalar
from antitrypsim.foundations.errors import InputError, RunError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.simulation.asked import days_of, regimens_of_each, seed_of
from antitrypsim.simulation.chance import thresholds_of
from antitrypsim.simulation.constants import constants_of
from antitrypsim.simulation.event_times import event_times
from antitrypsim.simulation.model_for import model_for
from antitrypsim.simulation.people import People, Snapshot
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.rerun import advance_all
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.schedule import repeat_offsets, repeat_rows, schedule_of
from antitrypsim.simulation.settings import CHUNK, DEFAULT, Settings
from antitrypsim.uncertainty.draws import Draws, ParameterSet, typical

_BYTES = 1 << 28
"""What the states of one chunk may take; a chunk is no larger than the settings say either."""


def simulate(
    model: Model,
    people: People,
    regimen: Regimen | Sequence[Regimen] | None = None,
    *,
    times: Sequence[float] | Floats,
    outputs: Sequence[str],
    draws: Draws | ParameterSet | None = None,
    as_enrolled: bool = False,
    keep_failed: bool = False,
    settings: Settings = DEFAULT,
) -> Iterator[Results]:
    """Simulate people under a regimen, from the start of their lives; yield chunks of results.

    ``regimen`` is one for all, or one for each person in their order. ``times`` are days since day
    0 (negative: before enrolment), shape (times,) for all or (people, times); ``outputs`` are names
    of states or quantities. ``draws`` replaces typical values, and how far people differ: a
    ParameterSet, or Draws of which each person lives every one. Chance events come from the people's own seed, so a person has the
    same exponentials in every arm (``People.living_anew`` gives them another life).
    ``as_enrolled`` starts every draw from the states in which ``live`` left the people: the same
    people as they were met, with an unknown future; without it each draw lives their past too.
    With ``keep_failed`` a course that cannot be integrated has a ``status`` above 1 and NaN from
    there on. ``settings`` say the error allowed, the threads, who is told of progress after each
    chunk, and who may stop it.

    Raises ModelError or InputError for input that does not fit the model, RunError when a
    person's course cannot be integrated and ``keep_failed`` is not asked for.
    """
    regimens, which = regimens_of_each(regimen, people)
    for each in regimens:
        each.check(model)
    seed = seed_of(people, settings)
    sets = draws if isinstance(draws, Draws) else typical(model, draws)
    if sets.names != model.parameter_names:
        raise InputError("the draws are of another model: their parameters differ")
    if isinstance(outputs, str):
        outputs = (outputs,)
    known = [*model.state_names, *model.quantity_names]
    for name in outputs:
        if name not in known:
            raise InputError(f"no output '{name}'{nearest(name, known)}")
    days = days_of(times, people)
    whole = model_for(model, regimens)
    run = _Run(whole, regimens, sets, tuple(outputs), seed, settings, keep_failed)
    if whole is not model:
        # While nothing runs in and weight stays the states are the same: who has lived need not live anew.
        run.snapshot_key = _snapshot_key(model, sets, seed, settings.tolerance)
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
    step = run.people_at_once(days.shape[-1])
    for first in range(0, len(people), step):
        rows = np.arange(first, min(first + step, len(people)))
        yield run.chunk(people.take(rows), days if days.ndim == 1 else days[rows], which[rows])
        settings.tell("living", int(rows[-1]) + 1, len(people))


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


class Lived(NamedTuple):
    """People who have lived to day 0: who is ``alive`` (n,), and outputs ``now``, each (n,).

    Of who died before, what an output was at death. ``failed`` (n,): whose course could not be
    integrated; they are not alive. None where nobody was let fail.
    """

    people: People
    alive: Mask
    now: dict[str, Floats]
    failed: Mask | None = None


def live(
    model: Model,
    people: People,
    *,
    outputs: Sequence[str] = (),
    draws: ParameterSet | None = None,
    keep_failed: bool = False,
    settings: Settings = DEFAULT,
) -> Lived:
    """Let people live to day 0 and keep their states, and read ``outputs`` there.

    Chance events come from the people's own seed; settings with another are refused. Later calls
    of ``simulate`` with the same model, parameters and tolerance start from there. Raises as there.
    """
    sets = typical(model, draws)
    seed = seed_of(people, settings)
    run = _Run(model, (Regimen(),), sets, tuple(outputs), seed, settings, keep_failed)
    states, counts, status, now = [], [], [], []
    for first in range(0, len(people), CHUNK):
        part = people.take(np.arange(first, min(first + CHUNK, len(people))))
        nothing = np.zeros(len(part), dtype=np.int64)
        constants = run.constants(part)
        course, _ = run.advance(part, constants, part.birth, part.age, np.zeros(0), None, nothing)
        states.append(course.final_states)
        counts.append(course.hazard_counts)
        status.append(course.status)
        now.append(
            run.kernel.observe(
                constants, course.final_time, course.final_states, course.final_inputs, run.outputs
            )
        )  # fmt: skip
    snapshot = Snapshot(run.snapshot_key, np.concatenate(states), np.concatenate(counts))
    ended = np.concatenate(status)
    return Lived(
        replace(people, snapshot=snapshot),
        ended == 0,
        dict(zip(run.outputs, np.concatenate(now).T, strict=True)),
        ended > 1,
    )


def own_parameters(
    model: Model, people: People, draws: ParameterSet | None = None
) -> dict[str, Floats]:
    """Return each person's own value of every parameter and covariate of the model, each (n,)."""
    seed = people.seed
    run = _Run(model, (Regimen(),), typical(model, draws), (), seed, Settings(seed=seed))
    return dict(zip(run.kernel.constant_names, run.constants(people).T, strict=True))


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
    return content_hash(
        [
            model.content_hash, sets.values, seed, tolerance,
            *([] if sets.spreads is None else [sets.spreads]),
        ]
    )  # fmt: skip


class _Run:
    def __init__(
        self,
        model: Model,
        regimens: Sequence[Regimen],
        sets: Draws,
        outputs: tuple[str, ...],
        seed: int,
        settings: Settings,
        keep_failed: bool = False,
    ) -> None:
        self.model = model
        self.kernel = _kernel(model)
        self.regimens = tuple(regimens)
        self.sets = sets
        self.outputs = outputs
        self.seed = seed
        self.settings = settings
        self.keep_failed = keep_failed
        self.snapshot_key = _snapshot_key(model, sets, seed, settings.tolerance)
        self.as_enrolled = False
        self.earliest = 0.0
        self.given = self.regimens[0].content_hash

    def people_at_once(self, times: int) -> int:
        """Return how many people a chunk holds, each read ``times`` times in every draw."""
        names = (*self.kernel.state_names, *self.kernel.input_names, *self.outputs)
        room = _BYTES // (8 * len(names) * max(1, times))
        return max(1, min(self.settings.chunk, room) // max(1, len(self.sets)))

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
        constants = self.constants(people)
        end = np.maximum(end, start)
        course, times = self.advance(people, constants, start, end, samples, snapshot, which)
        values = self._observe(constants, samples, course)
        unsorted = np.empty_like(values)
        t = samples.shape[1]
        np.put_along_axis(
            unsorted.reshape(n, d, t, -1),
            order[:, None, :, None],
            values.reshape(n, d, t, -1),
            axis=2,
        )
        happened = {
            name: each.reshape(n, d, -1) - people.age[:, None, None]
            for name, each in zip(self.kernel.hazard_names, times, strict=True)
        }
        return Results(
            ids=people.ids,
            times=days,
            outputs=self.outputs,
            values=unsorted.reshape(n, d, t, len(self.outputs)),
            events=event_times(self.model, happened, (n, d)),
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

    def _observe(self, constants: Floats, samples: Floats, course: Courses) -> Floats:
        if not self.outputs or not samples.size:
            return np.empty((samples.size * len(self.sets), len(self.outputs)))
        rows = np.repeat(np.arange(len(constants)), samples.shape[1])
        times = np.repeat(samples[:, None, :], len(self.sets), axis=1).ravel()
        return self.kernel.observe(
            constants, times, course.states, course.inputs, self.outputs, owner=rows
        )

    def constants(self, people: People) -> Floats:
        """Return the parameters and covariates of people x draws, as the kernel takes them."""
        return constants_of(self.model, people, self.sets)

    def advance(
        self,
        people: People,
        constants: Floats,
        start: Floats,
        end: Floats,
        samples: Floats,
        snapshot: Snapshot | None,
        which: Ints,
    ) -> tuple[Courses, tuple[Floats, ...]]:
        """Integrate people x draws between two ages; the rows are people first, draws within.

        Returned beside are the event times of each process, as ``advance_all``.
        """
        n, d = len(people), len(self.sets)
        events = schedule_of(self.kernel, people, self.regimens, which, start, end)
        per_row = samples.shape[1] if samples.ndim == 2 else 0

        def each(values: NDArray[Scalar]) -> NDArray[Scalar]:
            return np.repeat(values, d, axis=0)

        # Who has had events begins with the exponential after them, so that few run out and live twice.
        past = np.zeros((n, len(self.kernel.hazard_names)), dtype=np.int64)
        if snapshot is not None:
            past = snapshot.hazard_counts
        ids, had = each(people.ids), each(past)
        batch = Batch(
            constants=constants,
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
            thresholds=each(thresholds_of(self.model, self.seed, people.ids, after=past)),
            hazard_counts=np.zeros_like(had),
        )
        course, times = advance_all(
            partial(
                self.kernel.advance, tolerance=self.settings.tolerance,
                threads=self.settings.threads, cancel=self.settings.cancel,
            ),
            batch, per_row,
            lambda rows, blocks: thresholds_of(self.model, self.seed, ids[rows], blocks, had[rows]),
        )  # fmt: skip
        course.hazard_counts[:] += had
        self.settings.check()
        failed = np.flatnonzero(course.status > 1)
        if failed.size and not self.keep_failed:
            person = people.ids[failed[0] // d]
            raise RunError(
                f"the course of {failed.size} of {n * d} people could not be integrated, "
                f"first person {person} at age {course.final_time[failed[0]] / YEAR:.1f}"
            )
        return course, times
