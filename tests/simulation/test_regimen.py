"""Regimens add up: in any order, in any grouping, spans of a held level on one another."""

import math
from functools import reduce
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated

pytestmark = pytest.mark.law


TROUGH = "rejection.tacrolimus"
WEEK = 7.0


def held(value, start, end=math.inf, name=TROUGH):
    return Regimen(name, levels=(HeldLevel(name, value, start * WEEK, end * WEEK),))


def value_at(regimen, day, default=0.0, name=TROUGH):
    """What an input is on a day, worked out from the course."""
    course = regimen.held(default, name)
    return next((v for t, v in reversed(course) if t <= day), default)


days = st.integers(-50, 400).map(float)
values = st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.0, 4.0, 6.0, 8.0])
levels = st.builds(
    lambda name, value, start, length: HeldLevel(name, value, start, start + length),
    st.sampled_from([TROUGH, "other"]), values, days, st.sampled_from([1.0, 7.0, 100.0, math.inf]),
)  # fmt: skip
doses = st.builds(
    DoseRecord,
    st.sampled_from(["augmentation/intravenous", "msc/intravenous"]),
    values,
    st.lists(days, min_size=1, max_size=4).map(tuple),
)
courses = st.dictionaries(days, values, min_size=1, max_size=3).map(lambda d: sorted(d.items()))


@st.composite
def regimens(draw):
    """Any regimen, its settings on inputs of their own, so that no two contradict each other."""
    names = draw(st.lists(st.sampled_from(["msc.foreign", "msc.potency"]), unique=True))
    settings = [InputRecord(n, *map(tuple, zip(*draw(courses), strict=True))) for n in names]
    return Regimen(
        draw(st.sampled_from(["a", "b"])),
        tuple(draw(st.lists(doses, max_size=3))),
        tuple(settings),
        tuple(draw(st.lists(levels, max_size=4))),
    )


def without_settings(regimen):
    return Regimen(regimen.name, regimen.doses, (), regimen.levels)


@pytest.mark.regression
def test_week_13_holds_what_the_first_line_says() -> None:
    late, early = held(6, 12, 104), held(10, 0, 12)
    for both in (late + early, early + late):
        assert both.held(0.0, TROUGH) == ((0.0, 10.0), (84.0, 6.0), (728.0, 0.0))
        assert value_at(both, 13 * WEEK) == 6


def test_overlaps_add_up() -> None:
    for both in (held(8, 0, 24) + held(4, 8, 16), held(4, 8, 16) + held(8, 0, 24)):
        assert [v for _, v in both.held(0.0, TROUGH)] == [8, 12, 8, 0]


def test_spans_that_meet_are_one() -> None:
    assert held(6, 0, 12) + held(6, 12, 20) == held(6, 0, 20)
    assert (held(6, 0, 12) + held(6, 12, 20)).content_hash == held(6, 0, 20).content_hash


@given(st.lists(regimens().map(without_settings), min_size=2, max_size=4))
def test_no_order_and_no_grouping_matters(parts) -> None:
    whole = sum(parts[1:], parts[0])
    assert reduce(lambda a, b: b + a, parts) == whole
    assert parts[0] + sum(parts[2:], parts[1]) == whole
    assert Regimen() + whole == whole == whole + Regimen()
    assert {each.content_hash for each in (whole, reduce(lambda a, b: b + a, parts))} == {
        whole.content_hash
    }


@given(st.lists(levels, max_size=6), days, st.sampled_from([0.0, 2.5]))
def test_a_level_is_the_sum_of_the_spans_around_a_day(spans, day, default) -> None:
    regimen = Regimen(levels=tuple(spans))
    for name in (TROUGH, "other"):
        around = [s.value for s in spans if s.input == name and s.start <= day < s.end]
        expected = math.fsum(around) if around else default
        assert value_at(regimen, day, default, name) == expected


def test_what_is_set_twice_is_set_once() -> None:
    one = Regimen(inputs=(InputRecord("msc.foreign", (0.0,), (0.0,)),))
    later = Regimen(inputs=(InputRecord("msc.foreign", (84.0,), (0.0,)),))
    assert one + one == one == one + later == later + one


@pytest.mark.contract
@pytest.mark.parametrize("later", [0.0, 84.0])
def test_two_products_of_a_kind_are_refused_in_any_order(later) -> None:
    own = Regimen(inputs=(InputRecord("msc.foreign", (0.0,), (0.0,)),))
    donor = Regimen(inputs=(InputRecord("msc.foreign", (later,), (1.0,)),))
    for one, other in permutations((own, donor)):
        with pytest.raises(InputError, match=r"'msc\.foreign' is set to 0 and to 1|set to 1 and"):
            one + other


def test_an_input_is_set_or_held() -> None:
    setting = Regimen(inputs=(InputRecord(TROUGH, (0.0,), (6.0,)),))
    with pytest.raises(InputError, match="both set and held"):
        setting + held(6, 0)


@given(regimens())
def test_plain_data_comes_back(regimen) -> None:
    import json

    back = Regimen.from_dict(json.loads(json.dumps(regimen.to_dict())))
    assert back == regimen
    assert back.to_dict() == regimen.to_dict()


@pytest.mark.contract
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"every": 7.0}, "no dose is given from day 0 until day 0"),
        ({"every": 7.0, "start": 9.0, "until": 8.0}, "no dose is given"),
        ({"every": 7.0, "until": math.inf}, "have no end"),
        ({"every": 0.0, "until": 9.0}, "must be above 0"),
        ({"at": []}, "is empty"),
    ],
)
def test_a_regimen_that_never_gives_is_refused(asked, said) -> None:
    with pytest.raises(InputError, match=said):
        repeated("augmentation/intravenous", 60, **asked)


def test_the_most_in_a_day_is_over_all_lines() -> None:
    weekly = repeated("augmentation/intravenous", 60, every=7, until=70)
    late = repeated("augmentation/intravenous", 30, every=7, start=0.5, until=70)
    daily = repeated("augmentation/intravenous", 5, every=1, until=70)
    assert weekly.within_a_day == {"augmentation/intravenous": 60}
    assert (late + weekly).within_a_day == {"augmentation/intravenous": 90}
    assert (daily + late + weekly).within_a_day == {"augmentation/intravenous": 95}
    assert np.isinf(Regimen().earliest)
    assert held(6, -1, 3).earliest == -7
