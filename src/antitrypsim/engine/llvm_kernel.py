"""The machine code of a model, and how Python calls it."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import struct
import threading
from collections.abc import Callable, Sequence
from functools import cache as memoize
from pathlib import Path

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from antitrypsim.engine.events import Lanes
from antitrypsim.engine.jit import Host, Loaded, host, object_code
from antitrypsim.engine.kernel import (
    Batch,
    Checked,
    Courses,
    Floats,
    Integers,
    empty_courses,
    positions,
)
from antitrypsim.engine.layout import ARGUMENTS, Layout
from antitrypsim.engine.lowering import Lowered, lower
from antitrypsim.engine.rows import emit_rows
from antitrypsim.engine.steps import Steps
from antitrypsim.engine.tableau import RODAS5P, Tableau
from antitrypsim.foundations import cache
from antitrypsim.foundations.errors import Cancelled
from antitrypsim.modelling.model import Model

Memory = NDArray[np.uint8]
Word = int | float | NDArray[np.generic] | None


class UnavailableError(Exception):
    """LLVM cannot make code here."""


def module_text(lowered: Lowered, tableau: Tableau, lanes: int) -> tuple[str, Layout]:
    """Return the IR of a whole kernel, and how its memory lies."""
    module = ir.Module("antitrypsim")
    layout = Layout(lowered, tableau, lanes)
    bookkeeping = Lanes(module, lowered, tableau, layout)
    Steps(module, lowered, tableau, layout).emit()
    bookkeeping.emit()
    n = len(lowered.rates)
    graph = lowered.graph
    states = [graph.leaf("state", i) for i in range(n)]
    emit_rows(module, "observe", lowered, [*states, *lowered.quantities], lanes)
    emit_rows(module, "rates_of_rows", lowered, lowered.rates, lanes)
    # Only what is there: LLVM takes the square of the number of stores, minutes for each zero too.
    emit_rows(module, "jacobian_of_rows", lowered, [*lowered.jacobian.values()], lanes)
    return str(module), layout


@memoize
def _generator_version() -> str:
    """Hash of the engine: any change of it makes new object code."""
    mixed = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        mixed.update(file.read_bytes())
    return mixed.hexdigest()


class LlvmKernel:
    """A model as machine code: a pack of patients in the lanes of one vector."""

    backend = "llvm"

    def __init__(self, lowered: Lowered, facts: dict[str, int], code: bytes) -> None:
        self.facts = facts
        self._loaded = Loaded(code)
        self._advance = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(
            self._loaded.address("advance")
        )
        kinds = [ctypes.c_int64, *[ctypes.c_void_p] * 6, ctypes.c_int64, ctypes.c_void_p]
        row_kind = ctypes.CFUNCTYPE(None, *kinds)
        self._rows = {
            name: row_kind(self._loaded.address(name))
            for name in ("observe", "rates_of_rows", "jacobian_of_rows")
        }
        self.state_names = lowered.state_names
        self.quantity_names = lowered.quantity_names
        self.constant_names = lowered.constant_names
        self.input_names = lowered.input_names
        self.input_defaults = lowered.input_defaults
        self.dose_names = lowered.dose_names
        self.hazard_names = lowered.hazard_names
        self.rest = lowered.rest
        self.scales = np.array(lowered.scales)
        self._derivatives = np.array([*lowered.jacobian], np.int64).reshape(-1, 2).T

    @classmethod
    def of(
        cls, model: Model, *, tableau: Tableau = RODAS5P, lanes: int | None = None
    ) -> LlvmKernel:
        """Return the kernel of a model, from the disk if it is there."""
        try:
            where: Host = host()
        except Exception as error:
            raise UnavailableError(str(error)) from error
        lanes = lanes or where.lanes
        lowered = lower(model)
        key = cache.digest(
            lowered.fingerprint(), where.key(), _generator_version(), tableau.name, str(lanes)
        )
        stored = cache.read(key)
        if stored is None:
            text, layout = module_text(lowered, tableau, lanes)
            try:
                code = object_code(text)
            except RuntimeError as error:
                raise UnavailableError(str(error)) from error
            stored = struct.pack("<q", layout.bytes) + code
            cache.write(key, stored)
        (size,) = struct.unpack("<q", stored[:8])
        facts = {"memory": size, "lanes": lanes}
        return cls(lowered, facts, stored[8:])

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
        """Advance every patient from its start to its end (see ``Kernel``)."""
        checked = Checked(batch, self)
        courses = empty_courses(checked, self)
        scale = np.ascontiguousarray(self.scales if scales is None else scales, float)
        counter, stop = np.zeros(8, np.int64), np.zeros(16, np.int32)
        words: dict[str, Word] = {
            "rows": checked.size,
            "counter": counter,
            "cancel": stop,
            "threshold_count": checked.threshold_count,
            "first_step": checked.step_hint,
            "tolerance": float(tolerance),
            "scales": scale,
            "max_steps": float(max_steps),
        }
        for name in ARGUMENTS:
            if name not in words:
                words[name] = getattr(courses if hasattr(courses, name) else checked, name)
        block = np.array([_word(words[name]) for name in ARGUMENTS], np.int64)
        workers = max(1, min(threads, -(-checked.size // self.facts["lanes"])))
        memories = [_aligned(self.facts["memory"]) for _ in range(workers)]

        def work(memory: Memory) -> None:
            self._advance(block.ctypes.data, memory.ctypes.data)

        _run(work, memories, stop, cancel)
        return courses

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
        """Return the named states and quantities of rows (see ``Kernel``)."""
        wanted = positions(self, names)
        return self._over_rows("observe", constants, times, states, inputs, wanted, owner)

    def rates(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the rate of change of every state (rows, states)."""
        wanted = np.arange(len(self.state_names))
        return self._over_rows("rates_of_rows", constants, times, states, inputs, wanted)

    def jacobian(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the derivatives of rates by states (rows, states, states)."""
        row, column = self._derivatives
        wanted = np.arange(len(row))
        there = self._over_rows("jacobian_of_rows", constants, times, states, inputs, wanted)
        n = len(self.state_names)
        dense = np.zeros((len(there), n, n))
        dense[:, row, column] = there
        return dense

    def _over_rows(
        self,
        name: str,
        constants: Floats,
        times: Floats,
        states: Floats,
        inputs: Floats,
        wanted: Integers,
        owner: Integers | None = None,
    ) -> Floats:
        states = np.ascontiguousarray(np.atleast_2d(states), float)
        rows = len(states)
        constants = np.ascontiguousarray(np.atleast_2d(constants), float)
        times = np.ascontiguousarray(np.broadcast_to(times, (rows,)), float)
        inputs = np.ascontiguousarray(inputs, float).reshape(rows, len(self.input_names))
        if owner is None:
            owner = np.arange(rows) if len(constants) == rows else np.zeros(rows, np.int64)
        owner = np.ascontiguousarray(owner, np.int64)
        wanted = np.ascontiguousarray(wanted, np.int64)
        out = np.empty((rows, len(wanted)))
        arrays = [a.ctypes.data for a in (owner, constants, times, states, inputs, wanted)]
        self._rows[name](rows, *arrays, len(wanted), out.ctypes.data)
        return out


def _word(value: Word) -> int:
    """Return a 64-bit word: an integer, the bits of a double, or the address of an array."""
    if value is None:
        return 0
    if isinstance(value, float):
        bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
        return bits
    return value if isinstance(value, int) else int(value.ctypes.data)


def _aligned(size: int) -> Memory:
    raw = np.zeros(size + 64, np.uint8)
    shift = -raw.ctypes.data % 64
    return raw[shift : shift + size]


def _run(
    work: Callable[[Memory], None],
    memories: list[Memory],
    stop: NDArray[np.int32],
    cancel: Callable[[], bool] | None,
) -> None:
    """Work in threads; they draw rows from one counter, so none waits for another.

    Even one worker gets a thread of its own: the caller stays able to hear Ctrl-C and ``cancel``.
    """
    ends = [threading.Event() for _ in memories]

    def labour(memory: Memory, end: threading.Event) -> None:
        try:
            work(memory)
        finally:
            end.set()

    for pair in zip(memories, ends, strict=True):
        threading.Thread(target=labour, args=pair, daemon=True).start()
    try:
        while not all(end.is_set() for end in ends):
            for end in ends:
                end.wait(0.02)
            if cancel is not None and cancel():
                raise Cancelled("the run was stopped")
    except BaseException:
        stop[0] = 1
        # An interrupted Thread.join takes a running thread for an ended one (Python 3.11), and
        # what the threads write into must not be freed under them.
        for end in ends:
            while not end.is_set():
                with contextlib.suppress(KeyboardInterrupt):
                    end.wait()
        raise
