"""A parameter estimation problem on our model as the files of PEtab 1 or 2."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence import Parameter as ModelParameter
from antitrypsim.foundations.arguments import different
from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.petab.problem import Measurement, Observable, Parameter, PetabProblem
from antitrypsim.interchange.sbml import SbmlModel, export_sbml
from antitrypsim.interchange.tables import LARGEST, table_text
from antitrypsim.interchange.text import text_of
from antitrypsim.modelling import Model
from antitrypsim.simulation.constants import constant_names, constants_of
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.uncertainty.draws import typical

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("output", "day", "value", "sd")
WIDE = 4.0
"""Standard deviations of what is not known of a parameter that its bounds lie from its value."""
_CONDITION = "this_person"


@dataclass(frozen=True, eq=False)
class PetabFiles:
    """The files of a problem, text by name; the first one is the YAML file that names the others."""

    files: Mapping[str, str]
    problem: PetabProblem
    loss: LossReport


def export_petab(
    model: Model,
    person: People,
    regimen: Regimen | None = None,
    *,
    data: pd.DataFrame,
    estimate: Sequence[str],
    version: int = 2,
) -> PetabFiles:
    """Return a PEtab problem: which values of parameters make the data of one person likely.

    ``data`` has a row a measurement: ``output`` (an endpoint, or a state or quantity of the model),
    ``day`` since day 0, ``value`` and its ``sd`` in the unit of the endpoint, or else of the model.
    ``estimate`` names parameters; nominal is the person's value, bounds are 4 standard deviations of
    what is not known of it, on a log scale where it is lognormal. Time is days since the person's
    simulated life began, as in the SBML that it holds.

    Raises InputError, with the row, for data that do not fit; for a parameter that is exactly known;
    for a measurement at the time of a dose, which others read after it and we before.
    """
    if version not in (1, 2):
        raise InputError(f"'{version}' is no version of PEtab that is written; 1 and 2 are")
    rows = _rows(model, data)
    regimen = regimen or Regimen()
    _apart(rows, regimen)
    chosen = [_known(model, name) for name in different(estimate, "estimate")]
    if not chosen:
        raise InputError("no parameter is to be estimated; name at least one")
    years = max(1.0, math.ceil(max(day for _, day, *_ in rows) / YEAR + 0.01))
    sbml = export_sbml(model, person, regimen, years=years)
    values = dict(
        zip(constant_names(model), constants_of(model, person, typical(model))[0], strict=True)
    )
    # What is measured with two errors is two observables: pyPESTO takes no error that changes within one.
    names = _names(rows, sbml)
    problem = PetabProblem(
        sbml.text,
        tuple(_parameter(p, float(values[p.id]), sbml) for p in chosen),
        tuple(_observable(name, sd, id, sbml) for (name, sd), id in names.items()),
        tuple(
            Measurement(names[name, sd], sbml.day_0 + day, value, _CONDITION, (), ())
            for name, day, value, sd in rows
        ),
        {_CONDITION: {}},
    )
    for measurement in problem.measurements:
        if measurement.time < 0:
            raise InputError(
                f"day {measurement.time - sbml.day_0:g} lies before the simulated life"
            )
    return PetabFiles(_files(problem, version), problem, _loss(sbml, problem))


def read_data(file: str | Path) -> pd.DataFrame:
    """Return the data of a CSV file; raise InputError, one sentence, for one that cannot be read."""
    import pandas as pd

    text = text_of(Path(file), LARGEST)
    try:
        check_cells(io.StringIO(text, newline=""))
        return pd.read_csv(io.StringIO(text))
    except InputError as problem:
        problem.path = str(file)
        raise
    except (ValueError, pd.errors.ParserError) as problem:
        said = " ".join(str(problem).split())[:120]
        raise InputError(f"this is not a table of commas: {said}", path=str(file)) from problem


def _rows(model: Model, data: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    """Return the measurements; raise InputError for a row that does not fit."""
    for column in COLUMNS:
        if column not in data.columns:
            raise InputError(
                f"the data have no column '{column}'{nearest(column, list(data.columns))}"
            )
    found = []
    known = [*ENDPOINTS, *model.state_names, *model.quantity_names]
    for k, (output, *numbers) in enumerate(data[list(COLUMNS)].itertuples(index=False), start=1):
        name = str(output)
        if _output(name) not in (*model.state_names, *model.quantity_names):
            raise InputError(
                f"row {k}: no output '{shown(name)}'{nearest(name, known)}", key="output"
            )
        for column, number in zip(COLUMNS[1:], numbers, strict=True):
            if not isinstance(number, int | float) and not hasattr(number, "item"):
                raise InputError(f"row {k}: '{shown(number)}' is not a number", key=column)
            if not math.isfinite(number):
                raise InputError(f"row {k}: '{shown(number)}' is not a number", key=column)
        day, value, sd = map(float, numbers)
        if not sd > 0:
            raise InputError(f"row {k}: an SD of {sd:g} cannot be; it must be above 0", key="sd")
        found.append((name, day, value, sd))
    if not found:
        raise InputError("there are no measurements")
    return found


def _output(name: str) -> str:
    """Return what the model calls an endpoint, or else the name."""
    return ENDPOINTS[name].output if name in ENDPOINTS else name


def _apart(rows: Sequence[tuple[str, float, float, float]], regimen: Regimen) -> None:
    given = {time for record in regimen.doses for time in record.times}
    for k, (_, day, *_) in enumerate(rows, start=1):
        if day in given:
            raise InputError(
                f"row {k}: day {day:g} is the time of a dose, which is read before it here and after "
                f"it elsewhere; say for example {day - 0.01:g}", key="day",
            )  # fmt: skip


def _known(model: Model, name: str) -> ModelParameter:
    parameter = model.parameter(name)
    if parameter.uncertainty.distribution == "none":
        raise InputError(
            f"'{name}' is exactly known ({parameter.uncertainty.reason}), and cannot be estimated"
        )
    return parameter


def _parameter(parameter: ModelParameter, value: float, sbml: SbmlModel) -> Parameter:
    lower, upper = map(float, parameter.uncertainty.transform(value, np.array([-WIDE, WIDE])))
    scale = "log10" if parameter.uncertainty.distribution == "lognormal" else "lin"
    return Parameter(sbml.constants[parameter.id], value, lower, upper, True, scale)


def _names(
    rows: Sequence[tuple[str, float, float, float]], sbml: SbmlModel
) -> dict[tuple[str, float], str]:
    """Return the id of each output as it is measured with an SD."""
    found: dict[tuple[str, float], str] = {}
    for name, sd in dict.fromkeys((name, sd) for name, _, _, sd in rows):
        again = sum(each == name for each, _ in found)
        id = f"observed_{sbml.ids[_output(name)]}"
        id = id if not again else f"{id}_{again + 1}"
        found[name, sd] = id if id not in found.values() else f"{id}_{len(found)}_{again + 1}"
    return found


def _observable(name: str, sd: float, id: str, sbml: SbmlModel) -> Observable:
    formula = sbml.ids[_output(name)]
    if name in ENDPOINTS and ENDPOINTS[name].factor != 1:
        formula = f"{ENDPOINTS[name].factor!r} * {formula}"
    return Observable(id, formula, repr(sd), name=name)


def _files(problem: PetabProblem, version: int) -> dict[str, str]:
    parameters = [(p.id, p.scale, p.lower, p.upper, p.nominal) for p in problem.parameters]
    measured = [(m.observable, m.condition, m.time, m.value) for m in problem.measurements]
    head = ("observableId", "observableName", "observableFormula", "noiseFormula")
    said = [(o.id, o.name, o.formula, o.noise) for o in problem.observables]
    if version == 1:
        return {
            "problem.yaml": _yaml(_YAML_1),
            "model.xml": problem.sbml,
            "parameters.tsv": table_text(
                ("parameterId", "parameterScale", "lowerBound", "upperBound", "nominalValue", "estimate"),
                [(*row, 1) for row in parameters],
            ),
            "conditions.tsv": table_text(("conditionId",), [(c,) for c in problem.conditions]),
            "observables.tsv": table_text(head, said),
            "measurements.tsv": table_text(
                ("observableId", "simulationConditionId", "time", "measurement"),
                measured,
            ),
        }  # fmt: skip
    return {
        "problem.yaml": _yaml(_YAML_2),
        "model.xml": problem.sbml,
        "parameters.tsv": table_text(
            ("parameterId", "lowerBound", "upperBound", "nominalValue", "estimate"),
            [(id, low, high, nominal, "true") for id, _, low, high, nominal in parameters],
        ),
        "experiments.tsv": table_text(
            ("experimentId", "time", "conditionId"), [(c, 0.0, "") for c in problem.conditions]
        ),
        "observables.tsv": table_text(
            (*head, "noiseDistribution"), [(*row, "normal") for row in said]
        ),
        "measurements.tsv": table_text(
            ("observableId", "experimentId", "time", "measurement"), measured
        ),
    }  # fmt: skip


_YAML_1 = """format_version: 1
parameter_file: parameters.tsv
problems:
  - sbml_files: [model.xml]
    condition_files: [conditions.tsv]
    observable_files: [observables.tsv]
    measurement_files: [measurements.tsv]
"""
_YAML_2 = """format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files:
  model:
    location: model.xml
    language: sbml
experiment_files: [experiments.tsv]
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
"""


def _yaml(text: str) -> str:
    return f"# SYNTHETIC: not of real people\n{text}"


def _loss(sbml: SbmlModel, problem: PetabProblem) -> LossReport:
    own = LossReport(
        (
            f"{len(problem.measurements)} measurements of {len(problem.observables)} observables, one "
            "for each output and SD",
            f"{len(problem.parameters)} parameters to estimate, between bounds of {WIDE:g} SD",
        ),
        (),
        (
            "what is not known of the parameters as priors: PEtab gets bounds; the spreads stand in "
            "the notes of the SBML",
            "limits of assays: a measurement is a number with a normal error",
        ),
    )
    return own + sbml.loss
