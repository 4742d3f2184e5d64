"""What a large run is of: whatever could move a bit of it, and how it is cut into parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antitrypsim.foundations.errors import InputError, reason_of
from antitrypsim.foundations.files import sealed, unsealed
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import (
    SCHEMA_VERSION,
    content_hash,
    software_hash,
    versions,
)
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.runs.ledger import has_lines
from antitrypsim.therapies import build_model

KIND = "antitrypsim large run"
REQUEST = "request.json"
"""The file that says what a folder is of, written before its first part."""
PROTOCOL = "protocol.yaml"
PART_SIZE = 4096
LARGEST_PART = 100_000

_WORDS = {
    "protocol": "protocol", "participants": "number of participants", "seed": "seed",
    "tolerance": "tolerance", "model": "model", "software": "version of the software",
    "part_size": "size of parts", "meet_anew": "way of finding people",
}  # fmt: skip


@dataclass(frozen=True)
class LargePlan:
    """A protocol in so many virtual people under a seed and an error, in parts of ``part_size``.

    ``model`` is the model's content hash; ``meet_anew`` is as in ``Settings``.
    """

    protocol: Protocol
    participants: int
    seed: int
    tolerance: float
    model: str
    part_size: int = PART_SIZE
    meet_anew: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.part_size <= LARGEST_PART:
            raise InputError(
                f"parts of {self.part_size:,} participants cannot be; of 1 to {LARGEST_PART:,} can"
            )

    def identity(self) -> Plain:
        """Return what must be the same for a folder to be gone on with."""
        return {
            "protocol": self.protocol.content_hash,
            "participants": self.participants,
            "seed": self.seed,
            "tolerance": self.tolerance,
            "model": self.model,
            "software": _software(),
            "part_size": self.part_size,
            "meet_anew": self.meet_anew,
        }

    @property
    def hash(self) -> str:
        """What each line of a part says it is of."""
        return content_hash(self.identity())

    def id(self, folder: Path) -> str:
        """Return the id of this run in this folder."""
        return run_id(self.identity(), folder)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Return the first participant and how many there are, part by part."""
        for first in range(0, self.participants, self.part_size):
            yield first, min(self.part_size, self.participants - first)

    def request_text(self) -> str:
        """Return the text of ``request.json``."""
        return sealed(
            {
                "schema": SCHEMA_VERSION,
                "kind": KIND,
                "id": self.protocol.id,
                "identity": self.identity(),
                "versions": versions(),
            }
        )

    def check(self, said: Mapping[str, Any], folder: Path) -> None:
        """Raise InputError, saying what differs, unless a folder that says this is of this plan."""
        for key, mine in self.identity().items():
            theirs = said.get(key)
            if theirs == mine:
                continue
            told = f" ({theirs:,}, not {mine:,})" if isinstance(theirs, int | float) else ""
            raise InputError(
                f"the folder holds a run of another {_WORDS[key]}{told}, and nothing is mixed; choose "
                "another --out, or add --force to begin anew",
                path=str(folder),
            )


def _software() -> str:
    """Return a hash of all that can move a bit of a part: what computes it and what writes it."""
    from importlib.metadata import version

    return content_hash([software_hash(), version("pyarrow")])


def run_id(identity: Mapping[str, Any], folder: Path) -> str:
    """Return the id of a run of this identity in this folder: eight letters and digits."""
    return content_hash([dict(identity), os.path.realpath(folder)])[:8]


def is_large(folder: Path) -> bool:
    """Whether the folder holds a run in parts, finished or not, if only by the lines of its parts."""
    return os.path.isfile(folder / REQUEST) or has_lines(folder)


def read_request(folder: Path) -> Plain:
    """Return what a folder's ``request.json`` says; raise InputError for one that is none."""
    why: Exception
    try:
        said = unsealed((folder / REQUEST).read_text(encoding="utf-8"))
        if said["kind"] != KIND or said["schema"] != SCHEMA_VERSION:
            raise ValueError
        return dict(said["identity"])
    except OSError as problem:
        what, why = f"this is no run in parts: {reason_of(problem)}", problem
    except (ValueError, KeyError, TypeError) as problem:
        what, why = "this cannot be read", problem
    if has_lines(folder):
        what += "; the command that began the run, with this folder as --out, writes it anew"
    raise InputError(what, path=str(folder / REQUEST)) from why


def plan_in(folder: Path) -> tuple[LargePlan, Model]:
    """Return the plan of a run in parts, to go on with or to repeat, and its model as it is now.

    Raises InputError for a folder that is none.
    """
    said = read_request(folder)
    protocol = load_protocol(folder / PROTOCOL)
    model = build_model(therapies=protocol.therapies())
    plan = LargePlan(
        protocol, said["participants"], said["seed"], said["tolerance"], model.content_hash,
        said["part_size"], said["meet_anew"],
    )  # fmt: skip
    return plan, model
