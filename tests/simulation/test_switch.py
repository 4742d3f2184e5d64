"""A regimen that changes into another on a day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.switch import holds, switched, turns

pytestmark = pytest.mark.law


WEEKLY = repeated("augmentation/intravenous", 60.0, every=7, until=70)
OTHER = repeated("augmentation/intravenous", 120.0, every=14, start=3, until=70)
LEVEL = Regimen("level", levels=(HeldLevel("rejection.tacrolimus", 8.0, 0.0, 40.0),))
LATER = Regimen("later", levels=(HeldLevel("rejection.tacrolimus", 6.0, 10.0, 50.0),))
CELLS = Regimen(
    "cells",
    (DoseRecord("msc/intravenous", 1e8, (0.0, 30.0)),),
    (InputRecord("msc.mismatch", (0.0,), (0.4,)),),
)
EVERY = [WEEKLY, OTHER, LEVEL, LATER, CELLS, Regimen()]
regimens = st.sampled_from(EVERY)


def given_on(regimen):
    return sorted((t, d.dose, d.amount) for d in regimen.doses for t in d.times)


def held(regimen, name, day):
    """Return what an input is on a day, None where nothing was said of it."""
    levels = [x.value for x in regimen.levels if x.input == name and x.start <= day < x.end]
    if levels:
        return sum(levels)
    said = [
        (t, k, v) for k, r in enumerate(regimen.inputs) if r.input == name
        for t, v in zip(r.times, r.values, strict=True) if t <= day
    ]  # fmt: skip
    return max(said)[2] if said else None


@given(regimens, regimens, st.floats(0, 80))
def test_doses_are_ones_before_the_day_and_the_others_from_it_on(before, after, day):
    expected = [e for e in given_on(before) if e[0] < day]
    expected += [e for e in given_on(after) if e[0] >= day]
    assert given_on(switched(before, after, day)) == sorted(expected)


@given(regimens, regimens, st.floats(0, 80), st.integers(0, 90))
def test_a_level_is_ones_before_the_day_and_the_others_from_it_on(before, after, day, when):
    name = "rejection.tacrolimus"
    found = held(switched(before, after, day), name, when)
    assert (found or 0.0) == (held(before if when < day else after, name, when) or 0.0)


@given(regimens, regimens)
def test_changing_at_once_is_the_other_and_after_the_end_is_none(before, after):
    assert given_on(switched(before, after, 0.0)) == given_on(after)
    late = switched(before, after, 90.0)
    assert (late.doses, late.inputs, late.levels) == (before.doses, before.inputs, before.levels)


@given(regimens, st.floats(0, 80))
def test_changing_to_the_same_changes_nothing(regimen, day):
    both = switched(regimen, regimen, day)
    assert given_on(both) == given_on(regimen)
    for name in {r.input for r in (*regimen.inputs, *regimen.levels)}:
        assert all((held(both, name, t) or 0) == (held(regimen, name, t) or 0) for t in range(90))


def test_what_was_set_with_cells_stays_and_comes_only_with_doses():
    stopped = switched(CELLS, Regimen(), 10.0)
    assert held(stopped, "msc.mismatch", 50.0) == 0.4
    assert held(switched(Regimen(), CELLS, 10.0), "msc.mismatch", 10.0) == 0.4
    # Nobody gets cells after day 30, so nothing is said of them.
    assert switched(WEEKLY, CELLS, 31.0).inputs == ()


def test_turns_are_the_days_on_which_something_is_given_or_set():
    assert turns(repeated("a/b", 1, at=[7, 0]), repeated("a/b", 1, at=[7, 9])) == (0.0, 7.0, 9.0)
    assert turns(LEVEL) == (0.0, 40.0)
    assert turns() == ()
    assert [holds(r) for r in EVERY] == [False, False, True, True, False, False]


@pytest.mark.parametrize(("day", "same"), [(7.0, False), (7.1, True), (14.0, True), (14.1, False)])
def test_between_two_doses_the_day_makes_no_difference(day, same):
    nine = given_on(switched(WEEKLY, OTHER, 9.0))
    assert (given_on(switched(WEEKLY, OTHER, day)) == nine) == same
