"""Looks laid over a design, trials in calendar time, and every design that was asked about."""

import shutil

import numpy as np
import pytest
from browsing import WAIT, answered, opened

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.questions import changed_design
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.runs.requests import request_from
from antitrypsim.web.asked import asked
from antitrypsim.web.calendar import SHOWN, calendar
from antitrypsim.web.front import front
from antitrypsim.web.jobs import Jobs
from antitrypsim.web.shapes import Question

pytestmark = pytest.mark.contract

POWER = {"request": "power", "design": "rapid", "sizes": [20, 40], "people": 40, "replicates": 40, "draws": 0}  # fmt: skip
LOOKS = {**POWER, "looks": [0.5, 1.0], "bounds": "pocock", "futility": 0.2, "per_month": 3.0}


def test_looks_are_laid_over_a_protocol():
    design, _ = changed_design(
        "rapid", looks=[0.5, 1], bounds="pocock", futility=0.2, per_month=3, relevant=0.5
    )
    assert (design.design.kind, design.design.looks) == ("group-sequential", (0.5, 1.0))
    assert (design.design.bounds, design.design.futility.below) == ("pocock", 0.2)
    assert design.accrual.per_month == 3
    assert design.relevant == 0.5
    kept, _ = changed_design("msc-sequential", bounds="pocock")
    own, _ = changed_design("msc-sequential")
    assert kept.design == own.design.model_copy(update={"bounds": "pocock"})


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"bounds": "pocock"}, "bounds"),
        ({"futility": 0.1}, "futility"),
        ({"looks": [0.5]}, "looks"),
        ({"looks": [0.5, 0.5, 1]}, "looks"),
        ({"looks": [0.5, 1], "bounds": "none"}, "bounds"),
        ({"looks": [0.5, 1], "futility": 2.0}, "futility"),
        ({"per_month": 0.0}, "per_month"),
        ({"design": "single-arm-ten", "looks": [0.5, 1]}, "looks"),
        ({"design": "nowhere"}, "design"),
    ],
)
def test_looks_that_cannot_be_are_refused_before_the_work(said, key):
    with pytest.raises(InputError) as told:
        asked({**POWER, **said})
    assert told.value.key == key


@pytest.fixture(scope="module")
def lab():
    return request_from(LOOKS).answer().lab


def test_a_trial_ends_where_its_design_ends_it(lab):
    told = calendar(lab, lab.participants)
    drawn = lab.draw(0, 100, lab.participants, Truth())
    ended = lab.design.design.conduct(lab, drawn)
    assert len(told.runs) == SHOWN
    for k, run in enumerate(told.runs):
        assert f"after {ended.days[k] / YEAR * 12:.0f} months" in run.words
        assert f"with {ended.enrolled[k]:.0f} of" in run.words
        own = [look for look in run.looks if look.looks]
        assert len(own) == 2
        decisive = own[ended.stage[k] - 1]
        wanted = "benefit" if ended.win[k] else "harm" if ended.lose[k] else "futile" if ended.futile[k] else "nothing"  # fmt: skip
        assert decisive.decided == wanted
        assert not decisive.over
        assert all(look.over for look in run.looks if look.at > run.end + 1e-3)
        assert decisive.at == pytest.approx(run.end, abs=1e-3)
        ways = np.array(run.come)
        assert (np.diff(ways, axis=0) >= 0).all()
        assert ways[-1, 1] == 1
    assert f"{(ended.stage == 1).sum()} at 50" in told.sentences[0]
    assert f"enrols {ended.enrolled.mean():.0f}" in told.sentences[1]


def test_the_last_estimate_is_that_of_the_whole_trial(lab):
    drawn = lab.draw(0, 100, lab.participants, Truth())
    found = lab.analyse(lab.block(drawn))
    for k, run in enumerate(calendar(lab, lab.participants).runs):
        estimate = f"{found.estimate[k, 0]:.1f}".replace("-", "\N{MINUS SIGN}")
        assert estimate[:-1] in run.looks[-1].words


def test_other_kinds_have_no_calendar():
    assert calendar(request_from({**POWER, "design": "single-arm-ten"}).answer().lab, 10) is None


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    jobs = Jobs(tmp_path_factory.mktemp("jobs"))
    ids = [jobs.ask(Question(request=one)).id for one in (POWER, LOOKS)]
    for id in ids:
        *_, last = jobs.changes(id)
        assert last.state == "done"
    yield jobs, ids
    jobs.close()


def test_every_design_is_a_point_a_size_and_the_front_is_beaten_by_none(done):
    jobs, ids = done
    told = front(jobs)
    assert sorted(point.job for point in told.points) == sorted([*ids, *ids])
    assert any("with looks at 0.5, 1" in point.words for point in told.points)
    assert any(point.front for point in told.points)
    for point in told.points:
        clear = [o for o in told.points if o.at <= point.at and o.low - point.high > 3 * (o.high - o.low)]  # fmt: skip
        assert not (point.front and clear)
    assert [mark.text for mark in told.marks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_a_design_with_looks_is_replayed_and_a_point_loads_another(browser, served):
    said = "#/design?sizes=20%2C40&people=40&replicates=40&asked=1"
    with opened(browser, served, said) as page:
        first = answered(page)
        page.click(".form details > summary")
        page.fill("#field-looks", "0.5")
        page.wait_for_selector("#field-looks[aria-invalid=true]")
        page.fill("#field-looks", "0.5, 1")
        page.select_option("#field-bounds", "pocock")
        page.click("button.ask")
        page.wait_for_selector(f"#answer-hash:not(:text('{first}'))", timeout=WAIT)
        assert "--looks 0.5,1 --bounds pocock" in page.inner_text(".strip pre")
        before = page.inner_text(".intime p[aria-live]")
        page.click("text=Another trial")
        assert page.inner_text(".intime p[aria-live]") != before
        assert page.locator(".intime g.looks").count() >= 1
        page.click(".front > summary")
        page.locator(".front svg a:not(.mine)").first.click()
        page.wait_for_selector(f"#answer-hash:text('{first}')", timeout=WAIT)
        assert page.input_value("#field-looks") == ""
