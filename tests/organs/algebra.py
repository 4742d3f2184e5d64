"""The model's algebra: quantities written out in states, and numbers put in."""

import sympy

from antitrypsim.modelling.handles import Param, Quantity


def equation(model, handle):
    """Return the rate of a state or what a quantity equals."""
    for line in model.states:
        if line.handle == handle:
            return line.rate
    return next(q.expression for q in model.quantities if q.handle == handle)


def written_out(model, expression, among=None):
    """Replace quantities (all, or those ``among``) by what they equal, down to the states."""
    known = {q.handle: q.expression for q in model.quantities if among is None or q.handle in among}
    expression = sympy.sympify(expression)
    while here := {s for s in expression.free_symbols if isinstance(s, Quantity) and s in known}:
        expression = expression.xreplace({s: known[s] for s in here})
    return expression


def typical(model):
    """Return the typical value of each parameter."""
    return {Param(p.id, p.unit, p.meaning): sympy.Float(p.value) for p in model.parameters}


def function(model, expression):
    """Return (symbols, f): a function of what is left when typical values are put in."""
    left = written_out(model, expression).xreplace(typical(model))
    symbols = sorted(left.free_symbols, key=str)
    return symbols, sympy.lambdify(symbols, left)
