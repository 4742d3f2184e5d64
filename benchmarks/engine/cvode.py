"""SUNDIALS CVODE called in C from the libraries inside the scikit-sundae wheel, without Python."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_double, c_int, c_int64, c_long, c_void_p
from pathlib import Path

import numpy as np

BDF, NORMAL = 2, 1


class Sundials:
    """The loaded libraries, and where a vector and a dense matrix keep their data."""

    def __init__(self) -> None:
        import sksundae

        folder = Path(sksundae.__file__).parent.parent / "scikit_sundae.libs"
        self.functions = {}
        names = ("core", "nvecserial", "sunmatrixdense", "sunlinsoldense", "cvode")
        self.libraries = [ctypes.CDLL(str(next(folder.glob(f"libsundials_{n}-*")))) for n in names]
        self.context = c_void_p()
        self.call("SUNContext_Create", c_int, c_int(0), byref(self.context))
        probe = np.zeros(3)
        vector = self.vector(probe)
        content = ctypes.cast(vector, ctypes.POINTER(c_void_p))[0]
        self.vector_data = next(
            k for k in (8, 16) if c_void_p.from_address(content + k).value == probe.ctypes.data
        )
        # The index type is as wide as the vector's length field.
        self.matrix_data = 16 if self.vector_data == 16 else 8

    def call(self, name: str, result, *arguments):
        for library in self.libraries:
            try:
                function = getattr(library, name)
                break
            except AttributeError:
                continue
        function.restype = result
        return function(*arguments)

    def index(self, n: int):
        return c_int64(n)

    def vector(self, array: np.ndarray) -> c_void_p:
        return c_void_p(
            self.call(
                "N_VMake_Serial",
                c_void_p,
                self.index(len(array)),
                c_void_p(array.ctypes.data),
                self.context,
            )
        )


class Cvode:
    """One solver for one model, started again at every event."""

    def __init__(self, sundials: Sundials, code, scales: np.ndarray, rtol: float) -> None:
        self.s = s = sundials
        n = len(scales)
        self.y = np.zeros(n)
        self.p = np.zeros(code.size)
        self.atol = rtol * scales
        self.vector, atol = s.vector(self.y), s.vector(self.atol)
        matrix = c_void_p(s.call("SUNDenseMatrix", c_void_p, s.index(n), s.index(n), s.context))
        solver = c_void_p(s.call("SUNLinSol_Dense", c_void_p, self.vector, matrix, s.context))
        self.memory = c_void_p(s.call("CVodeCreate", c_void_p, c_int(BDF), s.context))
        check = self._check
        check("CVodeInit", c_void_p(code.address("cvode_rhs")), c_double(0.0), self.vector)
        check("CVodeSVtolerances", c_double(rtol), atol)
        check("CVodeSetLinearSolver", solver, matrix)
        check("CVodeSetJacFn", c_void_p(code.address("cvode_jacobian")))
        check("CVodeSetUserData", c_void_p(self.p.ctypes.data))
        check("CVodeSetMaxNumSteps", c_long(10**8))
        self.reached = c_double()
        for library in s.libraries:
            if hasattr(library, "CVode"):
                self._step = library.CVode
                self._again = library.CVodeReInit
                self._stop = library.CVodeSetStopTime

    def _check(self, name: str, *arguments) -> None:
        status = self.s.call(name, c_int, self.memory, *arguments)
        if status < 0:
            raise RuntimeError(f"{name} returned {status}")

    def start(self, t: float) -> None:
        self._again(self.memory, c_double(t), self.vector)

    def until(self, t: float, stop: float) -> None:
        """Integrate to t without looking beyond ``stop``; ``y`` then holds the state."""
        self._stop(self.memory, c_double(stop))
        status = self._step(
            self.memory, c_double(t), self.vector, byref(self.reached), c_int(NORMAL)
        )
        if status < 0:
            raise RuntimeError(f"CVode returned {status}")
