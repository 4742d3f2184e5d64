"""The model as a value: what ``compose`` makes and everything else reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy

from antitrypsim.evidence import Fixed, Parameter
from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.modelling.handles import Covariate, Handle, Input, State
from antitrypsim.modelling.words import Attribute


@dataclass(frozen=True)
class StateLine:
    """A state, its rate per day and its value at the start of a life."""

    handle: State
    rate: sympy.Expr
    initial: sympy.Expr
    module: str


@dataclass(frozen=True)
class QuantityLine:
    """An algebraic value; lines stand in an order in which each needs only earlier ones."""

    handle: Handle
    expression: sympy.Expr
    module: str


@dataclass(frozen=True)
class DoseLine:
    """A dose record's effect: what is added to which state, from the state just before."""

    name: str
    product: str
    route: str
    unit: str
    jumps: tuple[tuple[State, sympy.Expr], ...]
    module: str
    meaning: str
    limit: Fixed | None
    holds: Input | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    usual: bool = False
    example: str = ""
    most: Fixed | None = None


@dataclass(frozen=True)
class HazardLine:
    """An event process. ``accumulator`` is the state that integrates ``rate`` since the last event."""

    name: str
    rate: sympy.Expr
    accumulator: State
    jumps: tuple[tuple[State, sympy.Expr], ...]
    ends: bool
    module: str
    meaning: str


@dataclass(frozen=True)
class EffectLine:
    """Who acts on whom: kept for the explanation; already inside the equations."""

    module: str
    target: Handle
    kind: str
    expression: sympy.Expr
    why: str
    mechanism: str = ""


@dataclass(frozen=True, eq=False)
class Model:
    """Immutable equations with provenance. Equal content has an equal ``content_hash``.

    ``fixed`` are the fixed numbers that each module reads, by its name: exponents stand in the
    equations as numbers already, limits and the words of attributes with the doses.
    """

    modules: tuple[tuple[str, str], ...]
    states: tuple[StateLine, ...]
    quantities: tuple[QuantityLine, ...]
    doses: tuple[DoseLine, ...]
    hazards: tuple[HazardLine, ...]
    inputs: tuple[Input, ...]
    covariates: tuple[Covariate, ...]
    parameters: tuple[Parameter, ...]
    effects: tuple[EffectLine, ...]
    fixed: Mapping[str, tuple[Fixed, ...]] = field(default_factory=dict)

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in the engine's order."""
        return tuple(line.handle.name for line in self.states)

    @cached_property
    def quantity_names(self) -> tuple[str, ...]:
        """Names of the quantities, in the order of evaluation."""
        return tuple(line.handle.name for line in self.quantities)

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """Ids ('module.name') of the parameters, in the engine's order."""
        return tuple(p.id for p in self.parameters)

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of every state and quantity."""
        lines: list[StateLine | QuantityLine] = [*self.states, *self.quantities]
        return {line.handle.name: line.handle.unit for line in lines}

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Meaning of every state and quantity."""
        lines: list[StateLine | QuantityLine] = [*self.states, *self.quantities]
        return {line.handle.name: line.handle.meaning for line in lines}

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by id; raise ModelError with the nearest name."""
        for parameter in self.parameters:
            if parameter.id == name:
                return parameter
        raise ModelError(f"no parameter '{name}'{nearest(name, self.parameter_names)}")

    @cached_property
    def mechanisms(self) -> dict[str, tuple[EffectLine, ...]]:
        """The named mechanisms and their effects; each can be switched off on its own."""
        names = sorted({e.mechanism for e in self.effects if e.mechanism})
        return {n: tuple(e for e in self.effects if e.mechanism == n) for n in names}

    def dose(self, name: str) -> DoseLine:
        """Return a dose by 'product/route'; raise ModelError with the nearest name."""
        for line in self.doses:
            if line.name == name:
                return line
        known = tuple(line.name for line in self.doses)
        raise ModelError(f"no dose '{name}'{nearest(name, known)}")

    def to_dict(self) -> Plain:
        """Return plain data that says the whole model (expressions as SymPy text)."""

        def text(expression: sympy.Expr) -> str:
            return str(sympy.sstr(expression, order="lex"))

        return {
            "schema": SCHEMA_VERSION,
            "kind": "model",
            "modules": [list(m) for m in self.modules],
            "states": [
                {
                    "name": s.handle.name,
                    "unit": s.handle.unit,
                    "scale": s.handle.scale,
                    "rate": text(s.rate),
                    "initial": text(s.initial),
                    "meaning": s.handle.meaning,
                }
                for s in self.states
            ],
            "quantities": [
                {
                    "name": q.handle.name,
                    "unit": q.handle.unit,
                    "is": text(q.expression),
                    "meaning": q.handle.meaning,
                }
                for q in self.quantities
            ],
            "doses": [
                {"name": d.name, "unit": d.unit, "jumps": {s.name: text(e) for s, e in d.jumps}}
                for d in self.doses
            ],
            "hazards": [
                {
                    "name": h.name,
                    "rate": text(h.rate),
                    "ends": h.ends,
                    "jumps": {s.name: text(e) for s, e in h.jumps},
                }
                for h in self.hazards
            ],
            "inputs": [[i.name, i.default] for i in self.inputs],
            "covariates": [c.name for c in self.covariates],
            "parameters": {
                p.id: [
                    p.value,
                    p.unit,
                    p.grade,
                    *([s.distribution, s.sd, s.cv] for s in (p.between_patients, p.uncertainty)),
                    [list(pair) for pair in p.correlated_with],
                ]
                for p in self.parameters
            },
        }

    @cached_property
    def content_hash(self) -> str:
        """Hash of equations, typical values, spreads and grades."""
        return content_hash(self.to_dict())
