"""A dose that is given over a time: its jump as a rate, held up by an input of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import sympy

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import Amount, Input, State
from antitrypsim.modelling.model import DoseLine, Model
from antitrypsim.modelling.weights import weight_of
from antitrypsim.modelling.words import ROUGH

_BY_WEIGHT = {-1: "[whole]", 0: "", 1: "[per kg]"}


def infusion_of(dose: str, by_weight: int = 0) -> str:
    """Return the name of the input that says how fast a dose ('product/route') runs in.

    ``by_weight``: the power of body weight by which the input is multiplied.
    """
    return f"infusion.{dose}{_BY_WEIGHT[by_weight]}"


# Of a model of a hundred states the rates alone take megabytes, and few are infused into at one time.
@lru_cache(maxsize=8)
def with_infusions(model: Model, doses: tuple[tuple[str, int], ...]) -> Model:
    """Return the model in which each of ``doses`` may also be given over a time.

    A dose is 'product/route' and the power of body weight by which amounts are multiplied. Each adds an input,
    ``infusion_of`` them in the dose's unit per day and 0 by default, which moves the
    same states as the dose: an infusion is the limit of ever more and ever smaller doses. At 0 the
    states move as in ``model``. Raises ModelError for a dose that the model lacks, that holds a level,
    or that is not in proportion to its amount (what lands of cells hangs on how many are given at once).
    """
    inputs, added = list(model.inputs), dict[State, sympy.Expr]()
    for name, by_weight in dict.fromkeys(doses):
        line = model.dose(name)
        rate = _input(line, by_weight)
        inputs.append(rate)
        weighed = rate * weight_of(model) ** by_weight if by_weight else rate
        for state, expression in _rates(line, weighed).items():
            added[state] = added.get(state, sympy.Integer(0)) + expression
    states = tuple(
        replace(s, rate=s.rate + added[s.handle]) if s.handle in added else s for s in model.states
    )
    return replace(
        model, states=states, inputs=tuple(sorted(inputs, key=lambda handle: handle.name))
    )


def _input(line: DoseLine, by_weight: int) -> Input:
    unit = {-1: f"({line.unit})*kg", 0: f"({line.unit})", 1: f"({line.unit})/kg"}[by_weight]
    told = {-1: ", for the whole body", 0: "", 1: ", for each kg of body weight"}[by_weight]
    name = infusion_of(line.name, by_weight)
    rate = Input(name, f"{unit}/day", f"how fast {line.name} runs in{told}")
    assert isinstance(rate, Input)
    return rate


def check_runs_in(dose: DoseLine) -> None:
    """Raise ModelError for a dose of a model that cannot be given over a time."""
    _rates(dose, sympy.Symbol("rate"))


def _rates(line: DoseLine, rate: sympy.Expr) -> Mapping[State, sympy.Expr]:
    """Return by state what a dose adds per day where it runs in at a rate."""
    if not line.jumps:
        raise ModelError("this holds a level and is no dose that runs in", key=line.name)
    found = {}
    for state, jump in line.jumps:
        per_amount = {sympy.diff(jump, a) for a in jump.free_symbols if isinstance(a, Amount)}
        whole = sum(
            a * slope for a in jump.free_symbols if isinstance(a, Amount) for slope in per_amount
        )
        smooth = not jump.has(*ROUGH) and not any(
            isinstance(s, Amount) for slope in per_amount for s in slope.free_symbols
        )
        if len(per_amount) != 1 or not smooth or sympy.simplify(jump - whole) != 0:
            raise ModelError(
                "this cannot be given over a time: what it does is not in proportion to its amount; give "
                "it in parts, each at once",
                key=line.name,
            )
        found[state] = rate * per_amount.pop()
    return found
