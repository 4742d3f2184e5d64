"""Multiple imputation.

The change from baseline at one visit, with missing values filled in several times.
Carpenter et al. 2013, J Biopharm Stat 23:1352.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import were
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
    from antitrypsim.statistics.analysis._rubin import Pooled
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates, Floats

SOURCES = ("own arm", "control")
# Numbers held at once for one chunk of replicates.
ROOM = 3_000_000


class MultipleImputation(Analysis):
    """Analysis of covariance of the change at one visit in several completed data sets.

    Columns: AVISIT, ADY (days, which order the visits), BASE and AVAL (one unit), one row a
    participant and visit. What is missing after the baseline and up to the visit is drawn from
    visit to visit by Bayesian linear regression on the baseline, covariates and the visits before,
    within arms;
    a gap is filled so too, without regard to the person's later values, and visits after the one
    analysed are not used. Each completed data set gets CHG ~ arm + BASE + covariates, and Rubin's rules with
    the degrees of freedom of Barnard and Rubin (1999) combine them. ``imputed_from`` = "control" draws
    what is missing to the end in the other arms from the regressions of the first given their own
    earlier values (copy reference, Carpenter et al. 2013, J Biopharm Stat 23:1352); a gap before a
    later value always comes from the own arm. ``delta`` is added to the imputed values of the
    visit in all arms but the first, after they are drawn. Participants without a baseline are left
    out.

    Draws depend on ``seed`` and on the data of the replicate alone. Rows of the result: as of
    ``ancova``, in the unit of AVAL, n with those imputed. Of a block: (R, arms - 1), NaN where an
    arm has too few measured at a visit to draw from. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "multiple-imputation"
    title: ClassVar[str] = "Change from baseline (multiple imputation)"
    estimates: ClassVar[str] = "change from baseline at one visit, missing values imputed"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    holds_baseline: ClassVar[bool] = True
    model: ClassVar[str] = "missing values imputed"
    told: ClassVar[str] = CHANGED
    measures: ClassVar[tuple[str, ...]] = ("change", "difference")
    at_visit: ClassVar[bool] = True
    bytes_each: ClassVar[int] = 6_000
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "ADY", "BASE", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change is compared; of a block, by default the last.",
            "covariates": "What to impute from and adjust for besides the baseline: columns of "
            "numbers or of groups.",
            "imputations": "The number of completed data sets; by default 20.",
            "imputed_from": "Whose regressions fill arms but the first: own arm (the default) or "
            "control (copy reference).",
            "delta": "Added to imputed values in all arms but the first; by default 0.",
            "seed": "The seed of the draws; by default 0.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def _valid(self, options: Options) -> object:
        return _plan(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Impute, fit and combine."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _columns, _design, _moments, _rows
        from antitrypsim.statistics.block import Estimates

        visit = _checks.needed_visit(self.name, options)
        plan = _plan(options)
        names = _checks.names(options.get("covariates"), "covariates")
        covariates = _columns.named(names, adjusted=True)
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("ADY", "BASE", "AVAL"))
        where = f" at visit '{visit}'"
        at_visit = _checks.visit(frame, visit)
        after = _checks.after_baseline(frame)[1]
        _checks.later(frame, visit)
        visits = after[: after.index(visit) + 1]
        used = ("BASE", *covariates)
        people, warnings = _people(frame, used)
        measured = at_visit[at_visit["USUBJID"].isin(people.index) & at_visit["AVAL"].notna()]
        _checks.enough(measured, arms, 2, where)
        columns, place, _, left_out = _checks.regressors(people, arms, used)
        warnings += left_out
        wide = frame[frame["AVISIT"].isin(visits)].pivot(
            index="USUBJID", columns="AVISIT", values="AVAL"
        )
        values = wide.reindex(people.index)[list(visits)]
        values.insert(0, "", people["BASE"])
        cube = values.to_numpy(dtype=float)[None]
        known = ~np.isnan(cube[:, :, -1])
        if not _moments.varies(np.nanmax(_spread(cube, place, known, len(arms))),
                               _moments.size(cube[:, :, 0], cube[:, :, -1]))[0]:  # fmt: skip
            raise InputError(f"{_moments.SAME}{where}")
        found = _pooled(cube, place, columns, len(arms), plan)
        told = Estimates.of(found.estimate, found.se, found.df, level)
        number = people["ARM"].value_counts()
        n = {arm: int(number[arm]) for arm in arms}
        rows = []
        for k, (arm, contrast) in enumerate(_design.contrasts(arms)):
            if not told.se[0, k] >= 0:
                with_value = measured["ARM"].value_counts()
                least = min(arms, key=lambda each: int(with_value[each]))
                raise InputError(
                    f"the arm '{least}' has too few participants with a value{where} to impute from: "
                    f"{int(with_value[least])} of {n[least]}"
                )
            rows.append(_rows.row(told, k, arm, contrast, n, visit=visit))
        imputed = len(people) - len(measured)
        method = (
            f"Analysis of covariance CHG ~ arm + {' + '.join(used)}{where} in {plan.sets} data sets, with the "
            f"{imputed} missing of {len(people)} values imputed by sequential Bayesian regression "
            f"on {' and '.join([*covariates, 'earlier visits'])} ({_source(plan)}), combined by Rubin's rules with t intervals at "
            f"{level:.4g} on Barnard and Rubin's degrees of freedom."
        )
        return AnalysisResult(tuple(rows), method, warnings)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Impute, fit and combine in every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _columns
        from antitrypsim.statistics.block import Estimates

        plan = _plan(options)
        names = _checks.names(options.get("covariates"), "covariates")
        base, _ = block.changed(options.get("visit"))
        assert block.values is not None
        start, at = block.start, block.at(options.get("visit"))
        columns = _columns.of_block(block, names, base)
        arm = np.where(columns.known, block.arm, -1)
        arms = len(block.arms)
        wide = at - start + 2 + len(columns.group)
        step = max(1, ROOM // (plan.sets * max(1, arm.shape[1]) * wide))
        parts = []
        for first in range(0, block.replicates, step):
            chunk = slice(first, first + step)
            values = block.values[chunk, :, start : at + 1].astype(float)
            found = _pooled(values, arm[chunk], columns.take(chunk), arms, plan)
            parts.append(np.stack([found.estimate, found.se, found.df])[:, :, arms:])
        estimate, se, df = np.concatenate(parts or [np.zeros((3, 0, arms - 1))], axis=1)
        return Estimates.of(estimate, se, df, level)


@dataclass(frozen=True, slots=True)
class _Draws:
    """How values are imputed: in so many ``sets``, whether all arms as the ``control``.

    ``delta``: what is added to them but in the reference; ``seed`` of the draws.
    """

    sets: int
    control: bool
    delta: float
    seed: int


def _plan(options: Options) -> _Draws:
    """Return the settings of the draws; InputError for one that cannot be."""
    from antitrypsim.statistics.analysis import _settings

    return _Draws(
        sets=_settings.whole(options, "imputations", 20, 2),
        control=_settings.choice(options, "imputed_from", SOURCES) == "control",
        delta=_settings.number(options, "delta", 0.0),
        seed=_settings.whole(options, "seed", 0, 0),
    )


def _source(plan: _Draws) -> str:
    whose = "of the reference arm, copy reference" if plan.control else "within arms"
    return whose + (f", with {plan.delta:g} added but in the reference" if plan.delta else "")


def _people(frame: pd.DataFrame, used: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return ARM and ``used`` by participant, those without one left out, and a warning."""
    from antitrypsim.statistics.analysis import _checks

    _checks.one_value_each(frame, used)
    people = frame.groupby("USUBJID")[["ARM", *used]].first()
    gone = people[list(used)].isna()
    lost = int(gone.any(axis=1).sum())
    if not lost:
        return people, ()
    wanted = " or ".join(
        "a baseline" if name == "BASE" else name for name in used if gone[name].any()
    )
    told = f"{lost} of {len(people)} participants {were(lost)} left out for want of {wanted}."
    return people[~gone.any(axis=1)], (told,)


def _spread(
    values: Floats, arm: NDArray[np.integer], known: NDArray[np.bool_], arms: int
) -> Floats:
    """Return the standard deviation of the measured change within each arm, (R, arms)."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments

    change = np.where(known, values[:, :, -1] - values[:, :, 0], np.nan)
    return np.sqrt(_moments.by_arm(change, arm, arms)[2])


def _pooled(
    values: Floats, arm: NDArray[np.integer], columns: Columns, arms: int, plan: _Draws
) -> Pooled:
    """Return means of arms, then differences from the first, (R, 2 arms - 1).

    ``columns`` begin with the baseline, which is the first of ``values`` too.
    """
    import numpy as np

    from antitrypsim.statistics.analysis import _adjusted, _columns, _imputation, _moments, _rubin

    others = _columns.Columns(columns.x[:, :, 1:], columns.group[1:])
    last = _imputation.complete(
        values, arm, arms, _columns.prepare(others, arm, arms, arm >= 0),
        seed=plan.seed, sets=plan.sets, control=plan.control,
    )  # fmt: skip
    missing = np.isnan(values[:, :, -1])
    if plan.delta:
        last += np.where(missing & (arm > 0), plan.delta, 0.0)[:, None]
    base = values[:, :, 0]
    fit = _adjusted.adjusted(
        last - base[:, None], _columns.prepare(columns, arm, arms, arm >= 0), arm, arms,
        _moments.size(base, values[:, :, -1]),
    )  # fmt: skip
    estimates = np.concatenate([fit.mean, fit.difference], axis=1)
    variances = np.concatenate([fit.mean_variance, fit.difference_variance], axis=1)
    drawn = np.asarray((missing & (arm >= 0)).any(axis=1))[:, None, None]
    # Data sets without a draw are one and the same, but for rounding that hangs on their place.
    estimates = np.where(drawn, estimates, estimates[:, :, :1])
    return _rubin.pool(estimates, variances, fit.df[:, None])
