"""Two-sample t test.

The change from baseline at one visit, compared without a model.
Welch 1947, Biometrika 34:28, doi:10.1093/biomet/34.1-2.28.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import were
from antitrypsim.statistics.analysis.base import (
    CHANGED,
    Analysis,
    AnalysisResult,
    Kind,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Block, Estimates

    Floats = NDArray[np.float64]

MEASURES = ("change", "value", "percent")
VARIANCES = ("unequal", "equal")
SAID = {
    "change": "change from baseline",
    "value": "value",
    "percent": "change from baseline in percent of it",
}


class TTest(Analysis):
    """Mean change of every arm at one visit, and differences from the reference, by t tests.

    Columns: AVISIT, BASE and AVAL (one unit), one row a participant at the visit; rows without the
    value, or without a baseline where that is needed, are left out, and from percents those whose
    baseline is 0. Differences by Welch's t (1947, doi:10.1093/biomet/34.1-2.28), or by Student's
    with the variance pooled over the two arms compared; the interval of an arm uses its own
    variance. One arm alone is held against ``null_value`` by the one-sample t test.

    Rows of the result: the arms, then the differences, in the unit of AVAL or in percent; a single
    arm has one row, without p, which stands in the sentence. Of a block: (R, arms - 1), or (R, 1)
    for one arm, with p against ``null_value``; NaN for arms of fewer than two people and where nothing
    varies. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "t-test"
    title: ClassVar[str] = "Change from baseline (t test)"
    estimates: ClassVar[str] = "change from baseline at one visit, by t test"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    alone: ClassVar[bool] = True
    told: ClassVar[str] = CHANGED
    measures: ClassVar[tuple[str, ...]] = ("change", "difference")
    at_visit: ClassVar[bool] = True
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "BASE", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id that is compared; of a block, by default the last.",
            "measure": "What is compared: change (the default), value, or percent, which is the "
            "change in percent of the baseline.",
            "variance": "unequal between arms (the default, Welch) or equal (Student).",
            "null_value": "The mean that one arm alone is held against; by default 0.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = MappingProxyType(
        dict.fromkeys(("covariates", "strata"), "a t test adjusts for nothing: use ancova")
    )

    def _valid(self, options: Options) -> object:
        return _plan(options, 1)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Test at the visit."""
        from dataclasses import replace

        from antitrypsim.statistics.analysis import _checks, _moments

        visit = _checks.needed_visit(self.name, options)
        measure = _plan(options, len(arms))[0]
        _checks.numbers(frame, ("BASE", "AVAL"))
        where = f" at visit '{visit}'"
        at_visit = _checks.visit(frame, visit)
        _checks.one_row_each(at_visit, where)
        used = ("AVAL",) if measure == "value" else ("AVAL", "BASE")
        rows, warnings = _checks.complete(at_visit, used)
        if measure == "percent" and (zero := rows["BASE"] == 0).any():
            warnings += (
                f"{zero.sum()} of {len(rows)} rows {were(zero.sum())} left out for a baseline of 0.",
            )
            rows = rows[~zero]
        _checks.enough(rows, arms, 2, where)
        value, base = (rows[name].to_numpy(dtype=float) for name in ("AVAL", "BASE"))
        place = _checks.places(rows, arms)
        n, mean, variance = _moments.by_arm(_measured(value, base, measure)[None], place, len(arms))
        size = _size(value[None], base[None], measure)
        result = self._compared((n, mean, variance, size), arms, visit, level, options)
        return replace(result, warnings=warnings)

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Test sums."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _summed

        visit = _checks.needed_visit(self.name, options)
        measure = _plan(options, len(asked.arms))[0]

        def value(rows: pd.DataFrame) -> tuple[Floats, Floats]:
            each, base = (rows[name].to_numpy(dtype=float) for name in ("AVAL", "BASE"))
            if measure == "percent":
                share = np.divide(each, base, out=np.full(each.shape, np.nan), where=base != 0)
                return _measured(each, base, measure), 100 * np.maximum(np.abs(share), 1.0)
            size = np.fmax(np.abs(each), np.nan_to_num(np.abs(base)))
            return _measured(each, base, measure), size

        return _summed.ByArm(
            asked, visit, value,
            lambda n, mean, variance, size: self._compared(
                (n, mean, variance, np.array([size])), asked.arms, visit, asked.level, options
            ),
        )  # fmt: skip

    def _compared(
        self, found: tuple[Floats, Floats, Floats, Floats], arms: tuple[str, ...], visit: str, level: float,
        options: Options,
    ) -> AnalysisResult:  # fmt: skip
        """Return the rows for the n, mean and variance (1, arms) and the size (1,) of what is compared."""
        import numpy as np

        from antitrypsim.statistics.analysis import _design, _moments, _rows

        n, mean, variance, size = found
        measure, equal, null = _plan(options, len(arms))
        where = f" at visit '{visit}'"
        people = {arm: int(k) for arm, k in zip(arms, n[0], strict=True)}
        variance = _scattered(mean, variance, size)
        if np.isnan(variance).all():
            raise InputError(f"{_moments.SAME}{where}")
        alone = _single(n, mean, variance, null, level)
        told = [(alone, k) for k in range(len(arms))]
        if len(arms) > 1:
            compared = _moments.differences(n, mean, variance, level, equal=equal)
            told += [(compared, k) for k in range(len(arms) - 1)]
        rows = []
        for (each, k), (arm, contrast) in zip(told, _design.contrasts(arms), strict=True):
            if np.isnan(each.p[0, k]) and (contrast or len(arms) == 1):
                both = f"arms '{arm}' and '{contrast}'" if contrast else f"arm '{arm}'"
                raise InputError(f"the {measure} does not vary in the {both}{where}")
            rows.append(_rows.row(each, k, arm, contrast, people, visit=visit))
        test = "Student's t test" if equal else "Welch's t test"
        if len(arms) == 1:
            test = f"one-sample t test against {null:g} (p = {alone.p[0, 0]:.4g})"
        method = (
            f"Mean {SAID[measure]} at visit '{visit}' among participants with a value, by "
            f"{test}, with t intervals at {level:.4g}."
        )
        return AnalysisResult(tuple(rows), method)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Test in every replicate."""
        from antitrypsim.statistics.analysis import _moments

        measure, equal, null = _plan(options, len(block.arms))
        if block.values is None:
            raise InputError("the analysis 't-test' needs an endpoint measured at visits")
        if measure == "value":
            value = base = block.values[:, :, block.at(options.get("visit"))].astype(float)
        else:
            base, value = block.changed(options.get("visit"))
        n, mean, variance = _moments.by_arm(
            _measured(value, base, measure), block.arm, len(block.arms)
        )
        variance = _scattered(mean, variance, _size(value, base, measure))
        if len(block.arms) == 1:
            return _single(n, mean, variance, null, level)
        return _moments.differences(n, mean, variance, level, equal=equal)


def _plan(options: Options, arms: int) -> tuple[str, bool, float]:
    """Return the measure, whether variances are equal, and the null; InputError for others."""
    from antitrypsim.statistics.analysis import _settings

    measure = _settings.choice(options, "measure", MEASURES)
    variance = _settings.choice(options, "variance", VARIANCES)
    null = _settings.number(options, "null_value", 0.0)
    if null and arms > 1:
        raise InputError(f"the option 'null_value' is for one arm, and there are {arms}")
    return measure, variance == "equal", null


def _measured(value: Floats, base: Floats, measure: str) -> Floats:
    """Return what is compared, NaN where it is not known."""
    import numpy as np

    if measure == "value":
        return value
    change = value - base
    if measure == "change":
        return change
    return np.asarray(
        100 * np.divide(change, base, out=np.full(change.shape, np.nan), where=base != 0)
    )


def _size(value: Floats, base: Floats, measure: str) -> Floats:
    """Return how large what is measured is, (R,), in the unit of what is compared."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments

    if measure != "percent":
        return _moments.size(value, base)
    known = np.isfinite(value) & np.isfinite(base) & (base != 0)
    share = np.divide(value, base, out=np.full(value.shape, np.nan), where=known)
    return 100 * np.maximum(_moments.size(share), 1.0)


def _scattered(mean: Floats, variance: Floats, size: Floats) -> Floats:
    """Return variances (R, arms), those of rounding as 0, and NaN where no arm has another."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments

    real = _moments.varies(np.sqrt(variance), size[:, None])
    variance = np.where(real | np.isnan(variance), variance, 0.0)
    return np.where(real.any(axis=1, keepdims=True), variance, np.nan)


def _single(n: Floats, mean: Floats, variance: Floats, null: float, level: float) -> Estimates:
    """Return the mean of each arm by itself, with p against ``null_value``."""
    from dataclasses import replace

    import numpy as np

    from antitrypsim.statistics.block import Estimates

    n = np.where(n > 1, n, np.nan)
    se = np.sqrt(variance / n)
    told = Estimates.of(mean, se, n - 1, level)
    p = Estimates.of(mean - null, se, n - 1, level).p
    return replace(told, p=np.where(se > 0, p, np.nan))
