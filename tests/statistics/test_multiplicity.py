from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.multiplicity import (
    bonferroni,
    fixed_sequence,
    graphical,
    hochberg,
    holm,
)

pytestmark = pytest.mark.law


STORED = json.loads(
    (Path(__file__).parents[1] / "reference" / "statistics" / "multiplicity.json").read_text(
        "utf-8"
    )
)
SIMPLE = {"holm": holm, "hochberg": hochberg, "bonferroni": bonferroni}
EVERY = [holm.adjust, hochberg.adjust, bonferroni.adjust, fixed_sequence.adjust]
chances = st.lists(st.floats(0, 1), min_size=4, max_size=4)


def complete(count: int) -> np.ndarray:
    return (1 - np.eye(count)) / (count - 1)


@pytest.mark.independent
@pytest.mark.parametrize("name", SIMPLE)
def test_matches_p_adjust(name):
    case = STORED["simple"]
    assert SIMPLE[name].adjust(case["p"]) == pytest.approx(np.array(case[name]), abs=1e-13)


@pytest.mark.independent
@pytest.mark.parametrize("name", STORED["graphs"])
def test_graph_matches_the_closed_test(name):
    case = STORED["graphs"][name]
    found = graphical.adjust(case["p"], case["weights"], case["transitions"])
    assert found == pytest.approx(np.array(case["adjusted"]), abs=1e-12)


@pytest.mark.independent
@given(chances)
def test_known_procedures_are_graphs(p):
    quarter = np.full(4, 0.25)
    assert graphical.adjust(p, quarter, complete(4)) == pytest.approx(holm.adjust(p))
    assert graphical.adjust(p, quarter, np.zeros((4, 4))) == pytest.approx(bonferroni.adjust(p))
    chain = graphical.adjust(p, [1, 0, 0, 0], np.eye(4, k=1))
    assert chain == pytest.approx(fixed_sequence.adjust(p))


@settings(max_examples=50)
@given(chances, st.integers(0, 3), st.floats(0, 1))
def test_less_evidence_never_helps(p, which, factor):
    case = STORED["graphs"]["random4"]
    smaller = np.array(p)
    smaller[which] *= factor
    for adjust in (
        *EVERY,
        lambda each: graphical.adjust(each, case["weights"], case["transitions"]),
    ):
        assert (adjust(smaller) <= adjust(p) + 1e-12).all()
        assert (adjust(p) >= np.array(p) - 1e-12).all()


def test_order_of_hypotheses_does_not_matter():
    case = STORED["graphs"]["random5"]
    p, weights, passing = (np.array(case[key]) for key in ("p", "weights", "transitions"))
    order = np.array([3, 0, 4, 2, 1])
    mixed = graphical.adjust(p[:, order], weights[order], passing[np.ix_(order, order)])
    assert mixed == pytest.approx(np.array(case["adjusted"])[:, order])


def test_error_rate_of_the_gate():
    rng = np.random.default_rng(1)
    case = STORED["graphs"]["gate"]
    p = rng.random((20000, 4))
    # The first hypothesis is false and always rejected, which hands its share to true ones.
    p[:, 0] = 0
    adjusted = graphical.adjust(p, case["weights"], case["transitions"])
    wrong = (adjusted[:, 1:] <= 0.05).any(axis=1).mean()
    assert 0.03 < wrong < 0.05 + 3 * (0.05 * 0.95 / 20000) ** 0.5


def test_any_leading_axes():
    p = np.random.default_rng(2).random((3, 5, 4))
    case = STORED["graphs"]["gate"]
    for adjust in (
        *EVERY,
        lambda each: graphical.adjust(each, case["weights"], case["transitions"]),
    ):
        whole = adjust(p)
        assert whole.shape == p.shape
        assert whole[2, 1] == pytest.approx(adjust(p[2, 1]))
        assert adjust(p[:0]).shape == (0, 5, 4)


@pytest.mark.contract
def test_missing_counts_as_one_and_stays_missing():
    p, ones = np.array([0.01, np.nan, 0.2, 0.02]), np.array([0.01, 1.0, 0.2, 0.02])
    for adjust in (*EVERY, lambda each: graphical.adjust(each, np.full(4, 0.25), complete(4))):
        found = adjust(p)
        assert np.isnan(found).tolist() == [False, True, False, False]
        assert found[[0, 2, 3]] == pytest.approx(adjust(ones)[[0, 2, 3]])


def test_a_hypothesis_without_a_share_is_never_rejected(recwarn):
    assert graphical.adjust([0, 0], [1, 0], np.zeros((2, 2))).tolist() == [0, 1]
    assert graphical.adjust([0, 0], [0, 0], np.zeros((2, 2))).tolist() == [1, 1]
    assert not recwarn.list


def test_input_is_left_alone():
    p, weights, passing = np.array([0.3, 0.1]), np.array([0.5, 0.5]), complete(2)
    graphical.adjust(p, weights, passing)
    assert (p.tolist(), weights.tolist(), passing.tolist()) == (
        [0.3, 0.1],
        [0.5, 0.5],
        [[0, 1], [1, 0]],
    )


@pytest.mark.contract
@pytest.mark.parametrize(
    ("p", "weights", "passing", "said"),
    [
        ([0.1, 1.2], [0.5, 0.5], complete(2), "must lie between 0 and 1"),
        ([0.1, "x"], [0.5, 0.5], complete(2), "p values must be numbers in a regular array"),
        ([], [], [], "at least one hypothesis"),
        (0.1, [1], [[0]], "at least one hypothesis"),
        ([0.1, 0.1], [1.0], complete(2), "a weight for each of the 2 hypotheses"),
        ([0.1, 0.1], [0.5, 0.5], [0, 1], "must be 2 rows of 2 numbers"),
        ([0.1, 0.1], [0.5, 0.5], [[0, 1], [1]], "transitions must be numbers in a regular array"),
        ([0.1, 0.1], [0.5, np.nan], complete(2), "must be finite"),
        ([0.1, 0.1], [0.7, 0.5], complete(2), "weights of a graph must not be"),
        ([0.1, 0.1], [-0.1, 0.5], complete(2), "weights of a graph must not be"),
        ([0.1, 0.1], [0.5, 0.5], [[0, 1.1], [1, 0]], "transitions of a graph must not be"),
        ([0.1, 0.1], [0.5, 0.5], [[0, -0.1], [1, 0]], "transitions of a graph must not be"),
        ([0.1, 0.1], [0.5, 0.5], [[0.1, 0.9], [1, 0]], "cannot pass its share to itself"),
    ],
)
def test_refusals(p, weights, passing, said):
    with pytest.raises(InputError, match=said) as caught:
        graphical.adjust(p, weights, passing)
    assert "\n" not in str(caught.value)
