"""Targets as data: which rows are, on which scale, and that those of validation are never read."""

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.calibration.intervals import Z95
from antitrypsim.calibration.measured import measured
from antitrypsim.calibration.posterior.data import VALIDATE, data_hash, data_of, is_datum, scaled
from antitrypsim.calibration.target import published_targets
from antitrypsim.foundations.errors import InputError

pytestmark = pytest.mark.contract


def test_data_are_the_rows_of_calibration_that_are_bounded_on_both_sides():
    data = data_of()
    roles = {published_targets()[d.target].role.split(" ")[0] for d in data}
    assert roles == {"calibrate"}
    rows = {d.label: measured()[d.target][d.check] for d in data}
    assert all(row.kind == "within" and row.statistic != "order" for row in rows.values())
    assert all(np.isfinite([row.low, row.high]).all() for row in rows.values())
    assert len({d.label for d in data}) == len(data) > 100


def test_a_bound_on_what_all_that_is_unknown_could_do_is_no_datum_of_one_world():
    assert "TGT-23" not in {d.target for d in data_of()}


@pytest.mark.law
def test_the_ends_of_what_is_accepted_are_two_errors_from_the_centre():
    scales = set()
    for d in data_of():
        low, high = d.scaled(np.array([d.low, d.high]))
        assert low == pytest.approx(d.centre - Z95 * d.sd, abs=1e-9)
        assert high == pytest.approx(d.centre + Z95 * d.sd, abs=1e-9)
        np.testing.assert_allclose(d.plain(np.array([low, high])), [d.low, d.high], rtol=1e-9)
        assert d.met(d.plain(np.array(d.centre)))
        assert not d.met(np.nan)
        scales.add(d.scale)
    assert scales == {"plain", "log", "Fisher z"}


@pytest.mark.law
@pytest.mark.parametrize("scale", ["plain", "log", "Fisher z"])
def test_an_error_is_carried_to_the_scale_by_the_slope(scale):
    one = replace(data_of()[0], scale=scale)
    v, h = np.array([0.1, 0.4, 0.9]), 1e-6
    slope = (scaled(v + h, scale) - scaled(v - h, scale)) / (2 * h)
    np.testing.assert_allclose(one.scaled_error(v, 0.01 * np.ones(3)), 0.01 * slope, rtol=1e-6)


def test_what_has_no_place_on_a_scale_is_no_number():
    assert np.isnan(scaled(np.array([0.0, -1.0]), "log")).all()
    assert np.isnan(scaled(np.array([1.0, -1.5]), "Fisher z")).all()


def test_poisoned_rows_of_validation_change_no_data():
    poisoned = {
        id: {
            check: replace(row, value=1e6, low=-1e9, high=1e9)
            if published_targets()[id].role.startswith(VALIDATE)
            else row
            for check, row in rows.items()
        }
        for id, rows in measured().items()
    }
    assert data_hash(data_of(table=poisoned)) == data_hash(data_of())
    assert data_hash(data_of(VALIDATE, table=poisoned)) != data_hash(data_of(VALIDATE))


def test_one_sided_and_reported_rows_and_orders_are_no_data():
    row = next(r for rows in measured().values() for r in rows.values() if is_datum(r))
    assert not is_datum(replace(row, high=np.inf))
    assert not is_datum(replace(row, kind="reported"))
    assert not is_datum(replace(row, statistic="order"))


@pytest.mark.parametrize(
    ("only", "said"),
    [
        (["TGT-999"], "target 'TGT-999' is unknown"),
        (["TGT-31"], "target 'TGT-31' is there to validate; name one that is there to calibrate"),
        (["TGT-23"], "target 'TGT-23' bounds what all that is unknown could do together"),
    ],
)
def test_targets_that_may_not_choose_values_are_refused(only, said):
    with pytest.raises(InputError, match=said):
        data_of(only=only)


def test_a_target_without_a_bounded_statistic_is_refused():
    none = {"TGT-02": {}}
    with pytest.raises(InputError, match="no statistic of TGT-02 is bounded on both sides"):
        data_of(only=["TGT-02"], table=none)
