"""The model as SBML text for libRoadRunner: rate rules, assignment rules, no events."""

from __future__ import annotations

import re

import sympy

from antitrypsim.modelling.handles import AgeHandle, Covariate, Param
from antitrypsim.modelling.model import Model

AGE_NAME = "v_age"
"""Age as a variable with the rate 1: libRoadRunner cannot take time in every rule."""


def identifier(name: str, *, constant: bool = False) -> str:
    """Return an SBML id; a parameter and a state of one name stay two things."""
    return ("c_" if constant else "v_") + re.sub(r"\W", "_", name)


def _name_of(symbol: sympy.Symbol) -> str:
    if isinstance(symbol, AgeHandle):
        return AGE_NAME
    return identifier(symbol.name, constant=isinstance(symbol, (Param, Covariate)))


def to_sbml(model: Model) -> str:
    """Return SBML level 3; age in days is a variable; ``identifier`` makes names."""
    import libsbml

    document = libsbml.SBMLDocument(3, 1)
    sbml = document.createModel()
    sbml.setId("model")

    def formula(expression) -> str:
        symbols = {s: sympy.Symbol(_name_of(s), real=True) for s in expression.free_symbols}
        plain = expression.xreplace(symbols)
        # As in our kernel, a base that an integrator lets slip below zero counts as zero.
        guarded = plain.replace(
            lambda e: e.is_Pow and not e.exp.is_integer and not e.base.is_number,
            lambda e: sympy.Function("piecewise")(e, sympy.StrictGreaterThan(e.base, 0), 0),
        )
        text = sympy.sstr(guarded.evalf(17)).replace("**", "^")
        return re.sub(r"\blog\(", "ln(", text)

    def variable(name: str, value: float) -> None:
        p = sbml.createParameter()
        p.setId(name)
        p.setValue(float(value))
        p.setConstant(False)

    for parameter in model.parameters:
        variable(identifier(parameter.id, constant=True), parameter.value)
    for handle in model.covariates:
        variable(identifier(handle.name, constant=True), 1.0)
    for handle in model.inputs:
        variable(identifier(handle.name), 1.0)
    # libRoadRunner measures its absolute tolerance against the values in the file.
    for line in model.states:
        variable(identifier(line.handle.name), line.handle.scale)
    for line in model.quantities:
        variable(identifier(line.handle.name), 0.0)
    rules = [(sbml.createAssignmentRule, q.handle.name, q.expression) for q in model.quantities]
    age = sbml.createParameter()
    age.setId(AGE_NAME)
    age.setValue(1.0)
    age.setConstant(False)
    clock = sbml.createRateRule()
    clock.setVariable(AGE_NAME)
    clock.setMath(libsbml.parseL3Formula("1"))
    rules += [(sbml.createRateRule, s.handle.name, s.rate) for s in model.states]
    for create, name, expression in rules:
        rule = create()
        rule.setVariable(identifier(name))
        math = libsbml.parseL3Formula(formula(sympy.sympify(expression)))
        if math is None:
            raise ValueError(f"{name}: {libsbml.getLastParseL3Error()}")
        rule.setMath(math)
    return libsbml.writeSBMLToString(document)
