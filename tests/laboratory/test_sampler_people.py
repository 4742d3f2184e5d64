"""What an analysis is told of people, whom they are allocated with, and trials of very many of them."""

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.laboratory import readings
from antitrypsim.laboratory.adjusting import people_of
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import CHUNK, PLACES, chunk_size
from antitrypsim.laboratory.switching import true_values
from antitrypsim.protocols import noise_of

pytestmark = pytest.mark.law


# What of people an analysis is adjusted for.


def described(made, **more):
    """Return a library of two arms whose people have an age and a sex."""
    library = made.two(**more)
    frame = library.people.assign(AGE=np.linspace(30, 70, len(library.people)))
    return replace(library, people=frame)


@pytest.mark.contract
def test_what_people_are_reaches_the_analysis(made):
    library = described(made)
    plan = {"id": "d", "endpoint": "density", "analysis": "ancova", "visit": "d728",
            "covariates": ["baseline", "age", "sex", "site"]}  # fmt: skip
    lab = made.lab(library, primary=plan, accrual={"sites": 3})
    assert lab.options["covariates"] == ["BASE", "AGE", "SEX", "SITEID"]
    drawn = lab.draw(0, 5, 30, Truth())
    block = lab.block(drawn)
    ages = library.people["AGE"].to_numpy()
    np.testing.assert_array_equal(block.covariates["AGE"], ages[drawn.person])
    male = (library.people["SEX"] == "male").to_numpy()[drawn.person]
    assert set(block.factors) == {"SEX", "SITEID"}
    for group in (male, ~male):
        assert len(set(block.factors["SEX"][group])) == 1
    np.testing.assert_array_equal(block.factors["SITEID"], drawn.site)
    bare = made.lab(library, primary={**plan, "covariates": []}, accrual={"sites": 3})
    same = bare.block(bare.draw(0, 5, 30, Truth()))
    assert (dict(same.covariates), dict(same.factors)) == ({}, {})
    np.testing.assert_array_equal(same.values, block.values)


@pytest.mark.contract
def test_a_column_that_people_do_not_have_is_said(made):
    drawn = made.lab(described(made)).draw(0, 2, 10, Truth())
    with pytest.raises(InputError, match="people have no 'SHOE' to adjust for; there are SITEID"):
        people_of(drawn, ["SHOE"])


def test_fev1_at_baseline_is_as_measured(rapid_lab, rapid):
    plan = {"id": "d", "endpoint": "density", "analysis": "ancova", "visit": "m24",
            "compare": ["active", "placebo"], "covariates": ["fev1"]}  # fmt: skip
    lab = rapid_lab(primary=plan)
    drawn = lab.draw(0, 20, 40, Truth())
    seen = lab.block(drawn).covariates["FEV1BL"]
    true = true_values(drawn, "fev1", [rapid.column(0.0)])[:, :, 0]
    off = seen - true
    assert np.std(off) == pytest.approx(noise_of("fev1").size, rel=0.15)
    # As another instrument, it changes nothing of what is read otherwise.
    other = rapid_lab(primary={**plan, "covariates": []}).draw(0, 20, 40, Truth())
    np.testing.assert_array_equal(
        readings.values(drawn, "density", lab.visits), readings.values(other, "density", lab.visits)
    )


def test_strata_of_the_protocol_are_those_of_the_design(made):
    library = made.two()
    protocol = library.protocol.model_copy(update={"stratify_by": ("sex",)})
    library = replace(library, protocol=protocol)
    male = (library.people["SEX"] == "male").to_numpy()

    def gap(**said):
        drawn = made.lab(library, **said).draw(0, 50, 60, Truth())
        active = drawn.arm == library.arms.index("active")
        here = male[drawn.person]
        return np.abs((active & here).sum(axis=1) - (~active & here).sum(axis=1)).max()

    assert gap() <= gap(allocation={"within": ["sex"]}) <= 3
    assert gap(allocation={"within": []}) > 3


def test_strata_by_a_measurement_are_bands_of_its_reading_on_day_0(made):
    """The arms are even within the bands that were read, and not within those that are true."""
    protocol = made.protocol(noise=8.0, bands={"density": [60]}, stratify_by=["density"])
    library = made.library(protocol, made.values(protocol, {}))
    lab = made.lab(library)
    drawn = lab.draw(0, 50, 60, Truth())
    active = drawn.arm == library.arms.index("active")
    seen = readings.values(drawn, "density", {"baseline": 0.0})[:, :, 0] >= 60
    true = true_values(drawn, "density", [library.column(0.0)])[:, :, 0] >= 60

    def gap(here):
        return np.abs((active & here).sum(axis=1) - (~active & here).sum(axis=1)).max()

    assert 0.1 < seen.mean() < 0.9
    assert gap(seen) <= 3 < gap(true)
    _, factors = people_of(drawn, ["PD15GR"])
    np.testing.assert_array_equal(factors["PD15GR"], seen)
    with pytest.raises(ProtocolError, match=r"'crp' is a number and makes no groups by itself"):
        made.lab(library, allocation={"within": ["density", "crp"]})


def test_what_was_last_seen_is_that_of_the_last_visit_at_which_it_was_measured(made):
    """Density is measured at the start and the end alone, so that nobody leaves by it before."""
    said = {"endpoint": "density", "visits": ["baseline", "d728"], "noise": {"sd": 2.0}}
    protocol = made.protocol(yearly=0.3)
    rest = [a for a in protocol.to_dict()["assessments"] if a["endpoint"] != "density"]
    protocol = protocol.from_dict({**protocol.to_dict(), "assessments": [said, *rest]})
    library = made.library(protocol, made.values(protocol, {}))
    on = {"endpoint": "density", "per": -2, "ratio": 50}
    some = made.lab(library, leaving={"depends_on": on}).draw(0, 100, 60, Truth())
    none = made.lab(library, leaving={"depends_on": {**on, "ratio": 1}}).draw(0, 100, 60, Truth())
    np.testing.assert_array_equal(some.leaves, none.leaves)
    all_seen = made.library(made.protocol(yearly=0.3), made.values(protocol, {}))
    lab = made.lab(all_seen, leaving={"depends_on": on})
    assert (lab.draw(0, 100, 60, Truth()).leaves < none.leaves).any()


# Very large trials.


def test_as_many_places_are_drawn_together_as_memory_holds():
    for places in (1, 60, 4000):
        assert chunk_size(places) == CHUNK
    for places in (4001, 20_000, 100_000, 10**7):
        assert chunk_size(places) == max(1, PLACES // places) < CHUNK


def test_a_large_trial_is_drawn_in_blocks_of_few(made, monkeypatch):
    from antitrypsim.laboratory import sampler
    from antitrypsim.laboratory.power import power_curve

    drawn = []
    whole = sampler.Sampler.draw

    def seen(self, chunk, replicates, places, truth):
        drawn.append(replicates * places)
        return whole(self, chunk, replicates, places, truth)

    monkeypatch.setattr(sampler, "PLACES", 1000)
    monkeypatch.setattr(sampler.Sampler, "draw", seen)
    library = made.two(effect=2.0)
    lab = made.lab(library, participants=80, sizes=[40, 80], replicates=70)
    found = operate(lab, Truth())
    assert len(found) == 70
    assert len(np.unique(found.estimate)) == 70
    curve = power_curve(lab)
    assert curve.replicates == 70
    assert len(drawn) > 12
    assert max(drawn) <= 1000
