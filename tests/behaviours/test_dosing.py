"""Who is given what, and whose life it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.seed import SEED
from antitrypsim.organs.circulation.module import terminal_half_life
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
from antitrypsim.simulation.people import InputCourse
from antitrypsim.simulation.regimen import Regimen, regimens_from_frame, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live, simulate_all
from tests.therapies.quiet import typical_people

pytestmark = pytest.mark.law


AAT = "augmentation/intravenous"
SERUM = "circulation.serum_aat"
TROUGH = "rejection.tacrolimus"
CELLS = "primary_hepatocytes@portal_vein[hla_mismatches=3]:6e9cells/once"


def serum(model, people, regimen=None, times=(0.0, 28.0), **options):
    return simulate_all(model, people, regimen, times=times, outputs=[SERUM], **options)[SERUM][
        :, 0
    ]


@pytest.fixture(scope="module")
def few(zz):
    return zz.take(np.arange(3))


# held levels --------------------------------------------------------------------------------------


def test_two_held_lines_are_one_course_in_any_order(model, few):
    cells = parse_therapy(CELLS, 2)
    late = Regimen("late", levels=(HeldLevel(TROUGH, 6.0, 84.0, 728.0),))
    early = Regimen("early", levels=(HeldLevel(TROUGH, 10.0, 0.0, 84.0),))
    by_hand = InputRecord(TROUGH, (0.0, 84.0, 728.0), (10.0, 6.0, 0.0))
    times = (83.0, 91.0, 364.0)
    wanted = serum(model, few, cells + Regimen("hand", inputs=(by_hand,)), times)
    for regimen in (cells + late + early, early + late + cells, late + cells + early):
        assert np.array_equal(serum(model, few, regimen, times), wanted)
    alone = serum(model, few, cells + early, times)
    assert np.all(wanted[:, 2] > alone[:, 2])


def test_the_order_on_the_command_line_changes_no_bit(model, few):
    parts = [CELLS, "tacrolimus:6ng/mL/held", "augmentation:60mg/kg/week", "tacrolimus:2ng/mL/held"]
    one, other = (parse_therapy("+".join(each), 1) for each in (parts, parts[::-1]))
    assert one == other
    assert np.array_equal(serum(model, few, one), serum(model, few, other))


def test_what_is_set_before_enrolment_is_lived_with(model, few):
    cells = parse_therapy(CELLS, 1)

    def with_level(start, end=np.inf):
        given = cells + Regimen("held", levels=(HeldLevel(TROUGH, 8.0, start, end),))
        return serum(model, few, given, (200.0,))

    assert with_level(-30.0) == pytest.approx(with_level(0.0), rel=0.05)
    assert np.all(with_level(-30.0) > serum(model, few, cells, (200.0,)) * (1 + 1e-3))
    assert with_level(-30.0, -20.0) == pytest.approx(serum(model, few, cells, (200.0,)), rel=0.01)


def test_a_regimen_decides_over_the_course_of_a_life(model, few):
    """What is set stays set, although the life would have changed it later."""
    shape = (len(few), 1)
    life = InputCourse(few.age[:, None] + 50.0, np.zeros(shape))
    given = replace(few, courses={**few.courses, TROUGH: life}, snapshot=None)
    hold = Regimen("set", inputs=(InputRecord(TROUGH, (0.0,), (8.0,)),))
    cells = parse_therapy(CELLS, 1)
    both = [serum(model, each, cells + hold, (200.0,)) for each in (given, few)]
    assert both[0] == pytest.approx(both[1], rel=1e-3)
    with pytest.raises(InputError, match="part of each person's life"):
        serum(model, given, Regimen("held", levels=(HeldLevel(TROUGH, 8.0),)))


# a regimen for each person ------------------------------------------------------------------------


def test_each_id_is_given_its_own_doses(model, few):
    table = pd.DataFrame({"ID": [1, 2, 3], "TIME": 0.0, "AMT": 60.0, "EVID": 1, "CMT": AAT})
    given = list(regimens_from_frame(table).values())
    rise = serum(model, few, given, (0.01,)) - serum(model, few, None, (0.01,))
    alone = serum(model, few, repeated(AAT, 60), (0.01,)) - serum(model, few, None, (0.01,))
    assert rise == pytest.approx(alone)
    assert np.all((rise > 20) & (rise < 30))


def test_people_with_different_regimens_live_as_they_would_alone(model, few):
    given = [repeated(AAT, 60, every=7, until=56), Regimen(), parse_therapy(CELLS, 1)]
    together = serum(model, few, given)
    for k, regimen in enumerate(given):
        assert np.array_equal(together[k], serum(model, few, regimen)[k])
    pieces = serum(model, few, given, settings=Settings(chunk=1))
    assert np.array_equal(together, pieces)
    with pytest.raises(InputError, match="2 regimens for 3 people"):
        serum(model, few, given[:2])


# whose life it is ---------------------------------------------------------------------------------


def test_enrolled_people_go_on_with_their_own_lives(model):
    people = enrol(
        model, load_protocol("natural-history").population, 12, settings=Settings(seed=3)
    ).people
    now = simulate_all(model, people, times=[0.0], outputs=[SERUM])
    assert now.provenance["seed"] == people.seed == 3
    assert np.all(now.status == 0)
    assert np.all(np.isfinite(now[SERUM]))
    same = simulate_all(model, people, times=[0.0], outputs=[SERUM], settings=Settings(seed=3))
    assert same.content_hash == now.content_hash
    with pytest.raises(InputError, match="these people live under seed 3; under seed 4"):
        simulate_all(model, people, times=[0.0], outputs=[SERUM], settings=Settings(seed=4))
    with pytest.raises(InputError, match="these people live under seed 3"):
        live(model, people, settings=Settings(seed=4))


@pytest.mark.contract
def test_one_seed_where_none_is_asked_for(model):
    people = enrol(model, load_protocol("natural-history").population, 2).people
    assert people.seed == SEED


# days that nobody has -----------------------------------------------------------------------------


@pytest.mark.contract
@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([], "there are no times to read at"),
        (7.0, "a list of days"),
        ([[[0.0]]], "a list of days"),
        (["soon"], "times must be numbers"),
        ([0.0, float("nan")], "a time is not a number"),
        ([[0.0]], "times has 1 rows for 3 people"),
        ([-40000.0], "lies before the life of person"),
    ],
)
def test_times_that_cannot_be_read_at(model, few, times, said):
    with pytest.raises(InputError, match=said):
        serum(model, few, None, times)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("regimen", "said"),
    [
        (repeated(AAT, 60, at=[-40000.0]), "at day -40000 lies before the life of person"),
        (Regimen("never", (DoseRecord(AAT, 60.0, ()),)), "no time says when the dose"),
        (Regimen("when", (DoseRecord(AAT, 60.0, (float("nan"),)),)), "is not a number"),
        (Regimen("x", inputs=(InputRecord(TROUGH, (), ()),)), "no time says when"),
        (Regimen("x", inputs=(InputRecord(TROUGH, (0.0,), (float("nan"),)),)), "is not a number"),
        (Regimen("x", inputs=(InputRecord("no.input", (0.0,), (1.0,)),)), "no input 'no.input'"),
        (Regimen("x", levels=(HeldLevel("no.input", 1.0),)), "no input 'no.input'"),
        (Regimen("x", levels=(HeldLevel(TROUGH, 1.0, 9.0, 9.0),)), "cannot be held from day 9"),
        (Regimen("x", levels=(HeldLevel(TROUGH, -1.0),)), "it must be 0 or more"),
    ],
)
def test_regimens_that_cannot_be_given(model, few, regimen, said):
    with pytest.raises(InputError, match=said):
        serum(model, few, regimen)


@pytest.mark.contract
def test_people_are_followed_from_enrolment_or_before_but_not_both(model, few):
    with pytest.raises(InputError, match="day -7 lies before enrolment"):
        serum(model, few, None, (-7.0, 0.0), as_enrolled=True)


@pytest.mark.contract
def test_nobody_is_no_result(model, few):
    with pytest.raises(InputError, match="there are no people"):
        serum(model, few.take(np.zeros(0, dtype=np.int64)))


@pytest.mark.contract
def test_ages_are_numbers(few):
    with pytest.raises(InputError, match="not a number"):
        replace(few, age=np.full(len(few), np.nan), snapshot=None)


def test_the_half_life_that_is_told_is_that_of_what_is_left_long_after_a_dose(model):
    said = terminal_half_life(model)
    left = simulate_all(
        model, typical_people("ZZ", age=50.0), repeated(AAT, 60.0, at=[0.0]),
        times=(40.0, 60.0), outputs=["circulation.plasma[infused]"],
    )["circulation.plasma[infused]"][0, 0]  # fmt: skip
    assert 20 * np.log(2) / np.log(left[0] / left[1]) == pytest.approx(said, rel=1e-3)
