"""Body weight: the covariate that it is, and the model in which it changes after people are met."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import Covariate, Input
from antitrypsim.modelling.model import Model

WEIGHT = "person.weight"
"""The covariate of body weight, kg."""

RELATIVE_WEIGHT = "person.relative_weight"
"""The input that says what a person's body weight is, as a share of that which they are met with."""


def weight_of(model: Model) -> Covariate:
    """Return the covariate of body weight; raise ModelError where the model knows no weight."""
    for covariate in model.covariates:
        if covariate.name == WEIGHT:
            return covariate
    raise ModelError("this model knows no body weight, on which an amount could hang", key=WEIGHT)


@lru_cache(maxsize=8)
def with_weights(model: Model) -> Model:
    """Return the model in which body weight changes: the covariate times an input, 1 by default.

    Everything that reads body weight follows it at once, so volumes grow with it while concentrations and shares
    stay as they are: what is gained holds what the rest holds. Heights and starts of a life stay. Raises ModelError
    for a model that knows no body weight.
    """
    weight = weight_of(model)
    relative = Input(RELATIVE_WEIGHT, "1", "body weight as a share of that at day 0", default=1.0)

    def now(expression: sympy.Expr) -> sympy.Expr:
        return expression.xreplace({weight: weight * relative})

    return replace(
        model,
        states=tuple(replace(s, rate=now(s.rate)) for s in model.states),
        quantities=tuple(replace(q, expression=now(q.expression)) for q in model.quantities),
        doses=tuple(
            replace(d, jumps=tuple((s, now(jump)) for s, jump in d.jumps)) for d in model.doses
        ),
        hazards=tuple(
            replace(h, rate=now(h.rate), jumps=tuple((s, now(jump)) for s, jump in h.jumps))
            for h in model.hazards
        ),
        inputs=tuple(sorted((*model.inputs, relative), key=lambda handle: handle.name)),
    )
