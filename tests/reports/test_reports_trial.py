"""What a trial's report must say, whatever the trial."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from antitrypsim.foundations.width import page_width
from antitrypsim.protocols import BANNER, CALIBRATED, load_protocol
from antitrypsim.protocols.parts import Published
from antitrypsim.reports import trial_html, trial_text
from antitrypsim.reports.forest import panels
from antitrypsim.reports.numbers import interval, number, p_value
from antitrypsim.reports.people import delivery_words, flow
from antitrypsim.reports.plots import arm_colours, pictures
from antitrypsim.reports.text import published as published_words
from antitrypsim.reports.trial import trial_report
from antitrypsim.trials.conduct import run_trial

VOID = {"meta", "br", "img", "input", "hr", "link", "col"}
PROTOCOLS = ("rapid", "natural-history", "silencing", "rapid-extension")


class Page(HTMLParser):
    """A strict reading: every element that opens is closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        found = " ".join(" ".join(self.words).split())
        return found.replace("\u2212", "-").replace("\xa0", " ")

    def all(self, tag):
        return [(attrs, inside) for name, attrs, inside in self.elements if name == tag]


@cache
def trial(id="rapid"):
    return run_trial(load_protocol(id), participants=30, seed=2)


@cache
def page(id="rapid"):
    return Page(trial_html(trial(id)))


def changed(of, **fields):
    """The trial under a protocol of which some fields are others; nothing is run again."""
    return replace(of, protocol=of.protocol.model_copy(update=fields))


@pytest.mark.parametrize("id", PROTOCOLS)
def test_every_page_is_whole_and_needs_nothing_from_outside(id):
    html = trial_html(trial(id))
    found = Page(html)
    for tag, attrs, _ in found.elements:
        assert tag not in ("script", "link", "iframe", "img", "object", "embed", "base")
        for key in ("src", "href", "xlink:href", "action", "srcset", "data"):
            target = attrs.get(key) or "#"
            assert target.startswith("#") or (tag == "a" and target.startswith("https://doi.org/"))
    assert "@import" not in html
    assert not re.search(r"url\((?!['\"]?#)", html)


@pytest.mark.parametrize("id", PROTOCOLS)
def test_every_page_can_be_read_without_eyes(id):
    found = page(id)
    levels = [int(tag[1]) for tag, _, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert found.all("th")
    assert all(attrs.get("scope") in ("row", "col") for attrs, _ in found.all("th"))
    assert len(found.all("thead")) == len(found.all("table"))
    pictures_ = found.all("svg")
    assert pictures_
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs, _ in pictures_)
    ids = [attrs["id"] for _, attrs, _ in found.elements if attrs.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {attrs["href"][1:] for attrs, _ in found.all("a") if attrs["href"].startswith("#")}
    assert wanted <= set(ids)


@pytest.mark.parametrize("id", PROTOCOLS)
def test_the_calibration_notice_stands_where_it_must_and_only_there(id):
    text = " ".join(trial_text(trial(id)).split())
    calibrated = trial(id).protocol.role == "calibration"
    assert calibrated == (id == "rapid")
    for told in (text, page(id).text):
        assert BANNER in told
        assert (CALIBRATED in told) == calibrated


@pytest.mark.parametrize("id", PROTOCOLS)
def test_the_text_fits_a_terminal_and_answers(id):
    text = trial_text(trial(id))
    assert max(map(len, text.splitlines())) <= max(page_width(), 100)
    for word in ("Question", "Tried", "On whom", "What came out", "How sure", "Resting on"):
        assert re.search(rf"^{word}", text, re.MULTILINE)
    for plan in trial(id).plans:
        assert plan.title in " ".join(text.split())
    assert "nan" not in text.lower().split()


def test_every_published_number_appears_with_its_source():
    report = trial_report(trial())
    assert len(report.published) == len(trial().protocol.published)
    text = " ".join(trial_text(trial()).split())
    for one, given in zip(report.published, trial().protocol.published, strict=True):
        words = published_words(one)
        assert words.startswith(f"{given.value}".rstrip("0").rstrip("."))
        for told in (text, page().text):
            assert words in told
            assert f"{given.known}, {given.fact}" in told


def test_the_registered_primary_endpoint_stands_beside_the_one_remembered():
    report = trial_report(trial())
    missed, remembered = (next(p for p in report.published if p.p == p_of) for p_of in (0.06, 0.03))
    assert missed.mark == "registered primary endpoint"
    assert remembered.mark == "not the registered primary endpoint"
    assert not missed.comparable
    assert missed.simulated is None
    assert remembered.simulated is not None
    shown = [row.published for row in report.key]
    assert shown.index(remembered) + 1 == shown.index(missed)
    first_screen = page().text.split("Results by endpoint")[0]
    for words in ("p = 0.06", "p = 0.03", "Missed", "registered primary endpoint", "recalled"):
        assert words in first_screen


def test_published_numbers_meet_the_planned_result_of_the_same_arms():
    report = trial_report(trial())
    slopes = {row["arm"]: row["estimate"] for row in trial().plans[0].rows if "contrast" not in row}
    for one in report.published:
        if one.what == "slope, TLC":
            assert one.simulated.estimate == pytest.approx(slopes[one.simulated.arm])
    unplanned = [p for p in report.published if p.endpoint == "desmosine" and p.when == "week 13"]
    assert "not a planned analysis" in unplanned[0].how
    frame = trial().visits
    at = frame[(frame["ENDPOINT"] == "desmosine") & (frame["AVISIT"] == "m3")]
    means = at.groupby("ARM")["CHG"].mean()
    assert unplanned[0].simulated.estimate == pytest.approx(means["active"] - means["placebo"])


def test_a_published_number_in_another_unit_is_compared_in_its_own():
    given = Published(
        endpoint="fev1", measure="slope", arm="placebo", value=-40, unit="mL/year", fact="BIO-B27"
    )
    one = trial_report(changed(trial(), published=(given,))).published[0]
    row = next(r for r in trial().plans[1].rows if r["arm"] == "placebo" and "contrast" not in r)
    assert one.simulated.unit == "mL per year"
    assert one.simulated.estimate == pytest.approx(1000 * row["estimate"])


def test_a_hostile_title_stays_text():
    evil = "<script>alert('x')</script> & \"quotes\" $_{"
    arms = tuple(
        a.model_copy(update={"title": f"<i>{a.id}</i> $_{{$"}) for a in trial().protocol.arms
    )
    bad = changed(trial(), title=evil, question=evil, notes=(evil,), arms=arms)
    found = Page(trial_html(bad))
    assert not found.all("script")
    assert not found.all("i")
    assert evil in found.text
    assert "<i>active</i> $_{$" in found.text


def test_one_arm_needs_no_comparison():
    report = trial_report(trial("natural-history"))
    assert not report.effects
    assert not any(result.contrasts for result in report.results)
    assert not panels(report, {})
    assert "forest" not in pictures(trial("natural-history"), report)
    assert "randomised" not in page("natural-history").text.replace("since randomised", "")
    assert "% alive" in page("natural-history").text
    survival = next(r for r in report.results if r.plan.analysis == "kaplan-meier")
    assert survival.whens == ("1 year", "2 years", "3 years", "4 years", "5 years")
    assert all(50 < line.estimate <= 100 for line in survival.lines)


def test_no_deaths_draw_no_survival_and_some_do():
    people = trial().participants.copy()
    people["EOSSTT"] = people["EOSSTT"].replace("DIED", "COMPLETED")
    none = replace(trial(), participants=people)
    assert "survival" not in pictures(none, trial_report(none))
    Page(trial_html(none))
    people = people.copy()
    people.loc[people.index[:3], ["EOSSTT", "EOSDY"]] = ["DIED", 300.0]
    some = replace(trial(), participants=people)
    drawn = pictures(some, trial_report(some))
    assert "at risk" in drawn["survival"].svg
    assert "% alive at the end" in drawn["survival"].alt


def test_a_plan_that_failed_is_told():
    why = "The mixed model did not converge <here>."
    for at in (0, 1):
        plans = list(trial().plans)
        plans[at] = replace(plans[at], rows=(), method="", failed=why)
        broken = replace(trial(), plans=tuple(plans))
        assert why in " ".join(trial_text(broken).split())
        found = Page(trial_html(broken))
        assert why in found.text
        assert all(p.simulated is None or p.endpoint != "density" or at for p in
                   trial_report(broken).published)  # fmt: skip


def test_a_trial_whose_primary_endpoint_is_an_event_has_a_key_picture():
    plan = next(p for p in trial().protocol.endpoints.all if p.endpoint == "exacerbations")
    endpoints = trial().protocol.endpoints.model_copy(update={"primary": plan, "secondary": ()})
    result = next(r for r in trial().plans if r.endpoint == "exacerbations")
    other = replace(changed(trial(), endpoints=endpoints), plans=(result,))
    report = trial_report(other)
    assert next(iter(pictures(other, report))) in ("survival", "forest")
    assert "The ratio is" in report.came_out[1]
    assert report.key[-1].label == "Ratio"
    Page(trial_html(other))


def test_people_are_counted_once():
    for id in PROTOCOLS:
        found = flow(trial(id))
        assert found.met - found.enrolled == sum(n for _, n in found.left)
        assert sum(arm.randomised for arm in found.arms) == found.enrolled
        for arm in found.arms:
            assert arm.discontinued + arm.died + arm.completed == arm.randomised


def test_true_effects_are_those_of_the_trial():
    effect = trial_report(trial()).effects[0]
    values = trial().true_effect("density", "active", "placebo")
    at = list(trial().truth["active"].times).index(728.0)
    assert effect.mean == pytest.approx(float(values[:, at][values[:, at] == values[:, at]].mean()))
    assert effect.when == "week 104"
    assert effect.low <= effect.mean <= effect.high


def test_the_answer_says_which_way_it_points():
    def told(lower, upper, estimate, p):
        rows = tuple(
            {**row, "lower": lower, "upper": upper, "estimate": estimate, "p": p}
            if "contrast" in row
            else row
            for row in trial().plans[0].rows
        )
        one = replace(trial(), plans=(replace(trial().plans[0], rows=rows), *trial().plans[1:]))
        return trial_report(one).came_out[-1]

    assert told(0.06, 1.42, 0.74, 0.03).endswith("in favour of AAT 60 mg/kg weekly.")
    assert told(-1.42, -0.06, -0.74, 0.03).endswith("in favour of placebo weekly.")
    assert "too little to tell" in told(-0.02, 1.26, 0.62, 0.06)
    assert "0.74 g/L per year (95 % interval 0.06 to 1.42; p = 0.03)" in told(
        0.06, 1.42, 0.74, 0.03
    )


def test_numbers_are_written_as_readers_of_trials_expect():
    assert number(-0.001, 2) == "0.00"
    assert number(-1.45, 2) == "-1.45"
    assert number(float("nan"), 2) == number(None, 2) == "–"
    assert interval(0.06, 1.42, 2) == "(0.06 to 1.42)"
    assert interval(None, 1.42, 2) == ""
    shown = [p_value(p) for p in (0.03, 0.06, 0.049, 0.006, 0.0001, 0.999, None)]
    assert shown == [
        "p = 0.03", "p = 0.06", "p = 0.049", "p = 0.006", "p < 0.001", "p > 0.99", "",
    ]  # fmt: skip


def test_doses_are_told_in_words():
    arms = {arm.id: arm for arm in load_protocol("silencing").arms}
    words = [delivery_words(d) for d in arms["both"].treatment["treatment"]]
    assert words == [
        "fazirsiran 200 mg for each 75 kg of body weight subcutaneous at 0 weeks, 4 weeks, "
        "16 weeks, then every 12 weeks",
        "augmentation 60 mg/kg intravenous every week",
    ]


def test_the_reference_is_grey_and_the_page_is_the_same_twice():
    colour = arm_colours(trial("silencing"))
    assert colour["placebo"] == "#616e7c"
    assert len(set(colour.values())) == 3
    assert trial_html(trial()) == trial_html(trial())
