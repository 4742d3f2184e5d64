"""The model, one person and a treatment as one SBML document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from antitrypsim.evidence import load_registry
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.extras import needed
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.origin import SPACE, Origin, therapies_of
from antitrypsim.interchange.sbml.chance import thresholds_until, write_chance
from antitrypsim.interchange.sbml.course import Course, course_of
from antitrypsim.interchange.sbml.events import write_program
from antitrypsim.interchange.sbml.formulas import formula, math
from antitrypsim.interchange.sbml.losses import losses
from antitrypsim.interchange.sbml.names import AGE, Names
from antitrypsim.interchange.sbml.notes import parameter_lines, put_notes, told
from antitrypsim.modelling import Model
from antitrypsim.protocols import BANNER
from antitrypsim.simulation.constants import constant_names, constants_of
from antitrypsim.simulation.model_for import model_for
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.uncertainty.draws import ParameterSet, typical

SYNTHETIC = "SYNTHETIC: not of real people"
LEVEL, VERSION = 3, 2


@dataclass(frozen=True, eq=False)
class SbmlModel:
    """SBML as ``text``, what was lost, and how to read it.

    Time is days since the person's simulated life began; ``day_0`` is the time of day 0, and ``end``
    that until which the person's life is written. ``ids`` gives the SBML id of each state, quantity
    and input, ``constants`` that of each parameter and covariate.
    """

    text: str
    loss: LossReport
    day_0: float
    end: float
    ids: Mapping[str, str]
    constants: Mapping[str, str]


def export_sbml(
    model: Model,
    person: People,
    regimen: Regimen | None = None,
    *,
    years: float = 10.0,
    chance: bool = False,
    draws: ParameterSet | None = None,
) -> SbmlModel:
    """Return SBML level 3 version 2 of a model with one person and what that person is given.

    The whole life is in it: from its start (typically at 18 years) to ``years`` after day 0, with the
    person's own parameters, smoking, and good and bad years. Each input and each series of doses is
    one event with a clock and a count of its own. ``chance`` writes exacerbations, deaths and other
    chance events too, when the person's own random streams have them happen; without it their
    hazards are integrated and nothing happens. ``draws`` replaces typical values.

    Raises InputError for several people, for years that are not above 0, for a regimen that does not
    fit the model and where the extra is missing.
    """
    libsbml = needed("libsbml", "sbml")
    if not 0 < years < np.inf:
        raise InputError(f"{years:g} years cannot be written; a number above 0 can")
    regimen = regimen or Regimen()
    start = float(person.birth[0]) if len(person) == 1 else 0.0
    age = float(person.age[0]) if len(person) == 1 else 0.0
    regimen.check(model)
    kept = therapies_of(model)
    origin = (
        None if kept is None
        else Origin(kept, model.content_hash, person, regimen, float(years), chance, draws)
    )  # fmt: skip
    thresholds = thresholds_until(model, person, regimen, years, draws) if chance else None
    model = model_for(model, (regimen,))
    course = course_of(model, person, regimen, start, age + years * YEAR)
    constants = constants_of(model, person, typical(model, draws))[0]
    document = libsbml.SBMLDocument(LEVEL, VERSION)
    writer = _Writer(document.createModel(), model, Names(model))
    if origin is not None:
        writer.annotate(origin)
    writer.head(person, regimen, age - start)
    writer.constants(constants)
    writer.equations(course)
    for program in course.programs:
        write_program(writer.sbml, writer.names, model, program)
    if thresholds is not None:
        for line, values in zip(model.hazards, thresholds, strict=True):
            write_chance(writer.sbml, writer.names, line, values)
    return writer.done(document, losses(model, course, chance), age - start, course.end - start)


def equations(model: Model) -> SbmlModel:
    """Return the equations alone: typical values, covariates of 1, inputs at their defaults, no events.

    For those who drive another tool step by step and set everything themselves.
    """
    libsbml = needed("libsbml", "sbml")
    document = libsbml.SBMLDocument(LEVEL, VERSION)
    writer = _Writer(document.createModel(), model, Names(model))
    defaults = np.array([handle.default for handle in model.inputs], dtype=np.float64)
    course = Course(0.0, 0.0, defaults, ())
    values = [p.value for p in model.parameters] + [1.0 for _ in model.covariates]
    writer.constants(np.array(values))
    writer.equations(course)
    return writer.done(document, losses(model, course, False), 0.0, 0.0)


class _Writer:
    def __init__(self, sbml: Any, model: Model, names: Names) -> None:
        self.sbml, self.model, self.names = sbml, model, names
        self.sbml.setId("antitrypsim")
        self.sbml.setTimeUnits("dimensionless")

    def done(self, document: Any, loss: LossReport, day_0: float, end: float) -> SbmlModel:
        """Return what was written, checked."""
        return SbmlModel(_checked(document), loss, day_0, end, self.names.moving, self.names.fixed)

    def head(self, person: People, regimen: Regimen, day_0: float) -> None:
        """Say what it is, of whom, and that the numbers carry their units in their notes."""
        self.sbml.setName(f"alpha-1 antitrypsin deficiency, {regimen.name}")
        who = ", ".join(f"{k} {v[0]}" for k, v in person.labels.items())
        put_notes(
            self.sbml,
            (
                SYNTHETIC,
                BANNER,
                f"Model {self.model.content_hash}; given: {regimen.name} ({regimen.content_hash}); "
                f"person {person.ids[0]}{': ' if who else ''}{who}.",
                f"Time is days since the start of the simulated life; day 0 is time {day_0!r}.",
                "Every value is a number in the unit that its notes say, and so is dimensionless here.",
            ),
        )

    def annotate(self, origin: Origin) -> None:
        """Say what it was made of, for who imports it again."""
        text = escape(origin.text(), quote=False)
        if self.sbml.setAnnotation(f'<origin xmlns="{SPACE}">{text}</origin>') != 0:
            raise RunError("the annotation of the SBML could not be written")

    def variable(self, id: str, name: str, value: float, *, constant: bool = False) -> Any:
        """Add a number; SBML calls every number a parameter."""
        found = self.sbml.createParameter()
        found.setId(id)
        found.setName(name)
        found.setConstant(constant)
        found.setUnits("dimensionless")
        found.setValue(float(value))
        return found

    def constants(self, values: Floats) -> None:
        """Add parameters, with grade and source, and covariates."""
        registry = load_registry()
        given = dict(zip(constant_names(self.model), values, strict=True))
        for parameter in self.model.parameters:
            value = given[parameter.id]
            element = self.variable(
                self.names.fixed[parameter.id], parameter.id, value, constant=True
            )
            put_notes(element, parameter_lines(parameter, value != parameter.value, registry))
        for handle in self.model.covariates:
            element = self.variable(
                self.names.fixed[handle.name], handle.name, given[handle.name], constant=True
            )
            put_notes(element, [told(handle.name, handle.unit, handle.meaning)])

    def equations(self, course: Course) -> None:
        """Add inputs, states with their rates, quantities with their rules, and age."""
        names = self.names
        for handle, value in zip(self.model.inputs, course.inputs, strict=True):
            element = self.variable(
                names.moving[handle.name], handle.name, value,
                constant=handle.name not in course.given,
            )  # fmt: skip
            put_notes(element, [told(handle.name, handle.unit, handle.meaning)])
        self.variable(AGE, "age", course.start)
        self.rule(self.sbml.createRateRule(), AGE, "1")
        for state in self.model.states:
            handle, id = state.handle, names.moving[state.handle.name]
            plain = state.initial.is_number
            # Where the beginning is computed this number is not read as a value; libRoadRunner
            # measures its absolute tolerance against it.
            element = self.variable(
                id, handle.name, float(state.initial) if plain else handle.scale
            )
            put_notes(element, [told(handle.name, handle.unit, handle.meaning)])
            if not plain:
                begins = self.sbml.createInitialAssignment()
                begins.setSymbol(id)
                begins.setMath(math(formula(state.initial, names)))
            self.rule(self.sbml.createRateRule(), id, formula(state.rate, names))
        for quantity in self.model.quantities:
            handle, id = quantity.handle, names.moving[quantity.handle.name]
            element = self.sbml.createParameter()
            element.setId(id)
            element.setName(handle.name)
            element.setConstant(False)
            element.setUnits("dimensionless")
            put_notes(element, [told(handle.name, handle.unit, handle.meaning)])
            self.rule(self.sbml.createAssignmentRule(), id, formula(quantity.expression, names))

    @staticmethod
    def rule(rule: Any, id: str, text: str) -> None:
        rule.setVariable(id)
        rule.setMath(math(text))


def _checked(document: Any) -> str:
    """Return the text; raise RunError where libSBML finds anything to say of it."""
    import libsbml

    if document.checkConsistency():
        first = " ".join(document.getError(0).getMessage().split())
        raise RunError(f"the SBML that was made is not consistent: {first}")
    return str(libsbml.writeSBMLToString(document))
