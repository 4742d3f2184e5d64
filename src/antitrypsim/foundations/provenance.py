"""Content hashes, and the versions that a result rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from antitrypsim.foundations.plain import Plain

SCHEMA_VERSION = 1
_ABOVE = ("reports", "runs", "interchange", "cli", "web", "__pycache__")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        contiguous = np.ascontiguousarray(value)
        data = contiguous.tobytes() if value.dtype != object else repr(value.tolist()).encode()
        return {
            "array": hashlib.sha256(data).hexdigest(),
            "shape": list(value.shape),
            "dtype": str(value.dtype),
        }
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(v) for v in value), key=str)
    return value


def content_hash(value: Any) -> str:
    """Return a short SHA-256 of a nested value of plain data and arrays, independent of key order."""
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answer_hash(data: str) -> str:
    """Return the content hash of an answer from its JSON text, as ``--json`` writes it."""
    return content_hash(json.loads(data))


@cache
def software_hash(*rooms: str) -> str:
    """Hash of all that can move a number: our own files below the reports, and the versions.

    Compiled files and the rooms that only lay out answers do not count; where ``rooms`` are named, only
    their files do.
    """
    home = Path(__file__).parents[1]
    found = {
        file.relative_to(home).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.suffix != ".pyc"
        and file.is_file()
        and (room := file.relative_to(home).parts[0]) not in _ABOVE
        and (not rooms or room in rooms)
    }
    return content_hash({"files": found, "versions": versions()})


def versions() -> dict[str, str]:
    """Return the versions of this package, Python and the libraries that can move a number."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in ("antitrypsim", "numpy", "scipy", "sympy", "llvmlite", "pandas", "statsmodels"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


@dataclass(frozen=True)
class Provenance:
    """What a result was computed from: content hashes, the seed, the error allowed, the versions.

    A field that plays no part is left at its default and out of ``to_dict``. ``regimens`` and
    ``results`` are hashes by name; ``draws`` is how many were drawn of what is unknown,
    ``drawn_people`` how many people lived each, ``posterior`` the hash of where they were drawn from, nothing for
    each parameter's own uncertainty.
    """

    seed: int
    tolerance: float
    model: str = ""
    people: str = ""
    parameters: str = ""
    protocol: str = ""
    population: str = ""
    design: str = ""
    library: str = ""
    software: str = ""
    regimen: str = ""
    regimens: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    participants: int | None = None
    draws: int | None = None
    drawn_people: int | None = None
    posterior: str = ""
    replicates: int | None = None
    switched_off: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=versions)

    def to_dict(self) -> Plain:
        """Return plain data of what plays a part; ``from_dict`` reads it back."""
        said: Plain = {"schema": SCHEMA_VERSION}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or value == "" or value == () or value == {}:
                continue
            plain = dict(value) if isinstance(value, Mapping) else value
            said[each.name] = list(plain) if isinstance(plain, tuple) else plain
        return said

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Rebuild from ``to_dict``; raise TypeError or KeyError for anything else."""
        said = {key: value for key, value in data.items() if key != "schema"}
        said["switched_off"] = tuple(said.get("switched_off", ()))
        return cls(**said)
