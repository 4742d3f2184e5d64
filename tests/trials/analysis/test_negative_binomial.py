from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.trials.analysis import ANALYSES

COUNTS = ANALYSES["negative-binomial"]


@pytest.mark.parametrize(
    ("key", "covariates"), [("negbin", ()), ("negbin_covariates", ("REGION",))]
)
def test_matches_glm_nb(data, reference, pick, key, covariates):
    result = COUNTS.run(data("counts"), reference="placebo", covariates=covariates)
    for group, contrast in (("means", None), ("contrasts", "placebo")):
        for expected in reference[key][group]:
            row = pick(result, arm=expected["arm"], contrast=contrast)
            assert math.log(row.estimate) == pytest.approx(expected["estimate"], rel=1e-6)
            assert math.log(row.lower) == pytest.approx(expected["lower"], rel=1e-6)
            assert math.log(row.upper) == pytest.approx(expected["upper"], rel=1e-6)
            log_se = row.se if contrast else row.se / row.estimate
            assert log_se == pytest.approx(expected["se"], rel=1e-6)
            if contrast:
                assert row.p == pytest.approx(expected["p"], rel=1e-5)
            assert row.scale == ("ratio" if contrast else "absolute")
            assert row.unit_per == (None if contrast else "year")
    assert f"{1 / reference[key]['theta']:.4g} mu^2" in result.method


def test_dispersion_matches_glm_nb(data, reference):
    from antitrypsim.trials.analysis import _counts

    frame = data("counts")
    X = (frame["ARM"].to_numpy()[:, None] == np.unique(frame["ARM"])).astype(float)
    fit = _counts.fit(frame["COUNT"].to_numpy(dtype=float), X, np.log(frame["EXPOSURE"].to_numpy()))
    assert 1 / fit.alpha == pytest.approx(reference["negbin"]["theta"], rel=1e-6)


def test_poisson_when_underdispersed():
    frame = pd.DataFrame(
        {
            "USUBJID": [f"P{i}" for i in range(8)],
            "ARM": ["a"] * 4 + ["b"] * 4,
            "COUNT": [2, 2, 3, 2, 1, 1, 1, 2],
            "EXPOSURE": [1.0, 1.0, 1.5, 1.0, 1.0, 1.0, 1.0, 2.0],
        }
    )
    result = COUNTS.run(frame, reference="a")
    assert any("Poisson" in each for each in result.warnings)
    assert result.method.startswith("Poisson")
    assert result.rows[0].estimate == pytest.approx(9 / 4.5)
    assert result.rows[-1].estimate == pytest.approx((5 / 5) / (9 / 4.5))
    assert result.rows[-1].se == pytest.approx(math.sqrt(1 / 9 + 1 / 5))


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("COUNT", -1.0, "whole numbers"),
        ("COUNT", 0.5, "whole numbers"),
        ("EXPOSURE", 0.0, "above 0"),
        ("EXPOSURE", float("inf"), "infinite"),
    ],
)
def test_bad_values(data, column, value, match):
    frame = data("counts")
    frame[column] = frame[column].astype(float)
    frame.loc[3, column] = value
    with pytest.raises(InputError, match=match):
        COUNTS.run(frame, reference="placebo")


def test_arm_without_an_event(data):
    frame = data("counts")
    frame.loc[frame["ARM"] == "low", "COUNT"] = 0
    with pytest.raises(InputError, match="arm 'low' has no event"):
        COUNTS.run(frame, reference="placebo")
