"""The equations as formulas of SBML's text notation, and those as MathML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.relational import Relational

from antitrypsim.foundations.errors import ModelError, RunError
from antitrypsim.interchange.sbml.names import AGE, Names
from antitrypsim.modelling.handles import AgeHandle, Amount, Covariate, Param

_COMPARE = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.Equality: "==",
    sympy.Unequality: "!=",
}
_CALLED = {sympy.exp: "exp", sympy.log: "ln", sympy.tanh: "tanh", sympy.Abs: "abs"}


def number(value: float) -> str:
    """Return a number, the shortest text that is read back as it."""
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


def formula(expression: sympy.Basic, names: Names, amount: str = "") -> str:
    """Return the formula of an expression; ``amount`` stands for the amount of a dose.

    As in the engine, a base that is raised to a broken power counts as zero where an integrator lets
    it slip below. Raises ModelError for a function that SBML lacks.
    """

    def walk(e: sympy.Basic) -> str:
        if isinstance(e, sympy.Symbol):
            return _symbol(e, names, amount)
        if e.is_Integer and abs(int(e)) < 10**9:
            return str(e) if e >= 0 else f"({e})"
        if e.is_Number or e.is_NumberSymbol:
            return number(float(e))
        if isinstance(e, (sympy.Add, sympy.Mul)):
            sign = " + " if isinstance(e, sympy.Add) else " * "
            return "(" + sign.join(walk(a) for a in _ordered(e)) + ")"
        if isinstance(e, sympy.Pow):
            return _power(e, walk)
        if type(e) in _CALLED:
            return f"{_CALLED[type(e)]}({walk(e.args[0])})"
        if isinstance(e, (sympy.Min, sympy.Max)):
            below = "<=" if isinstance(e, sympy.Min) else ">="
            found, *rest = (walk(a) for a in _ordered(e))
            for other in rest:
                found = f"piecewise({found}, {found} {below} {other}, {other})"
            return found
        if isinstance(e, sympy.Piecewise):
            *pairs, last = e.args
            parts = [part for p in pairs for part in (walk(p.expr), walk(p.cond))]
            return f"piecewise({', '.join([*parts, walk(last.expr)])})"
        if isinstance(e, Relational):
            return f"({walk(e.lhs)} {_COMPARE[type(e)]} {walk(e.rhs)})"
        if isinstance(e, (sympy.And, sympy.Or)):
            sign = " && " if isinstance(e, sympy.And) else " || "
            return "(" + sign.join(walk(a) for a in _ordered(e)) + ")"
        raise ModelError(f"SBML is not written for '{type(e).__name__}'")

    return walk(sympy.sympify(expression))


def _ordered(e: sympy.Basic) -> list[sympy.Basic]:
    """Return the arguments in an order that no hash decides."""
    return sorted(e.args, key=sympy.default_sort_key)


def _symbol(symbol: sympy.Symbol, names: Names, amount: str) -> str:
    if isinstance(symbol, AgeHandle):
        return AGE
    if isinstance(symbol, Amount):
        return amount
    table = names.fixed if isinstance(symbol, (Param, Covariate)) else names.moving
    return table[symbol.name]


def _power(e: sympy.Pow, walk: Any) -> str:
    if e.base is sympy.E:
        return f"exp({walk(e.exp)})"
    if not e.exp.is_Number and e.exp.could_extract_minus_sign():
        return f"(1 / {walk(e.base**-e.exp)})"
    if e.exp.is_Number and e.exp < 0:
        return f"(1 / {walk(sympy.Pow(e.base, -e.exp))})"
    base, power = walk(e.base), f"({walk(e.base)} ^ {walk(e.exp)})"
    moves = any(not isinstance(s, (Param, Covariate)) for s in e.base.free_symbols)
    if e.exp.is_integer or not moves:
        return power
    return f"piecewise({power}, {base} > 0, 0)"


def looked_up(counter: str, values: Sequence[float]) -> str:
    """Return the formula of ``values[k]`` where ``counter`` is k; the last one from its place on.

    Halved again and again, so that a long list is no deep formula.
    """

    def between(low: int, high: int) -> str:
        if low == high or len(set(values[low : high + 1])) == 1:
            return number(values[low])
        middle = (low + high) // 2
        left, right = between(low, middle), between(middle + 1, high)
        return f"piecewise({left}, {counter} < {number(middle + 0.5)}, {right})"

    return between(0, len(values) - 1)


def math(text: str) -> Any:
    """Return libSBML's tree of a formula, every number in it without a unit."""
    import libsbml

    tree = libsbml.parseL3Formula(text)
    if tree is None:
        raise RunError(f"a formula could not be written: {libsbml.getLastParseL3Error()}")
    _without_units(tree)
    return tree


def _without_units(node: Any) -> None:
    if node.isNumber():
        node.setUnits("dimensionless")
    for k in range(node.getNumChildren()):
        _without_units(node.getChild(k))
