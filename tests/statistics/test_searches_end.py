"""Every search of the statistics ends, with a number that is right or in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nct, t

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics import escalation
from antitrypsim.statistics import sequential as sq
from antitrypsim.statistics.escalation import RiskPrior

pytestmark = pytest.mark.regression


@pytest.mark.parametrize(
    ("difference", "power", "alpha"),
    [(1e9, 0.8, 0.025), (1e300, 0.8, 0.025), (1.0, 0.8, 1e-300), (1.0, 1 - 1e-12, 0.025),
     (100.0, 0.8, 1e-300), (1e-9, 0.9, 0.025), (3.0, 0.03, 0.025), (1.0, 1 - 1e-16, 0.025)],
)  # fmt: skip
def test_a_size_that_no_search_found_before(difference, power, alpha):
    size = float(sq.size_means(difference, 1.0, power=power, alpha=alpha).total)
    assert np.isfinite(size)
    assert size >= 3
    if size > 1e8:
        normal = sq.size_means(difference, 1.0, power=power, alpha=alpha, method="normal").total
        assert size == pytest.approx(float(normal), rel=1e-8)


@pytest.mark.independent
@pytest.mark.parametrize(("difference", "alpha"), [(50.0, 1e-5), (300.0, 1e-6), (4000.0, 1e-8)])
def test_a_far_drift_has_the_power_of_the_noncentral_t(difference, alpha):
    size = float(sq.size_means(difference, 1.0, power=0.8, alpha=alpha).total)
    df, drift = size - 2, difference * np.sqrt(size / 4)
    power = nct.sf(t.isf(alpha, df), df, drift)
    assert power == pytest.approx(0.8, abs=1e-5) or (size == pytest.approx(3) and power > 0.8)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: sq.size_means(1e-160, 1, power=0.8), "too small beside the sd for any number"),
        (lambda: sq.size_means(1, 1, power=0.8, ratio=1e300), "ratio must be above 0, from 1e-06"),
        (lambda: sq.size_means(1, 1, power=0.8, ratio=float("nan")), "ratio must be above 0"),
        (lambda: sq.size_means(1, 1, power="high"), "the power must be a number, not 'high'"),
        (lambda: sq.boundaries([1e-9, 0.5, 1]), "at least 0.001 apart and from 0"),
        (lambda: sq.boundaries(np.arange(1, 61) / 60), "room for 50 looks, not for 60"),
        (
            lambda: sq.drift_for(
                sq.boundaries([0.001, 1], 1e-4, futility=sq.FixedFutility([1e6])), 0.9
            ),
            "no effect has a power of 0.9",
        ),
        (lambda: sq.ConditionalPower(0.2, drift=float("nan")), "the drift must be finite"),
    ],
)
def test_what_has_no_answer_is_told(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"prior": RiskPrior(correlation=0.999999)},
            "a correlation of 0.999999 is too wide or too narrow",
        ),
        (
            {"prior": RiskPrior(sd=(1e300, 1.0))},
            r"deviations of 1e\+300 and 1 and a correlation of 0 is too wide",
        ),
        ({"cohort": 2.5}, "size of a cohort must be a whole number, not 2.5"),
        ({"cohort": float("nan")}, "size of a cohort must be a whole number, not nan"),
        ({"start": 0.5}, "the first dose must be a whole number, not 0.5"),
        ({"doses": [1, "x"]}, "doses must be numbers"),
        ({"prior": RiskPrior(sd=("x", 1))}, "values of 'prior' must be numbers"),
    ],
)
def test_an_escalation_that_cannot_be_worked_out_is_told(options, sentence):
    toxic = np.zeros((2, 6, 2), dtype=bool)
    with pytest.raises(InputError, match=sentence):
        escalation.RULES["logistic"](toxic, **{"doses": [1, 2], **options})
