"""The people of a course one by one, and the figures that stand for them."""

import shutil

import numpy as np
import pytest
from browsing import answered, opened

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.patient import patient
from antitrypsim.foundations.units import YEAR
from antitrypsim.web.shown import DRAWN
from antitrypsim.web.singles import MOST, _counted, doses, hundreds, picks, singles

pytestmark = pytest.mark.contract

THERAPY = "augmentation:60mg/kg/week"
PERSON = "#/person?age=60&people=30&years=3&fev1=45&therapy=augmentation%3A60mg%2Fkg%2Fweek&asked=1"


@pytest.fixture(scope="module")
def course():
    return patient(age=60, fev1=45, people=30, years=6, therapy=THERAPY)


def test_the_lives_are_those_of_which_the_course_is_told(course):
    lives = course.lives
    for row in course.rows:
        if row["way"] == "difference":
            continue
        year = lives.years.index(row["year"])
        found = lives.values[row["endpoint"], row["way"]][:, year]
        assert row["n"] == np.isfinite(found).sum()
        assert row["median"] == pytest.approx(np.nanmedian(found))
    for way, told in course.rates.items():
        lived = lives.last(way, course.years).sum() / YEAR
        assert lives.counted(way, ("exacerbation",), course.years).sum() == pytest.approx(
            told["exacerbations_per_year"] * lived
        )
        assert (lives.events[way]["death"][:, 0] <= course.years * YEAR).sum() == told["deaths"]
    assert "lives" not in course.to_dict()


def test_a_person_is_told_as_they_live(course):
    lives = course.lives
    found = singles(course, DRAWN)
    assert [one.number for one in found] == list(range(1, 31))
    some = 0
    for k, one in enumerate(found):
        for way in course.ways:
            death = lives.events[way]["death"][k, 0]
            dead = death <= course.years * YEAR
            some += dead
            kinds = [mark.kind for mark in one.marks[way]]
            assert kinds.count("death") == dead
            assert one.ends[way] == pytest.approx(
                death / YEAR / course.years if dead else 1, abs=1e-4
            )
            days = lives.events[way]["exacerbation"][k]
            assert kinds.count("attack") == ((days > 0) & (days <= lives.last(way, 6)[k])).sum()
            assert all(mark.at <= one.ends[way] for mark in one.marks[way])
            for id in DRAWN:
                read = [float(text) if text else np.nan for text in one.courses[id][way]]
                assert np.allclose(read, lives.values[id, way][k], atol=0.051, equal_nan=True)
    assert some > 0


def test_everybody_is_one_figure_and_a_difference_counts_where_it_is_more(course):
    lives = course.lives
    told = {one.id: one for one in hundreds(course, DRAWN)}
    assert set(told) == {*DRAWN, "attacks", "harms"}
    for one in told.values():
        assert {sum(kinds) for year in one.counts for kinds in year} == {one.people} == {30}
        assert {len(year) for year in one.counts} == {len(one.steps)}
    for id in DRAWN:
        sign = 1 if endpoint(id).better == "higher" else -1
        gain = sign * (lives.values[id, "with"] - lives.values[id, "without"])
        for step in (1, 4):
            more = float(told[id].steps[step].split()[0])
            for year in range(len(lives.years)):
                better, worse, neither, *_ = told[id].counts[year][step]
                assert better == np.sum(gain[:, year] > more)
                assert worse == np.sum(gain[:, year] < -more)
                assert better + worse + neither == np.isfinite(gain[:, year]).sum()
    attacks = told["attacks"]
    fewer = lives.counted("without", ("exacerbation",), 6) - lives.counted(
        "with", ("exacerbation",), 6
    )
    both = np.isfinite(lives.values["fev1", "with"][:, -1] + lives.values["fev1", "without"][:, -1])
    for step, counts in zip(attacks.steps, attacks.counts[-1], strict=True):
        assert counts[0] == np.sum(both & (fewer > float(step.split()[0]) - 1e-9)), step


def test_many_people_are_a_hundred_figures(course):
    lives = course.lives
    gains = np.where(np.isfinite(lives.values["fev1", "with"]), 1.0, np.nan)
    many = type(lives)(
        lives.years,
        {key: np.repeat(v, 7, axis=0) for key, v in lives.values.items()},
        {w: {e: np.repeat(d, 7, axis=0) for e, d in each.items()} for w, each in lives.events.items()},
        np.repeat(lives.age, 7), lives.labels, lives.given,
    )  # fmt: skip
    found = _counted(many, np.repeat(gains, 7, axis=0), np.array([0.0]))
    for few, hundred in zip(_counted(lives, gains, np.array([0.0])), found, strict=True):
        assert sum(hundred[0]) == MOST
        assert all(abs(h - 100 * f / 30) < 1 for f, h in zip(few[0], hundred[0], strict=True))


def test_who_is_picked_is_helped_most_or_least(course):
    lives = course.lives
    gain = (lives.values["density", "with"] - lives.values["density", "without"])[:, -1]
    found = {one.words: one.number - 1 for one in picks(course, DRAWN)}
    most = next(k for words, k in found.items() if "density" in words and "most" in words)
    least = next(k for words, k in found.items() if "density" in words and "least" in words)
    assert gain[most] == pytest.approx(np.nanmax(gain), abs=1e-4)
    assert gain[least] == pytest.approx(np.nanmin(gain), abs=1e-4)


def test_doses_are_where_they_are_given(course):
    (bar,) = doses(course)
    assert bar.low == 0
    assert f"{np.ceil(6 * YEAR / 7):.0f} doses" in bar.words
    few = doses(patient(people=4, years=2, therapy="fazirsiran:200mg@75kg/12weeks"))
    assert [one.low for one in few][:2] == [0, pytest.approx(84 / YEAR / 2, abs=1e-4)]
    assert all(one.low == one.high for one in few)
    alone = patient(people=4, years=2)
    assert (doses(alone), hundreds(alone, DRAWN), picks(alone, DRAWN)) == ((), (), ())
    assert len(singles(alone, DRAWN)) == 4


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_a_person_is_pointed_at_and_figures_follow_what_is_dragged(browser, served):
    with opened(browser, served, PERSON) as page, served.client() as client:
        answered(page)
        id = next(j["id"] for j in client.get("/api/jobs").json()
                  if j["question"]["request"].get("people") == 30)  # fmt: skip
        kept = client.get(f"/api/jobs/{id}/answer").json()
        box = page.locator("#course-density .plot .u-over")
        box.scroll_into_view_if_needed()
        edge = box.bounding_box()
        page.mouse.move(edge["x"] + 5, edge["y"] + edge["height"] / 2)
        page.wait_for_selector(".life")
        one = kept["singles"][int(page.inner_text(".who output")) - 1]
        assert one["words"] in page.inner_text(".about").lower()
        for chart in ("fev1", "density"):
            told = page.locator(f"#course-{chart} .one dd").all_inner_texts()
            assert told == [
                one["courses"][chart][way][-1] or "death" for way in ("without", "with")
            ]
        for way in ("without", "with"):
            marks = page.locator(f".lived.{way} b").evaluate_all("all => all.map(one => one.title)")
            assert marks == [mark["words"] for mark in one["marks"][way]]
        page.focus("[aria-label='One person']")
        page.keyboard.press("Home")
        page.wait_for_selector(".life", state="detached")
        page.select_option("[aria-label='What is looked at']", "density")
        page.focus(".hundred input")
        page.keyboard.press("ArrowRight")
        density = next(each for each in kept["hundreds"] if each["id"] == "density")
        counts = density["counts"][-1][1]
        told = page.locator(".hundred li").all_inner_texts()
        assert density["steps"][1] in told[0]
        assert int(told[0].split()[0]) == counts[0]
        assert page.locator(".hundred > svg .k0").count() == counts[0]
        assert page.locator(".hundred > svg .figure").count() == 30
