"""The unit of every term of every equation."""

from __future__ import annotations

import math

import sympy
from sympy.core.relational import Relational

from antitrypsim.foundations.errors import ModelError
from antitrypsim.foundations.units import base_units
from antitrypsim.modelling.handles import Handle

Unit = tuple[float, tuple[tuple[str, float], ...]]
NONE: Unit = (1.0, ())


def _times(a: Unit, b: Unit) -> Unit:
    powers = dict(a[1])
    for name, power in b[1]:
        powers[name] = powers.get(name, 0.0) + power
    kept = tuple(sorted((n, p) for n, p in powers.items() if abs(p) > 1e-12))
    return a[0] * b[0], kept


def _power(a: Unit, exponent: float) -> Unit:
    return a[0] ** exponent, tuple((n, p * exponent) for n, p in a[1])


def same(a: Unit, b: Unit) -> bool:
    """Whether two units are the same dimension at the same scale."""
    close = all(math.isclose(x[1], y[1]) and x[0] == y[0] for x, y in zip(a[1], b[1], strict=False))
    return len(a[1]) == len(b[1]) and close and math.isclose(a[0], b[0], rel_tol=1e-9)


def _say(unit: Unit) -> str:
    names = " ".join(f"{n}^{p:g}" for n, p in unit[1]) or "dimensionless"
    return f"{unit[0]:.6g} {names}"


def unit_of(expression: sympy.Expr, where: str) -> Unit | None:
    """Return the unit of an expression, None for zero (which fits any); raise ModelError on a clash."""
    if isinstance(expression, Handle):
        return base_units(expression.unit)
    if expression.is_Number or expression.is_NumberSymbol:
        return None if expression == 0 else NONE
    if isinstance(expression, sympy.Add | sympy.Min | sympy.Max):
        found: Unit | None = None
        for term in expression.args:
            unit = unit_of(term, where)
            if unit is None:
                continue
            if found is not None and not same(found, unit):
                raise ModelError(
                    f"the term '{term}' is in {_say(unit)}, the others are in {_say(found)}",
                    key=where,
                )
            found = unit
        return found
    if isinstance(expression, sympy.Mul):
        total: Unit = NONE
        for factor in expression.args:
            unit = unit_of(factor, where)
            if unit is None:
                return None
            total = _times(total, unit)
        return total
    if isinstance(expression, sympy.Pow):
        base, exponent = expression.args
        if exponent.is_Number:
            unit = unit_of(base, where)
            return None if unit is None else _power(unit, float(exponent))
        _dimensionless(exponent, where)
        _dimensionless(base, where)
        return NONE
    if isinstance(expression, sympy.Piecewise):
        units = [unit_of(value, where) for value, _ in expression.args]
        known = [u for u in units if u is not None]
        for condition in {c for _, test in expression.args for c in test.atoms(Relational)}:
            sides = [unit_of(side, where) for side in (condition.lhs, condition.rhs)]
            if None not in sides and not same(*sides):  # type: ignore[arg-type]
                raise ModelError(f"'{condition}' compares two units", key=where)
        if any(not same(known[0], u) for u in known[1:]):
            raise ModelError(f"the branches of '{expression}' differ in unit", key=where)
        return known[0] if known else None
    if isinstance(expression, sympy.exp | sympy.log | sympy.tanh):
        _dimensionless(expression.args[0], where)
        return NONE
    if isinstance(expression, sympy.Symbol):
        raise ModelError(
            f"'{expression}' is a bare symbol; equations are written over handles", key=where
        )
    raise ModelError(
        f"the equation uses '{type(expression).__name__}', which no kernel has", key=where
    )


def _dimensionless(expression: sympy.Expr, where: str) -> None:
    unit = unit_of(expression, where)
    if unit is not None and not same(unit, NONE):
        raise ModelError(f"'{expression}' must be dimensionless and is in {_say(unit)}", key=where)


def check(expression: sympy.Expr, unit: str, where: str) -> None:
    """Raise ModelError unless ``expression`` is in ``unit``, dimension and scale."""
    found = unit_of(expression, where)
    expected = base_units(unit)
    if found is not None and not same(found, expected):
        raise ModelError(
            f"the expression is in {_say(found)}, declared as '{unit}' = {_say(expected)}",
            key=where,
        )
