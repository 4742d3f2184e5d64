from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics import sequential as sq

pytestmark = pytest.mark.law


RPACT = json.loads(
    (Path(__file__).parents[1] / "reference" / "statistics" / "rpact.json").read_text("utf-8")
)
CLASSICAL = ("obrien-fleming", "pocock")
KINDS = st.sampled_from(
    [
        ("obrien-fleming", None),
        ("pocock", None),
        ("wang-tsiatis", 0.3),
        ("lan-demets-obrien-fleming", None),
        ("lan-demets-pocock", None),
        ("hwang-shih-decani", -3.0),
        ("hwang-shih-decani", 0.0),
        ("kim-demets", 1.5),
        ("none", None),
    ]
)
LOOKS = st.integers(1, 3).flatmap(
    lambda looks: st.lists(
        st.integers(10, 90), min_size=looks - 1, max_size=looks - 1, unique=True
    ).map(lambda found: [*(value / 100 for value in sorted(found)), 1.0])
)


def bounds_of(case, **more):
    return sq.boundaries(
        case["fractions"],
        case.get("alpha", 0.025),
        sides=case.get("sides", 1),
        kind=case["kind"],
        parameter=case.get("parameter"),
        **more,
    )


def agrees_with_characteristics(bounds, power, design):
    drift = sq.drift_for(bounds, power)
    found = sq.chances(bounds, [0.0, drift / 2, drift])
    factor = sq.inflation(bounds, power)
    assert factor == pytest.approx(design["inflation"], abs=1e-6)
    assert found.efficacy[2] == pytest.approx(design["efficacy"], abs=1e-5)
    assert found.futility[2] == pytest.approx(design["futility"], abs=1e-6)
    means = [design[f"asn_{under}"] for under in ("null", "between", "effect")]
    assert found.expected_fraction * factor == pytest.approx(means, abs=2e-6)


def agrees_with_power(bounds, expected):
    found = sq.chances(bounds, expected["drift"])
    rejected = found.power + found.harm.sum(axis=-1)
    assert rejected == pytest.approx(expected["reject"], abs=1e-6)
    assert found.expected_fraction == pytest.approx(expected["asn"], abs=2e-6)
    assert found.futility.sum(axis=-1) == pytest.approx(expected["futility"], abs=1e-6)


@pytest.mark.independent
def test_efficacy_matches_rpact():
    for case in RPACT["efficacy"]:
        bounds = bounds_of(case)
        level = np.array(case["level"])
        # rpact finds errors to 1e-8, which leaves it free in z where it spends hardly any.
        far = level < 1e-5
        assert bounds.efficacy[~far] == pytest.approx(np.array(case["z"])[~far], abs=1e-5)
        assert bounds.efficacy[far] == pytest.approx(np.array(case["z"])[far], abs=5e-4)
        assert bounds.nominal / bounds.sides == pytest.approx(level, abs=1e-7)
        assert bounds.cumulative == pytest.approx(case["spent"], abs=2e-8)
        if "design" in case:
            agrees_with_characteristics(bounds, 0.9, case["design"])
            agrees_with_power(bounds, case["asn"])


@pytest.mark.independent
def test_fixed_futility_matches_rpact():
    for case in RPACT["fixed"]:
        bounds = bounds_of(case, futility=sq.FixedFutility(case["bounds"]), binding=case["binding"])
        assert bounds.efficacy == pytest.approx(case["z"], abs=1e-6)
        assert bounds.cumulative == pytest.approx(case["spent"], abs=2e-8)
        agrees_with_characteristics(bounds, 0.9, case["design"])
        agrees_with_power(bounds, case["asn"])


@pytest.mark.independent
def test_beta_spending_matches_rpact():
    for case in RPACT["beta"]:
        rule = sq.BetaSpending(case["family"], case["power"], case.get("family_parameter"))
        bounds = bounds_of(case, futility=rule, binding=case["binding"])
        assert bounds.efficacy == pytest.approx(case["z"], abs=1e-6)
        assert bounds.futility[:-1] == pytest.approx(case["futility"], abs=1e-6)
        assert bounds.drift == pytest.approx(np.sqrt(case["design"]["shift"]), abs=1e-6)
        assert bounds.cumulative == pytest.approx(case["spent"], abs=2e-8)
        agrees_with_characteristics(bounds, case["power"], case["design"])


def plan_of(case):
    return {key: case[key] for key in ("alpha", "sides", "power", "ratio")}


def agrees_with_looks(case, fixed):
    bounds = sq.boundaries([0.3, 0.7, 1], case["alpha"], sides=case["sides"])
    size = sq.sequential_size(bounds, case["power"], fixed)
    assert size.maximum == pytest.approx(case["maximum"], rel=1e-5)
    assert size.looks == pytest.approx(size.maximum * bounds.fractions)
    for under in ("null", "between", "effect"):
        found = getattr(size, f"expected_{under}")
        assert found == pytest.approx(case["expected"][under], rel=1e-5)


@pytest.mark.independent
def test_sizes_match_rpact():
    for case in RPACT["means"]:
        size = sq.size_means(case["difference"], case["sd"], method=case["method"], **plan_of(case))
        assert size.treated == pytest.approx(case["treated"], rel=1e-5)
        assert size.control == pytest.approx(case["control"], rel=1e-5)
        agrees_with_looks(case, size.total)
    for case in RPACT["rates"]:
        size = sq.size_rates(*case["rates"], **plan_of(case))
        assert size.treated == pytest.approx(case["treated"], rel=1e-9)
        assert size.control == pytest.approx(case["control"], rel=1e-9)
        agrees_with_looks(case, size.total)
    for case in RPACT["survival"]:
        events = sq.events_hazard_ratio(case["hazard_ratio"], **plan_of(case))
        assert events == pytest.approx(case["events"], rel=1e-9)
        agrees_with_looks(case, events)


@pytest.mark.independent
def test_power_for_means_matches_rpact():
    for case in RPACT["power_means"]:
        bounds = sq.boundaries([0.3, 0.7, 1], case["alpha"], sides=case["sides"])
        control = case["total"] / (1 + case["ratio"])
        drift = sq.drift_of_means(
            case["difference"],
            case["sd"],
            case["ratio"] * control,
            control,
            alpha=case["alpha"],
            sides=case["sides"],
            method=case["method"],
        )
        found = sq.chances(bounds, drift)
        assert found.efficacy + found.harm == pytest.approx(np.array(case["per_look"]), abs=1e-7)
        assert case["total"] * found.expected_fraction == pytest.approx(case["expected"], rel=1e-7)


def test_drift_of_means_agrees_with_the_size():
    size = sq.size_means(-4.0, 9.0, power=0.85, ratio=2)
    drift = sq.drift_of_means(-4.0, 9.0, size.treated, size.control)
    assert -drift == pytest.approx(sq.drift_for(sq.boundaries([1]), 0.85), abs=1e-8)


@pytest.mark.independent
def test_combination_matches_rpact():
    for case in RPACT["combination"]:
        z = sq.z_of_p(case["p"])
        weights = np.sqrt(np.diff(case["fractions"], prepend=0))[: len(z)]
        assert sq.inverse_normal(z, weights) == pytest.approx(case["z"], abs=1e-9)


@pytest.mark.independent
def test_conditional_power_and_second_stage_match_rpact():
    n1 = 43
    for case in RPACT["conditional"]:
        planned = n1 / case["fraction"]
        drift = case["difference"] / (2 * case["sd"]) * np.sqrt(planned)
        power = sq.conditional_power(
            case["z"],
            case["fraction"],
            drift,
            critical=case["critical"],
            enlarged=case["n2"] / (planned - n1),
        )
        assert power == pytest.approx(case["power"], abs=1e-9)
        size = sq.second_stage_size(
            case["z"], n1, planned, 2000, case["power"], zone=(0, 1),
            critical=case["critical"], drift=drift,
        )  # fmt: skip
        assert size == pytest.approx(max(case["n2"], planned - n1), rel=1e-7)


def rectangle(fractions, drift, lower, upper):
    """The chance of a box by an integral that shares nothing with the recursion."""
    from scipy.stats import multivariate_normal

    t = np.array(fractions)[: len(upper)]
    cov = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    low, high = (np.clip(side, -30, 30) for side in (lower, upper))
    law = multivariate_normal(drift * np.sqrt(t), cov, abseps=1e-7, releps=1e-7, maxpts=400_000)
    return float(law.cdf(high, lower_limit=low))


@settings(max_examples=25)
@given(LOOKS, KINDS, st.sampled_from([0.01, 0.025, 0.1]), st.sampled_from([1, 2]), st.booleans())
def test_total_error_is_alpha(fractions, kind, alpha, sides, binding):
    futility = sq.FixedFutility([-0.5, None, 0.2][: len(fractions) - 1]) if binding else None
    bounds = sq.boundaries(
        fractions, alpha, sides=sides, kind=kind[0], parameter=kind[1], futility=futility,
        binding=binding,
    )  # fmt: skip
    low, high = bounds.lower, bounds.efficacy
    total = 0.0
    for look in range(1, len(fractions) + 1):
        upper = np.append(high[: look - 1], np.inf)
        total += rectangle(fractions, 0.0, np.append(low[: look - 1], high[look - 1]), upper)
        if sides == 2:
            upper[-1] = -high[look - 1]
            total += rectangle(fractions, 0.0, np.append(low[: look - 1], -np.inf), upper)
    assert total == pytest.approx(alpha, abs=2e-5)
    assert bounds.cumulative[-1] == pytest.approx(alpha, abs=1e-9)
    found = sq.chances(bounds, 0.0)
    assert found.power + found.harm.sum() == pytest.approx(alpha, abs=1e-9)


@settings(max_examples=25)
@given(LOOKS, st.sampled_from([1, 2]), st.floats(-1.0, 4.0))
def test_chances_of_every_stop(fractions, sides, drift):
    futility = sq.FixedFutility([0.3, 0.8][: len(fractions) - 1])
    bounds = sq.boundaries(fractions, 0.05, sides=sides, futility=futility)
    found = sq.chances(bounds, drift)
    low, high = bounds.lower, bounds.efficacy
    for look in range(len(fractions)):
        stay = low[:look], high[:look]
        for chance, lower, upper in (
            (found.efficacy, high[look], np.inf),
            (found.harm, -np.inf, -high[look] if sides == 2 else -np.inf),
            (found.futility, -high[look] if sides == 2 else -np.inf, bounds.futility[look]),
        ):
            expected = 0.0
            if lower < upper:
                box = np.append(stay[0], lower), np.append(stay[1], upper)
                expected = rectangle(fractions, drift, *box)
            assert chance[look] == pytest.approx(expected, abs=2e-5)
    assert 0 < found.expected_fraction <= 1


def test_a_tiny_error_is_spent_exactly():
    from scipy.stats import norm

    bounds = sq.boundaries([0.15, 0.3, 1], 0.01, sides=2)
    # No more than the error spent before can lie beyond both bounds.
    overlap = bounds.cumulative[0]
    assert 2 * norm.sf(bounds.efficacy[1]) == pytest.approx(bounds.spent[1], abs=overlap)
    assert overlap < 1e-11


@settings(max_examples=30)
@given(st.integers(2, 8), st.sampled_from([0.01, 0.025, 0.1]), st.sampled_from([1, 2]))
def test_more_looks_cost_more(looks, alpha, sides):
    for kind in CLASSICAL:
        fewer, more = (
            sq.boundaries(np.arange(1, k + 1) / k, alpha, sides=sides, kind=kind)
            for k in (looks - 1, looks)
        )
        assert more.efficacy[-1] > fewer.efficacy[-1]
        assert 1 - 1e-9 <= sq.inflation(fewer, 0.9) < sq.inflation(more, 0.9)
    pocock, fleming = (
        sq.boundaries(np.arange(1, looks + 1) / looks, alpha, sides=sides, kind=kind)
        for kind in CLASSICAL[::-1]
    )
    assert pocock.efficacy[-1] > fleming.efficacy[-1]
    assert pocock.efficacy[0] < fleming.efficacy[0]


@given(
    st.sampled_from(
        [("lan-demets-obrien-fleming", None), ("lan-demets-pocock", None), ("kim-demets", 2.0)]
        + [("hwang-shih-decani", gamma) for gamma in (-4.0, 0.0, 2.0)]
    ),
    st.floats(0.001, 0.49),
    st.sampled_from([1, 2]),
)
def test_spending_grows_from_nothing_to_all(family, total, sides):
    t = np.linspace(0, 1, 21)
    found = sq.spent(family[0], t, total, sides=sides, parameter=family[1])
    assert found[0] == 0
    assert found[-1] == pytest.approx(total)
    assert (np.diff(found) >= 0).all()


@settings(max_examples=20)
@given(LOOKS.filter(lambda t: len(t) > 1), st.floats(0.05, 0.4), st.sampled_from([None, 3.0]))
def test_futility_by_conditional_power(fractions, threshold, drift):
    rule = sq.ConditionalPower(threshold, drift)
    for binding in (False, True):
        bounds = sq.boundaries(
            fractions, kind="pocock" if drift else "kim-demets", parameter=None if drift else 3.0,
            futility=rule, binding=binding,
        )  # fmt: skip
        power = sq.conditional_power(
            bounds.futility[:-1], fractions[:-1], drift, critical=bounds.efficacy[-1]
        )
        assert power == pytest.approx(threshold, abs=1e-9)
    loose = sq.boundaries(
        fractions, kind="pocock" if drift else "kim-demets", parameter=None if drift else 3.0
    )
    assert bounds.efficacy[-1] <= loose.efficacy[-1]
    assert bounds.cumulative[-1] == pytest.approx(0.025, abs=1e-9)


def test_two_sides_of_beta_spending_are_twice_one():
    rule = sq.BetaSpending("lan-demets-obrien-fleming", 0.9)
    one = sq.boundaries([0.4, 0.7, 1], 0.025, futility=rule)
    two = sq.boundaries([0.4, 0.7, 1], 0.05, sides=2, futility=rule)
    assert two.efficacy == pytest.approx(one.efficacy, abs=1e-5)
    assert two.futility == pytest.approx(one.futility, abs=1e-5)
    assert two.nominal == pytest.approx(2 * one.nominal, abs=1e-7)
    assert sq.chances(two, two.drift).power == pytest.approx(0.9, abs=1e-9)


def test_disobeyed_futility_gives_power():
    bounds = sq.boundaries([0.5, 1], futility=sq.FixedFutility([0.5]))
    free = sq.boundaries([0.5, 1])
    assert sq.drift_for(bounds, 0.9, obey=False) == pytest.approx(sq.drift_for(free, 0.9))
    assert sq.drift_for(bounds, 0.9) > sq.drift_for(free, 0.9)


def test_beta_spent_with_classical_bounds():
    rule = sq.BetaSpending("kim-demets", 0.8, 2.0)
    bounds = sq.boundaries([0.5, 1], kind="pocock", futility=rule)
    found = sq.chances(bounds, bounds.drift)
    assert found.power == pytest.approx(0.8, abs=1e-9)
    assert found.futility[0] == pytest.approx(0.2 * 0.25, abs=1e-9)


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    st.sampled_from([(0.2, 0.5, 1.0), (0.3, 0.9, 1.0)]),
)
def test_stages_put_together_give_the_whole(z, fractions):
    weights = np.sqrt(np.diff(fractions, prepend=0))
    again = sq.inverse_normal(sq.stagewise([z, z], fractions), weights)
    assert again == pytest.approx(np.array([z, z]), abs=1e-9)


@settings(max_examples=50)
@given(
    st.lists(st.floats(-2, 4), min_size=1, max_size=20),
    st.floats(0.55, 0.95),
    st.sampled_from([None, 2.8]),
)
def test_second_stage_reaches_the_wanted_power(z1, wanted, drift):
    z1 = np.array(z1)
    n2 = sq.second_stage_size(z1, 50, 120, 260, wanted, zone=(0.3, wanted), drift=drift)
    before = sq.conditional_power(z1, 50 / 120, drift)
    after = sq.conditional_power(z1, 50 / 120, drift, enlarged=n2 / 70)
    promising = (before >= 0.3) & (before < wanted)
    assert (n2[~promising] == 70).all()
    assert ((n2 >= 70) & (n2 <= 210)).all()
    reached = promising & (n2 < 210)
    assert after[reached] == pytest.approx(wanted, abs=1e-9)
    assert (after[promising & (n2 == 210)] <= wanted + 1e-9).all()


def test_promising_zone_holds_the_level():
    rng = np.random.default_rng(3)
    z1, second = rng.standard_normal((2, 400_000))
    n2 = sq.second_stage_size(z1, 60, 120, 360, 0.9, zone=(0.1, 0.9))
    assert (n2 > 60).mean() > 0.1
    z = sq.inverse_normal(np.stack([z1, second], axis=-1), np.sqrt([0.5, 0.5]))[:, -1]
    assert (z > 1.959964).mean() == pytest.approx(0.025, abs=0.001)


@pytest.mark.contract
def test_a_replicate_without_a_number_is_nan():
    seen = [1.5, np.nan]
    n2 = sq.second_stage_size(seen, [50, np.nan], 120, 240, 0.8, zone=(0.2, 0.8))
    assert np.isnan(n2).tolist() == [False, True]
    assert np.isnan(sq.conditional_power(seen, 0.5)).tolist() == [False, True]
    values = np.array([[1.0, 2.0, 4.0, np.nan], [1.0, np.nan, np.nan, np.nan]])
    for found in (sq.blinded_variance(values), sq.pooled_variance(values, [0, 1, 1, 0])):
        assert np.isnan(found).tolist() == [False, True]
    for method in ("normal", "t"):
        size = sq.reestimated_size(
            [4.0, np.nan, 0.0, 1e9], 1.0, sq.SizeRange(40, 500), power=0.9, method=method
        )
        assert np.isnan(size).tolist() == [False, True, False, False]
        assert size[2:].tolist() == [40, 500]
    assert np.isnan(sq.inverse_normal([[1.0, np.nan]], [1, 1])).tolist() == [[False, True]]


@settings(max_examples=30)
@given(st.integers(2, 40), st.integers(2, 40), st.floats(0.5, 5), st.integers(0, 99))
def test_variances_within_and_without_arms(treated, control, shift, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, treated + control))
    values[:, :treated] += shift
    arms = np.repeat([1, 0], [treated, control])
    missing = np.concatenate([values, np.full((3, 2), np.nan)], axis=1)
    found = sq.pooled_variance(missing, np.append(arms, [0, 1]))
    each = [values[:, arms == arm] for arm in (0, 1)]
    squares = sum(v.var(axis=1, ddof=1) * (v.shape[1] - 1) for v in each)
    assert found == pytest.approx(squares / (treated + control - 2))
    whole = values.var(axis=1, ddof=1)
    assert sq.blinded_variance(missing) == pytest.approx(whole)
    # Taking off what the seen difference adds leaves the sum of squares within arms.
    gap = each[1].mean(axis=1) - each[0].mean(axis=1)
    for row in range(3):
        taken = sq.blinded_variance(
            missing[row], difference=float(gap[row]), ratio=treated / control
        )
        assert taken * (treated + control - 1) == pytest.approx(squares[row], abs=1e-9)


def test_reestimated_size_is_the_size_of_the_sd():
    for method in ("normal", "t"):
        size = sq.size_means(3.0, [6.0, 9.0], power=0.9, sides=2, alpha=0.05, method=method).total
        again = sq.reestimated_size(
            [36.0, 81.0], 3.0, sq.SizeRange(1, 1e6), power=0.9, sides=2, alpha=0.05, method=method
        )
        assert again == pytest.approx(size)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: sq.boundaries([0.5, 0.4, 1]), "ascending information fractions, not 0.5, 0.4, 1"),
        (lambda: sq.boundaries([0.5, 0.9]), "last look must be at information fraction 1, not 0.9"),
        (lambda: sq.boundaries([0, 1]), "first look must lie above information fraction 0"),
        (lambda: sq.boundaries([0.5, 0.5002, 1]), "at least 0.001 apart"),
        (lambda: sq.boundaries(["x", 1]), "information fractions must be numbers"),
        (lambda: sq.boundaries([]), "list of at least one number"),
        (lambda: sq.boundaries([1], 0.6), "alpha must lie between 0 and 0.5, not 0.6"),
        (lambda: sq.boundaries([1], sides=3), "1 or 2 sides, not 3"),
        (lambda: sq.boundaries([1], kind="pocok"), "no kind of bounds 'pocok'; did you mean 'po"),
        (lambda: sq.boundaries([1], kind="pocock", parameter=1), "'pocock' has no parameter"),
        (lambda: sq.boundaries([1], kind="wang-tsiatis", parameter=2), "must lie from 0 to 1"),
        (
            lambda: sq.spent("kim-demet", 0.5, 0.1),
            "function 'kim-demet'; did you mean 'kim-demets'",
        ),
        (lambda: sq.spent("kim-demets", 0.5, 0.1), "'kim-demets' needs a number"),
        (lambda: sq.spent("kim-demets", 0.5, 0.1, parameter=0), "above 0, not 0"),
        (lambda: sq.spent("hwang-shih-decani", 0.5, 0.1, parameter=50), "from -40 to 40, not 50"),
        (lambda: sq.spent("lan-demets-pocock", 1.5, 0.1), "fractions must lie from 0 to 1"),
        (
            lambda: sq.spent("lan-demets-pocock", 0.5, 1.5),
            "error to spend must lie between 0 and 1",
        ),
        (lambda: sq.BetaSpending("pocock", 0.9), "no spending function 'pocock'"),
        (lambda: sq.BetaSpending("lan-demets-pocock", 1), "the power must lie between 0 and 1"),
        (lambda: sq.ConditionalPower(0), "threshold of conditional power must lie"),
        (
            lambda: sq.boundaries([0.5, 1], futility=sq.FixedFutility([])),
            "2 looks need 1 futility bound, not 0",
        ),
        (
            lambda: sq.boundaries([0.5, 1], futility=sq.FixedFutility([np.nan])),
            "must be a number, -inf or None",
        ),
        (
            lambda: sq.boundaries([0.5, 1], futility=sq.FixedFutility([4.0])),
            "at look 1 the futility bound 4 is not below",
        ),
        (
            lambda: sq.boundaries([0.5, 1], futility=sq.FixedFutility([2.7]), binding=True),
            "stop too many trials to spend alpha",
        ),
        (
            lambda: sq.boundaries(
                [0.5, 1],
                kind="pocock",
                futility=sq.BetaSpending("lan-demets-pocock", 0.9),
                binding=True,
            ),
            "binding beta spending needs efficacy bounds by alpha spending",
        ),
        (
            lambda: sq.boundaries([0.5, 1], futility=sq.BetaSpending("lan-demets-pocock", 0.01)),
            "the power must be above alpha, not 0.01",
        ),
        (
            lambda: sq.boundaries(
                [0.5, 1],
                0.01,
                kind="hwang-shih-decani",
                parameter=-40,
                futility=sq.BetaSpending("hwang-shih-decani", 0.05, 40),
                binding=True,
            ),
            "beta is spent too early",
        ),
        (
            lambda: sq.boundaries(
                [0.95, 1],
                kind="hwang-shih-decani",
                parameter=40,
                futility=sq.ConditionalPower(0.1),
            ),
            "alpha is spent before the last look",
        ),
        (
            lambda: sq.boundaries(
                [0.5, 1],
                0.05,
                kind="hwang-shih-decani",
                parameter=40,
                futility=sq.ConditionalPower(0.9),
                binding=True,
            ),
            "no futility bounds agree",
        ),
        (lambda: sq.chances(sq.boundaries([1]), np.nan), "drift must be finite"),
        (lambda: sq.drift_for(sq.boundaries([1]), 0.01), "above alpha, not 0.01"),
        (lambda: sq.conditional_power(1, 0), "interim must lie above information fraction 0"),
        (lambda: sq.conditional_power(1, 0.5, enlarged=0), "enlargement must be above 0"),
        (lambda: sq.inverse_normal([1, 2], [1, 0]), "weights of the stages must be above 0"),
        (lambda: sq.inverse_normal([1, 2], [1]), "every stage needs one weight"),
        (lambda: sq.z_of_p([0.5, 1.2]), "p-values must lie from 0 to 1"),
        (lambda: sq.stagewise([1, 2], [1]), "every look needs one z"),
        (lambda: sq.size_means(0, 1, power=0.9), "difference must not be 0"),
        (lambda: sq.size_means(1, -1, power=0.9), "the sd must be above 0"),
        (lambda: sq.size_means(1, 1, power=0.9, ratio=0), "allocation ratio must be above 0"),
        (lambda: sq.size_means(1, 1, power=0.9, method="T"), "no method 'T'"),
        (lambda: sq.size_means(1, 1, power=0.02), "power must be above 0.025, not 0.02"),
        (lambda: sq.size_rates(0.2, 0.2, power=0.9), "difference of rates must not be 0"),
        (lambda: sq.size_rates(1, 0.2, power=0.9), "rates must lie between 0 and 1"),
        (lambda: sq.events_hazard_ratio(1, power=0.9), "logarithm of the hazard ratio must not"),
        (lambda: sq.events_hazard_ratio(0, power=0.9), "hazard ratio must be above 0"),
        (lambda: sq.sequential_size(sq.boundaries([1]), 0.9, 0), "with one look must be above 0"),
        (lambda: sq.drift_of_means(1, 1, 1, 1), "more than 2 participants"),
        (lambda: sq.pooled_variance([1, 2], [0]), "every value needs the code of one arm"),
        (
            lambda: sq.reestimated_size(-1, 1, sq.SizeRange(1, 2), power=0.9),
            "variance must not be below 0",
        ),
        (
            lambda: sq.SizeRange(3, 2),
            "limits of the size must ascend from above 0, not 3, 2",
        ),
        (
            lambda: sq.second_stage_size(1, 0, 10, 20, 0.9, zone=(0.3, 0.9)),
            "after more than 0 participants",
        ),
        (
            lambda: sq.second_stage_size(1, 10, 10, 20, 0.9, zone=(0.3, 0.9)),
            "sizes must ascend from the interim",
        ),
        (
            lambda: sq.second_stage_size(1, 5, 10, 20, 0.9, zone=(0.9, 0.3)),
            "promising zone must ascend within 0 to 1",
        ),
        (
            lambda: sq.second_stage_size(1, 5, 10, 20, 1, zone=(0.3, 0.9)),
            "wanted conditional power must lie between",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(call, sentence):
    with pytest.raises(InputError) as told:
        call()
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)
