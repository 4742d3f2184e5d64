"""Analyses from sums over parts have the numbers of the joined table, however people are cut."""

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.analysis.base import Asked

pytestmark = pytest.mark.law

ARMS = ("placebo", "low", "high")
DAYS = {"baseline": 0.0, "m6": 182.0, "m12": 365.0, "m24": 730.0}
NUMBERS = ["n", "estimate", "se", "lower", "upper", "p", "df"]


def table(people=160, seed=7, scale=1.0, shift=0.0):
    """People with a line each, some of whom leave or miss a visit, one row a visit."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(people):
        arm = ARMS[rng.integers(3)]
        level, slope = rng.normal(60, 12), rng.normal(-2, 1) + 0.5 * ARMS.index(arm)
        last, age, sex = rng.exponential(1500), rng.normal(52, 9), rng.choice(["female", "male"])
        smoking = rng.choice(["never", "former"], p=[0.3, 0.7])
        base = np.nan
        for visit, day in DAYS.items():
            seen = level + slope * day / 365.25 + 0.1 * age + rng.normal(0, 1.5)
            value = shift + scale * seen
            value = value if day <= last and rng.random() > 0.04 else np.nan
            base = value if day == 0 else base
            rows.append((k, arm, visit, day, value, base, value - base, age, sex, smoking))
    names = ["USUBJID", "ARM", "AVISIT", "ADY", "AVAL", "BASE", "CHG", "AGE", "SEX", "SMOKING"]
    return pd.DataFrame(rows, columns=names)


def summed(name, frame, options, cut=(50, 50, 60), arms=ARMS):
    levels = {each: sorted(frame[each].unique()) for each in ("SEX", "SMOKING")}
    sums = ANALYSES[name].summed(Asked(arms, DAYS, levels, 0.95), options)
    first = 0
    for size in cut:
        sums.add(frame[frame["USUBJID"].between(first, first + size - 1)])
        first += size
    return sums.result().to_frame()


CASES = [
    ("ancova", {"visit": "m12"}),
    ("ancova", {"visit": "m24", "covariates": ["AGE", "SEX", "SMOKING"]}),
    ("t-test", {"visit": "m12"}),
    ("t-test", {"visit": "m12", "measure": "percent", "variance": "equal"}),
    ("t-test", {"visit": "m24", "measure": "value"}),
    ("describe", {}),
    ("describe", {"visits": ["m24", "m12"]}),
    ("mmrm", {}),
    ("mmrm", {"visit": "m24", "covariates": ["SEX", "AGE"], "df": "kenward-roger"}),
    ("mmrm", {"visit": "m12", "covariates": ["SMOKING"], "covariate_effects": "by-visit"}),
    ("random-slope", {}),
    ("random-slope", {"df": "kenward-roger"}),
    ("random-slope", {"covariates": ["AGE", "SMOKING"]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("arms", [ARMS, ("high", "placebo")])
def test_sums_give_the_numbers_of_the_joined_table(name, options, arms):
    frame = table()
    joined = ANALYSES[name].run(frame, reference=arms[0], arms=list(arms), **options).to_frame()
    mine = summed(name, frame, options, arms=arms)
    assert mine[["arm", "contrast", "visit", "unit_per", "scale"]].equals(
        joined[["arm", "contrast", "visit", "unit_per", "scale"]]
    )
    # The searches for variances end near, and not at, their maximum.
    near = 2e-5 if name == "random-slope" else 1e-7 if name == "mmrm" else 1e-10
    for column in NUMBERS:
        np.testing.assert_allclose(
            mine[column].astype(float), joined[column].astype(float), rtol=near, atol=1e-12
        )


@pytest.mark.parametrize(("name", "options"), CASES)
def test_how_people_are_cut_changes_no_bit(name, options):
    frame = table()
    pd.testing.assert_frame_equal(
        summed(name, frame, options), summed(name, frame, options, cut=(1, 3, 99, 57)),
        check_exact=True,
    )  # fmt: skip


def test_large_values_beside_a_small_scatter_keep_their_digits():
    frame = table(scale=1e-4, shift=1e3)
    for name, options in (("ancova", {"visit": "m12"}), ("random-slope", {})):
        joined = ANALYSES[name].run(frame, reference="placebo", arms=list(ARMS), **options)
        mine = summed(name, frame, options)
        np.testing.assert_allclose(
            mine["estimate"], joined.to_frame()["estimate"], rtol=1e-5, atol=1e-9
        )


def test_a_group_of_one_level_is_left_out_and_one_that_tells_the_arms_is_refused():
    frame = table().assign(SEX="female")
    options = {"visit": "m12", "covariates": ["SEX"]}
    joined = ANALYSES["ancova"].run(frame, reference="placebo", arms=list(ARMS), **options)
    np.testing.assert_allclose(
        summed("ancova", frame, options)["se"], joined.to_frame()["se"], rtol=1e-10
    )
    frame["SEX"] = frame["ARM"]
    with pytest.raises(InputError, match="cannot be told apart"):
        summed("ancova", frame, options)


def test_an_empty_arm_and_equal_values_are_a_sentence_each():
    frame = table()
    none = frame.assign(AVAL=frame["AVAL"].where(frame["ARM"] != "low"))
    none["CHG"] = none["AVAL"] - none["BASE"]
    for name, options in CASES:
        with pytest.raises(InputError, match="'low' has fewer than 2 participants"):
            summed(name, none, options)
    with pytest.raises(InputError, match="do not differ"):
        summed("random-slope", frame.assign(AVAL=5.0), {})


def counts(people=900, seed=3):
    """Counts that scatter more than Poisson's, of people watched for unlike times."""
    rng = np.random.default_rng(seed)
    arm, exposure = rng.integers(0, 3, people), rng.uniform(0.2, 2, people).round(3)
    age, sex = rng.normal(52, 9, people), rng.integers(0, 2, people)
    mean = exposure * np.exp(0.02 * (age - 52) + 0.3 * sex - 0.2 * arm)
    return pd.DataFrame(
        {
            "USUBJID": np.arange(people), "ARM": np.array(ARMS)[arm],
            "COUNT": rng.poisson(mean * rng.gamma(2.0, 0.5, people)), "EXPOSURE": exposure,
            "AGE": age, "SEX": np.array(["female", "male"])[sex], "SMOKING": "never",
        }
    )  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"covariates": ["AGE", "SEX"]}])
@pytest.mark.parametrize("arms", [ARMS, ("high", "placebo")])
def test_counts_piece_by_piece_have_the_rates_of_the_joined_table(options, arms, monkeypatch):
    monkeypatch.setattr("antitrypsim.statistics.analysis._counted.TOGETHER", 128)
    frame, how = counts(), ANALYSES["negative-binomial"]
    joined = how.run(frame, reference=arms[0], arms=list(arms), **options)
    assert "Poisson" not in joined.method
    mine = summed("negative-binomial", frame, options, cut=(300, 300, 300), arms=arms)
    for column in NUMBERS[:-1]:
        np.testing.assert_allclose(
            mine[column].astype(float),
            joined.to_frame()[column].astype(float),
            rtol=1e-7,
            atol=1e-12,
        )
    again = summed("negative-binomial", frame, options, cut=(1, 449, 450), arms=arms)
    pd.testing.assert_frame_equal(mine, again, check_exact=True)


@pytest.mark.parametrize("arms", [ARMS])
def test_counts_without_an_event_and_without_scatter_are_as_in_the_joined_table(arms):
    frame = counts()
    none = frame.assign(COUNT=frame["COUNT"].where(frame["ARM"] != "low", 0))
    with pytest.raises(InputError, match="'low' has no event"):
        summed("negative-binomial", none, {}, cut=(300, 600))
    even = frame.assign(COUNT=1)
    joined = ANALYSES["negative-binomial"].run(even, reference="placebo", arms=list(ARMS))
    mine = summed("negative-binomial", even, {}, cut=(300, 600))
    np.testing.assert_allclose(mine["se"], joined.to_frame()["se"], rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "options"),
    [("mmrm", {"covariance": "ar1"}), ("mmrm", {"df": "cautious"}), ("cox", {}), ("responder", {})],
)
def test_what_needs_everybody_says_so(name, options):
    assert ANALYSES[name].summed(Asked(ARMS, DAYS, {}, 0.95), options) is None
