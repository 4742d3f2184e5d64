"""What a kernel is: batches of patients in, courses out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from antitrypsim.foundations.errors import InputError, nearest

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def _no_floats() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Batch:
    """Patients to advance; one row each. Times are ages in days, ascending within a row.

    Events lie in half-open spans: those of row r are ``event_offsets[r]`` to
    ``event_offsets[r + 1]``, and one at ``end`` or later is left to the next segment. A code of 0
    or more is a dose of that index; -1-k sets input k. Codes, values and times run in parallel.
    ``thresholds`` (n, n_hazards, K) are unit exponentials and ``hazard_counts`` how many of them
    are used already; without thresholds no hazard ever happens. ``step_hint`` is a first step.
    """

    constants: Floats
    start: Floats
    end: Floats
    initial_states: Floats | None = None
    initial_inputs: Floats | None = None
    event_offsets: Integers | None = None
    event_times: Floats = field(default_factory=_no_floats)
    event_codes: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    event_values: Floats = field(default_factory=_no_floats)
    sample_offsets: Integers | None = None
    sample_times: Floats = field(default_factory=_no_floats)
    thresholds: Floats | None = None
    hazard_counts: Integers | None = None
    step_hint: Floats | None = None

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.start)


@dataclass(frozen=True, eq=False)
class Courses:
    """What became of a batch.

    A sample at the time of an event holds the state before it; samples after a course has ended
    are NaN. ``status``: 0 reached its end, 1 ended by a hazard, 2 failed (step too small), 3 ran
    out of thresholds, 4 too many steps. ``final_step`` is a good ``step_hint`` to go on with.
    """

    states: Floats
    inputs: Floats
    hazard_times: Floats
    hazard_counts: Integers
    final_time: Floats
    final_states: Floats
    final_inputs: Floats
    final_step: Floats
    status: npt.NDArray[np.int8]
    steps: Integers
    rejected: Integers


class Kernel(Protocol):
    """A compiled model."""

    @property
    def backend(self) -> str:
        """'llvm' or 'portable'."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in order."""

    @property
    def quantity_names(self) -> tuple[str, ...]:
        """Names of the quantities, in order."""

    @property
    def constant_names(self) -> tuple[str, ...]:
        """Parameter ids, then covariate names."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs."""

    @property
    def input_defaults(self) -> tuple[float, ...]:
        """What each input is until it is set."""

    @property
    def dose_names(self) -> tuple[str, ...]:
        """Names of the doses; the index is the event code."""

    @property
    def hazard_names(self) -> tuple[str, ...]:
        """Names of the hazards."""

    @property
    def rest(self) -> Mapping[int, float]:
        """By position, the states that nothing in the model moves from this number."""

    def advance(
        self,
        batch: Batch,
        *,
        tolerance: float = 1e-4,
        scales: Floats | None = None,
        max_steps: int = 10_000_000,
        threads: int = 2,
        cancel: Callable[[], bool] | None = None,
    ) -> Courses:
        """Advance every patient from its start to its end.

        The local error of every state stays below ``tolerance`` x (scale + |state|), the scale
        being State.scale or ``scales``. Raises Cancelled when ``cancel`` says so.
        """

    def observe(
        self,
        constants: Floats,
        times: Floats,
        states: Floats,
        inputs: Floats,
        names: Sequence[str],
        *,
        owner: Integers | None = None,
    ) -> Floats:
        """Return the named states and quantities (rows, names).

        Row r has the constants of row ``owner[r]``, or of row r without ``owner``.
        """

    def rates(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the rate of change of every state (rows, states)."""

    def jacobian(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the derivatives of rates by states (rows, states, states)."""


class Checked:
    """A batch with every array present, contiguous, of the right type and shape."""

    def __init__(self, batch: Batch, names: Kernel) -> None:
        n = batch.size
        self.size = n
        states, inputs = len(names.state_names), len(names.input_names)
        hazards = len(names.hazard_names)
        self.constants = _array(batch.constants, (n, len(names.constant_names)), "constants")
        self.start = _array(batch.start, (n,), "start")
        self.end = _array(batch.end, (n,), "end")
        self.initial_states = (
            None
            if batch.initial_states is None
            else _array(batch.initial_states, (n, states), "initial_states")
        )
        self._check_rest(names)
        given = np.zeros((n, inputs)) if batch.initial_inputs is None else batch.initial_inputs
        self.initial_inputs = _array(given, (n, inputs), "initial_inputs")
        self.event_times = _array(batch.event_times, (len(batch.event_times),), "event_times")
        events = len(self.event_times)
        self.event_values = _array(batch.event_values, (events,), "event_values")
        self.event_codes = np.ascontiguousarray(batch.event_codes, np.int32)
        self.event_offsets = _offsets(batch.event_offsets, n, events, "event_offsets")
        self.sample_times = _array(batch.sample_times, (len(batch.sample_times),), "sample_times")
        self.sample_offsets = _offsets(
            batch.sample_offsets, n, len(self.sample_times), "sample_offsets"
        )
        self._check_events(len(names.dose_names), inputs)
        _ascending(self.event_times, self.event_offsets, "event_times")
        _ascending(self.sample_times, self.sample_offsets, "sample_times")
        self._check_samples()
        self.hazard_counts = np.zeros((n, hazards), np.int64)
        if batch.hazard_counts is not None:
            self.hazard_counts[:] = batch.hazard_counts
        self.thresholds = np.zeros((n, hazards, 0))
        if batch.thresholds is not None:
            shape = (n, hazards, np.shape(batch.thresholds)[-1])
            self.thresholds = _array(batch.thresholds, shape, "thresholds")
        self.step_hint = (
            None if batch.step_hint is None else _array(batch.step_hint, (n,), "step_hint")
        )

    @property
    def threshold_count(self) -> int:
        """How many thresholds each hazard of each patient has."""
        return int(self.thresholds.shape[2])

    def _check_events(self, doses: int, inputs: int) -> None:
        if len(self.event_codes) != len(self.event_times):
            raise InputError("event_codes and event_times differ in length")
        if len(self.event_codes) and not (
            self.event_codes.max() < doses and self.event_codes.min() >= -inputs
        ):
            raise InputError(f"an event code is not between {-inputs} and {doses - 1}")

    def _check_rest(self, names: Kernel) -> None:
        if self.initial_states is None:
            return
        for i, value in names.rest.items():
            elsewhere = np.flatnonzero(self.initial_states[:, i] != value)
            if elsewhere.size:
                row = elsewhere[0]
                raise InputError(
                    f"initial_states has '{names.state_names[i]}' at "
                    f"{self.initial_states[row, i]:g} in row {row}; nothing in this model moves it, "
                    f"so it can only start at {value:g}"
                )

    def _check_samples(self) -> None:
        rows = np.repeat(np.arange(self.size), np.diff(self.sample_offsets))
        if np.any(self.sample_times < self.start[rows]):
            raise InputError("a sample time lies before the start of its patient")


def _array(value: npt.ArrayLike, shape: tuple[int, ...], name: str) -> Floats:
    array = np.ascontiguousarray(value, np.float64)
    if array.shape != shape:
        raise InputError(f"{name} has the shape {array.shape}; it must be {shape}")
    return array


def _offsets(value: npt.ArrayLike | None, n: int, total: int, name: str) -> Integers:
    if value is None:
        if total:
            raise InputError(f"{name} is missing")
        return np.zeros(n + 1, np.int64)
    array = np.ascontiguousarray(value, np.int64)
    if array.shape != (n + 1,):
        raise InputError(f"{name} must have one entry more than there are patients")
    if array[0] < 0 or array[-1] > total or np.any(np.diff(array) < 0):
        raise InputError(f"{name} must ascend and stay within its {total} entries")
    return array


def _ascending(times: Floats, offsets: Integers, name: str) -> None:
    if len(times) < 2:
        return
    falls = np.flatnonzero(np.diff(times) < 0) + 1
    if len(np.setdiff1d(falls, offsets)):
        raise InputError(f"{name} must ascend within a patient")


def positions(kernel: Kernel, names: Sequence[str]) -> Integers:
    """Return where the names stand among states, then quantities; raise for an unknown one."""
    known = [*kernel.state_names, *kernel.quantity_names]
    index = {name: i for i, name in enumerate(known)}
    for name in names:
        if name not in index:
            raise InputError(f"no state or quantity '{name}'{nearest(name, known)}")
    return np.array([index[name] for name in names], np.int64)


def empty_courses(checked: Checked, names: Kernel) -> Courses:
    """Return courses to be filled in: NaN where nothing will be written."""
    n, states, inputs = checked.size, len(names.state_names), len(names.input_names)
    samples = len(checked.sample_times)
    return Courses(
        states=np.full((samples, states), np.nan),
        inputs=np.full((samples, inputs), np.nan),
        hazard_times=np.full(checked.thresholds.shape, np.nan),
        hazard_counts=checked.hazard_counts.copy(),
        final_time=np.full(n, np.nan),
        final_states=np.full((n, states), np.nan),
        final_inputs=np.full((n, inputs), np.nan),
        final_step=np.full(n, np.nan),
        status=np.full(n, -1, np.int8),
        steps=np.zeros(n, np.int64),
        rejected=np.zeros(n, np.int64),
    )
