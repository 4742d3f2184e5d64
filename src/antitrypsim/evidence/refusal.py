"""A refused route: why a product makes no sense by it, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from antitrypsim.evidence.grade import Grade, read_grade, read_rests_on
from antitrypsim.evidence.reading import REFUSED, read_entries
from antitrypsim.evidence.registry import Registry, load_registry


@final
@dataclass(frozen=True, slots=True)
class Refusal:
    """A route by which a product makes no sense: the reason, and what the reason rests on."""

    route: str
    module: str
    why: str
    grade: Grade
    rests_on: tuple[str, ...] = ()


def load_refusals(path: Path, module: str, registry: Registry | None = None) -> tuple[Refusal, ...]:
    """Read the refused routes of a ``parameters.toml``: the lines of its table ``[refused]``.

    ``registry`` holds the facts that may be named; without one it is the packaged registry.

    Raises:
        EvidenceError: the file cannot be read or breaks a rule; it names path, line and key.
    """
    known = registry if registry is not None else load_registry()
    found = []
    for entry in read_entries(Path(path), REFUSED):
        entry.check_name()
        entry.check_keys(("why", "grade"), ("rests_on",))
        grade = read_grade(entry)
        # The reason is what an assumed one rests on; it is said in any case.
        rests_on = read_rests_on(entry, grade, known, reason="why")
        found.append(Refusal(entry.own_name, module, entry.words("why"), grade, rests_on))
    return tuple(found)
