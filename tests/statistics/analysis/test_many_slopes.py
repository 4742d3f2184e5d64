from __future__ import annotations

import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block, Estimates, block_of

pytestmark = pytest.mark.law


FOLDER = Path(__file__).parents[2] / "reference" / "statistics"
SLOPE = ANALYSES["random-slope"]
DAYS = np.array([0.0, 91, 182, 365, 730])
FIELDS = ("estimate", "se", "df", "p", "lower", "upper")
METHODS = ("satterthwaite", "kenward-roger")


def trials(
    seed: int,
    replicates: int,
    people: int,
    arms: tuple[str, ...] = ("placebo", "drug"),
    days: np.ndarray = DAYS,
    slopes: float = 2.5,
    noise: float = 2.0,
    gaps: float = 0.0,
    empty: float = 0.0,
) -> Block:
    rng = np.random.default_rng(seed)
    shape = (replicates, people, 1)
    line = 50 + 8 * rng.normal(size=shape) + (slopes * rng.normal(size=shape) - 1.5) * days / 365
    values = line + noise * rng.normal(size=(replicates, people, len(days)))
    values[days > rng.exponential(1.5 * days[-1], shape)] = np.nan
    values[rng.random(values.shape) < gaps] = np.nan
    arm = np.tile(np.arange(people) % len(arms), (replicates, 1)).astype(np.int8)
    arm[rng.random(arm.shape) < empty] = -1
    return Block(arms, arm, tuple(f"V{k}" for k in range(len(days))), days, values)


def frame_of(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    assert block.days is not None
    person, visit = np.nonzero(np.broadcast_to(block.arm[r][:, None] >= 0, block.values[r].shape))
    return pd.DataFrame(
        {
            "USUBJID": [f"P{k:04d}" for k in person],
            "ARM": np.array(block.arms)[block.arm[r][person]],
            "ADY": block.days[visit],
            "AVAL": block.values[r][person, visit].astype(float),
        }
    )


def same(found: Estimates, wanted: Estimates, rel: float = 1e-9, **by_field: float) -> None:
    for field in FIELDS:
        a, b = getattr(found, field), getattr(wanted, field)
        size = 1e-300
        if field in ("estimate", "lower", "upper"):
            size = np.nanmax(wanted.se)
        tolerance = by_field.get(field, rel)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * size, err_msg=field)


def singly(block: Block, **options: Any) -> Estimates:
    parts: dict[str, list[list[float]]] = {field: [] for field in FIELDS}
    for r in range(block.replicates):
        rows = SLOPE.run(
            frame_of(block, r), reference=block.arms[0], arms=block.arms, **options
        ).rows
        for field in FIELDS:
            parts[field].append([getattr(row, field) for row in rows if row.contrast])
    return Estimates(**{field: np.array(each) for field, each in parts.items()})


@pytest.mark.parametrize("df", METHODS)
@pytest.mark.parametrize(
    "made",
    [
        {"seed": 1, "replicates": 12, "people": 40},
        {
            "seed": 2,
            "replicates": 10,
            "people": 60,
            "arms": ("a", "b", "c"),
            "gaps": 0.15,
            "empty": 0.1,
        },
        {"seed": 3, "replicates": 10, "people": 24, "gaps": 0.4},
        {"seed": 4, "replicates": 6, "people": 30, "noise": 1e-3},
    ],
    ids=["dropout", "three arms", "gaps", "clean"],
)
def test_every_replicate_is_as_run_alone(made, df):
    block = trials(**made)
    same(SLOPE.many(block, df=df), singly(block, df=df), rel=1e-6, p=1e-5)


@pytest.mark.parametrize("df", METHODS)
def test_boundary_is_as_run_alone(df):
    block = trials(5, 20, 40, slopes=0.0, noise=3.0)
    same(SLOPE.many(block, df=df), singly(block, df=df), rel=1e-4, p=1e-3)


def test_no_spread_between_people_at_all():
    block = trials(6, 4, 30)
    values = np.random.default_rng(0).normal(50, 1, block.values.shape)
    block = replace(block, values=values)
    found = SLOPE.many(block)
    assert np.isfinite(found.p).all()
    same(found, singly(block), rel=1e-4, p=1e-3)


def test_people_alike_at_the_middle_of_time():
    # Their variance vanishes there, so that the first element of the root of D does.
    rng = np.random.default_rng(1)
    block = trials(17, 10, 30)
    lines = 6 * rng.normal(size=(10, 30, 1)) * (DAYS - DAYS.mean()) / 365.25
    block = replace(block, values=50 + lines + 2 * rng.normal(size=(10, 30, 5)))
    same(SLOPE.many(block), singly(block), rel=1e-4, p=1e-3)


def test_more_visits_than_the_table_of_patterns():
    block = trials(7, 3, 20, days=np.arange(18) * 30.0, gaps=0.1)
    same(SLOPE.many(block), singly(block), rel=1e-6, p=1e-5)


@pytest.mark.independent
@pytest.mark.parametrize(
    ("file", "arms"),
    [("slopes", ("placebo", "high", "low")), ("slopes_small", ("placebo", "low"))],
)
def test_matches_pbkrtest(data, file, arms):
    frame = data(file)
    frame["ADY"] = frame.groupby("AVISIT")["ADY"].transform("median")
    found = SLOPE.many(block_of(frame, arms), df="kenward-roger")
    rows = json.loads((FOLDER / "kenward.json").read_text("utf-8"))[f"{file}_nominal"]
    for k, arm in enumerate(arms[1:]):
        (expected,) = (row for row in rows if row["contrast"] and row["arm"] == arm)
        for field in ("estimate", "se", "df"):
            assert getattr(found, field)[0, k] == pytest.approx(expected[field], rel=1e-5)


def test_prefixes_are_trials_of_fewer_people():
    block = trials(8, 7, 50, gaps=0.1, empty=0.1)
    sizes = [50, 20, 33, 20]
    for size, found in zip(sizes, SLOPE.over_prefixes(block, sizes, 0.9, {}), strict=True):
        cut = replace(block, arm=block.arm[:, :size], values=block.values[:, :size])
        same(found, SLOPE.many(cut, level=0.9))


@pytest.mark.contract
def test_a_block_is_cut_without_a_trace(monkeypatch):
    from antitrypsim.statistics.analysis import _slope_block, _slope_sums

    block = trials(9, 30, 24)
    whole = SLOPE.over_prefixes(block, [16, 24], 0.95, {})
    monkeypatch.setattr(_slope_block, "_TOGETHER", 1)
    monkeypatch.setattr(_slope_sums, "_PEOPLE", 50)
    for one, two in zip(whole, SLOPE.over_prefixes(block, [16, 24], 0.95, {}), strict=True):
        same(one, two)


def test_single_floats_and_threads():
    block = trials(10, 200, 40)
    block = replace(block, values=block.values.astype(np.float32))
    kept = block.values.copy()
    one = SLOPE.many(block)
    with ThreadPoolExecutor(2) as pool:
        for each in pool.map(lambda _: SLOPE.many(block), range(4)):
            np.testing.assert_array_equal(each.p, one.p)
    np.testing.assert_array_equal(block.values, kept)
    same(one, SLOPE.many(replace(block, values=kept.astype(float))))


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    factor=st.floats(1e-3, 1e3),
    shift=st.floats(-1e4, 1e4),
    tilt=st.floats(-100, 100),
)
def test_unit_level_and_common_slope_carry_through(seed, factor, shift, tilt):
    block = trials(seed, 3, 40, gaps=0.1)
    before = SLOPE.many(block)
    moved = (block.values + shift + tilt * DAYS / 365.25) * factor
    after = SLOPE.many(replace(block, values=moved))
    scaled = {
        field: getattr(before, field) * (1.0 if field in ("df", "p") else factor)
        for field in FIELDS
    }
    # At a boundary the last digits of the search are free.
    same(after, Estimates(**scaled), rel=1e-5, p=1e-4)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_order_of_people_does_not_matter(seed):
    block = trials(seed, 3, 30, gaps=0.1, empty=0.1)
    order = np.random.default_rng(seed).permutation(30)
    turned = replace(block, arm=block.arm[:, order], values=block.values[:, order])
    same(SLOPE.many(turned), SLOPE.many(block), rel=1e-5, p=1e-4)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_swapped_arms_flip_the_sign(seed):
    block = trials(seed, 3, 30)
    forth, back = SLOPE.many(block), SLOPE.many(replace(block, arm=1 - block.arm))
    np.testing.assert_allclose(back.estimate, -forth.estimate, atol=1e-6 * forth.se.max())
    np.testing.assert_allclose(back.p, forth.p, rtol=1e-4)


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan_and_stops_nothing():
    block = trials(11, 8, 20)
    values, arm = block.values.copy(), block.arm.copy()
    arm[0, arm[0] == 1] = -1
    values[1] = np.nan
    values[2] = 50 - np.arange(20)[:, None] * DAYS / 365
    values[3, arm[3] == 1, 1:] = np.nan
    values[4, :, 2:] = np.nan
    values[5, 3, 0] = np.inf
    values[6, np.flatnonzero(arm[6] == 0)[1:]] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for df in METHODS:
            found = SLOPE.many(replace(block, arm=arm, values=values), df=df)
            for field in FIELDS:
                assert np.isnan(getattr(found, field)[:7]).all()
            last = replace(block, arm=arm[7:], values=values[7:])
            np.testing.assert_allclose(found.p[7:], SLOPE.many(last, df=df).p, rtol=1e-9)


def test_one_arm_has_nothing_to_compare():
    block = trials(12, 3, 20, arms=("drug",))
    assert SLOPE.many(block).p.shape == (3, 0)


@pytest.mark.parametrize("df", METHODS)
def test_what_does_not_arrive_is_searched_alone(monkeypatch, df):
    from antitrypsim.statistics.analysis import _slope_block

    block = trials(13, 5, 30, gaps=0.1, empty=0.1)
    before = SLOPE.over_prefixes(block, [20, 30], 0.95, {"df": df})

    def lost(lines: Any, L: Any) -> Any:
        found, arrived = search(lines, L)
        return found, arrived & (np.arange(len(arrived)) % 2 == 0)

    search = _slope_block.search
    monkeypatch.setattr(_slope_block, "search", lost)
    after = SLOPE.over_prefixes(block, [20, 30], 0.95, {"df": df})
    for one, two in zip(after, before, strict=True):
        same(one, two, rel=1e-6, p=1e-5)
    monkeypatch.setattr(_slope_block._reml, "fit", _refuse)
    found = SLOPE.over_prefixes(block, [20, 30], 0.95, {"df": df})
    assert np.isnan(np.stack([each.p for each in found])).any()


def _refuse(*_: Any) -> None:
    raise InputError("no")


@pytest.mark.independent
def test_derivatives_are_those_of_the_deviance():
    from antitrypsim.statistics.analysis._slope_likelihood import PAIRS, evaluate
    from antitrypsim.statistics.analysis._slope_sums import summaries

    block = trials(14, 4, 20, gaps=0.3)
    lines = summaries(block.values, block.arm, 2, (DAYS - 300) / 250, [20])

    def at(D: np.ndarray) -> Any:
        return evaluate(lines, D, D[0] * D[2] - D[1] ** 2)

    D = np.tile(np.array([[9.0], [1.0], [2.0]]), 4)
    value, step = at(D), 1e-4
    for i in range(3):
        up, down = D.copy(), D.copy()
        up[i] += step
        down[i] -= step
        by = (at(up).deviance - at(down).deviance) / (2 * step)
        np.testing.assert_allclose(value.gradient[i], by, rtol=1e-5, atol=1e-6)
        twice = (at(up).gradient - at(down).gradient) / (2 * step)
        for k, pair in enumerate(PAIRS):
            if i in pair:
                other = pair[0] + pair[1] - i
                np.testing.assert_allclose(value.profiled[k], twice[other], rtol=1e-5, atol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({"values": None}, {}, "needs an endpoint measured at visits"),
        ({"days": DAYS[:2]}, {}, "at least three visits"),
        ({"days": np.arange(63.0)}, {}, "up to 62 visits"),
        ({"days": DAYS[::-1]}, {}, "days of the visits must ascend"),
        ({}, {"covariates": ["AGE"]}, "the block has no covariate 'AGE'"),
        ({}, {"covariates": "AGE"}, "'covariates' must be a list of names"),
        ({}, {"df": "kr"}, "'df' cannot be 'kr'; it is one of satterthwaite, kenward-roger"),
        ({}, {"dff": "kr"}, "no option 'dff'; did you mean 'df'"),
    ],
)
def test_what_cannot_be_is_refused(change, options, match):
    block = replace(trials(15, 2, 12), **change)
    with pytest.raises(InputError, match=match):
        SLOPE.many(block, **options)
    with pytest.raises(InputError, match=match):
        SLOPE.over_prefixes(block, [6], 0.95, options)


@pytest.mark.contract
@pytest.mark.parametrize("size", [0, 13])
def test_sizes_that_cannot_be(size):
    with pytest.raises(InputError, match=f"between 1 and the block's 12 places, not {size}"):
        SLOPE.over_prefixes(trials(16, 2, 12), [6, size], 0.95, {})
