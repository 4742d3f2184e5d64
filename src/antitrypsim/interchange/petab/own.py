"""A PEtab problem on our own model: read back, simulated by our engine, and how likely it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.origin import Origin
from antitrypsim.interchange.petab.formulas import Formula
from antitrypsim.interchange.petab.objective import Objective, objective
from antitrypsim.interchange.petab.problem import PetabProblem
from antitrypsim.interchange.petab.read import read_petab
from antitrypsim.interchange.sbml.names import Names
from antitrypsim.interchange.sbml.read import origin_of
from antitrypsim.interchange.undisturbed import Undisturbed


@dataclass(frozen=True, eq=False)
class OwnPetab:
    """A problem, and the model, person and regimen that its SBML was made of."""

    problem: PetabProblem
    origin: Origin
    loss: LossReport

    @cached_property
    def _course(self) -> Undisturbed:
        o = self.origin
        return Undisturbed(o.built(), o.person, o.regimen, o.years, o.draws)

    def objective(self, values: Mapping[str, float] | None = None) -> Objective:
        """Return how likely the measurements are, by our engine; ``values`` by parameter, not scaled."""
        return objective(self.problem, self._simulate, values)

    def _simulate(
        self, known: Mapping[str, float], sets: Mapping[str, float], times: Sequence[float]
    ) -> list[dict[str, float]]:
        course, person = self._course, self.origin.person
        names = Names(course.model)
        constants = {id: name for name, id in names.fixed.items()}
        moving = {id: name for name, id in names.moving.items()}
        read = sorted(
            {n for o in self.problem.observables for n in Formula(o.formula).names if n in moving}
        )
        replaced = {constants[id]: v for id, v in {**known, **sets}.items() if id in constants}
        day_0 = float(person.age[0] - person.birth[0])
        found = course.outputs([t - day_0 for t in times], [moving[id] for id in read], replaced)
        return [{**known, **dict(zip(read, map(float, row), strict=True))} for row in found]

    def to_dict(self) -> Plain:
        """Return parameters by the names of the model, measurements in days since day 0, and llh."""
        names = Names(self._course.model)
        constants = {id: name for name, id in names.fixed.items()}
        person, now = self.origin.person, self.objective()
        day_0 = float(person.age[0] - person.birth[0])
        titles = {o.id: o.name or o.id for o in self.problem.observables}
        return {
            "notice": "SYNTHETIC: not of real people",
            "therapies": list(self.origin.therapies),
            "regimen": self.origin.regimen.name,
            "parameters": [
                {
                    "name": constants.get(p.id, p.id), "nominal": p.nominal, "lower": p.lower,
                    "upper": p.upper, "scale": p.scale, "estimate": p.estimate,
                }
                for p in self.problem.parameters
            ],
            "measurements": [
                {
                    "output": titles[m.observable], "day": m.time - day_0, "value": m.value,
                    "simulated": s, "condition": m.condition,
                }
                for m, s in zip(self.problem.measurements, now.simulations, strict=True)
            ],
            "llh": now.llh,
            "chi2": now.chi2,
        }  # fmt: skip


def import_petab(file: str | Path) -> OwnPetab:
    """Return a PEtab problem on a model that this package wrote.

    Raises InputError, one sentence, for a problem that cannot be read, for a model of others (named
    in it), for SBML that was changed, and for a condition or parameter that sets what is no constant.
    """
    problem = read_petab(file)
    origin = origin_of(problem.sbml, str(file))
    if origin.chance:
        raise InputError(
            "the model has chance events, and its likelihood jumps; export it without",
            path=str(file),
        )
    model = origin.built()
    fixed = set(Names(model).fixed.values())
    inside = set(Names(model).moving.values())
    read = {n for o in problem.observables for f in (o.formula, o.noise) for n in Formula(f).names}
    for p in problem.parameters:
        if p.id not in fixed | read:
            raise InputError(f"the parameter '{shown(p.id)}' is not in the model", path=str(file))
    for condition, sets in problem.conditions.items():
        for id in sets:
            if id not in fixed:
                what = "moves in the model" if id in inside else "is not in the model"
                raise InputError(
                    f"the condition '{shown(condition)}' sets '{shown(id)}', which {what}; only "
                    "parameters and covariates can be set", path=str(file),
                )  # fmt: skip
    last = (float(origin.person.age[0] - origin.person.birth[0])) + origin.years * 365.25
    for m in problem.measurements:
        if m.time > last:
            raise InputError(
                f"a measurement at time {m.time:g} lies after the end of the model, {last:g}",
                path=str(file),
            )
    loss = LossReport(
        (
            f"{len(problem.parameters)} parameters, {len(problem.measurements)} measurements of "
            f"{len(problem.observables)} observables, {len(problem.conditions)} conditions",
            "the model, the person and what is given, as they were exported",
        ),
    )
    return OwnPetab(problem, origin, loss)
