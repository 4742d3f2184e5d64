from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.allocation import (
    ALLOCATIONS,
    OPTIONS,
    adaptive,
    blocks,
    minimised,
    simple,
)

pytestmark = pytest.mark.law


FILE = Path(__file__).parents[1] / "reference" / "statistics" / "minimisation.json"
REFERENCE = json.loads(FILE.read_text("utf-8"))

ratios = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)
ways = pytest.mark.parametrize("way", ALLOCATIONS)


class Stored:
    """A generator whose numbers are known, by replicate and participant."""

    def __init__(self, u):
        self.u = np.asarray(u)

    def random(self, shape):
        assert shape == self.u.T.shape
        return self.u.T


def strata_for(way, seed, replicates, people, kinds=3):
    shape = (replicates, people, 2) if way == "minimised" else (replicates, people)
    return np.random.default_rng(seed).integers(0, kinds, shape)


@ways
@settings(max_examples=25)
@given(seed=seeds, ratio=ratios, cut=st.integers(0, 60))
def test_the_first_do_not_depend_on_how_many_follow(way, seed, ratio, cut):
    strata = strata_for(way, seed, 5, 60)
    allocate = ALLOCATIONS[way]
    whole = allocate(strata, ratio, np.random.default_rng(seed))
    first = allocate(strata[:, :cut], ratio, np.random.default_rng(seed))
    assert whole.dtype == np.int8
    assert whole.shape == (5, 60)
    assert np.array_equal(whole[:, :cut], first)
    assert whole.min() >= 0
    assert whole.max() < len(ratio)


@ways
@settings(max_examples=10)
@given(seed=seeds)
def test_empty_places_are_left_empty_and_change_nothing(way, seed):
    strata = strata_for(way, seed, 6, 40)
    u = np.random.default_rng(seed).random((6, 40))
    empty = np.zeros((6, 40), dtype=bool)
    empty[:, 5:40:7] = True
    gaps = strata.copy()
    gaps[empty] = -1
    found = ALLOCATIONS[way](gaps, (2, 1), Stored(u))
    dense = ALLOCATIONS[way](
        strata[~empty].reshape(6, -1, *strata.shape[2:]), (2, 1), Stored(u[~empty].reshape(6, -1))
    )
    assert np.all(found[empty] == -1)
    assert np.array_equal(found[~empty].reshape(6, -1), dense)


@ways
@pytest.mark.parametrize("ratio", [(1, 1), (2, 1), (3, 2, 1)])
def test_long_run_shares_are_the_ratio(way, ratio):
    found = ALLOCATIONS[way](strata_for(way, 1, 100, 600), ratio, np.random.default_rng(2))
    for arm, share in enumerate(np.array(ratio) / sum(ratio)):
        error = np.sqrt(share * (1 - share) / found.size)
        assert abs((found == arm).mean() - share) <= 4 * error


@pytest.mark.contract
@ways
def test_each_option_is_told(way):
    import inspect

    known = inspect.signature(ALLOCATIONS[way]).parameters.values()
    assert [p.name for p in known if p.kind is p.KEYWORD_ONLY] == list(OPTIONS[way])


@settings(max_examples=60)
@given(seed=seeds, ratio=ratios, several=st.integers(1, 3), kinds=st.integers(1, 4))
def test_every_complete_block_of_a_stratum_is_balanced(seed, ratio, several, kinds):
    shares = np.array(ratio) // np.gcd.reduce(ratio)
    size = int(several * shares.sum())
    strata = strata_for("blocks", seed, 4, 90, kinds) * 7
    found = blocks.allocate(strata, ratio, np.random.default_rng(seed), block=size)
    for row, of in zip(found, strata, strict=True):
        for stratum in np.unique(of):
            own = row[of == stratum]
            whole = own[: own.size // size * size].reshape(-1, size)
            for arm, share in enumerate(shares):
                assert np.all((whole == arm).sum(axis=1) == several * share)


def test_every_order_of_a_block_is_as_likely():
    rng = np.random.default_rng(3)
    found = blocks.allocate(np.zeros((60_000, 4), int), (1, 1), rng, block=4)
    orders = np.bincount(found @ np.array([8, 4, 2, 1]))
    assert np.count_nonzero(orders) == 6
    assert np.all(np.abs(orders[orders > 0] - 10_000) < 4 * np.sqrt(60_000 * 5 / 36))


large = st.lists(st.integers(1, 200), min_size=1, max_size=6).map(tuple)


@settings(max_examples=60)
@given(seed=seeds, ratio=large, kinds=st.integers(1, 4))
def test_unasked_every_arm_of_a_stratum_stays_at_its_share(seed, ratio, kinds):
    strata = strata_for("blocks", seed, 4, 150, kinds)
    found = blocks.allocate(strata, ratio, np.random.default_rng(seed))
    bound = 1 if len(ratio) < 4 else 2
    for row, of in zip(found, strata, strict=True):
        for stratum in np.unique(of):
            own = row[of == stratum]
            people = np.arange(1, own.size + 1)
            for arm, part in enumerate(ratio):
                exact = people * part / sum(ratio)
                assert np.all(np.abs(np.cumsum(own == arm) - exact) < bound)


@settings(max_examples=40)
@given(seed=seeds, ratio=large, times=st.integers(1, 2))
def test_unasked_a_whole_number_of_shares_is_the_ratio(seed, ratio, times):
    parts = np.array(ratio) // np.gcd.reduce(ratio)
    strata = np.zeros((3, times * parts.sum()), dtype=int)
    found = blocks.allocate(strata, ratio, np.random.default_rng(seed))
    for row in found:
        assert np.array_equal(np.bincount(row, minlength=parts.size), times * parts)


@pytest.mark.parametrize("ratio", [(1, 1), (2, 1), (7, 6), (97, 3)])
def test_every_participant_has_the_chances_of_the_ratio(ratio):
    found = blocks.allocate(np.zeros((20_000, 30), int), ratio, np.random.default_rng(5))
    share = ratio[0] / sum(ratio)
    error = np.sqrt(share * (1 - share) / len(found))
    assert np.all(np.abs((found == 0).mean(axis=0) - share) < 5 * error)


def test_unasked_every_order_of_equal_arms_is_as_likely():
    found = blocks.allocate(np.zeros((60_000, 4), int), (1, 1, 1, 1), np.random.default_rng(3))
    orders = np.bincount(found @ np.array([64, 16, 4, 1]))
    assert np.count_nonzero(orders) == 24
    assert np.all(np.abs(orders[orders > 0] - 2_500) < 5 * np.sqrt(60_000 * 23 / 24**2))


@pytest.mark.contract
def test_a_part_too_large_to_count_with_is_refused():
    with pytest.raises(InputError, match="too large for 4 people"):
        blocks.allocate(np.zeros((1, 4), int), (1 << 61, 1), np.random.default_rng(1))


@pytest.mark.independent
@pytest.mark.parametrize("case", REFERENCE["minimisation"]["cases"])
def test_minimisation_is_that_of_r(case):
    stored = REFERENCE["minimisation"]
    options = {name: case[name] for name in ("measure", "p", "weights")}
    found = minimised.allocate(stored["levels"], case["ratio"], Stored(stored["u"]), **options)
    assert np.array_equal(found, case["arm"])


def imbalance(arm, levels):
    """The largest difference of two arms at any level of any factor, mean over replicates."""
    sign = 1 - 2 * arm.astype(int)
    each = [
        np.abs(np.where(levels[:, :, f] == v, sign, 0).sum(axis=1))
        for f in range(levels.shape[2])
        for v in range(3)
    ]
    return np.max(each, axis=0).mean()


@settings(max_examples=10)
@given(seed=seeds, measure=st.sampled_from(minimised.MEASURES))
def test_minimisation_balances_better(seed, measure):
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 3, (40, 100, 3))
    found = [
        imbalance(minimised.allocate(levels, (1, 1), rng, measure=measure, p=p), levels)
        for p in (1.0, 0.8)
    ]
    alone = imbalance(simple.allocate(levels[:, :, 0], (1, 1), rng), levels)
    assert found[0] < found[1] < alone


def test_one_factor_needs_no_third_axis():
    strata = strata_for("blocks", 1, 3, 20)
    one, other = (
        minimised.allocate(levels, (1, 1), np.random.default_rng(5))
        for levels in (strata, strata[:, :, None])
    )
    assert np.array_equal(one, other)


@pytest.mark.independent
@pytest.mark.parametrize("case", REFERENCE["normals"])
def test_the_best_of_normals_is_that_of_r(case):
    found = adaptive.best_of_normals([case["mean"]], [case["se"]])[0]
    assert found == pytest.approx(case["best"], abs=1e-9)
    lowest = adaptive.best_of_normals([np.negative(case["mean"])], [case["se"]], higher=False)[0]
    assert np.array_equal(lowest, found)


@pytest.mark.independent
@pytest.mark.parametrize("case", REFERENCE["betas"])
def test_the_best_of_betas_is_that_of_r(case):
    n, x = np.array([case["n"]]), np.array([case["successes"]])
    prior = tuple(case["prior"])
    found = adaptive.best_of_betas(x, n, prior=prior)[0]
    assert found == pytest.approx(case["best"], abs=1e-7)
    failures = adaptive.best_of_betas(n - x, n, prior=prior[::-1], higher=False)[0]
    assert failures == pytest.approx(found, abs=1e-12)


@pytest.mark.independent
def test_the_best_of_two_normals_is_known():
    from scipy.stats import norm

    rng = np.random.default_rng(6)
    mean, se = rng.normal(size=(200, 2)), rng.lognormal(0, 2, (200, 2))
    expected = norm.cdf((mean[:, 1] - mean[:, 0]) / np.hypot(*se.T))
    assert adaptive.best_of_normals(mean, se)[:, 1] == pytest.approx(expected, abs=1e-7)


def test_a_replicate_without_numbers_gives_nan_and_keeps_the_ratio():
    best = adaptive.best_of_normals(
        [[0.0, np.nan], [0.0, 1.0], [0.0, 1.0]], [[1, 1], [1, 0], [1, 1]]
    )
    assert np.isnan(best).all(axis=1).tolist() == [True, True, False]
    assert adaptive.best_of_betas([[1, np.nan]], [[2, 2]]) == pytest.approx(np.nan, nan_ok=True)
    shares = adaptive.update(best, ratio=(2, 1), power=1)
    assert shares[:2] == pytest.approx(np.array([[2 / 3, 1 / 3]] * 2))
    assert shares[2] == pytest.approx(best[2])


@settings(max_examples=60)
@given(
    seed=seeds, arms=st.integers(2, 5), power=st.floats(0, 3), floor=st.floats(0, 0.5),
    least=st.floats(0, 0.12),
)  # fmt: skip
def test_laws_of_the_update(seed, arms, power, floor, least):
    best = np.random.default_rng(seed).dirichlet(np.full(arms, 0.3), 30)
    found = adaptive.update(best, ratio=(1,) * arms, power=power, floor=floor, least=least)
    bound = np.array([floor] + [least] * (arms - 1))
    assert found.sum(axis=1) == pytest.approx(np.ones(30))
    assert np.all(found >= bound - 1e-12)
    # Arms above their bound keep their odds.
    weight = best**power
    for row, of in zip(found, weight, strict=True):
        free = np.flatnonzero((row > bound + 1e-9) & (of > 0))
        assert row[free] / row[free].sum() == pytest.approx(of[free] / of[free].sum())


@pytest.mark.independent
def test_the_update_by_hand():
    best = [[0.04, 0.64, 0.32], [0.0, 1.0, 0.0]]
    plain = adaptive.update(best, ratio=(1, 1, 1), power=1)
    assert plain == pytest.approx(np.array(best))
    kept = adaptive.update(best, ratio=(1, 1, 1), power=1, floor=0.25, least=0.1)
    assert kept == pytest.approx(np.array([[0.25, 0.5, 0.25], [0.25, 0.65, 0.1]]))
    other = adaptive.update(best, ratio=(1, 1, 1), power=0.5, control=2, floor=1.0)
    assert other == pytest.approx(np.array([[0, 0, 1], [0, 0, 1]]))


def test_shares_of_each_replicate_are_followed():
    strata = np.zeros((3, 4000), int)
    shares = np.array([[0.0, 1.0], [0.3, 0.7], [1.0, 0.0]])
    found = adaptive.allocate(strata, (1, 1), np.random.default_rng(7), shares=shares)
    assert found.mean(axis=1) == pytest.approx(shares[:, 1], abs=0.03)
    assert found[0].min() == 1
    assert found[2].max() == 0


STRATA = np.zeros((2, 4), dtype=int)


@pytest.mark.contract
@pytest.mark.parametrize("ratio", [(1, 0), (1.0, 2.0), (), 3, (1, -1)])
@ways
def test_a_ratio_that_is_none(way, ratio):
    with pytest.raises(InputError, match="a positive whole number for each arm"):
        ALLOCATIONS[way](STRATA, ratio, np.random.default_rng())


@pytest.mark.contract
@ways
def test_strata_that_are_none(way):
    with pytest.raises(InputError, match="must be whole numbers by replicate and participant"):
        ALLOCATIONS[way](STRATA + 0.5, (1, 1), np.random.default_rng())


@pytest.mark.contract
@pytest.mark.parametrize(
    ("call", "options", "match"),
    [
        (blocks.allocate, {"block": 3}, "a multiple of 2 for this ratio, not 3"),
        (blocks.allocate, {"block": 0}, "a multiple of 2 for this ratio, not 0"),
        (minimised.allocate, {"measure": "rang"}, "no measure 'rang'.*did you mean 'range'"),
        (minimised.allocate, {"p": 1.2}, "between 0 and 1, not 1.2"),
        (minimised.allocate, {"weights": (1, 2)}, "the weights must be 1 numbers"),
        (adaptive.allocate, {"shares": [[1, 0]]}, "a row for each replicate"),
        (adaptive.allocate, {"shares": [[1, 0], [0.5, 0.4]]}, "add up to 1"),
    ],
)
def test_errors_of_options(call, options, match):
    with pytest.raises(InputError, match=match):
        call(STRATA, (1, 1), np.random.default_rng(), **options)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"best": [[1.0]]}, "a column for each of 2 arms"),
        ({"best": [[1.2, -0.2]]}, "must lie between 0 and 1"),
        ({"power": -1}, "0 or more, not -1"),
        ({"control": 2}, "one of the arms 0 to 1, not 2"),
        ({"floor": 0.7, "least": 0.4}, "1 at most in all"),
    ],
)
def test_errors_of_the_update(options, match):
    with pytest.raises(InputError, match=match):
        adaptive.update(**({"best": [[0.5, 0.5]], "ratio": (1, 1)} | options))


@pytest.mark.contract
@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: adaptive.best_of_normals([[1.0]], [1.0]), "means and standard errors need"),
        (lambda: adaptive.best_of_betas([[1]], [1]), "successes and participants need"),
        (lambda: adaptive.best_of_betas([[3]], [[2]]), "counted among the participants"),
        (lambda: adaptive.best_of_betas([[1]], [[2]], prior=(0.5, 1)), "two numbers of 1 or more"),
    ],
)
def test_errors_of_the_best(call, match):
    with pytest.raises(InputError, match=match):
        call()
