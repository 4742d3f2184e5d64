"""One person's serum AAT under the doses of an editor, in every unit."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from browsing import WAIT, opened

from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.who import described
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.web.drafts import draft_from
from antitrypsim.web.serum import serum
from antitrypsim.web.shapes import Serum

pytestmark = pytest.mark.contract


def weekly(**said):
    line = {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week"}  # fmt: skip
    return serum(Serum(lines=({**line, **said},), days=364))


def numbers(text):
    return [float(one) for one in re.findall(r"\d+\.?\d*", text)]


def test_the_line_is_what_the_model_says_of_that_person():
    told = weekly()
    case = described("augmentation:60mg/kg/week", 364 / 365.25, genotype="ZZ", age=50, sex="female", smoking="never")  # fmt: skip
    typical = replace(case.person, effects={}, snapshot=None)
    ((name, points),) = [(one.name, one.points) for one in told.courses]
    assert name == ""
    days = np.array([at * 364 for at, _ in points])
    lived = simulate_all(case.model, typical, case.regimen, times=days, outputs=["circulation.serum_aat"])  # fmt: skip
    found = lived["circulation.serum_aat"][0, 0]
    scale = told.scales[0]
    mark = scale.marks[-1]
    drawn = np.array([high for _, high in points]) * float(mark.text) / mark.at
    assert scale.unit == "µM"
    # Times and heights are told with four figures; between doses nothing is steep.
    between = np.abs(days % 7) > 0.1
    assert np.allclose(drawn[between], found[between], rtol=0.01, atol=0.05)


def test_units_say_the_same_concentration():
    ((words,),) = [[one.words for one in weekly().courses]]
    own = numbers(words["µM"].replace("µM", ""))
    grams = numbers(words["g/L"].replace("g/L", ""))
    milli = numbers(words["mg/dL"].replace("mg/dL", ""))
    assert np.allclose(np.array(own) * grams_per_micromole(), grams, atol=0.01)
    assert np.allclose(np.array(grams) * 100, milli, atol=1)


def test_fewer_doses_are_a_lower_trough_and_none_are_a_level():
    def lowest(told):
        return numbers(told.courses[0].words["µM"])[1]

    assert lowest(weekly()) > lowest(weekly(every="2 weeks")) > lowest(weekly(every="4 weeks"))
    assert "throughout" in serum(Serum(days=300)).courses[0].words["µM"]


def test_a_protocol_has_a_course_an_arm_of_whom_it_mostly_takes():
    told = serum(Serum(protocol=draft_from("rapid")))
    assert [one.name for one in told.courses] == ["active", "placebo"]
    assert "throughout" in told.courses[1].words["g/L"]
    assert "Pi*ZZ" in told.who


@pytest.mark.parametrize(
    "said",
    [
        {"lines": ({"product": "nothing", "route": "intravenous", "dose": "1 mg", "every": "1 week"},)},
        {"lines": ({"product": "augmentation"},)},
        {"days": 1e9},
        {"days": -1},
        {"age": 5.0},
        {"genotype": "QQ"},
        {"sex": "other"},
        {"protocol": {"antitrypsim": 1}},
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_said_in_a_sentence(said):
    with pytest.raises(InputError):
        serum(Serum(**said))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_the_line_follows_a_dose_that_is_dragged_and_the_unit(browser, served):
    with opened(browser, served, "#/person?therapy=augmentation%3A60mg%2Fkg%2Fweek") as page:
        page.click(".therapy > summary")
        page.wait_for_selector(".serum li", timeout=WAIT)
        before = page.inner_text(".serum li")
        assert "µM" in before
        handle = page.locator(".therapy [role=slider]")
        handle.scroll_into_view_if_needed()
        edge = handle.bounding_box()
        page.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2)
        page.mouse.down()
        page.mouse.move(edge["x"] + 40, edge["y"] + edge["height"] / 2, steps=3)
        page.wait_for_selector(f".serum li:not(:text-is('{before}'))", timeout=WAIT)
        # Nothing is asked before it is let go.
        assert "augmentation:60mg/kg/week" in page.input_value("#field-therapy")
        page.mouse.up()
        page.wait_for_url(re.compile("weeks"))
        page.select_option(".aat", "mg/dL")
        page.wait_for_url(re.compile("unit=mg%2FdL"))
        assert "mg/dL" in page.inner_text(".serum li")
        page.reload()
        assert page.input_value(".aat") == "mg/dL"
