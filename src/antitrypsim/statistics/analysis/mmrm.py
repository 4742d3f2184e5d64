"""Change from baseline at every visit, by a model of repeated measures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError, RunError, nearest
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Row,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates

COVARIANCES = ("unstructured", "ar1")
DF = ("satterthwaite", "kenward-roger")


class Mmrm(Analysis):
    """Least-squares mean change of every arm at every visit, and differences from the reference.

    Columns: AVISIT, ADY (days, which order the visits), BASE and AVAL (one unit), one row a
    participant and visit. The change AVAL - BASE at the visits after the baseline has the effects
    visit x arm, visit x baseline and visit x covariate, and a covariance of a participant's values
    that is unstructured or, with "ar1", one variance and a correlation that is a power of the
    number of visits between, whatever the days. It is fitted to every measured value by restricted
    maximum likelihood, which is sound when values are missing at random; participants without a
    baseline, a covariate or any value are left out. Degrees of freedom are Satterthwaite's, with
    the observed information, or those of Kenward and Roger (1997, Biometrics 53:983) with their
    standard errors.

    Rows of the result: in the unit of AVAL, at the mean baseline of the participants analysed,
    numeric covariates at their mean and levels of categorical ones weighted alike; n counts those
    measured at the visit. Of a block: (R, arms - 1), ``covariates`` being names of the block's; NaN
    where an arm has fewer than two people, or none at some visit, and where the search does not
    end, as when two visits hardly have people in common. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "mmrm"
    title: ClassVar[str] = "Change from baseline at every visit (repeated measures)"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "ADY", "BASE", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id that is told; of a block, by default the last, of a frame, by "
            "default every visit. The model holds every visit in any case.",
            "covariates": "Further columns to adjust for, each with an effect at every visit.",
            "covariance": "unstructured (the default) or ar1, which goes by the order of visits.",
            "df": "satterthwaite (the default) or kenward-roger, the latter not with ar1.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def _valid(self, options: Mapping[str, Any]) -> None:
        _plan(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the model and tell the visits."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _design, _repeated
        from antitrypsim.statistics.block import Estimates

        covariance, df = _plan(options)
        covariates = _checks.names(options.get("covariates"), "covariates")
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("ADY", "BASE", "AVAL"))
        visits, told = _visits(frame, options.get("visit"))
        frame = frame[frame["AVISIT"].isin(visits)]
        for visit in visits:
            _checks.one_row_each(frame[frame["AVISIT"] == visit], f" at visit '{visit}'")
        used = ("BASE", *covariates)
        for name in used:
            several = frame.groupby("USUBJID")[name].nunique() > 1
            if several.any():
                raise InputError(f"the participant '{several.idxmax()}' has more than one {name}")
        rows, warnings = _checks.complete(frame, ("AVAL", *used))
        _checks.enough(rows, arms, 2)
        counts = {}
        for visit in visits:
            at_visit, where = rows[rows["AVISIT"] == visit], f" at visit '{visit}'"
            counts[visit] = _checks.enough(at_visit, arms, 1, where)
            design = _design.design(at_visit, arms, used).matrix
            if len(at_visit) <= design.shape[1]:
                raise InputError(f"there are too few participants{where} for so many covariates")
        people = rows.drop_duplicates("USUBJID").set_index("USUBJID")
        wide = rows.pivot(index="USUBJID", columns="AVISIT", values="AVAL").loc[people.index]
        base = people["BASE"].to_numpy(dtype=float)
        change = wide[list(visits)].to_numpy(dtype=float) - base[:, None]
        place = people["ARM"].map({arm: k for k, arm in enumerate(arms)}).to_numpy(dtype=np.int8)
        columns = np.hstack([_design.coded(people[name]) for name in used])
        pairs = [(visit, *pair) for visit in told for pair in _design.contrasts(arms)]
        weights = np.zeros((len(pairs), len(arms), len(visits)))
        for j, (visit, arm, contrast) in enumerate(pairs):
            weights[j, arms.index(arm), visits.index(visit)] = 1
            if contrast:
                weights[j, arms.index(contrast), visits.index(visit)] = -1
        found = _repeated.contrasts(
            change[None], columns[None], place[None], weights, covariance, df
        )
        if not np.isfinite(found).all():
            raise RunError("the restricted likelihood of the repeated measures did not converge")
        result = Estimates.of(*found, level)
        method = (
            f"Linear model of change from baseline at {len(visits)} visits with visit x (arm + "
            f"{' + '.join(used)}) and {_said(covariance)} covariance within participants, fitted "
            "by restricted maximum likelihood to every measured value, with "
            f"{'Kenward-Roger' if df == DF[1] else 'Satterthwaite'} degrees of freedom; intervals "
            f"at {level:.4g}."
        )
        return AnalysisResult(
            tuple(_row(result, j, counts, *pair) for j, pair in enumerate(pairs)), method, warnings
        )

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Fit the model to every replicate and tell one visit."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _repeated
        from antitrypsim.statistics.block import Estimates

        covariance, df = _plan(options)
        names = _checks.names(options.get("covariates"), "covariates")
        for name in names:
            if name not in block.covariates:
                hint = nearest(name, tuple(block.covariates))
                raise InputError(f"the block has no covariate '{name}'{hint}")
        base = block.baseline().astype(float)
        assert block.values is not None
        at = block.at(options.get("visit"))
        if at == 0:
            raise InputError(f"the visit '{block.visits[0]}' is the baseline, so nothing changed")
        change = block.values[:, :, 1:] - base[:, :, None]
        columns = np.stack([base, *(block.covariates[name] for name in names)], axis=2)
        kept = np.isfinite(columns).all(axis=2) & np.isfinite(change).any(axis=2) & (block.arm >= 0)
        total = np.where(kept[:, :, None], columns, 0.0).sum(axis=1)
        columns -= (total / kept.sum(axis=1)[:, None].clip(1))[:, None]
        arms = len(block.arms)
        weights = np.zeros((arms - 1, arms, change.shape[2]))
        weights[:, 1:, at - 1] = np.eye(arms - 1)
        weights[:, 0, at - 1] = -1
        found = _repeated.contrasts(change, columns, block.arm, weights, covariance, df)
        return Estimates.of(*found, level)


def _plan(options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind of covariance and of degrees of freedom; InputError for what cannot be."""
    from antitrypsim.statistics.analysis import _settings

    covariance = _settings.choice(options, "covariance", COVARIANCES)
    df = _settings.choice(options, "df", DF)
    if (covariance, df) == ("ar1", "kenward-roger"):
        raise InputError("kenward-roger needs an unstructured covariance, and ar1 was asked for")
    return covariance, df


def _visits(frame: pd.DataFrame, visit: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the visits after the baseline by their median day, and those that are told."""
    from antitrypsim.statistics.analysis import _checks

    day = frame.groupby("AVISIT")["ADY"].median().sort_values(kind="stable")
    after = tuple(each for each in day.index if day[each] > 0)
    if visit is None:
        if not after:
            raise InputError("there is no visit after the baseline")
        return after, after
    visit = str(visit)
    _checks.visit(frame, visit)
    if visit not in after:
        raise InputError(f"the visit '{visit}' is the baseline, so nothing changed")
    return after, (visit,)


def _said(covariance: str) -> str:
    return "a first-order autoregressive" if covariance == "ar1" else "an unstructured"


def _row(
    result: Estimates,
    j: int,
    counts: Mapping[str, Mapping[str, int]],
    visit: str,
    arm: str,
    contrast: str | None,
) -> Row:
    from antitrypsim.statistics.analysis import _rows

    behind = counts[visit][arm] + (counts[visit][contrast] if contrast else 0)
    df = float(result.df[0, j])
    return _rows.row(result, j, arm, contrast, behind, visit=visit, df=df)
