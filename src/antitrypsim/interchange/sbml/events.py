"""Events of SBML: a clock, a count, and what is assigned when the clock strikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antitrypsim.interchange.sbml.course import Program, dose_line
from antitrypsim.interchange.sbml.formulas import formula, looked_up, math, number
from antitrypsim.interchange.sbml.names import Names
from antitrypsim.modelling import Model


def write_program(sbml: Any, names: Names, model: Model, program: Program) -> None:
    """Write a course of an input or a series of doses as one event."""
    stem = names.new(f"given_{program.what}")
    done, following = names.new(f"{stem}_done"), names.new(f"{stem}_next")
    counter(sbml, done, f"how often {program.what} has happened", 0.0)
    counter(sbml, following, f"when {program.what} happens next", program.times[0])
    last = len(program.times) - 1
    amount = looked_up(done, program.values)
    line = dose_line(model, program.what)
    if line is None or line.holds is not None:
        target = program.what if line is None or line.holds is None else line.holds.name
        changed = {names.moving[target]: amount}
    else:
        changed = {
            names.moving[state.name]: f"{names.moving[state.name]} + {formula(jump, names, amount)}"
            for state, jump in line.jumps
        }
    if last:
        # Counted from the first one, so that no rounding adds up and what is at once stays at once.
        ahead = (
            looked_up(done, (*program.times[1:], program.times[-1]))
            if program.every is None
            else f"{number(program.times[0])} + {number(program.every)} * ({done} + 1)"
        )
        changed[following] = ahead
    changed[done] = f"{done} + 1"
    when = f"(time >= {following}) && ({done} < {number(last + 0.5)})"
    event(sbml, stem, program.what, when, changed, program.priority)


def counter(sbml: Any, id: str, name: str, value: float) -> None:
    """Add a number that events change."""
    found = sbml.createParameter()
    found.setId(id)
    found.setName(name)
    found.setConstant(False)
    found.setUnits("dimensionless")
    found.setValue(value)


def event(
    sbml: Any, id: str, name: str, when: str, changed: Mapping[str, str], priority: int
) -> None:
    """Add an event; what it assigns is computed from the values just before it, all at once.

    Of two events at one time the second one reads what the first one left.
    """
    found = sbml.createEvent()
    found.setId(id)
    found.setName(name)
    found.setUseValuesFromTriggerTime(False)
    trigger = found.createTrigger()
    trigger.setInitialValue(False)
    trigger.setPersistent(True)
    trigger.setMath(math(when))
    found.createPriority().setMath(math(str(priority)))
    for variable, text in changed.items():
        assignment = found.createEventAssignment()
        assignment.setVariable(variable)
        assignment.setMath(math(text))
