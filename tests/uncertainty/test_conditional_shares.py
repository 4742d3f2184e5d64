"""Shares among correlated unknowns, against linear models whose shares are known."""

from types import SimpleNamespace

import numpy as np
import pytest

from antitrypsim.evidence import Spread
from antitrypsim.foundations.errors import InputError
from antitrypsim.uncertainty.conditional_shares import conditional_shares, correlated_shares
from antitrypsim.uncertainty.groups import linked_groups

pytestmark = pytest.mark.law

GRADES = ("measured", "fitted", "scaled", "assumed")


def correlated(r, n=4000, idle=2, seed=3):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2 + idle))
    z[:, 1] = r * z[:, 0] + np.sqrt(1 - r * r) * z[:, 1]
    return z


def shares(z, y, **options):
    ids = [f"p{k}" for k in range(z.shape[1])]
    found = conditional_shares(ids, [GRADES[k % 4] for k in range(len(ids))], z, y, **options)
    return found, {one.id: one for one in found.parameters}


@pytest.mark.parametrize("r", [0.8, 0.0, -0.8])
@pytest.mark.parametrize("slopes", [(1.0, 1.0), (1.0, 0.0), (2.0, -1.0)])
def test_what_knowing_one_takes_away_is_the_square_of_its_correlation(r, slopes):
    z = correlated(r)
    a, b = slopes
    variance = a * a + b * b + 2 * a * b * r
    if variance < 1e-9:
        pytest.skip("nothing is left")
    found, by_id = shares(z, z[:, :2] @ slopes)
    assert by_id["p0"].alone == pytest.approx((a + r * b) ** 2 / variance, abs=0.03)
    assert by_id["p1"].alone == pytest.approx((b + r * a) ** 2 / variance, abs=0.03)
    assert sum(one.share for one in found.parameters) == pytest.approx(1 - found.rest)
    assert sum(one.share for one in found.parameters) <= 1 + 1e-12
    assert sum(found.grades.values()) + found.rest == pytest.approx(1.0)


def test_with_a_correlation_of_eight_tenths_first_order_shares_would_add_up_to_too_much():
    z = correlated(0.8)
    found, by_id = shares(z, z[:, 0] + z[:, 1])
    assert by_id["p0"].alone + by_id["p1"].alone > 1.7
    assert by_id["p0"].share == pytest.approx(0.5, abs=0.03)
    assert by_id["p1"].share == pytest.approx(0.5, abs=0.03)
    (group,) = found.groups
    assert group.ids == ("p0", "p1")
    assert group.taken == pytest.approx(1.0, abs=0.02)
    # Of two, relative weights are the mean over the two orders of asking.
    found, by_id = shares(z, z[:, 0])
    assert by_id["p0"].share == pytest.approx((1 + 1 - 0.64) / 2, abs=0.03)


def test_independent_scores_have_the_shares_that_they_had():
    z = correlated(0.0)
    found, by_id = shares(z, 2 * z[:, 0] + z[:, 1] + 0.5 * (z[:, 2] ** 2 - 1))
    for id, share in {"p0": 4 / 5.5, "p1": 1 / 5.5, "p2": 0.5 / 5.5, "p3": 0.0}.items():
        assert by_id[id].alone == pytest.approx(share, abs=0.03)
        assert by_id[id].share == pytest.approx(share, abs=0.03)
    assert found.groups == ()


def test_noise_explains_nothing_and_noise_that_is_told_is_taken_off():
    z = correlated(0.5, n=400)
    rng = np.random.default_rng(8)
    found, _ = shares(z, rng.normal(size=400))
    assert found.rest > 0.9
    assert all(0 <= one.share <= 1 and 0 <= one.alone <= 1 for one in found.parameters)
    y = z[:, 0] + rng.normal(size=400)
    assert shares(z, y, noise=1.0)[0].rest < 0.15
    assert shares(z, y)[0].rest > 0.4


def test_a_score_that_does_not_vary_takes_nothing():
    z = correlated(0.8)
    z[:, 3] = 1.0
    _, by_id = shares(z, z[:, 0])
    assert by_id["p3"].alone == by_id["p3"].share == 0.0
    assert linked_groups(z)[-1] == [3]


@pytest.mark.parametrize(
    ("z", "y", "said"),
    [
        (np.zeros((50, 2)), np.zeros(49), "give one row of scores for each answer"),
        (np.zeros((30, 2)), np.arange(30.0), "take 40 or more"),
        (np.zeros((50, 2)), np.full(50, np.nan), "is not a number"),
        (np.zeros((50, 2)), np.zeros(50), "is the same in every draw"),
    ],
)
def test_answers_that_cannot_be_shared_are_refused(z, y, said):
    with pytest.raises(InputError, match=said):
        conditional_shares(["a", "b"], ["fitted", "fitted"], z, y)


def test_answers_that_are_all_noise_are_refused():
    z = correlated(0.8, n=100)
    with pytest.raises(InputError, match="no more than chance"):
        conditional_shares([*"abcd"], ["fitted"] * 4, z, z[:, 0], noise=5.0)


def model_of(count):
    known = Spread("normal", sd=1.0)
    return SimpleNamespace(
        parameters=tuple(
            SimpleNamespace(id=f"m.p{k}", grade=GRADES[k % 4], uncertainty=known)
            for k in range(count)
        )
    )


@pytest.mark.parametrize("r", [0.8, -0.8])
def test_in_the_shape_of_independent_shares_all_add_up_to_one(r):
    z = correlated(r, n=600)
    found = correlated_shares(model_of(4), z, z[:, 0] + z[:, 1] + 0.3 * z[:, 2])
    parts = [share for share, _ in found.grades.values()]
    assert sum(parts) + found.rest[0] == pytest.approx(1.0)
    assert sum(one.share for one in found.parameters) <= 1 + 1e-12
    assert min(parts) >= 0
    assert found.parts() == pytest.approx(
        {
            **{grade: share for grade, (share, _) in found.grades.items()},
            "together or curved": found.rest[0],
        }
    )


def test_the_errors_of_allotted_shares_cover_the_truth():
    truth, inside, repeats = (1 + 1 - 0.64) / 2 / 1.25, 0, 40
    for seed in range(repeats):
        z = correlated(0.8, n=200, seed=seed)
        y = z[:, 0] + 0.5 * np.random.default_rng(seed + 1000).normal(size=200)
        by_id = {one.id: one for one in correlated_shares(model_of(4), z, y).parameters}
        inside += abs(by_id["m.p0"].share - truth) <= 2 * by_id["m.p0"].se
    assert inside >= 0.8 * repeats


def test_fewer_draws_than_can_be_shared_are_refused():
    with pytest.raises(InputError, match="30 draws are too few"):
        correlated_shares(model_of(4), correlated(0.5, n=30), np.arange(30.0))
    z = correlated(0.5, n=100)
    with pytest.raises(InputError, match="no more than chance"):
        correlated_shares(model_of(4), z, z[:, 0], noise=9.0)
