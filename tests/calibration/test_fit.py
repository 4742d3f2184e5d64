"""A fit finds the value that a target names, and only targets for calibration may choose one."""

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.calibration.fit import Free, _distance, fit, start_values, with_values
from antitrypsim.foundations.errors import InputError
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law

MODEL = build_model(therapies=["msc"])
HALF_LIFE = Free("msc.lung_half_life", low=0.2, high=10.0)


def moved(factor):
    """Return the model with cells that live longer in the lung by a factor."""
    return with_values(MODEL, [HALF_LIFE], factor * start_values(MODEL, [HALF_LIFE]))


def test_a_value_that_was_moved_comes_back():
    found = fit(moved(2.0), [HALF_LIFE], ["TGT-22"], people=20, rounds=8)
    assert start_values(found, [HALF_LIFE])[0] == pytest.approx(1.0, rel=0.2)


def test_what_meets_its_targets_is_better_than_where_it_began():
    stages = []
    settings = Settings(progress=lambda stage, done, total: stages.append(stage))
    fit(moved(2.0), [HALF_LIFE], ["TGT-22"], people=20, rounds=4, settings=settings)
    losses = [float(stage.rpartition(" ")[2]) for stage in stages]
    assert min(losses) < losses[0]


def test_a_number_that_begins_outside_its_bounds_is_named():
    with pytest.raises(InputError, match=r"msc\.lung_half_life begins at 2"):
        fit(moved(2.0), [replace(HALF_LIFE, high=1.5)], ["TGT-22"], people=20)


def test_a_target_for_validation_chooses_nothing():
    with pytest.raises(InputError, match="only calibrate rows may choose values"):
        fit(MODEL, [HALF_LIFE], ["TGT-31"], people=20)


@pytest.mark.parametrize(
    ("value", "low", "high", "distance"),
    [
        (10.0, 5.0, 15.0, 0.0),
        (15.0, 5.0, 15.0, 1.0),
        (10.0, 10.0, np.inf, -1.0),
        (12.0, 10.0, np.inf, 0.0),
        (0.5, 0.0, np.inf, -0.5),
        (10.0, -np.inf, 10.0, 1.0),
        (8.0, -np.inf, 10.0, 0.0),
        (0.5, -np.inf, 0.0, 1.5),
        (np.nan, 0.0, 1.0, 6.0),
    ],
)
def test_how_far_a_number_lies_from_the_middle_of_what_is_accepted(value, low, high, distance):
    assert _distance(value, low, high) == pytest.approx(distance)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"free": []}, "nothing is free"),
        ({"free": [HALF_LIFE, HALF_LIFE]}, "twice"),
        ({"targets": []}, "nothing is fitted to"),
        ({"targets": ["TGT-22", "TGT-22"]}, "TGT-22 is named twice"),
        ({"targets": ["TGT-99"]}, "no target 'TGT-99'"),
        ({"rounds": 0}, "rounds"),
        ({"people": 0}, "people"),
        ({"step": 0.0}, "a step of 0 cannot be"),
        ({"free": [Free("msc.half_life")]}, "no parameter 'msc.half_life'"),
        ({"free": [replace(HALF_LIFE, part="sd")]}, "has no sd between patients"),
    ],
)
def test_what_cannot_be_fitted_is_one_sentence(said, sentence):
    given = {"free": [HALF_LIFE], "targets": ["TGT-22"], **said}
    with pytest.raises(InputError, match=sentence):
        fit(MODEL, given.pop("free"), given.pop("targets"), **{"people": 20, **given})
