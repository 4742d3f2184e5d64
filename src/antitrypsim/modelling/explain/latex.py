"""Lay the equations out as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy

from antitrypsim.modelling.explain.shorts import Words, per_day
from antitrypsim.modelling.handles import Handle, Indexed, Instance, Param
from antitrypsim.modelling.model import Model
from antitrypsim.modelling.words import Expression, Module, SumOver, Term, dose_amount


def to_latex(model_or_module: Model | Module) -> str:
    """Return an ``align`` environment (amsmath) for each module.

    Of a Model: the composed equations, effects included. Of a Module: the equations as they are
    written, one for a whole family with the index i, and effects on their own.
    """
    if isinstance(model_or_module, Module):
        return _align(model_or_module.name, model_or_module.title, _written(model_or_module))
    model = model_or_module
    parts = [_align(name, title, _composed(model, name)) for name, title in model.modules]
    return "\n\n".join(parts)


def _align(name: str, title: str, lines: Iterable[tuple[str, str, str]]) -> str:
    rows = [rf"  {a} &{b} \quad [{_latex_unit(unit)}]" for a, b, unit in lines]
    if not rows:
        return f"% {name}: {title} (no equations of its own)"
    body = " \\\\\n".join(rows)
    return f"% {name}: {title}\n\\begin{{align}}\n{body}\n\\end{{align}}"


def _latex_unit(unit: str) -> str:
    spelled = unit.replace("µ", r"\mu ").replace("μ", r"\mu ").replace("_", r"\_")
    return rf"\mathrm{{{spelled.replace('%', chr(92) + '%')}}}"


def _composed(model: Model, name: str) -> Iterator[tuple[str, str, str]]:
    words = Words(model, name)
    hidden = {h.accumulator for h in model.hazards}

    def latex(expression: sympy.Expr) -> str:
        return _tex(words.short(expression))

    for s in model.states:
        if s.module == name and s.handle not in hidden:
            yield _rate(latex(s.handle)), f"= {latex(s.rate)}", per_day(s.handle.unit)
    for q in model.quantities:
        if q.module == name:
            yield latex(q.handle), f"= {latex(q.expression)}", q.handle.unit
    for h in model.hazards:
        if h.module == name:
            yield _event(h.name), f"= {latex(h.rate)}", "1/day"
    for dose in model.doses:
        if dose.module == name and dose.holds is not None:
            yield latex(dose.holds), f"= {latex(dose_amount(dose.unit))}", dose.unit
    jumps = [(line.module, line.jumps) for line in model.doses]
    jumps += [(line.module, line.jumps) for line in model.hazards]
    for module, moved in jumps:
        for state, expression in moved if module == name else ():
            x = latex(state)
            yield x, rf"\leftarrow {x} + {_bracket(latex(expression))}", state.unit


def _tex(expression: sympy.Expr) -> str:
    # A dot between factors: names of several letters would run together.
    return str(sympy.latex(expression, mul_symbol="dot"))


def _rate(x: str) -> str:
    return rf"\frac{{\mathrm{{d}}}}{{\mathrm{{d}}t}} {x}"


def _event(name: str) -> str:
    spelled = name.replace("_", r"\ ")
    return rf"\lambda_{{\mathrm{{{spelled}}}}}"


def _bracket(text: str) -> str:
    return rf"\left( {text} \right)"


class _Anyone(Instance):
    """The instance i of a family: whatever attribute is asked for is a symbol."""

    def __getattr__(self, key: str) -> sympy.Expr:
        if key.startswith("_"):
            raise AttributeError(key)
        return Param(f"_.{key}[i]", "1", key)


_ANYONE = _Anyone("i")


Names = dict[Handle, Handle]


def _generic(expression: Expression, names: Names) -> str:
    if isinstance(expression, SumOver):
        return rf"\sum_{{i}} {_bracket(_generic(expression.term(_ANYONE), names))}"
    if callable(expression) and not isinstance(expression, sympy.Basic):
        return _generic(expression(_ANYONE), names)
    return _tex(sympy.sympify(expression).xreplace(names))


def _written(module: Module) -> Iterator[tuple[str, str, str]]:
    def handle(key: Handle | Indexed) -> Handle:
        return key[_ANYONE] if isinstance(key, Indexed) else key

    own = {key.name for key in (*module.changes, *module.quantities)}
    names: Names = {
        Param(p.id, p.unit, p.meaning): Param(f"_.p.{p.name}", p.unit, p.meaning)
        for p in module.parameters.values()
        if p.id in own
    }
    for key, expression in module.changes.items():
        x = handle(key)
        yield _rate(_tex(x)), f"= {_generic(expression, names)}", per_day(x.unit)
    for key, expression in module.quantities.items():
        x = handle(key)
        yield _tex(x), f"= {_generic(expression, names)}", x.unit
    for effect in module.effects:
        x = handle(effect.target)
        sign = "+" if isinstance(effect, Term) else r"\cdot"
        shown = _bracket(_generic(effect.expression, names))
        yield _tex(x), rf"\leftarrow {_tex(x)} {sign} {shown}", x.unit
    for hazard in module.hazards:
        yield _event(hazard.name), f"= {_generic(hazard.rate, names)}", "1/day"
    for dose in module.doses:
        if dose.holds is not None:
            yield _tex(dose.holds), f"= {_tex(dose_amount(dose.unit))}", dose.unit
    for jumps in [*(d.jumps for d in module.doses), *(h.jumps for h in module.hazards)]:
        for state, expression in jumps.items():
            x = handle(state)
            shown = _bracket(_generic(expression, names))
            yield _tex(x), rf"\leftarrow {_tex(x)} + {shown}", x.unit
