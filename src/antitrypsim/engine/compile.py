"""Compile a model to a kernel, from the disk cache if it is there. The door to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from antitrypsim.foundations.errors import InputError, ModelError

if TYPE_CHECKING:
    from antitrypsim.engine.kernel import Kernel
    from antitrypsim.modelling.model import Model

Backend = Literal["llvm", "portable", "auto"]


def compile_model(model: Model, *, backend: Backend = "auto") -> Kernel:
    """Return the kernel of a model, from the disk cache if it is there.

    'auto' takes LLVM and falls back on the portable path where LLVM cannot make code for this
    machine.
    """
    if backend not in ("llvm", "portable", "auto"):
        raise InputError(f"no backend '{backend}'; use 'llvm', 'portable' or 'auto'")
    if backend != "portable":
        try:
            return _machine_code(model)
        except ImportError as error:
            if backend == "llvm":
                raise ModelError(f"no machine code for this computer: {error}") from error
    from antitrypsim.engine.lowering import lower
    from antitrypsim.engine.portable import PortableKernel

    return PortableKernel(lower(model))


def _machine_code(model: Model) -> Kernel:
    """Return the LLVM kernel; whatever stands against LLVM here becomes an ImportError."""
    from antitrypsim.engine.llvm_kernel import LlvmKernel, UnavailableError

    try:
        return LlvmKernel.of(model)
    except UnavailableError as error:
        raise ImportError(str(error)) from error
