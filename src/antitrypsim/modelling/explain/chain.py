"""The shortest way by which one thing acts on another, and how well each step is known."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import sympy

from antitrypsim.evidence.parameter import GRADES
from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.modelling.handles import Amount, Handle, Input, Param, Quantity, State
from antitrypsim.modelling.model import Model


@dataclass(frozen=True)
class Link:
    """One step of a chain.

    ``through`` says how: 'dose', 'rate', 'value' or 'event'. ``parameters`` are those that set how
    strongly ``start`` acts on ``end``; ``grade`` is the weakest of theirs, '' where there is none.
    """

    start: str
    end: str
    through: str
    parameters: tuple[str, ...]
    grade: str


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


Step = tuple[str, str, str, Any, Any]
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
    following: dict[str, list[Step]] = {}
    for step in sorted(steps(model), key=lambda s: s[:3]):
        following.setdefault(step[0], []).append(step)
    came: dict[str, Step] = {}
    waiting = deque([start])
    while waiting and end not in came and start != end:
        for step in following.get(waiting.popleft(), ()):
            if step[1] not in came and step[1] != start:
                came[step[1]] = step
                waiting.append(step[1])
    if start != end and end not in came:
        raise ModelError(f"nothing in the model leads from '{start}' to '{end}'")
    links: list[Link] = []
    at = end
    while at != start:
        links.append(_link(model, came[at]))
        at = came[at][0]
    return Chain(start, end, tuple(reversed(links)))


def steps(model: Model) -> list[Step]:
    """List every direct action of one handle on another, once the effects are inside."""
    found: list[Step] = []

    def add(end: Handle, how: str, expression: Any) -> None:
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
    for hazard in model.hazards:
        for target, jump in hazard.jumps:
            found.append((hazard.accumulator.name, target.name, "event", jump, None))
            add(target, "event", jump)
    return found


def _link(model: Model, step: Step) -> Link:
    start, end, how, expression, symbol = step
    # What sets the strength of this step alone: what is left when the rest of the sum drops out.
    strength = expression if symbol is None else sympy.diff(expression, symbol)
    names = sorted({s.name for s in strength.free_symbols if isinstance(s, Param)})
    grades = (model.parameter(name).grade for name in names)
    return Link(start, end, how, tuple(names), _weakest(grades))


def _weakest(grades: Any) -> str:
    return max((g for g in grades if g), key=GRADES.index, default="")
