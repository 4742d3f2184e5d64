"""Measurement noise against the facts and targets that it rests on."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.endpoints import ENDPOINTS, assessment_parameters
from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols import measure, noise_of
from antitrypsim.protocols.parts import Noise

pytestmark = pytest.mark.contract


Z = np.random.default_rng(20).standard_normal((2, 200_000))
MEASURED = [name for name, info in ENDPOINTS.items() if info.kind == "measurement"]


def test_every_measurement_has_a_noise_and_every_noise_an_endpoint() -> None:
    noises = {name: noise_of(name).parameter for name in MEASURED}
    # What is counted or reckoned from a whole course is measured by nothing.
    reckoned = {"corrected_hepatocytes", "days_above", "qalys", "utility"}
    assert {name for name, noise in noises.items() if noise is None} == reckoned
    used = {noise.name for noise in noises.values() if noise is not None}
    limits = {info.limit for info in ENDPOINTS.values() if info.limit}
    assert limits == {"serum_aat_limit"}
    assert set(assessment_parameters()) == used | limits
    assert noise_of("death").kind == noise_of("exacerbations").kind == "none"


@pytest.mark.regression
def test_density() -> None:
    seen = measure("density", np.full(Z.shape, 47.0), Z)
    assert seen.std() == pytest.approx(2.6, rel=0.01)
    assert seen.mean() == pytest.approx(47, abs=0.02)


@pytest.mark.regression
def test_fev1_test_retest_as_in_tgt_29() -> None:
    first, second = measure("fev1", 1.6, Z)
    difference = np.abs(first - second)
    assert 0.09 < difference.mean() < 0.12
    assert np.quantile(difference, 0.9) == pytest.approx(0.225, rel=0.15)


@pytest.mark.regression
def test_stiffness_icc_as_in_tgt_30() -> None:
    spread = np.sqrt(np.log1p((5.8 / 6.7) ** 2))
    truth = 6.7 * np.exp(
        spread * np.random.default_rng(1).standard_normal(Z.shape[1]) - spread**2 / 2
    )
    first, second = measure("stiffness", truth, Z)
    assert 0.97 < np.corrcoef(first, second)[0, 1] < 0.99


@pytest.mark.regression
def test_desmosine_cv_as_in_tgt_30() -> None:
    seen = measure("desmosine", 0.3, Z)
    assert seen.std() / seen.mean() == pytest.approx(0.187, rel=0.1)
    assert np.median(seen) == pytest.approx(0.3, rel=0.01)
    assert assessment_parameters()["desmosine_urine_cv"].value == 0.135


@pytest.mark.law
def test_serum_below_the_limit_is_half_the_limit() -> None:
    limit = noise_of("serum_aat").limit
    assert limit == pytest.approx(20 / 5.2)
    truth = np.array([np.nan, 0.5, limit * 0.999, limit * 1.001, 20.0])
    seen = measure("serum_aat", truth, np.zeros(5))
    assert np.isnan(seen[0])
    assert seen[1:].tolist() == pytest.approx([limit / 2, limit / 2, limit * 1.001, 20])
    missing = measure("serum_aat", truth, 0.0, below="missing")
    assert np.isnan(missing[:3]).all()
    left = measure("serum_aat", truth, 0.0, below="as measured")
    assert left[1] == 0.5
    sensitive = measure("serum_aat", truth, 0.0, noise=Noise(limit=0))
    assert sensitive[1] == 0.5


@pytest.mark.regression
def test_biopsies_are_whole_stages_misread_as_often_as_stated() -> None:
    truth = np.array([0.0, 0.49, 0.5, 2.2, 3.5, 4.0])
    assert measure("fibrosis_stage", truth, 0.0).tolist() == [0, 0, 1, 2, 4, 4]
    first, second = measure("fibrosis_stage", np.full(Z.shape, 2.0), Z)
    assert np.mean(first != 2) == pytest.approx(0.226, abs=0.005)
    # What it rests on: 'improvement' by a stage of people who do not change (CELL-G25).
    assert np.mean(second < first) == pytest.approx(0.188, abs=0.005)
    ends = measure("fibrosis_stage", np.array([0.0, 4.0])[:, None], Z)
    assert set(ends[0]) == {0, 1}
    assert set(ends[1]) == {3, 4}
    assert measure("fibrosis_stage", 2.0, 5.0, noise=Noise(misread=0)) == 2


@pytest.mark.law
@pytest.mark.parametrize("endpoint", MEASURED)
def test_measurement_rises_with_z_and_stays_in_range(endpoint: str) -> None:
    noise = noise_of(endpoint)
    z = np.linspace(-8, 8, 401)
    for truth in (0.01, 1.0, 3.0, 90.0):
        seen = measure(endpoint, truth, z)
        assert seen.shape == z.shape
        assert np.isfinite(seen).all()
        assert (np.diff(seen) >= 0).all()
        assert seen.min() >= (noise.lowest or 0)
        assert seen.max() <= (noise.highest or np.inf)
    assert np.isnan(measure(endpoint, np.nan, 1.0))


def test_noise_of_a_protocol_replaces_the_own() -> None:
    assert measure("density", 40.0, 1.0, noise=Noise(sd=0)) == 40
    assert measure("density", 40.0, 1.0, noise=Noise(sd=5)) == 45
    stated = noise_of("density", Noise(sd=5))
    assert stated.parameter is None
    assert not stated.assumed


@pytest.mark.law
def test_one_spirometry_gives_all_its_numbers() -> None:
    one = ("fev1", "fev1_percent", "fvc")
    streams = [noise_of(name).draw for name in MEASURED]
    assert len({noise_of(name).draw for name in one}) == 1
    assert len(set(streams)) == len(streams) - len(one) + 1


def test_wrong_endpoints_are_sentences() -> None:
    with pytest.raises(InputError, match="did you mean 'density'"):
        measure("densty", 1.0, 0.0)
    with pytest.raises(InputError, match="is an event"):
        measure("death", 1.0, 0.0)
    with pytest.raises(InputError, match="no way to report"):
        measure("density", 1.0, 0.0, below="gone")  # type: ignore[arg-type]


def test_words() -> None:
    assert noise_of("density").describe() == "SD 2.6 g/L"
    assert noise_of("desmosine").describe() == "CV 18.7 %"
    assert noise_of("serum_aat").describe() == "CV 8 %, limit 3.85 µM"
    assert noise_of("fibrosis_stage").describe() == "22.6 % read one stage off"
    assert noise_of("death").describe() == "none"
