"""What is unknown, as independent standard normal scores: typical values, and how far people differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.evidence import Parameter, Spread
from antitrypsim.foundations.errors import ModelError
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.modelling import Model
from antitrypsim.uncertainty.draws import Draws, ParameterSet

Floats = NDArray[np.float64]
BETWEEN = " between patients"


@dataclass(frozen=True)
class Widening:
    """How a fitted value's uncertainty becomes a prior where its file has none.

    Its SD is taken ``factor`` times, of a lognormal one on the logarithm and to a CV of at least ``least_cv``.
    """

    factor: float
    least_cv: float

    def widen(self, own: Spread) -> Spread:
        """Return a spread as wide as it was before any target; 'none' stays."""
        if own.distribution == "none":
            return own
        if own.distribution == "lognormal":
            # On the scale of the logarithm, where a lognormal spread is normal.
            wide = math.sqrt(math.expm1(self.factor**2 * math.log1p(own.cv**2)))
            return Spread("lognormal", cv=max(wide, self.least_cv))
        return Spread(own.distribution, sd=self.factor * own.sd)


Source = Literal["uncertainty", "own prior", "widened", "spread"]
"""Where a prior is from: the file's ``uncertainty``, its ``prior``, the widened uncertainty, the rule for spreads."""


@dataclass(frozen=True)
class Unknown:
    """One unknown: ``value`` is at ``centre`` where its score is 0 and spreads as ``prior`` says.

    ``part`` 'spread' is a factor on how far people differ in ``parameter``, with 1 as its centre.
    ``source`` says where the prior is from.
    """

    parameter: str
    part: Literal["value", "spread"]
    centre: float
    prior: Spread
    grade: str
    meaning: str
    unit: str = "1"
    source: Source = "uncertainty"

    @property
    def id(self) -> str:
        """The parameter's id, of a spread with ' between patients' behind it."""
        return self.parameter + (BETWEEN if self.part == "spread" else "")

    @property
    def group(self) -> str:
        """The module that it is of, typical values and spreads apart."""
        return self.parameter.split(".")[0] + (BETWEEN if self.part == "spread" else "")

    @property
    def prior_hash(self) -> str:
        """Hash of the prior: a score means the same only under the same one."""
        p = self.prior
        return content_hash([self.id, self.centre, self.unit, p.distribution, p.sd, p.cv])

    def values(self, scores: Floats) -> Floats:
        """Return what scores stand for, in the unit of the parameter (of a spread: a factor)."""
        return self.prior.transform(self.centre, scores)


def prior_of(parameter: Parameter, widening: Widening | None = None) -> tuple[Spread, Source]:
    """Return what was known of a value before any target, and where that is from.

    A fitted value without a ``prior`` in its file has its uncertainty widened: that was set beside a
    value chosen with the targets, and would count them twice.
    """
    if parameter.prior is not None:
        return parameter.prior, "own prior"
    if parameter.grade != "fitted" or widening is None:
        return parameter.uncertainty, "uncertainty"
    return widening.widen(parameter.uncertainty), "widened"


def unknowns_of(
    models: Iterable[Model], *, widening: Widening | None = None, spread: Spread | None = None
) -> tuple[Unknown, ...]:
    """Return every unknown of some models, each once, values before spreads.

    ``widening`` is of fitted values without a prior; None leaves them as their uncertainty says. ``spread`` is the prior of the factor on how far people differ; None leaves those out. Raises
    ModelError where two models have another parameter by the same name.
    """
    found: dict[str, Parameter] = {}
    for model in models:
        for each in model.parameters:
            if found.setdefault(each.id, each) != each:
                raise ModelError(f"two models have another parameter '{each.id}'")
    values = [
        Unknown(p.id, "value", p.value, prior, p.grade, p.meaning, p.unit, source)
        for p in found.values()
        for prior, source in (prior_of(p, widening),)
        if prior.distribution != "none"
    ]
    spreads = [
        Unknown(
            p.id, "spread", 1.0, spread, p.grade, f"how far people differ: {p.meaning}", source="spread"
        )
        for p in found.values()
        if spread is not None and p.between_patients.distribution != "none"
    ]  # fmt: skip
    return (*values, *spreads)


def parameter_set(unknowns: Sequence[Unknown], scores: Floats, name: str = "drawn") -> ParameterSet:
    """Return what one row of scores, shape (unknowns,), stands for."""
    at = {u.id: float(u.values(np.asarray(z))) for u, z in zip(unknowns, scores, strict=True)}
    return ParameterSet(
        name,
        {u.parameter: at[u.id] for u in unknowns if u.part == "value"},
        {u.parameter: at[u.id] for u in unknowns if u.part == "spread"},
    )


def put_in(draws: Draws, unknowns: Sequence[Unknown], scores: Floats) -> Draws:
    """Return draws with what scores, shape (draws, unknowns), stand for in place of their own.

    Unknowns of parameters that the draws do not have play no part.
    """
    column = {name: k for k, name in enumerate(draws.names)}
    values = draws.values.copy()
    spreads = np.ones_like(values) if draws.spreads is None else draws.spreads.copy()
    for j, one in enumerate(unknowns):
        if one.parameter in column:
            into = values if one.part == "value" else spreads
            into[:, column[one.parameter]] = one.values(scores[:, j])
    return Draws(draws.names, values, None if np.all(spreads == 1.0) else spreads)
