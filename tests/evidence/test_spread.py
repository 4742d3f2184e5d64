"""How spreads carry a normal score to a value."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from antitrypsim.evidence import Spread
from antitrypsim.foundations.errors import EvidenceError

pytestmark = pytest.mark.law


scores = st.floats(-8, 8)
sizes = st.floats(1e-3, 3)
fractions = st.floats(1e-6, 1 - 1e-6)
positives = st.floats(1e-6, 1e6)

spreads_and_typicals = st.one_of(
    st.tuples(sizes.map(lambda sd: Spread("normal", sd=sd)), st.floats(-1e3, 1e3)),
    st.tuples(sizes.map(lambda cv: Spread("lognormal", cv=cv)), positives),
    st.tuples(sizes.map(lambda sd: Spread("logitnormal", sd=sd)), fractions),
)


@given(spreads_and_typicals, scores, scores)
def test_a_higher_score_never_gives_a_lower_value(case, first, second):
    spread, typical = case
    low, high = spread.transform(typical, np.array([min(first, second), max(first, second)]))
    assert low <= high


@given(spreads_and_typicals, scores, st.floats(0.01, 1))
def test_a_clearly_higher_score_gives_a_higher_value(case, score, step):
    spread, typical = case
    assume(spread.distribution != "logitnormal" or abs(score) < 4)
    low, high = spread.transform(typical, np.array([score, score + step]))
    assert low < high or np.isclose(low, 1, atol=1e-9)


@given(spreads_and_typicals)
def test_the_typical_value_is_the_median(case):
    spread, typical = case
    assert spread.transform(typical, np.zeros(1))[0] == pytest.approx(typical, rel=1e-9)


@given(st.floats(0.01, 100), fractions, st.floats(-1e6, 1e6))
def test_a_fraction_stays_strictly_inside_0_and_1(sd, typical, score):
    value = Spread("logitnormal", sd=sd).transform(typical, np.array([score]))[0]
    assert 0 < value < 1


@given(st.floats(-1e6, 1e6), st.lists(scores, min_size=1))
def test_no_spread_gives_the_typical_value_to_everybody(typical, z):
    assert np.all(Spread("none").transform(typical, np.array(z)) == typical)


@pytest.mark.independent
def test_a_lognormal_sample_has_the_coefficient_of_variation_that_was_asked_for():
    z = np.random.default_rng(1).standard_normal(400_000)
    sample = Spread("lognormal", cv=0.4).transform(2.0, z)
    assert sample.std() / sample.mean() == pytest.approx(0.4, rel=0.01)
    assert np.median(sample) == pytest.approx(2.0, rel=0.01)


@pytest.mark.independent
def test_known_values():
    assert Spread("normal", sd=0.5).transform(3.0, np.array([2.0]))[0] == 4.0
    one_up = Spread("lognormal", cv=0.3).transform(1.0, np.array([1.0]))[0]
    assert one_up == pytest.approx(np.exp(np.sqrt(np.log(1.09))))
    assert Spread("logitnormal", sd=1.0).transform(0.5, np.array([1.0]))[0] == pytest.approx(
        1 / (1 + np.exp(-1))
    )


def test_typical_values_may_differ_from_patient_to_patient():
    values = Spread("lognormal", cv=0.2).transform(np.array([1.0, 2.0]), np.zeros(2))
    assert values.tolist() == [1.0, 2.0]


@pytest.mark.contract
@pytest.mark.parametrize(
    ("spread", "words"),
    [
        (Spread("lognormal", cv=0.2), "CV 20 %"),
        (Spread("normal", sd=0.3), "SD 0.3"),
        (Spread("logitnormal", sd=0.3), "SD 0.3 (logit)"),
        (Spread("none", reason="definition"), "none"),
    ],
)
def test_a_spread_says_itself(spread, words):
    assert spread.describe() == words


@pytest.mark.contract
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"distribution": "lognorml", "cv": 0.1}, "did you mean 'lognormal'?"),
        ({"distribution": "zzz"}, "use one of these: none, normal, lognormal, logitnormal"),
        ({"distribution": "lognormal", "cv": -0.1}, "cv is -0.1; it must be zero or more"),
        ({"distribution": "normal", "sd": float("nan")}, "sd is nan"),
        ({"distribution": "lognormal", "sd": 0.1}, "give its cv"),
        ({"distribution": "none", "sd": 0.1}, "leave out sd"),
    ],
)
def test_a_wrong_spread_is_refused(arguments, message):
    with pytest.raises(EvidenceError) as caught:
        Spread(**arguments)
    assert message in str(caught.value)
