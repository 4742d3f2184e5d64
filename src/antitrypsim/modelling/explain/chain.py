"""The shortest way by which one thing acts on another, and how well each step is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from antitrypsim.evidence.grade import GRADES
from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.modelling.handles import Amount, Handle, Input, Param, Quantity, State
from antitrypsim.modelling.model import Model
from antitrypsim.modelling.words import dose_amount


@dataclass(frozen=True)
class Link:
    """One step of a chain.

    ``through`` says how: 'dose', 'level', 'rate', 'value' or 'event'. ``parameters`` are those that set how
    strongly ``start`` acts on ``end``; ``grade`` is the weakest of theirs, '' where there is none.
    ``mechanism`` names what can be switched off to break the step, '' where nothing can.
    """

    start: str
    end: str
    through: str
    parameters: tuple[str, ...]
    grade: str
    mechanism: str = ""


@dataclass(frozen=True)
class Chain:
    """The steps from ``start`` to ``end``; no links where the two are one."""

    start: str
    end: str
    links: tuple[Link, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way, both ends included."""
        return (self.start, *(link.end for link in self.links))

    @property
    def grade(self) -> str:
        """The weakest grade on the way, '' where no parameter sets any of it."""
        return _weakest(link.grade for link in self.links)


Step = tuple[str, str, str, sympy.Expr, Handle | None]
"""Start, end, how, the expression, and the symbol in it that stands for the start."""


def chain(model: Model, start: str, end: str) -> Chain:
    """Return the shortest chain by which ``start`` acts on ``end``.

    ``start`` is a dose ('product/route'), an input, a state or a quantity, ``end`` a state or a
    quantity. Of two chains of one length it is the first by name. Raises ModelError for a name that
    the model lacks, and where nothing leads from one to the other.
    """
    ends = (*model.state_names, *model.quantity_names)
    starts = (*(d.name for d in model.doses), *(i.name for i in model.inputs), *ends)
    for what, name, known in (("start", start, starts), ("end", end, ends)):
        if name not in known:
            raise ModelError(f"no {what} '{name}' of a chain{nearest(name, known)}")
    found = shortest(following(model), start, end)
    if found is None:
        raise ModelError(f"nothing in the model leads from '{start}' to '{end}'")
    return Chain(start, end, tuple(link(model, step) for step in found))


def following(model: Model) -> dict[str, list[Step]]:
    """Return the steps that start from each handle, in the order of their names."""
    found: dict[str, list[Step]] = {}

    def place(step: Step) -> tuple[str, str, str]:
        start, end, how, *_ = step
        # A person's own cells come before those that a therapy adds, unless it adds them here.
        return start, end if how == "dose" else end.replace("[host]", "[ host]"), how

    for step in sorted(steps(model), key=place):
        found.setdefault(step[0], []).append(step)
    return found


def shortest(graph: dict[str, list[Step]], start: str, end: str) -> list[Step] | None:
    """Return the steps of the shortest way, none where both are one; None where there is no way."""
    came: dict[str, Step] = {}
    waiting = deque([start])
    while waiting and end not in came and start != end:
        for step in graph.get(waiting.popleft(), ()):
            if step[1] not in came and step[1] != start:
                came[step[1]] = step
                waiting.append(step[1])
    if start != end and end not in came:
        return None
    found: list[Step] = []
    at = end
    while at != start:
        found.append(came[at])
        at = came[at][0]
    return found[::-1]


def steps(model: Model) -> list[Step]:
    """List every direct action of one handle on another, once the effects are inside."""
    found: list[Step] = []

    def add(end: Handle, how: str, expression: sympy.Expr) -> None:
        for symbol in expression.free_symbols:
            if isinstance(symbol, State | Quantity | Input):
                found.append((symbol.name, end.name, how, expression, symbol))

    for state in model.states:
        add(state.handle, "rate", state.rate)
    for quantity in model.quantities:
        add(quantity.handle, "value", quantity.expression)
    for dose in model.doses:
        for target, jump in dose.jumps:
            amounts = [s for s in jump.free_symbols if isinstance(s, Amount)]
            found.append((dose.name, target.name, "dose", jump, amounts[0] if amounts else None))
        if dose.holds is not None:
            amount = dose_amount(dose.unit)
            found.append((dose.name, dose.holds.name, "level", amount, amount))
    for hazard in model.hazards:
        for target, jump in hazard.jumps:
            found.append((hazard.accumulator.name, target.name, "event", jump, None))
            add(target, "event", jump)
    return found


def link(model: Model, step: Step, *, of: str = "") -> Link:
    """Return a step with the parameters that set its strength, and their weakest grade.

    With them those by which the module ``of`` acts on a quantity that the strength reads.
    """
    start, end, how, expression, symbol = step
    acting = [
        e
        for e in model.effects
        if how in ("rate", "value") and e.target.name == end and symbol in e.expression.free_symbols
    ]
    factors = sympy.Mul(*(e.expression for e in acting if e.kind == "multiplies"))
    if symbol is not None and factors != 1 and symbol not in (expression / factors).free_symbols:
        # It acts as a factor alone: how strongly does not hang on what is multiplied.
        expression = factors
    # What sets the strength of this step alone: what is left when the rest of the sum drops out.
    strength = expression if symbol is None else sympy.diff(expression, symbol)
    symbols = set(strength.free_symbols)
    for effect in model.effects:
        if effect.module == of and effect.target in strength.free_symbols:
            symbols |= effect.expression.free_symbols
    names = sorted({s.name for s in symbols if isinstance(s, Param)})
    grades = (model.parameter(name).grade for name in names)
    mechanisms = sorted({e.mechanism for e in acting})
    # A step that several effects take stays where one of them is switched off.
    named = mechanisms[0] if len(mechanisms) == 1 else ""
    return Link(start, end, how, tuple(names), _weakest(grades), named)


def _weakest(grades: Iterable[str]) -> str:
    return max((g for g in grades if g), key=GRADES.index, default="")
