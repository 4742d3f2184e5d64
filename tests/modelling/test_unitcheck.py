import pytest
import sympy

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import Quantity
from antitrypsim.modelling.unitcheck import check, same, unit_of
from antitrypsim.modelling.words import hill, logistic

pytestmark = pytest.mark.contract


G = Quantity("a.g", "g", "mass")
MG = Quantity("a.mg", "mg", "mass")
DAY = Quantity("a.day", "1/day", "rate")
X = Quantity("a.x", "1", "number")
CELLS = Quantity("a.cells", "cells", "cells")
PARTICLES = Quantity("a.particles", "particles", "particles")

GOOD = [
    (G * DAY + 2 * G * DAY, "g/day"),
    (sympy.sqrt(G) * sympy.sqrt(G * 3), "g"),
    (G / G + X, "1"),
    (sympy.exp(-X) * G, "g"),
    (hill(G, G, 2) + logistic(X), "1"),
    (X**X, "1"),
    (sympy.Integer(0), "g"),
    (sympy.pi * X, "1"),
    (sympy.Max(G, 0), "g"),
    (sympy.Piecewise((G, X > 1), (0, True)), "g"),
    (sympy.tanh(X) + sympy.log(X), "1"),
    (G * DAY**-1 / G, "day"),
]
BAD = [
    (G, "mg", "declared as 'mg'"),
    (G, "g/day", "declared as"),
    (G + MG, "g", "the others are in"),
    (G + 1, "g", "the others are in"),
    (CELLS + PARTICLES, "cells", "the others are in"),
    (sympy.exp(G), "1", "must be dimensionless"),
    (sympy.log(MG), "1", "must be dimensionless"),
    (X**G, "1", "must be dimensionless"),
    (G**X, "g", "must be dimensionless"),
    (sympy.Piecewise((G, X > 1), (X, True)), "g", "branches"),
    (sympy.Piecewise((G, G > MG), (0, True)), "g", "compares"),
    (sympy.Piecewise((G, sympy.And(X > 0, X > G)), (0, True)), "g", "compares"),
    (sympy.gamma(X), "1", "no kernel has"),
]


@pytest.mark.parametrize(("expression", "unit"), GOOD, ids=str)
def test_what_fits(expression, unit):
    check(expression, unit, "here")


@pytest.mark.parametrize(("expression", "unit", "sentence"), BAD, ids=str)
def test_what_does_not_fit(expression, unit, sentence):
    with pytest.raises(ModelError, match=sentence) as told:
        check(expression, unit, "here")
    assert told.value.key == "here"


def test_a_thousand_milligrams_are_another_unit_than_a_gram():
    assert not same(unit_of(G, ""), unit_of(MG, ""))
    assert same(unit_of(G / MG, ""), unit_of(1000 * G / (1000 * MG), ""))
