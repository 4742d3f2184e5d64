"""When a course is read off: what accumulates on the day, what rises and falls over a round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.counterfactual import Experiment
from antitrypsim.experiments.patient import patient
from antitrypsim.experiments.rhythm import reading_days
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.given import DoseRecord
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model, therapies_in
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law


AUGMENTATION = "augmentation:60mg/kg/week"
CELLS = "msc@intravenous:2e8cells/3months"
SILENCING = "fazirsiran:200mg@75kg/12weeks"


def every(*gaps, end=3 * YEAR):
    return Regimen(doses=tuple(DoseRecord("x/y", 1.0, tuple(np.arange(0, end, g))) for g in gaps))


def test_what_accumulates_is_read_on_the_day():
    assert reading_days(endpoint("density"), every(7, 91), YEAR) == (YEAR,)


def test_serum_is_drawn_before_the_last_dose():
    serum = endpoint("serum_aat")
    assert reading_days(serum, every(7), YEAR) == (364.0,)
    # A dose of cells the day before must not let serum be drawn a day after an infusion.
    assert reading_days(serum, every(7, 91.25), YEAR) == (364.0,)
    assert reading_days(serum, every(1, 7), YEAR) == (364.0,)
    assert reading_days(serum, Regimen(), YEAR) == (YEAR,)
    # A course of therapy that has ended has no rhythm.
    assert reading_days(serum, every(7, end=100), YEAR) == (YEAR,)


@given(st.sampled_from([1.0, 7.0, 14.0, 28.0]), st.sampled_from([84.0, 91.3125, 182.625]))
def test_a_short_rhythm_inside_a_long_one_is_met_in_every_phase(short, long):
    days = np.array(reading_days(endpoint("free_elastase"), every(short, long), 2 * YEAR))
    assert np.all(np.diff(days) >= 0)
    assert 2 * YEAR - long <= days[0]
    assert days[-1] <= 2 * YEAR
    # A wave of the short rhythm averages out, and one of the long does.
    for gap in (short, long):
        assert abs(np.mean(np.exp(2j * np.pi * days / gap))) < 0.25


@pytest.mark.parametrize("id", ["free_elastase", "fev1_percent"])
def test_reading_over_a_round_is_the_mean_over_the_round_in_the_endpoint_s_unit(id):
    regimen = parse_therapy(f"{AUGMENTATION}+{SILENCING}", 2)
    model = build_model(therapies=therapies_in(regimen.names))
    people = enrol(
        model, load_protocol("natural-history").population, 6, settings=Settings(seed=1)
    ).people
    what = endpoint(id)
    at = (id, reading_days(what, regimen, YEAR))
    told = Experiment(model, people).read(regimen, [at]).values[at]
    fine = YEAR - 84 + 84 * (np.arange(400) + 0.5) / 400
    whole = simulate_all(
        model, people, regimen, times=fine, outputs=[what.output], settings=Settings(seed=1)
    )
    values = whole[what.output][:, 0]
    alive = np.isfinite(values).all(axis=1) & np.isfinite(told.reshape(len(values), -1)).all(axis=1)
    assert alive.sum() >= 4
    expected = values[alive].mean() * what.factor
    assert told[alive].mean() == pytest.approx(expected, rel=0.06)


def test_endpoints_say_what_rises_and_falls_with_the_doses():
    """Those read on the day hardly move within a round of cells, beside what moves most."""
    regimen = parse_therapy(CELLS, 2)
    model = build_model(therapies=therapies_in(regimen.names))
    people = enrol(
        model, load_protocol("natural-history").population, 8, settings=Settings(seed=1)
    ).people
    values = [e for e in ENDPOINTS.values() if e.kind == "measurement"]
    days = YEAR + np.linspace(0, 91.3125, 13)
    # An exacerbation of one arm alone would move more than cells do.
    still = ParameterSet("no exacerbations", {"events.exacerbation_rate": 0.0})
    options = {"times": days, "outputs": [e.output for e in values], "draws": still}
    own, plain = (simulate_all(model, people, r, **options) for r in (regimen, Regimen()))
    for one in values:
        gaps = (own[one.output] - plain[one.output])[:, 0]
        # A death in between would move the mean of those who are left.
        gap = gaps[np.isfinite(gaps).all(axis=1)].mean(axis=0) * one.factor
        line = np.interp(days, [days[0], days[-1]], [gap[0], gap[-1]])
        # Without cells there are none that a therapy has corrected.
        usual = np.nanmean(plain[one.output] * one.factor) or 1.0
        told = np.ptp(gap - line) / usual
        if one.read == "on the day":
            assert told < 0.01, one.id
        if one.id in ("fev1", "fev1_percent", "walk", "crp", "free_elastase"):
            assert told > 0.01, one.id


@pytest.mark.regression
def test_a_therapy_s_effect_does_not_hang_on_what_it_is_compared_with():
    options = {"people": 6, "years": (1.0,), "uncertainty": 0, "combine": False}
    alone = compare([AUGMENTATION], **options)
    beside = compare([AUGMENTATION, CELLS], **options)
    for one in alone.effects:
        other = beside.of(AUGMENTATION, one.outcome, 1.0)
        assert other.effect == pytest.approx(one.effect, abs=endpoint_step(one.outcome))
        assert other.without == pytest.approx(one.without, rel=1e-4, abs=1e-9)


def endpoint_step(outcome):
    found = ENDPOINTS.get(outcome)
    return found.least / 5 if found else 1e-9


@pytest.mark.regression
def test_patient_and_compare_tell_one_effect_of_quarterly_cells():
    course = patient(therapy=CELLS, years=1, people=20, genotype="ZZ", age=50)
    row = next(r for r in course.rows
               if (r["endpoint"], r["way"], r["year"]) == ("fev1", "difference", 1))  # fmt: skip
    # Read on the day of a dose it was 0.001.
    assert 0.008 < row["median"] < 0.04
