"""A PEtab problem from its files: what is supported is read, anything else refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import InputError, ProtocolError, shown
from antitrypsim.interchange.petab.formulas import Formula
from antitrypsim.interchange.petab.problem import Measurement, Observable, Parameter, PetabProblem
from antitrypsim.interchange.sbml.read import read_sbml
from antitrypsim.interchange.tables import Row, read_table
from antitrypsim.interchange.text import text_of

_LARGEST = 1_000_000
_NOISES = {"normal": "lin", "log-normal": "log"}


def read_petab(file: str | Path) -> PetabProblem:
    """Return the problem of a PEtab YAML file, version 1 or 2.

    Supported are one SBML model; conditions that set numbers or parameters; observables with normal
    noise, or normal on a log scale; overrides in measurements; replicates. Raises InputError, one
    sentence with file, line and column, for what is wrong and for what is not supported:
    pre-equilibration, steady states, several periods, priors, other distributions, mappings.
    """
    place = Path(file)
    try:
        data = YamlText(
            text_of(place, _LARGEST), str(place), "PEtab begins with 'format_version'"
        ).data
    except ProtocolError as problem:
        raise InputError(problem.message, path=problem.path, line=problem.line) from problem
    version = str(data.get("format_version", ""))
    if re.fullmatch(r"1(\.\d+)*", version):
        return _Reader(place, _version_1(data, place), _One()).problem()
    if re.fullmatch(r"2(\.\d+)*", version):
        return _Reader(place, _version_2(data, place), _Two()).problem()
    raise InputError(
        f"'{shown(version)}' is no version of PEtab that is read; 1 and 2 are",
        path=str(place), key="format_version",
    )  # fmt: skip


def _version_1(data: Any, place: Path) -> dict[str, Any]:
    problems = data.get("problems")
    if not isinstance(problems, list) or len(problems) != 1 or not isinstance(problems[0], dict):
        raise InputError(
            "one problem is read, and this does not hold exactly one",
            path=str(place),
            key="problems",
        )
    inner = problems[0]
    if "sbml_files" not in inner:
        raise InputError("there is no 'sbml_files'; a model in SBML is needed", path=str(place))
    return {
        "model": inner["sbml_files"], "parameters": data.get("parameter_file"),
        "conditions": inner.get("condition_files"), "observables": inner.get("observable_files"),
        "measurements": inner.get("measurement_files"),
    }  # fmt: skip


def _version_2(data: Any, place: Path) -> dict[str, Any]:
    for key in ("mapping_files", "extensions"):
        if data.get(key):
            raise InputError("this feature of PEtab is not supported", path=str(place), key=key)
    models = data.get("model_files")
    if not isinstance(models, dict) or len(models) != 1:
        raise InputError(
            "one model is read, and this does not hold exactly one",
            path=str(place),
            key="model_files",
        )
    model = next(iter(models.values()))
    if not isinstance(model, dict) or str(model.get("language")).lower() != "sbml":
        raise InputError("the model must be SBML", path=str(place), key="model_files")
    return {
        "model": model.get("location"), "parameters": data.get("parameter_files"),
        "conditions": data.get("condition_files"), "experiments": data.get("experiment_files"),
        "observables": data.get("observable_files"), "measurements": data.get("measurement_files"),
    }  # fmt: skip


class _One:
    """The columns of version 1."""

    parameters = ("parameterScale", "lowerBound", "upperBound", "nominalValue", "estimate")
    observables = ("observableId", "observableFormula", "noiseFormula")
    condition = "simulationConditionId"
    may: ClassVar[dict[str, tuple[str, ...]]] = {
        "parameters": (
            *("parameterName", "objectivePriorType", "objectivePriorParameters"),
            *("initializationPriorType", "initializationPriorParameters"),
        ),
        "observables": ("observableName", "observableTransformation", "noiseDistribution"),
        "measurements": (
            *("simulationConditionId", "preequilibrationConditionId", "observableParameters"),
            *("noiseParameters", "datasetId", "replicateId"),
        ),
    }
    forbidden = ("preequilibrationConditionId", "pre-equilibration")
    priors = ("objectivePriorType",)

    @staticmethod
    def estimated(row: Row) -> bool:
        number = row.number("estimate")
        if number not in (0, 1):
            raise row.error("estimate", f"{number:g} is neither 0 nor 1")
        return number == 1

    @staticmethod
    def scale(row: Row) -> str:
        return row.text("parameterScale")

    @staticmethod
    def noise(row: Row) -> str:
        if row.text("noiseDistribution", "normal") != "normal":
            raise row.error("noiseDistribution", "only normal noise is supported")
        return row.text("observableTransformation", "lin")

    @staticmethod
    def placeholders(row: Row, kind: str, formula: str) -> tuple[str, ...]:
        stem = rf"{kind}Parameter(\d+)_{re.escape(row.text('observableId'))}"
        found = {n for n in Formula(formula).names if re.fullmatch(stem, n)}
        return tuple(
            f"{kind}Parameter{k}_{row.text('observableId')}" for k in range(1, len(found) + 1)
        )


class _Two:
    """The columns of version 2."""

    parameters = ("lowerBound", "upperBound", "nominalValue", "estimate")
    observables = ("observableId", "observableFormula", "noiseFormula")
    condition = "experimentId"
    may: ClassVar[dict[str, tuple[str, ...]]] = {
        "parameters": ("parameterName", "priorDistribution", "priorParameters"),
        "observables": (
            *("observableName", "noiseDistribution", "observablePlaceholders", "noisePlaceholders"),
        ),
        "measurements": (
            *("modelId", "experimentId", "observableParameters", "noiseParameters"),
            *("datasetId", "replicateId"),
        ),
        "conditions": ("conditionName",),
        "experiments": ("experimentName",),
    }
    forbidden = ("", "")
    priors = ("priorDistribution",)

    @staticmethod
    def estimated(row: Row) -> bool:
        word = row.text("estimate").lower()
        if word not in ("true", "false"):
            raise row.error("estimate", f"'{shown(word)}' is neither true nor false")
        return word == "true"

    @staticmethod
    def scale(row: Row) -> str:
        return "lin"

    @staticmethod
    def noise(row: Row) -> str:
        word = row.text("noiseDistribution", "normal")
        if word not in _NOISES:
            raise row.error(
                "noiseDistribution", f"'{shown(word)}' is not supported; normal and log-normal are"
            )
        return _NOISES[word]

    @staticmethod
    def placeholders(row: Row, kind: str, formula: str) -> tuple[str, ...]:
        return row.several(f"{kind}Placeholders")


class _Reader:
    def __init__(self, place: Path, files: dict[str, Any], columns: _One | _Two) -> None:
        self.place, self.files, self.columns = place, files, columns

    def problem(self) -> PetabProblem:
        model = self._file("model")
        assert model is not None
        sbml = read_sbml(model)
        conditions = self._conditions()
        rows = self._rows("parameters", ("parameterId", *self.columns.parameters))
        parameters = tuple(self._parameter(row) for row in _once(rows, "parameterId"))
        rows = self._rows("observables", self.columns.observables)
        observables = tuple(self._observable(row) for row in _once(rows, "observableId"))
        known = {o.id: o for o in observables}
        needs = ("observableId", "time", "measurement")
        measurements = tuple(
            self._measurement(row, known, conditions) for row in self._rows("measurements", needs)
        )
        if not measurements:
            raise InputError("there are no measurements", path=str(self.place))
        return PetabProblem(sbml, parameters, observables, measurements, conditions)

    def _file(self, kind: str, *, needed: bool = True) -> Path | None:
        """Return the one file of a kind; it lies beside or below the YAML file."""
        named = self.files.get(kind)
        names = named if isinstance(named, list) else [] if named is None else [named]
        if len(names) > 1 or (needed and not names) or not all(isinstance(n, str) for n in names):
            raise InputError(
                f"one file of {kind} is read, and this names {len(names)}", path=str(self.place)
            )
        if not names:
            return None
        folder = self.place.resolve().parent
        target: Path = (folder / names[0]).resolve()
        if "\0" in names[0] or not target.is_relative_to(folder):
            raise InputError(
                f"'{shown(names[0])}' lies outside the folder of the problem", path=str(self.place)
            )
        return target

    def _rows(self, kind: str, needs: tuple[str, ...], *, needed: bool = True) -> list[Row]:
        file = self._file(kind, needed=needed)
        return [] if file is None else read_table(file, needs, self.columns.may.get(kind))

    def _parameter(self, row: Row) -> Parameter:
        for column in self.columns.priors:
            if row.text(column, "uniform") not in ("uniform",):
                raise row.error(column, "priors are not supported")
        scale = self.columns.scale(row)
        if scale not in ("lin", "log", "log10"):
            raise row.error("parameterScale", f"'{shown(scale)}' is none of lin, log and log10")
        nominal = row.number("nominalValue")
        estimate = self.columns.estimated(row)
        low, high = (
            row.number(column, None if estimate else nominal)
            for column in ("lowerBound", "upperBound")
        )
        if low > high:
            raise row.error("lowerBound", f"{low:g} is above the upper bound, {high:g}")
        return Parameter(row.text("parameterId"), nominal, low, high, estimate, scale)

    def _observable(self, row: Row) -> Observable:
        formula, noise = row.text("observableFormula"), row.text("noiseFormula")
        transformed = self.columns.noise(row)
        if transformed not in ("lin", "log", "log10"):
            raise row.error("observableTransformation", f"'{shown(transformed)}' is not supported")
        try:
            placeholders = self.columns.placeholders(row, "observable", formula)
            noises = self.columns.placeholders(row, "noise", noise)
            Formula(formula), Formula(noise)
        except InputError as problem:
            raise row.error("observableFormula", problem.message) from problem
        return Observable(
            row.text("observableId"), formula, noise, transformed, placeholders, noises,
            row.text("observableName", ""),
        )  # fmt: skip

    def _measurement(
        self, row: Row, observables: dict[str, Observable], conditions: dict[str, dict[str, str]]
    ) -> Measurement:
        column, feature = self.columns.forbidden
        if column and row.text(column, ""):
            raise row.error(column, f"{feature} is not supported")
        if row.text("time").lower() in ("inf", "infinity"):
            raise row.error("time", "a measurement at the steady state is not supported")
        id = row.text("observableId")
        if id not in observables:
            raise row.error("observableId", f"no observable '{shown(id)}'")
        condition = row.text(self.columns.condition, "")
        if condition and condition not in conditions:
            raise row.error(self.columns.condition, f"no condition '{shown(condition)}'")
        what = observables[id]
        own, noise = row.several("observableParameters"), row.several("noiseParameters")
        for column, given, wanted in (
            ("observableParameters", own, what.placeholders),
            ("noiseParameters", noise, what.noise_placeholders),
        ):
            if len(given) != len(wanted):
                raise row.error(column, f"{len(given)} are given and the formula has {len(wanted)}")
        time = row.number("time")
        if time < 0:
            raise row.error("time", f"{time:g} lies before the simulation, which begins at 0")
        return Measurement(id, time, row.number("measurement"), condition, own, noise)

    def _conditions(self) -> dict[str, dict[str, str]]:
        if isinstance(self.columns, _One):
            found: dict[str, dict[str, str]] = {}
            for row in _once(self._rows("conditions", ("conditionId",)), "conditionId"):
                said = {c: row.text(c, "") for c in row.cells if c not in ("conditionId", "conditionName")}  # fmt: skip
                found[row.text("conditionId")] = {k: v for k, v in said.items() if v}
            return found
        return self._experiments()

    def _experiments(self) -> dict[str, dict[str, str]]:
        """Return what each experiment of version 2 sets at its one beginning."""
        sets: dict[str, dict[str, str]] = {}
        needs = ("conditionId", "targetId", "targetValue")
        for row in _once(self._rows("conditions", needs, needed=False), "conditionId", "targetId"):
            value = row.text("targetValue")
            if not re.fullmatch(r"[A-Za-z_]\w*|[-+]?[\d.]+([eE][-+]?\d+)?", value):
                raise row.error("targetValue", "an expression as target value is not supported")
            sets.setdefault(row.text("conditionId"), {})[row.text("targetId")] = value
        found: dict[str, dict[str, str]] = {}
        for row in self._rows("experiments", ("experimentId", "time", "conditionId"), needed=False):
            id, when = row.text("experimentId"), row.text("time")
            if when.lower().lstrip("+-") in ("inf", "infinity"):
                raise row.error("time", "pre-equilibration is not supported")
            if row.number("time") != 0:
                raise row.error(
                    "time", "a period that begins at another time than 0 is not supported"
                )
            if id in found:
                raise row.error(
                    "experimentId", "several conditions of one experiment are not supported"
                )
            condition = row.text("conditionId", "")
            if condition and condition not in sets:
                raise row.error("conditionId", f"no condition '{shown(condition)}'")
            found[id] = sets.get(condition, {})
        return found


def _once(rows: list[Row], *columns: str) -> list[Row]:
    """Return rows; raise InputError where two of them say the same id, of which one would be forgotten."""
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        id = tuple(row.text(column) for column in columns)
        if id in seen:
            raise row.error(columns[-1], f"'{shown(' of '.join(reversed(id)))}' is there twice")
        seen.add(id)
    return rows
