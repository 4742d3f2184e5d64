"""Mixed model for repeated measures (MMRM).

The change from baseline at every visit, from all measured values together.
Mallinckrodt et al. 2008, Drug Inf J 42:303, doi:10.1177/009286150804200402.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.plural import so_many
from antitrypsim.statistics.analysis.base import (
    CHANGED,
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Kind,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._columns import Columns
    from antitrypsim.statistics.analysis._repeated import Found
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Block, Estimates, Floats

COVARIANCES = ("unstructured", "toeplitz", "ar1")
EFFECTS = ("common", "by-visit")
DF = ("satterthwaite", "kenward-roger", "cautious")
# Fewer people than this make an unstructured covariance err more often than it says; measured in
# validation/laboratory/small-trials.txt.
FEW = 24
SAID = {
    "unstructured": "an unstructured covariance",
    "toeplitz": "a heterogeneous Toeplitz covariance",
    "ar1": "a first-order autoregressive covariance",
}


class Mmrm(Analysis):
    """Least-squares mean change of every arm at every visit, and differences from the reference.

    Columns: AVISIT, ADY (days, which order the visits), BASE and AVAL (one unit), one row a
    participant and visit. The change AVAL - BASE at the visits after the baseline has the effects
    visit x arm and visit x baseline, covariates with one effect over all visits or one a visit, and
    a covariance of a participant's values that is unstructured, heterogeneous Toeplitz or, with
    "ar1", one variance and a correlation that is a power of the number of visits between, whatever
    the days. It is fitted to every measured value by restricted maximum likelihood, which is sound
    when values are missing at random; participants without a baseline, a covariate or any value are
    left out. An unstructured covariance that cannot be fitted gives way to the others in that order,
    which is told. Degrees of freedom of an unstructured covariance are Satterthwaite's, with the
    observed information, or those of Kenward and Roger (1997, Biometrics 53:983) with their standard
    errors, or "cautious"; the others have standard errors that do not trust them (``_sandwich``).

    Rows of the result: in the unit of AVAL, at the mean baseline of the participants analysed,
    numeric covariates at their mean and levels of categorical ones weighted alike; n counts those
    measured at the visit. Of a block: (R, arms - 1), ``covariates`` being names of its covariates
    and factors, ``Estimates.fallback`` the place of the covariance in ``_repeated.FALLBACKS``; NaN
    where an arm has fewer than two people, or none at some visit, where the change does not vary,
    and where no search ends, as when two visits hardly have people in common. Raises as
    ``Analysis.run``.
    """

    name: ClassVar[str] = "mmrm"
    title: ClassVar[str] = "Change from baseline at every visit (repeated measures)"
    estimates: ClassVar[str] = "change from baseline at every visit (repeated measures)"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    holds_baseline: ClassVar[bool] = True
    model: ClassVar[str] = "repeated measures"
    told: ClassVar[str] = CHANGED
    measures: ClassVar[tuple[str, ...]] = ("change", "difference")
    at_visit: ClassVar[bool] = True
    bytes_each: ClassVar[int] = 5_000
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "ADY", "BASE", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id that is told; of a block, by default the last, of a frame, by "
            "default every visit. The model holds every visit in any case.",
            "covariates": "What to adjust for besides the baseline: columns of numbers or of "
            "groups.",
            "covariate_effects": "common (the default), one effect of a covariate over all visits, "
            "or by-visit; that of the baseline is by visit in any case.",
            "covariance": "unstructured (the default), toeplitz (heterogeneous) or ar1, which go by "
            "the order of visits.",
            "df": "satterthwaite (the default), kenward-roger or cautious (errors of Kenward and "
            "Roger, the fewer of their degrees of freedom and Bell and McCaffrey's), for an "
            "unstructured covariance; the others have their own.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def _valid(self, options: Options) -> object:
        return _plan(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Fit the model and tell the visits."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _design, _moments, _repeated, _rows
        from antitrypsim.statistics.block import Estimates

        plan = _plan(options)
        changes = _changes(frame, arms, plan, options)
        told = [(visit, *pair) for visit in changes.told for pair in _design.contrasts(arms)]
        weights = np.zeros((len(told), len(arms), len(changes.visits)))
        for j, (visit, arm, contrast) in enumerate(told):
            at = changes.visits.index(visit)
            weights[j, :, at] = _design.weights(arms, arm, contrast)
        found = _fit(
            changes.base[None], changes.value[None], changes.columns, changes.arm, weights, plan
        )
        if not np.isfinite(found.se).all():
            if not _checks.differ(changes.rows):
                raise InputError(_moments.SAME)
            raise RunError("the restricted likelihood of the repeated measures did not converge")
        result = Estimates.of(found.estimate, found.se, found.free, level)
        number = int(found.fallback[0])
        fitted = replace(plan, covariance=_repeated.FALLBACKS[number - 1]) if number else plan
        return AnalysisResult(
            tuple(
                _rows.row(result, j, arm, contrast, changes.counts[visit], visit=visit)
                for j, (visit, arm, contrast) in enumerate(told)
            ),
            f"{_model(changes, fitted)}; intervals at {level:.4g}.",
            changes.warnings + _cautions(changes, fitted, replaced=number > 0),
        )

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Fit the model to sums; other covariances have errors that need everybody."""
        from antitrypsim.statistics.analysis import _summed

        plan = _plan(options)
        if plan.covariance != COVARIANCES[0] or plan.df == "cautious":
            return None
        names = ("BASE", *_summed.covariates_of(options, adjusted=True))
        columns = sum(len(asked.levels.get(name, "1")) for name in names)
        common = [False, *[plan.effects == "common"] * (columns - 1)]
        told = asked.after if options.get("visit") is None else (str(options["visit"]),)
        return _summed.OfModel(
            asked, asked.after, names, _summed.change,
            _summed.repeated(asked, told, plan.df, common=common),
            method="repeated measures with an unstructured covariance by restricted maximum likelihood.",
        )  # fmt: skip

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Fit the model to every replicate and tell one visit."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _columns
        from antitrypsim.statistics.block import Estimates

        names = _checks.names(options.get("covariates"), "covariates")
        base, _ = block.changed(options.get("visit"))
        assert block.values is not None
        start, at = block.start, block.at(options.get("visit"))
        later = block.values[:, :, start + 1 :].astype(float)
        arms = len(block.arms)
        weights = np.zeros((arms - 1, arms, later.shape[2]))
        weights[:, 1:, at - start - 1] = np.eye(arms - 1)
        weights[:, 0, at - start - 1] = -1
        columns = _columns.of_block(block, names, base)
        found = _fit(base, later, columns, block.arm, weights, _plan(options))
        told = Estimates.of(found.estimate, found.se, found.free, level)
        return replace(told, fallback=found.fallback)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The kind of covariance, of degrees of freedom, and of the effects of covariates."""

    covariance: str
    df: str
    effects: str


def _plan(options: Options) -> _Plan:
    """Return the plan that the options say; InputError for what cannot be."""
    from antitrypsim.statistics.analysis import _settings

    covariance = _settings.choice(options, "covariance", COVARIANCES)
    df = _settings.choice(options, "df", DF)
    if df != DF[0] and covariance != COVARIANCES[0]:
        raise InputError(f"{df} needs an unstructured covariance, and {covariance} was asked for")
    return _Plan(covariance, df, _settings.choice(options, "covariate_effects", EFFECTS))


@dataclass(frozen=True, slots=True, eq=False)
class _Changes:
    """What was measured in the people of a frame who can be analysed.

    ``visits``: those after the baseline, T of them; ``told``: those of the result. ``rows``: one a
    person and visit. ``base`` (n,), ``value`` (n, T), NaN where missing, ``arm`` (1, n) and
    ``columns`` of each person, these being the baseline and the ``covariates``. ``counts``: people
    with a value at each visit, by arm.
    """

    visits: tuple[str, ...]
    told: tuple[str, ...]
    rows: pd.DataFrame
    base: Floats
    value: Floats
    arm: NDArray[np.int8]
    columns: Columns
    covariates: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    warnings: tuple[str, ...]


def _changes(frame: pd.DataFrame, arms: tuple[str, ...], plan: _Plan, options: Options) -> _Changes:
    """Return the changes that can be analysed; InputError where they are too few."""
    from antitrypsim.statistics.analysis import _checks, _columns

    names = _checks.names(options.get("covariates"), "covariates")
    covariates = _columns.named(names, adjusted=True)
    _checks.columns(frame, covariates)
    _checks.numbers(frame, ("ADY", "BASE", "AVAL"))
    visits, told = _visits(frame, options.get("visit"))
    frame = frame[frame["AVISIT"].isin(visits)]
    used = ("BASE", *covariates)
    _checks.one_value_each(frame, used)
    rows, warnings = _checks.complete(frame, ("AVAL", *used))
    _checks.enough(rows, arms, 2)
    people = rows.drop_duplicates("USUBJID").set_index("USUBJID")
    columns, arm, prepared, left_out = _checks.regressors(people, arms, used)
    by_visit = int(prepared.live.sum()) if plan.effects == "by-visit" else 1
    counts = {}
    for visit in visits:
        at_visit, where = rows[rows["AVISIT"] == visit], f" at visit '{visit}'"
        counts[visit] = _checks.enough(at_visit, arms, 1, where)
        if len(at_visit) <= len(arms) + by_visit:
            raise InputError(f"there are too few participants{where} for so many covariates")
    wide = rows.pivot(index="USUBJID", columns="AVISIT", values="AVAL").loc[people.index]
    return _Changes(
        visits, told, rows, people["BASE"].to_numpy(dtype=float),
        wide[list(visits)].to_numpy(dtype=float), arm, columns, covariates, counts, warnings + left_out,
    )  # fmt: skip


def _fit(
    base: Floats, later: Floats, columns: Columns, arm: NDArray[np.integer], weights: Floats, plan: _Plan
) -> Found:  # fmt: skip
    """Fit the model to changes from ``base`` (R, n), which is the first of ``columns``."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments, _repeated

    change = later - base[:, :, None]
    # Scatter that is but rounding of the values is none.
    flat = np.ones(len(base), dtype=bool)
    for t in range(change.shape[2]):
        variance = _moments.by_arm(change[:, :, t], arm, weights.shape[1])[2]
        sd = np.sqrt(np.nanmax(np.nan_to_num(variance), axis=1))
        flat &= ~_moments.varies(sd, _moments.size(base, later[:, :, t]))
    change[flat] = np.nan
    common = [False, *[plan.effects == "common"] * (len(columns.group) - 1)]
    return _repeated.contrasts(change, columns, arm, weights, plan.covariance, plan.df, common)


def _visits(frame: pd.DataFrame, visit: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the visits after the baseline by their median day, and those that are told."""
    from antitrypsim.statistics.analysis import _checks

    after = _checks.after_baseline(frame)[1]
    if not after:
        raise InputError("there is no visit after the baseline")
    if visit is None:
        return after, after
    _checks.later(frame, str(visit))
    return after, (str(visit),)


def _cautions(changes: _Changes, fitted: _Plan, *, replaced: bool) -> tuple[str, ...]:
    """Return what to beware of: a covariance that took another's place, or too few people for it."""
    from antitrypsim.statistics.analysis._repeated import FALLBACKS

    if replaced:
        return (
            f"The unstructured covariance did not converge, so {SAID[fitted.covariance]} took its "
            f"place (the order of replacement is {' then '.join(FALLBACKS)}).",
        )
    people = len(changes.base)
    trusting = fitted.covariance == COVARIANCES[0] and fitted.df != "cautious"
    if trusting and people < FEW and len(changes.visits) > 1:
        return (
            f"With {people} participants an unstructured covariance finds differences that "
            "are not there somewhat more often than the level says; the options df: cautious "
            "and covariance: ar1 hold it better.",
        )
    return ()


def _model(changes: _Changes, fitted: _Plan) -> str:
    """Say the model that was fitted."""
    by_visit = fitted.effects == "by-visit"
    terms = " + ".join(("arm", "BASE", *(changes.covariates if by_visit else ())))
    one = "" if by_visit else " + ".join(changes.covariates)
    return (
        f"Linear model of change from baseline at {so_many(len(changes.visits), 'visit')} with visit x ({terms})"
        f"{f' and {one}' if one else ''} and {SAID[fitted.covariance]} within participants, "
        "fitted by restricted maximum likelihood to every measured value, with "
        f"{_errors(fitted.covariance, fitted.df)}"
    )


def _errors(covariance: str, df: str) -> str:
    if covariance != COVARIANCES[0]:
        return (
            "standard errors that do not trust this covariance (sandwich, CR2) and Satterthwaite "
            "degrees of freedom after Bell and McCaffrey"
        )
    return {
        "satterthwaite": "Satterthwaite degrees of freedom",
        "kenward-roger": "Kenward-Roger standard errors and degrees of freedom",
        "cautious": "Kenward-Roger standard errors, with the fewer of their degrees of freedom and "
        "those of Bell and McCaffrey",
    }[df]
