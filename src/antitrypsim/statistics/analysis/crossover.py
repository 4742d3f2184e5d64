"""Cross-over and N-of-1 analysis.

Everybody has both treatments and is compared with themselves.
Hills and Armitage 1979, Br J Clin Pharmacol 8:7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, were
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, Kind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates

    Floats = NDArray[np.float64]

Groups = tuple[tuple[str, ...], ...]


class Crossover(Analysis):
    """Effect of one treatment over another, each person having had both.

    With ``periods`` the arms are sequences: people of one sequence take in the first period what
    those of the other take in the second. The estimate of an arm against the reference is the
    effect of the treatment that **the arm takes first** over the one that **the reference takes
    first**: with the reference "PT" (placebo, then treatment) and the arm "TP" it is treatment less
    placebo. It is half the difference between the sequences in the mean of (period 1 - period 2),
    which is free of what the periods do to everyone, by the t test with pooled variance on
    n1 + n2 - 2 degrees of freedom (Hills and Armitage 1979, Br J Clin Pharmacol 8:7). It takes for
    granted that nothing is carried over. Rows of the result: the mean of (period 1 - period 2) in
    each sequence, then the effects.

    With ``cycles`` there is one arm, each of whose people went through pairs of a visit on and a
    visit off treatment. The estimate is the mean over people of each person's mean (on - off), by
    the one-sample t test over people, so that effects may differ between people. There is one row,
    without p, which stands in the sentence.

    Columns: AVISIT and AVAL, one row a participant and visit. People lacking a whole period, or
    every cycle, are left out. Of a block: (R, arms - 1), or (R, 1) with ``cycles``. Raises as
    ``Analysis.run``.
    """

    name: ClassVar[str] = "crossover"
    title: ClassVar[str] = "Cross-over (within-person difference)"
    estimates: ClassVar[str] = "treatment difference within people"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    within_people: ClassVar[bool] = True
    told: ClassVar[str] = "Within people, {what} differed between periods by {each}."
    least_people: ClassVar[int] = 2
    one_arm_option: ClassVar[str] = "cycles"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "periods": "The visit ids that end period 1 and period 2, or two lists of visit ids "
            "whose values are averaged; for arms that are sequences.",
            "cycles": "Pairs of a visit id on and one off treatment; for one arm of N-of-1 trials.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = MappingProxyType(
        dict.fromkeys(("covariates", "strata"), "each person is compared with themselves")
    )

    def _valid(self, options: Options) -> object:
        return _plan(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Take each person's difference and compare."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _rows

        periods, cycles = _plan(options, len(arms))
        _checks.numbers(frame, ("AVAL",))
        named = sorted({visit for group in (*periods, *cycles) for visit in group})
        for visit in named:
            _checks.one_row_each(_checks.visit(frame, visit), f" at visit '{visit}'")
        people = frame.drop_duplicates("USUBJID").set_index("USUBJID")["ARM"]
        asked = frame[frame["AVISIT"].isin(named)]
        wide = asked.pivot(index="USUBJID", columns="AVISIT", values="AVAL").reindex(people.index)
        column = {visit: wide[visit].to_numpy(dtype=float)[None] for visit in named}
        difference = _differences(column, periods, cycles)
        known = np.isfinite(difference[0])
        counts = _checks.enough(people[known].reset_index(), arms, 2, " in both conditions")
        lost = int((~known).sum())
        warnings: tuple[str, ...] = (
            (f"{lost} of {len(known)} participants {were(lost)} left out for want of values.",)
            if lost
            else ()
        )
        place = people.map({arm: k for k, arm in enumerate(arms)}).to_numpy(dtype=np.int8)
        n, mean, variance = _moments(difference, place[None], column, len(arms))
        still = [f"'{arm}'" for k, arm in enumerate(arms) if not variance[0, k] > 0]
        if still:
            warnings += (
                f"All people of the arm {' and '.join(still)} have the same difference, so it has no "
                "interval of its own.",
            )
        each = _within(n, mean, variance, level)
        found = _rows.of_arms(each, arms, counts)
        if cycles:
            method = (
                "Mean over participants of each one's mean difference of on less off treatment in "
                f"{so_many(len(cycles), 'cycle')}, by the one-sample t test (p = {each.p[0, 0]:.4g}) with t "
                f"intervals at {level:.4g}."
            )
            return AnalysisResult(found, method, warnings)
        told = _effect(n, mean, variance, level)
        found += _rows.of_contrasts(told, arms, counts)
        method = (
            "Half the difference between sequences in the within-person difference of period 1 "
            f"({', '.join(periods[0])}) less period 2 ({', '.join(periods[1])}), by the t test with "
            f"pooled variance, with t intervals at {level:.4g}: the effect of what the arm takes "
            "first over what the reference takes first."
        )
        return AnalysisResult(found, method, warnings)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Take each person's difference in every replicate and compare."""
        periods, cycles = _plan(options, len(block.arms))
        if block.values is None:
            raise InputError("the analysis 'crossover' needs an endpoint measured at visits")
        named = {visit for group in (*periods, *cycles) for visit in group}
        column = {visit: block.values[:, :, block.at(visit)] for visit in named}
        n, mean, variance = _moments(
            _differences(column, periods, cycles), block.arm, column, len(block.arms)
        )
        return (_within if cycles else _effect)(n, mean, variance, level)


def _plan(options: Options, arms: int | None = None) -> tuple[Groups, Groups]:
    """Return the visits of the two periods, or the pairs of each cycle; the other is empty.

    Raises InputError for visits that cannot be, or that do not go with so many ``arms``.
    """
    periods, cycles = options.get("periods"), options.get("cycles")
    if (periods is None) == (cycles is None):
        raise InputError("the analysis 'crossover' needs one of the options 'periods' and 'cycles'")
    if periods is not None:
        found = _groups(periods, "periods")
        if len(found) != 2:
            raise InputError(f"the option 'periods' must name two periods, not {len(found)}")
        if set(found[0]) & set(found[1]):
            raise InputError("the option 'periods' names one visit in both periods")
        if arms is not None and arms < 2:
            raise InputError("a cross-over needs two sequences, and there is one arm only")
        return found, ()
    pairs = _groups(cycles, "cycles")
    if not pairs or any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise InputError("the option 'cycles' must list pairs of a visit on and a visit off")
    if arms is not None and arms > 1:
        raise InputError(f"the option 'cycles' is for one arm, and there are {arms}")
    return (), pairs


def _groups(value: object, option: str) -> Groups:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError(f"the option '{option}' must be a list of visit ids or of lists of them")
    groups = tuple(
        tuple(str(visit) for visit in each)
        if isinstance(each, Sequence) and not isinstance(each, str)
        else (str(each),)
        for each in value
    )
    if not all(groups):
        raise InputError(f"the option '{option}' holds an empty list")
    return groups


def _differences(
    column: Mapping[str, NDArray[np.floating]], periods: Groups, cycles: Groups
) -> Floats:
    """Return each person's difference, (R, n), NaN where there is none."""
    if periods:
        first, second = (_mean([column[visit] for visit in group]) for group in periods)
        return first - second
    return _mean([column[on].astype(float) - column[off] for on, off in cycles])


def _mean(values: Sequence[NDArray[np.floating]]) -> Floats:
    """Return the mean of those that are known, NaN where none is."""
    import numpy as np

    total, count = np.zeros(values[0].shape), np.zeros(values[0].shape)
    for each in values:
        known = np.isfinite(each)
        total += np.where(known, each, 0.0)
        count += known
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _moments(
    difference: Floats,
    arm: NDArray[np.integer],
    column: Mapping[str, NDArray[np.floating]],
    arms: int,
) -> tuple[Floats, Floats, Floats]:
    """Return n, mean and variance of each arm; 0 where differences differ by rounding alone."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments

    n, mean, variance = _moments.by_arm(difference, arm, arms)
    size = _moments.size(*column.values())[:, None]
    return n, mean, np.where(_moments.varies(np.sqrt(variance), size), variance, 0.0)


def _within(n: Floats, mean: Floats, variance: Floats, level: float) -> Estimates:
    """Return the mean of each arm, by itself."""
    import numpy as np

    from antitrypsim.statistics.block import Estimates

    enough = np.where(variance > 0, n, np.nan)
    return Estimates.of(mean, np.sqrt(variance / enough), enough - 1, level)


def _effect(n: Floats, mean: Floats, variance: Floats, level: float) -> Estimates:
    """Return the effect of each sequence against the first."""
    import numpy as np

    from antitrypsim.statistics.block import Estimates

    here, there = n[:, 1:], n[:, :1]
    df = np.where((here > 1) & (there > 1), here + there - 2, np.nan)
    pooled = ((here - 1) * variance[:, 1:] + (there - 1) * variance[:, :1]) / df
    pooled = np.where(pooled > 0, pooled, np.nan)
    se = np.sqrt(pooled * (1 / here.clip(1) + 1 / there.clip(1))) / 2
    return Estimates.of((mean[:, 1:] - mean[:, :1]) / 2, se, df, level)
