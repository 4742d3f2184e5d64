"""The likelihood of measurements, whoever simulates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.petab.formulas import Formula
from antitrypsim.interchange.petab.problem import PetabProblem

Simulate = Callable[
    [Mapping[str, float], Mapping[str, float], Sequence[float]], Sequence[Mapping[str, float]]
]
"""From parameters, what a condition sets, and ascending times to values by SBML id at each time."""


@dataclass(frozen=True)
class Objective:
    """The log-likelihood, chi squared, and what is simulated of each measurement, in their order."""

    llh: float
    chi2: float
    simulations: tuple[float, ...]


def objective(
    problem: PetabProblem, simulate: Simulate, values: Mapping[str, float] | None = None
) -> Objective:
    """Return how likely the measurements are; ``values`` replace nominal ones (not scaled).

    Raises InputError for a value of a parameter that the problem does not have, and for a formula
    that reads what nothing says.
    """
    known = problem.nominal
    for id in values or {}:
        if id not in known:
            raise InputError(f"the problem has no parameter '{id}'")
    known = {**known, **(values or {})}
    observables = {o.id: o for o in problem.observables}
    formulas = {o.id: (Formula(o.formula), Formula(o.noise)) for o in problem.observables}
    courses = _courses(problem, simulate, known)
    llh, chi2, simulations = 0.0, 0.0, []
    for m in problem.measurements:
        what = observables[m.observable]
        own = _given(what.placeholders, m.overrides, known)
        own |= _given(what.noise_placeholders, m.noise_overrides, known)
        here = {**known, **courses[m.condition][m.time], **own}
        formula, noise = formulas[m.observable]
        found = formula.value(here)
        sigma = noise.value({**here, m.observable: found})
        one, two = _terms(what.transformed, m.value, found, sigma)
        llh, chi2 = llh + one, chi2 + two
        simulations.append(found)
    return Objective(llh, chi2, tuple(simulations))


def _courses(
    problem: PetabProblem, simulate: Simulate, known: Mapping[str, float]
) -> dict[str, dict[float, Mapping[str, float]]]:
    """Return by condition and time what the model gives."""
    wanted: dict[str, set[float]] = {}
    for m in problem.measurements:
        wanted.setdefault(m.condition, set()).add(m.time)
    courses: dict[str, dict[float, Mapping[str, float]]] = {}
    for condition, times in wanted.items():
        said = problem.conditions.get(condition, {})
        sets = dict(zip(said, _numbers(said.values(), known), strict=True))
        ordered = sorted(times)
        rows = simulate(known, sets, ordered)
        # What a condition sets may be read in formulas alone, and not be in the model.
        courses[condition] = {t: {**sets, **row} for t, row in zip(ordered, rows, strict=True)}
    return courses


def _given(
    placeholders: Sequence[str], overrides: Sequence[str], known: Mapping[str, float]
) -> dict[str, float]:
    return dict(zip(placeholders, _numbers(overrides, known), strict=True))


def _numbers(texts: Iterable[str], known: Mapping[str, float]) -> list[float]:
    """Return numbers, or the values of parameters."""
    found = []
    for text in texts:
        try:
            found.append(known[text] if text in known else float(text))
        except ValueError:
            raise InputError(
                f"'{text}' is neither a number nor a parameter of the problem"
            ) from None
    return found


def _terms(transformed: str, measured: float, found: float, sigma: float) -> tuple[float, float]:
    """Return what one measurement adds to the log-likelihood and to chi squared."""
    jacobian = 0.0
    if transformed != "lin":
        if measured <= 0 or not found > 0:
            return -math.inf, math.inf
        base = math.log(10) if transformed == "log10" else 1.0
        jacobian = math.log(measured * base)
        measured, found = math.log(measured) / base, math.log(found) / base
    if not sigma > 0 or math.isnan(found):
        return -math.inf, math.inf
    square = ((measured - found) / sigma) ** 2
    return -0.5 * (math.log(2 * math.pi) + square) - math.log(sigma) - jacobian, square
