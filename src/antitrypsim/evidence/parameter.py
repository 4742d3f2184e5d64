"""A parameter: the value that every number of the model is, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from antitrypsim.evidence.correlation import read_correlations
from antitrypsim.evidence.grade import Grade, read_grade, read_rests_on
from antitrypsim.evidence.reading import Entry, read_entries
from antitrypsim.evidence.registry import Registry, load_registry
from antitrypsim.evidence.spread import SIZE_OF, Spread
from antitrypsim.foundations.errors import EvidenceError, nearest

_REQUIRED = (
    "value",
    "unit",
    "meaning",
    "between_patients",
    "uncertainty",
    "grade",
    "rests_on",
)
_OPTIONAL = ("targets", "correlated_with", "note", "prior")
_ENDS = np.array([-2.0, 2.0])


@final
@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model.

    ``value`` is the typical (median) value in ``unit``. ``between_patients`` is how people differ;
    ``uncertainty`` is how well the typical value itself is known: two different things.
    ``prior`` is, of a fitted value, how well it was known before any target; None where the file has none.
    ``rests_on`` holds ids of facts, ``targets`` ids of the targets it was fitted to,
    ``correlated_with`` pairs of a parameter id and the correlation between patients.
    """

    name: str
    module: str
    value: float
    unit: str
    meaning: str
    between_patients: Spread
    uncertainty: Spread
    grade: Grade
    rests_on: tuple[str, ...]
    targets: tuple[str, ...] = ()
    correlated_with: tuple[tuple[str, float], ...] = ()
    note: str = ""
    prior: Spread | None = None

    @property
    def id(self) -> str:
        """The name with its module: ``module.name``."""
        return f"{self.module}.{self.name}"


def load_parameters(
    path: Path, module: str, registry: Registry | None = None
) -> dict[str, Parameter]:
    """Read a ``parameters.toml`` as parameters by name.

    ``registry`` holds the facts and targets that may be named; without one it is the packaged
    registry.

    Raises:
        EvidenceError: the file cannot be read or breaks a rule; it names path, line and key.
    """
    known = registry if registry is not None else load_registry()
    entries = read_entries(Path(path))
    names = tuple(entry.name for entry in entries)
    parameters = {entry.name: _parameter(entry, module, names, known) for entry in entries}
    for entry in entries:
        _check_correlations(entry, parameters)
    return parameters


def _parameter(entry: Entry, module: str, names: tuple[str, ...], registry: Registry) -> Parameter:
    entry.check_name()
    entry.check_keys(_REQUIRED, _OPTIONAL)
    value = entry.number("value")
    grade = read_grade(entry)
    uncertainty = _spread(entry, "uncertainty", value)
    if uncertainty.distribution == "none" and not uncertainty.reason:
        raise entry.error("'none' needs a reason, such as reason = 'definition'", "uncertainty")
    return Parameter(
        name=entry.name,
        module=module,
        value=value,
        unit=entry.words("unit"),
        meaning=entry.words("meaning"),
        between_patients=_spread(entry, "between_patients", value),
        uncertainty=uncertainty,
        grade=grade,
        rests_on=read_rests_on(entry, grade, registry),
        targets=_targets(entry, grade, registry),
        correlated_with=read_correlations(entry, module, names),
        note=entry.words("note", may_be_empty=True),
        prior=_prior(entry, value, grade, uncertainty),
    )


def _prior(entry: Entry, value: float, grade: Grade, uncertainty: Spread) -> Spread | None:
    if "prior" not in entry.body:
        return None
    if grade != "fitted":
        raise entry.error(
            f"this value ({grade}) was not chosen with targets, so its uncertainty is its prior; "
            "leave 'prior' out",
            "prior",
        )
    prior = _spread(entry, "prior", value)
    if prior.distribution == "none":
        raise entry.error("a prior has a spread; leave it out where nothing is unknown", "prior")
    # Two SDs either way: about 95 %, whatever the two distributions are.
    before, after = (np.ptp(one.transform(value, _ENDS)) for one in (prior, uncertainty))
    if before < after:
        raise entry.error(
            f"before any target this was known better ({prior.describe()}) than after "
            f"({uncertainty.describe()}); give a wider prior",
            "prior",
        )
    return prior


def _spread(entry: Entry, key: str, value: float) -> Spread:
    body: Any = entry.body[key]
    if not isinstance(body, dict):
        raise entry.error(
            f"{body!r} is not a spread; write {{ distribution = 'lognormal', cv = 0.2 }}", key
        )
    inner = Entry(entry.path, entry.text, f"{entry.name}.{key}", body)
    try:
        inner.check_keys(("distribution",), ("sd", "cv", "reason"))
        sizes = {size: inner.number(size) for size in ("sd", "cv") if size in body}
        spread = Spread(
            distribution=cast(Any, inner.words("distribution")),
            reason=inner.words("reason", may_be_empty=True),
            **sizes,
        )
    except EvidenceError as problem:
        raise entry.error(problem.message, key) from problem
    size = SIZE_OF.get(spread.distribution)
    # A zero would say 'none' without giving the reason that 'none' must give.
    if size is not None and not getattr(spread, size):
        raise entry.error(
            f"'{spread.distribution}' needs {size} above zero; without a spread write 'none'", key
        )
    if spread.distribution == "lognormal" and value <= 0:
        raise entry.error(f"'lognormal' needs a value above zero, and it is {value:g}", key)
    if spread.distribution == "logitnormal" and not 0 < value < 1:
        raise entry.error(f"'logitnormal' needs a value between 0 and 1, and it is {value:g}", key)
    return spread


def _targets(entry: Entry, grade: Grade, registry: Registry) -> tuple[str, ...]:
    ids = entry.ids("targets")
    if grade == "fitted" and not ids:
        raise entry.error("a fitted value must name its targets, such as ['TGT-02']", "targets")
    if ids and grade != "fitted":
        raise entry.error(f"a {grade} value has no targets; leave them out or fit it", "targets")
    for id in ids:
        if id not in registry.targets:
            hint = nearest(id, tuple(sorted(registry.targets))) or "; name one of the target table"
            raise entry.error(f"no target '{id}'{hint}", "targets")
    return ids


def _check_correlations(entry: Entry, parameters: dict[str, Parameter]) -> None:
    own = parameters[entry.name]
    by_id = {parameter.id: parameter for parameter in parameters.values()}
    for other_id, value in own.correlated_with:
        other = by_id.get(other_id)
        for one in (own, other):
            if one is not None and one.between_patients.distribution == "none":
                raise entry.error(
                    f"'{one.name}' does not differ between patients; give it a spread first",
                    "correlated_with",
                )
        if other is not None and dict(other.correlated_with).get(own.id, value) != value:
            raise entry.error(
                f"'{other.name}' says another correlation; give it once", "correlated_with"
            )
