"""Expressions in short names."""

from __future__ import annotations

from collections import Counter

import sympy
from sympy.printing.str import StrPrinter

from antitrypsim.modelling.handles import Handle, Param
from antitrypsim.modelling.model import Model


class Words:
    """Expressions of one module in short names, told apart where two handles share one."""

    def __init__(self, model: Model, module: str) -> None:
        params = [Param(p.id, p.unit, p.meaning) for p in model.parameters]
        handles: list[Handle] = [s.handle for s in model.states]
        handles += [q.handle for q in model.quantities]
        everyone = [*handles, *model.inputs, *model.covariates, *params]
        shared = Counter(h.short for h in everyone)
        taken = {h.name for h in handles}
        self.module = module
        self.renamed: dict[Handle, Handle] = {}
        for handle in everyone:
            own = home(handle) == module
            if isinstance(handle, Param) and handle.name in taken:
                shown = f"p.{handle.short}" if own else f"{home(handle)}.p.{handle.short}"
            elif own or shared[handle.short] == 1:
                continue
            else:
                shown = handle.name
            self.renamed[handle] = type(handle)(f"_.{shown}", handle.unit, handle.meaning)

    def short(self, expression: sympy.Expr) -> sympy.Expr:
        """Return the expression with handles renamed so that ``short`` tells them apart."""
        return sympy.sympify(expression).xreplace(self.renamed)

    def text(self, expression: sympy.Expr) -> str:
        """Return the expression as one line of text."""
        return str(_Printer({"full_prec": False}).doprint(self.short(expression)))


class _Printer(StrPrinter):
    def _print(self, expr: sympy.Basic, **kwargs: object) -> str:
        # Before SymPy looks for a printer by class name: it has one for its own Quantity.
        return str(expr.short if isinstance(expr, Handle) else super()._print(expr, **kwargs))


def per_day(unit: str) -> str:
    """Return the unit of a rate of change of something in ``unit``."""
    if unit == "1":
        return "1/day"
    return f"({unit})/day" if "/" in unit else f"{unit}/day"


def home(handle: Handle) -> str:
    """Return the module that a handle is named after."""
    return str(handle.name.partition(".")[0])
