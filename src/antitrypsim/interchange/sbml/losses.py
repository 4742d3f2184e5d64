"""What SBML carried of a model, a person and a treatment, and what it could not."""

from __future__ import annotations

from antitrypsim.foundations.plural import so_many
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.sbml.course import Course
from antitrypsim.modelling import Model


def losses(model: Model, course: Course, chance: bool) -> LossReport:
    """Return the loss report of an export to SBML."""
    inputs = {handle.name for handle in model.inputs}
    carried = [
        f"{so_many(len(model.states), 'state')} with their rates and initial values, "
        f"{so_many(len(model.quantities), 'quantity', 'quantities')}, "
        f"{so_many(len(model.parameters), 'parameter')} as this person has them, "
        f"{so_many(len(model.covariates), 'covariate')}",
        *(
            f"{'input' if p.what in inputs else 'dose'} {p.what}: "
            f"{so_many(len(p.times), 'change' if p.what in inputs else 'dose')} as one event"
            for p in course.programs
        ),
    ]
    extended = [
        "the unit, meaning, grade and source of each number, in its notes; every number is "
        "dimensionless to SBML, in the unit of its notes",
        "the typical value and both spreads of each parameter, in its notes",
    ]
    left_out = [
        "the size against which the engine measures the error of each state: a tolerance is set in "
        "the other tool",
        "a reading at the very time of a dose: here it is taken before the dose, by SBML after it",
    ]
    if not model.hazards:
        return LossReport(tuple(carried), tuple(extended), tuple(left_out))
    names = ", ".join(line.name for line in model.hazards)
    if chance:
        carried.append(f"chance events as this person's random streams have them: {names}")
        left_out.append("the end of a course at death: SBML goes on after it")
    else:
        carried.append(f"integrated hazards since the start of life: {names}")
        left_out.append(f"what chance events do, and that they happen: {names}")
    return LossReport(tuple(carried), tuple(extended), tuple(left_out))
