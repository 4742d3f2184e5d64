"""What the explanation of a model is, as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from antitrypsim.evidence.grade import GRADES


@dataclass(frozen=True)
class StateNote:
    """A state: ``change`` is its rate per day, in short names."""

    name: str
    unit: str
    meaning: str
    change: str
    initial: str


@dataclass(frozen=True)
class QuantityNote:
    """A quantity and what it equals, every effect on it included."""

    name: str
    unit: str
    meaning: str
    equals: str


@dataclass(frozen=True)
class ParameterNote:
    """A parameter and what it rests on; ``recalled`` are those facts that are from memory."""

    name: str
    value: float
    unit: str
    meaning: str
    between_patients: str
    uncertainty: str
    grade: str
    rests_on: tuple[str, ...]
    recalled: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class FixedNote:
    """A fixed number and what it rests on; one that a module shares is named with its folder."""

    name: str
    value: float
    unit: str
    meaning: str
    grade: str
    rests_on: tuple[str, ...]
    recalled: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Jump:
    """What is added to a state at a moment, in the state's unit."""

    state: str
    unit: str
    expression: str


@dataclass(frozen=True)
class DoseNote:
    """A dose: ``unit`` is the unit of its amount, ``limit`` the largest amount on record.

    ``holds`` is the input that it keeps at the amount, where it is a held level.
    """

    name: str
    unit: str
    meaning: str
    jumps: tuple[Jump, ...]
    limit: float | None
    limit_source: str
    holds: str = ""


@dataclass(frozen=True)
class HazardNote:
    """An event: its rate per day, and what happens."""

    name: str
    meaning: str
    rate: str
    jumps: tuple[Jump, ...]
    ends: bool


@dataclass(frozen=True)
class ReadNote:
    """An input or a covariate of the person that a module's equations read."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class ActNote:
    """Who acts on whom: ``module`` 'adds to' or 'multiplies' ``target`` (in ``unit``), and why.

    ``mechanism`` is the name by which it can be switched off, if it has one.
    """

    module: str
    target: str
    target_module: str
    unit: str
    kind: str
    expression: str
    why: str
    mechanism: str = ""


@dataclass(frozen=True)
class ModuleNote:
    """What one module holds, whom it acts on and who acts on it."""

    name: str
    title: str
    states: tuple[StateNote, ...]
    quantities: tuple[QuantityNote, ...]
    parameters: tuple[ParameterNote, ...]
    fixed: tuple[FixedNote, ...]
    doses: tuple[DoseNote, ...]
    inputs: tuple[ReadNote, ...]
    covariates: tuple[ReadNote, ...]
    hazards: tuple[HazardNote, ...]
    acts_on: tuple[ActNote, ...]
    acted_on_by: tuple[ActNote, ...]


@dataclass(frozen=True)
class Explanation:
    """The modules of a model, or one of them, as plain data."""

    content_hash: str
    modules: tuple[ModuleNote, ...]

    @property
    def grades(self) -> dict[str, int]:
        """How many parameters have each grade, best grade first."""
        found = Counter(p.grade for m in self.modules for p in m.parameters)
        return {grade: found[grade] for grade in GRADES}
