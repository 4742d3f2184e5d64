"""The page of a calibration says what was learned, what trades, what is missed and what to trust."""

from dataclasses import replace

import pytest

from antitrypsim.calibration.posterior.calibrate import calibrate
from antitrypsim.reports import lay_out_html, lay_out_text
from antitrypsim.reports.calibration import calibration_document
from tests.calibration.posterior.toys import PLAN, PROBLEM, toy_evaluate

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    plan = replace(PLAN, waves=1, runs=40, checked=30, draws=100)
    return calibrate(
        tmp_path_factory.mktemp("c") / "a", plan, problem=PROBLEM, evaluate=toy_evaluate
    )


def text(found):
    return " ".join(lay_out_text(calibration_document(found, pictures=False)).split())


def test_it_says_what_was_learned_and_what_was_not(found):
    said = text(found)
    assert "The targets taught something about 3 of 4 unknowns" in said
    assert "the product is known better than each" in said
    assert "x TOY-3 hopeless" in said
    assert "TOY-3 hopeless: not emulated" in said
    assert "TOY-4 ratio" in said
    page = lay_out_html(calibration_document(found))
    assert "toy.idle" in page
    assert "<svg" in page


def test_a_posterior_that_failed_its_check_is_not_called_good(found):
    bad = replace(found, truth=replace(found.truth, k=0.9))
    assert "It is not to be trusted yet: Pareto's k is 0.90" in text(bad)
    assert "In the real simulation it holds" in text(
        replace(found, truth=replace(found.truth, k=0.3))
    )
    assert "k is infinite" in text(replace(found, truth=replace(found.truth, k=float("inf"))))


def test_one_that_nobody_checked_says_so(found):
    assert "No draw was lived in the real simulation" in text(replace(found, truth=None))


def test_runs_that_failed_are_told(found):
    assert "7 runs could not be lived and were left out; the first: nobody is left." in text(
        replace(found, failed=7, failure="nobody is left")
    )


def test_where_nothing_was_learned_it_says_so(found):
    idle = tuple(replace(row, sd=1.0, mean=0.0) for row in found.learned)
    said = text(replace(found, learned=idle, trades=()))
    assert "No unknown is known better than before" in said
    assert "No two unknowns trade" in said
