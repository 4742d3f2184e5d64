"""LLVM: from IR to machine code in memory, and back from stored object code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import llvmlite.binding as llvm

_LEVEL = 2


@dataclass(frozen=True)
class Host:
    """The processor: what machine code depends on."""

    triple: str
    cpu: str
    features: str

    @property
    def lanes(self) -> int:
        """How many patients fit the widest vector that this processor is good at."""
        wide = all(f"+{name}" in self.features.split(",") for name in ("avx512f", "avx512dq"))
        return 8 if wide else 4

    def key(self) -> str:
        """Return what distinguishes object code of this host and LLVM."""
        version = ".".join(map(str, llvm.llvm_version_info))
        return f"{version}|{self.triple}|{self.cpu}|{self.features}"


@cache
def host() -> Host:
    """Return the processor that runs us."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return Host(llvm.get_process_triple(), llvm.get_host_cpu_name(), features)


@cache
def _machine() -> llvm.TargetMachine:
    where = host()
    features = where.features
    if where.lanes == 8:
        # Without this LLVM halves 512-bit arithmetic on processors that it thinks slow at it.
        features += ",-prefer-256-bit"
    target = llvm.Target.from_triple(where.triple)
    return target.create_target_machine(
        cpu=where.cpu, features=features, opt=_LEVEL, reloc="pic", codemodel="small", jit=True
    )


def object_code(text: str) -> bytes:
    """Compile a module's IR to object code."""
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=_LEVEL)
    options.loop_vectorization = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    return code


class Loaded:
    """Object code in memory; keeps it alive and gives the addresses of its functions."""

    def __init__(self, code: bytes) -> None:
        host()
        module = llvm.parse_assembly("")
        module.triple = host().triple
        target = llvm.Target.from_triple(host().triple)
        # Code reaches its constants by 32-bit distances: both must come from one block of memory,
        # or a process whose free memory lies in far pieces is aborted by LLVM.
        self._engine = llvm.create_mcjit_compiler(
            module, target.create_target_machine(jit=True), use_lmm=True
        )
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return the address of a function."""
        found: int = self._engine.get_function_address(name)
        return found
