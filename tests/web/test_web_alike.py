"""How many of the library of lives are like a described person, and the offer to take people from further off."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from browsing import WAIT, opened

from antitrypsim.experiments.patient import patient
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.seed import SEED
from antitrypsim.populations.drawn_like import count_like
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.matching import Description
from antitrypsim.populations.shelf import Shelf
from antitrypsim.web.alike import alike
from antitrypsim.web.asked import asked

pytestmark = pytest.mark.contract

WHO = Description(age=52.0, fev1=80.0)
KIND = Kind("ZZ", "female", "never")
FEV1 = "lung.fev1_share"


@pytest.fixture(scope="module")
def shelf():
    found = Shelf()
    found.part(KIND, 0, [FEV1])
    return found


def told(seed=None, **request):
    return alike(asked({"request": "patient", "age": 52.0, **request}), seed)


def test_lives_on_the_disk_are_counted_by_hand(shelf):
    near, far, met = 0, 0, 0
    for part in shelf.numbers(KIND):
        lives = shelf.read(KIND, part, [FEV1])
        for row in range(lives.ids.size):
            ages = 18 + np.arange(lives.now[FEV1].shape[1]) + lives.offset[row]
            year = int(np.abs(ages - WHO.age).argmin())
            chance = uniforms(SEED, "life met", lives.ids[row : row + 1])[0, 0]
            if chance >= lives.likely(np.array([row]), ages[year : year + 1])[0]:
                continue
            met += 1
            off = abs(100 * lives.now[FEV1][row, year] - 80)
            near += off <= 3
            far += off <= 6
    found = count_like(shelf, [WHO, replace(WHO, fev1_within=6.0)])
    assert (found.met, *found.like) == (met, near, far)
    assert 0 < near < far < met


def test_people_are_taken_from_as_far_as_is_said(shelf):
    course = patient(age=52, fev1=80, fev1_within=9, people=20, years=1)
    off = np.abs(course.lives.values["fev1_percent", "without"][:, 0] - 80)
    assert off.max() <= 9
    assert (off > 3).any()
    assert course.to_dict()["described"]["fev1_within"] == 9
    assert "fev1_within" not in patient(age=52, fev1=80, people=2, years=1).to_dict()["described"]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"fev1_within": 4.0}, "fev1_within"),
        ({"fev1": 80.0, "fev1_within": 0.0}, "fev1_within"),
        ({"serum": 5.0, "serum_within": 1000.0}, "serum_within"),
    ],
)
def test_what_cannot_be_a_distance_is_refused_at_its_field(said, key):
    with pytest.raises(InputError) as problem:
        asked({"request": "patient", **said})
    assert problem.value.key == key


def test_it_is_said_why_the_library_is_not_asked(shelf):
    assert "is of seed 1" in told(seed=5).sentence
    assert "switched off" in told(without=["lung"]).sentence
    assert "what was measured" in told(measured=["FEV1 2.31 L at 44"]).sentence
    assert "weight" in told(weight=70.0).sentence
    assert "holds no lives of this kind yet" in told(genotype="null", smoking="current").sentence


def test_wider_is_offered_where_there_are_too_few(shelf):
    found = told(fev1=80.0, people=2000)
    (offer,) = found.wider
    assert (offer.field, offer.value) == ("fev1_within", "6")
    own, wider = count_like(shelf, [WHO, replace(WHO, fev1_within=6.0)]).like
    assert offer.words == f"Widen FEV1 to ±6 % of predicted: {wider:,}"
    assert found.sentence.startswith(f"{own:,} li")
    assert told(fev1=80.0, people=1).wider == ()
    again = told(fev1=80.0, fev1_within=6.0, people=2000)
    assert again.sentence.startswith(f"{wider:,} lives")
    assert again.wider[0].value == "12"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_a_reader_widens_what_is_too_narrow(browser, served, shelf):
    with opened(browser, served, "#/person?age=52&fev1=80&people=2000") as page:
        page.wait_for_selector(".like button", timeout=WAIT)
        assert "in the library" in page.inner_text(".like p")
        page.click(".like button")
        page.wait_for_selector(".strip pre:has-text('--fev1-within 6')")
        page.wait_for_selector(".like button:has-text('±12')", timeout=WAIT)
        assert page.input_value("#field-fev1_within") == "6"
