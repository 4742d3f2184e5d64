"""Options are judged without data, by one method that runs and replicates use too."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.contract


WRONG = [
    ("mmrm", {"covariance": "unstructred"}, "did you mean 'unstructured'"),
    ("mmrm", {"covariance": 3}, "cannot be '3'"),
    ("mmrm", {"df": "normal"}, "it is one of satterthwaite, kenward-roger, cautious"),
    ("random-slope", {"df": "kr"}, "it is one of satterthwaite, kenward-roger"),
    ("random-slope", {"df": ["satterthwaite"]}, "cannot be"),
    ("ancova", {"covariates": "sex"}, "must be a list of names"),
    ("ancova", {"covariates": ["sex", "sex"]}, "names 'sex' twice"),
    ("ancova", {"covariates": [" "]}, "holds an empty name"),
    ("ancova", {"covariate": ["sex"]}, "did you mean 'covariates'"),
    ("ancova", {"strata": ["sex"]}, "strata of such a model are covariates"),
    ("t-test", {"covariates": ["sex"]}, "use ancova"),
    ("t-test", {"null_value": "x"}, "must be a number"),
    ("t-test", {"variance": "same"}, "it is one of unequal, equal"),
    ("describe", {"covariates": ["sex"]}, "use ancova or mmrm"),
    ("bayesian", {"prior_sd": -1}, "must be above 0"),
    ("bayesian", {"borrowing": "power"}, "'weight' is needed"),
    ("multiple-imputation", {"imputations": 1}, "whole number from 2"),
    ("multiple-imputation", {"imputed_from": "own"}, "did you mean 'own arm'"),
    ("multiple-imputation", {"delta": float("nan")}, "must be a number"),
    ("mmrm", {"zzzz": 1}, "it has visit, "),
]


@pytest.mark.parametrize(("name", "options", "match"), WRONG)
def test_what_can_never_be_is_refused_without_data(name, options, match):
    with pytest.raises(InputError, match=match) as caught:
        ANALYSES[name].check_options(options)
    assert "\n" not in str(caught.value)
    block = Block(
        ("a", "b"), np.zeros((0, 4)), ("x", "y", "z"), np.arange(3.0), np.zeros((0, 4, 3))
    )
    with pytest.raises(InputError, match=match):
        ANALYSES[name].many(block, **options)


@pytest.mark.parametrize("name", ANALYSES)
def test_an_option_that_there_is_not_is_refused(name):
    with pytest.raises(InputError, match="has no option 'qqqq'"):
        ANALYSES[name].check_options({"qqqq": 1})


def test_what_can_be_passes():
    ANALYSES["mmrm"].check_options({"covariates": ["SEX"], "visit": "w26", "df": None})
    ANALYSES["bayesian"].check_options({"prior_sd": float("inf")})
    ANALYSES["random-slope"].check_options({"df": "kenward-roger"})
