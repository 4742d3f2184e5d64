"""From the SymPy equations of a model to programs on one shared graph."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from antitrypsim.engine.autodiff import gradients
from antitrypsim.engine.elimination import Elimination, eliminate
from antitrypsim.engine.graph import INPUT, LITERAL, MOVING, Graph
from antitrypsim.engine.resting import replaced, resting
from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import (
    AgeHandle,
    Amount,
    Covariate,
    Handle,
    Input,
    Param,
    Quantity,
    State,
)
from antitrypsim.modelling.model import DoseLine, HazardLine, Model

_COMPARE = {
    sympy.StrictLessThan: ("lt", False),
    sympy.LessThan: ("le", False),
    sympy.StrictGreaterThan: ("lt", True),
    sympy.GreaterThan: ("le", True),
    sympy.Equality: ("eq", False),
    sympy.Unequality: ("ne", False),
}


@dataclass(frozen=True)
class Jump:
    """What a dose or a hazard adds to states, and for a hazard what it counts and ends."""

    additions: tuple[tuple[int, int], ...]
    accumulator: int = -1
    ends: bool = False


@dataclass(frozen=True)
class Lowered:
    """A model as programs: lists of nodes of one graph, in the engine's order.

    Leaves are ``constant``, ``input``, ``state``, ``time``, ``amount``, and for the linear algebra
    ``inverse`` (1/(h gamma)), ``shrunk`` (h gamma), ``factor`` and ``right``.

    ``rates``, ``jacobian`` and ``quantities`` hold at any state. ``courses``, the rates by which a
    course is integrated, ``drift`` and ``elimination`` take the states of ``rest`` for the numbers
    that they are there.
    """

    graph: Graph
    state_names: tuple[str, ...]
    quantity_names: tuple[str, ...]
    constant_names: tuple[str, ...]
    input_names: tuple[str, ...]
    input_defaults: tuple[float, ...]
    dose_names: tuple[str, ...]
    hazard_names: tuple[str, ...]
    scales: tuple[float, ...]
    rates: tuple[int, ...]
    quantities: tuple[int, ...]
    initial: tuple[int, ...]
    doses: tuple[Jump, ...]
    hazards: tuple[Jump, ...]
    jacobian: Mapping[tuple[int, int], int]
    rest: Mapping[int, float]
    courses: tuple[int, ...]
    drift: tuple[int, ...]
    elimination: Elimination

    def fingerprint(self) -> str:
        """Return a hash of all that the machine code depends on.

        Unlike a hash of the equations' text it knows a state from a parameter of the same name,
        and the positions at which constants are read.
        """
        graph = self.graph
        jumps = [(j.additions, j.accumulator, j.ends) for j in (*self.doses, *self.hazards)]
        content = (
            *(graph.ops, graph.args, graph.values, self.rates, self.quantities, self.initial),
            *(jumps, len(self.doses), sorted(self.jacobian.items()), self.drift),
            *(sorted(self.rest), self.courses),
            *(self.elimination, len(self.constant_names), len(self.input_names)),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    @property
    def moving(self) -> list[int]:
        """Positions of the states that need an equation."""
        return [i for i in range(len(self.rates)) if i not in self.rest]

    @property
    def possible(self) -> list[tuple[int, Jump]]:
        """The hazards that can happen, each with its position: those whose count can move."""
        return [(k, h) for k, h in enumerate(self.hazards) if h.accumulator not in self.rest]

    def hoisted(self) -> tuple[list[int], list[int]]:
        """Return the nodes worth storing for a person, and those worth storing between events."""
        graph = self.graph
        roots = [*self.courses, *self.drift, *self.elimination.factors]
        roots += [node for jump in (*self.doses, *self.hazards) for _, node in jump.additions]
        wanted: dict[int, None] = {}
        for node in graph.order(roots):
            if graph.levels[node] == MOVING:
                for a in graph.args[node]:
                    if LITERAL < graph.levels[a] < MOVING:
                        wanted[a] = None
        for node in roots:
            if LITERAL < graph.levels[node] < MOVING:
                wanted[node] = None
        for node in graph.order(list(wanted)):
            if graph.levels[node] == INPUT:
                for a in graph.args[node]:
                    if LITERAL < graph.levels[a] < INPUT:
                        wanted[a] = None
        fixed = [n for n in wanted if graph.levels[n] < INPUT]
        between = [n for n in wanted if graph.levels[n] == INPUT]
        return fixed, between


class _Walker:
    """Turns SymPy trees into nodes; ``known`` maps handles to nodes."""

    def __init__(self, graph: Graph, known: dict[sympy.Basic, int]) -> None:
        self.graph = graph
        self.known = known
        self.done: dict[sympy.Basic, int] = {}

    def __call__(self, expression: sympy.Basic) -> int:
        found = self.done.get(expression)
        if found is None:
            found = self.done[expression] = self._walk(expression)
        return found

    def _walk(self, e: sympy.Basic) -> int:
        g = self.graph
        if isinstance(e, sympy.Symbol):
            return self._symbol(e)
        if e.is_Number or e.is_NumberSymbol:
            return g.literal(float(e))
        if isinstance(e, sympy.Add):
            return g.total(self(a) for a in e.args)
        if isinstance(e, sympy.Mul):
            return self._product(e)
        if isinstance(e, sympy.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, sympy.exp):
            return g.exp(self(e.args[0]))
        if isinstance(e, sympy.log):
            return g.log(self(e.args[0]))
        if isinstance(e, sympy.tanh):
            return g.tanh(self(e.args[0]))
        if isinstance(e, sympy.Abs):
            return g.make("abs", self(e.args[0]))
        if isinstance(e, (sympy.Min, sympy.Max)):
            op = "min" if isinstance(e, sympy.Min) else "max"
            nodes = sorted(self(a) for a in e.args)
            result = nodes[0]
            for node in nodes[1:]:
                result = g.make(op, result, node)
            return result
        if isinstance(e, sympy.Piecewise):
            return self._piecewise(e)
        if isinstance(e, Relational):
            op, swap = _COMPARE[type(e)]
            left, right = (self(e.rhs), self(e.lhs)) if swap else (self(e.lhs), self(e.rhs))
            return g.make(op, left, right)
        if isinstance(e, (sympy.And, sympy.Or)):
            op = "and" if isinstance(e, sympy.And) else "or"
            nodes = sorted(self(a) for a in e.args)
            result = nodes[0]
            for node in nodes[1:]:
                result = g.make(op, result, node)
            return result
        if isinstance(e, sympy.Not):
            return g.make("not", self(e.args[0]))
        if isinstance(e, (BooleanTrue, BooleanFalse)):
            return g.literal(1.0 if e else 0.0)
        raise ModelError(
            f"the engine has no '{type(e).__name__}'; "
            "use sums, products, powers, exp, log, sqrt, tanh"
        )

    def _symbol(self, symbol: sympy.Symbol) -> int:
        try:
            return self.known[symbol]
        except KeyError:
            raise ModelError(f"'{symbol}' has no meaning where it is used") from None

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> int:
        g = self.graph
        if base is sympy.E:
            return g.exp(self(exponent))
        if not exponent.is_Number and exponent.could_extract_minus_sign():
            return g.recip(g.power(self(base), self(-exponent)))
        return g.power(self(base), self(exponent))

    def _product(self, e: sympy.Basic) -> int:
        factors, negative = [], False
        for a in e.args:
            if a.is_Number and a < 0:
                negative, a = not negative, -a
            factors.append(self(a))
        result = self.graph.product(factors)
        return self.graph.neg(result) if negative else result

    def _piecewise(self, e: sympy.Basic) -> int:
        pairs = list(e.args)
        if pairs[-1].cond != sympy.true:
            raise ModelError("a Piecewise needs a last branch that is always true")
        result = self(pairs[-1].expr)
        for pair in reversed(pairs[:-1]):
            result = self.graph.select(self(pair.cond), self(pair.expr), result)
        return result


def lower(model: Model) -> Lowered:
    """Return the model's programs. Raises ModelError for what the engine cannot compute."""
    graph = Graph()
    states = [line.handle for line in model.states]
    known: dict[sympy.Basic, int] = {s: graph.leaf("state", i) for i, s in enumerate(states)}
    constant_names = (*model.parameter_names, *(c.name for c in model.covariates))
    position = {name: i for i, name in enumerate(constant_names)}
    input_names = tuple(i.name for i in model.inputs)
    for symbol in sorted(_symbols(model), key=lambda s: (str(s), type(s).__name__)):
        if isinstance(symbol, (Param, Covariate)):
            if symbol.name not in position:
                raise ModelError(f"the parameter '{symbol.name}' is used and not in the model")
            known[symbol] = graph.leaf("constant", position[symbol.name])
        elif isinstance(symbol, Input):
            known[symbol] = graph.leaf("input", input_names.index(symbol.name))
        elif isinstance(symbol, AgeHandle):
            known[symbol] = graph.leaf("time")
        elif isinstance(symbol, Amount):
            known[symbol] = graph.leaf("amount")
    index = {s: i for i, s in enumerate(states)}
    walk = _Walker(graph, known)
    for line in model.quantities:
        known[line.handle] = walk(line.expression)
    quantities = tuple(known[line.handle] for line in model.quantities)
    rates = tuple(walk(line.rate) for line in model.states)

    def jump(line: DoseLine | HazardLine) -> tuple[tuple[int, int], ...]:
        return tuple((index[s], walk(e)) for s, e in line.jumps)

    doses = tuple(Jump(jump(line)) for line in model.doses)
    hazards = tuple(Jump(jump(h), index[h.accumulator], h.ends) for h in model.hazards)
    initial = _initial(model, graph, known)
    jacobian, _ = _slopes(graph, rates)
    rest = resting(graph, rates, initial, (*doses, *hazards))
    numbers = {graph.leaf("state", i): node for i, node in rest.items()}
    courses = tuple(replaced(graph, rates, numbers))
    slopes, drift = _slopes(graph, courses)
    return Lowered(
        graph=graph,
        state_names=model.state_names,
        quantity_names=model.quantity_names,
        constant_names=constant_names,
        input_names=input_names,
        input_defaults=tuple(float(i.default) for i in model.inputs),
        dose_names=tuple(line.name for line in model.doses),
        hazard_names=tuple(line.name for line in model.hazards),
        scales=tuple(float(s.scale) for s in states),
        rates=rates,
        quantities=quantities,
        initial=initial,
        doses=doses,
        hazards=hazards,
        jacobian=jacobian,
        rest={i: float(graph.values[node]) for i, node in rest.items()},
        courses=courses,
        drift=drift,
        elimination=eliminate(graph, len(states), slopes),
    )


def _slopes(
    graph: Graph, rates: Sequence[int]
) -> tuple[dict[tuple[int, int], int], tuple[int, ...]]:
    """Return the derivatives of rates by states that are not zero, and those by time."""
    time = graph.leaf("time")
    at = {graph.leaf("state", i): i for i in range(len(rates))}
    rows = gradients(graph, rates, [*at, time])
    jacobian = {(i, at[k]): v for i, row in enumerate(rows) for k, v in row.items() if k != time}
    return jacobian, tuple(row.get(time, graph.zero) for row in rows)


def _initial(model: Model, graph: Graph, known: Mapping[sympy.Basic, int]) -> tuple[int, ...]:
    """Lower the initial values; they may name quantities and other states' initial values."""
    fixed = {s: n for s, n in known.items() if not isinstance(s, (State, Quantity))}
    walk = _Walker(graph, fixed)
    wanted: dict[Handle, sympy.Basic] = {line.handle: line.initial for line in model.states}
    wanted |= {line.handle: line.expression for line in model.quantities}
    visiting: list[Handle] = []

    def visit(handle: sympy.Basic) -> int:
        if handle in fixed:
            return fixed[handle]
        if handle in visiting:
            raise ModelError(f"the initial value of '{handle.name}' needs itself")
        visiting.append(handle)
        expression = sympy.sympify(wanted[handle])
        for symbol in sorted(expression.free_symbols, key=str):
            if symbol in wanted:
                visit(symbol)
        visiting.pop()
        fixed[handle] = walk(expression)
        return fixed[handle]

    return tuple(visit(line.handle) for line in model.states)


def _symbols(model: Model) -> set[sympy.Symbol]:
    expressions: list[sympy.Basic] = [e for line in model.states for e in (line.rate, line.initial)]
    expressions += [line.expression for line in model.quantities]
    lines: Sequence[DoseLine | HazardLine] = (*model.doses, *model.hazards)
    expressions += [e for line in lines for _, e in line.jumps]
    found: set[sympy.Symbol] = set()
    for expression in expressions:
        found |= sympy.sympify(expression).free_symbols
    return found
