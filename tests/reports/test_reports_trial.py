"""What a trial's report must say, whatever the trial."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import pandas as pd
import pytest

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.units import YEAR
from antitrypsim.foundations.width import page_width
from antitrypsim.protocols import BANNER, CALIBRATED, Protocol, load_protocol
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.protocols.parts import EndpointPlan, Endpoints, Published
from antitrypsim.reports import trial_html, trial_text
from antitrypsim.reports.forest import panels
from antitrypsim.reports.numbers import interval, number, p_value
from antitrypsim.reports.people import delivery_words, flow
from antitrypsim.reports.plots import arm_colours, pictures, round_times
from antitrypsim.reports.published import published_words
from antitrypsim.reports.trial import trial_report
from antitrypsim.reports.words import tried
from antitrypsim.trials.plans import analyse_all
from tests.shared import trial

pytestmark = pytest.mark.contract


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
def html_of(id="rapid"):
    return trial_html(trial(id))


@cache
def page(id="rapid"):
    return Page(html_of(id))


def changed(of, **fields):
    """The trial under a protocol of which some fields are others; nothing is run again."""
    return replace(of, protocol=of.protocol.model_copy(update=fields))


@pytest.mark.parametrize("id", PROTOCOLS)
def test_every_page_is_whole_and_needs_nothing_from_outside(id):
    html, found = html_of(id), page(id)
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


def test_a_published_number_in_another_unit_is_turned_into_ours():
    given = Published(
        endpoint="fev1", measure="slope", arm="placebo", value=-40, se=5, unit="mL/year",
        fact="BIO-B27",
    )  # fmt: skip
    one = trial_report(changed(trial(), published=(given,))).published[0]
    row = next(r for r in trial().plans[1].rows if r["arm"] == "placebo" and "contrast" not in r)
    assert (one.value, one.se) == pytest.approx((-0.04, 0.005))
    assert one.unit == one.simulated.unit == "L per year"
    assert one.simulated.estimate == row["estimate"]
    assert one.note == "Published as -40 mL/year."


def test_a_number_that_cannot_be_compared_keeps_its_unit_beside_it():
    given = Published(
        endpoint="density", measure="slope difference", compare=("active", "placebo"), value=5,
        unit="percent", comparable=False, fact="BIO-B27",
    )  # fmt: skip
    of = changed(trial(), published=(given,))
    assert "5 percent" in trial_text(of)
    assert "5 percent" in Page(trial_html(of)).text.split("Results by endpoint")[0]
    assert trial_report(of).published[0].simulated is None


def replanned(of, **plan):
    """The trial with another primary analysis of the same data."""
    primary = EndpointPlan(id="mine", compare=("active", "placebo"), **plan)
    protocol = of.protocol.model_copy(update={"endpoints": Endpoints(primary=primary)})
    plans, rows = analyse_all(protocol, of.participants, of.visits, of.events)
    return replace(of, protocol=protocol, plans=plans, rows=rows)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"analysis": "mmrm"}, "had changed by {} (repeated measures, adjusted for baseline)."),
        ({"analysis": "mmrm", "covariates": ("age", "fev1")},
         "(repeated measures, adjusted for baseline, age and FEV1 at the start)."),
        ({"analysis": "ancova"}, "had changed by {} (adjusted for baseline)."),
        ({"analysis": "t-test"}, "had changed by {}."),
        ({"analysis": "bayesian"}, "had changed by {}."),
        ({"analysis": "multiple-imputation", "options": {"imputations": 2}},
         "(missing values imputed, adjusted for baseline)."),
    ],
)  # fmt: skip
def test_a_change_is_called_a_change(plan, said):
    of = replanned(trial(), endpoint="density", visit="m24", **plan)
    (first, *_) = trial_report(of).came_out
    assert "mean" not in first
    assert first.startswith("By week 104, lung density PD15 at TLC had changed by ")
    assert first.endswith(said.partition("{}")[2])


def test_responders_are_a_share_and_who_fares_better_depends_on_the_direction():
    def told(direction, change):
        options = {"change": change, "direction": direction}
        of = replanned(trial(), endpoint="sgrq", visit="m24", analysis="responder", options=options)
        return trial_report(of)

    fall = told("at most", 4)
    assert re.search(r"share of responders in SGRQ total was \d+\.\d % on", fall.came_out[0])
    assert fall.primary.better == "higher"
    assert told("at least", 4).primary.better == "lower"


def test_an_arm_without_a_value_is_drawn_without_and_said():
    def without(*arms):
        visits = trial().visits.copy()
        gone = visits["ARM"].isin(arms) & (visits["ADY"] > 0)
        visits.loc[gone, ["AVAL", "CHG"]] = None
        plans, rows = analyse_all(trial().protocol, trial().participants, visits, trial().events)
        return replace(trial(), visits=visits, plans=plans, rows=rows)

    one = without("active")
    drawn = pictures(one, trial_report(one))["by-visit"]
    assert drawn.caption.endswith("No value after the start: AAT 60 mg/kg weekly.")
    assert "nan" not in drawn.svg
    nobody = without("active", "placebo")
    drawn = pictures(nobody, trial_report(nobody))["by-visit"]
    assert "nobody was measured after the start" in drawn.svg
    Page(trial_html(nobody))


@pytest.mark.regression
def test_an_arm_of_nobody_breaks_no_report():
    people, visits, events = (
        frame.assign(ARM="active")
        for frame in (trial().participants, trial().visits, trial().events)
    )
    plans, rows = analyse_all(trial().protocol, people, visits, events)
    assert all(plan.failed for plan in plans)
    of = replace(
        trial(), participants=people, visits=visits, events=events, plans=plans, rows=rows,
        arms=people["ARM"].to_numpy(dtype=object),
    )  # fmt: skip
    drawn = pictures(of, trial_report(of))["by-visit"]
    assert "No value after the start: Placebo weekly." in drawn.caption
    assert "nan" not in trial_text(of).lower().split()
    Page(trial_html(of))


def test_what_the_check_warns_of_stands_in_the_report():
    report = trial_report(changed(trial(), stratify_by=("smoking", "ascertainment")))
    assert not [note for note in report.notes if "strat" in note]
    few = trial_report(changed(trial(), allocation={"active": 40, "placebo": 1}))
    (note,) = (note for note in few.notes if "too few" in note)
    assert note.startswith("24 participants are too few for the analyses 'density-slope'")
    for told in (trial_text, lambda of: Page(trial_html(of)).text):
        assert "24 participants are too few" in " ".join(
            told(changed(trial(), allocation={"active": 40, "placebo": 1})).split()
        )


@pytest.mark.regression
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


DEATHS = {
    "cox": {}, "log-rank": {}, "rmst": {"options": {"horizon": 365.25}},
    "kaplan-meier": {"times": ["2 years", "1 year"]},
}  # fmt: skip


def deadly():
    """RAPID in which three of each arm die, told by every analysis of a time to an event."""
    of = trial()
    people = of.participants.copy()
    die = [
        id
        for arm in ("active", "placebo")
        for id in people.loc[people["ARM"] == arm, "USUBJID"][:3]
    ]
    days = dict(zip(die, (100.0, 300.0, 500.0, 80.0, 250.0, 400.0), strict=True))
    gone = people["USUBJID"].isin(die)
    people.loc[gone, "EOSSTT"], people.loc[gone, "EOSDY"] = "DIED", people["USUBJID"].map(days)
    events = of.events[of.events["EVENT"] != endpoint("death").output]
    deaths = events.iloc[[0] * len(die)].assign(
        USUBJID=die, EVENT=endpoint("death").output, ADY=list(days.values())
    )
    events = pd.concat([events, deaths], ignore_index=True)
    plans = [
        EndpointPlan(
            id=name, endpoint="death", analysis=name, compare=("active", "placebo"), **more
        )
        for name, more in DEATHS.items()
    ]
    said = Endpoints(primary=plans[0], secondary=tuple(plans[1:]))
    protocol = of.protocol.model_copy(update={"endpoints": said, "published": ()})
    plans, rows = analyse_all(protocol, people, of.visits, events)
    return replace(
        of, protocol=protocol, participants=people, events=events, plans=plans, rows=rows
    )


def test_a_time_to_an_event_is_told_with_its_unit_its_time_and_whom_it_favours():
    conducted = deadly()
    report, told = trial_report(conducted), " ".join(trial_text(conducted).split())
    assert not [r.plan.failed for r in report.results if r.plan.failed]
    cox, log_rank, rmst, curve = report.results
    active = "AAT 60 mg/kg weekly"
    assert (cox.unit, cox.heading) == ("", "Death: Time to event (Cox regression)")
    assert cox.favours == f"A hazard ratio below 1 favours {active}."
    assert log_rank.unit == "deaths, observed minus expected"
    assert log_rank.contrasts[0].label == f"{active} against placebo weekly"
    assert log_rank.favours == f"A difference below 0 favours {active}."
    assert rmst.heading.endswith("(restricted mean survival time), up to 12 months, days")
    assert rmst.favours == curve.favours == f"A difference above 0 favours {active}."
    assert curve.whens == ("1 year", "2 years")
    page = trial_html(conducted)
    for result in report.results:
        assert result.heading in told
        assert result.favours in told
        assert result.favours in page
    assert "up to 12 months, days; 95" in page
    sides = {p.side for p in panels(report, arm_colours(conducted))}
    assert sides == {f"below 1 favours {active}", "above 0 is better"}


@pytest.mark.law
@pytest.mark.parametrize(
    ("days", "ticks"),
    [
        (14, [0, 0.1, 0.2, 0.3, 0.4]), (84, [0, 0.5, 1, 1.5, 2, 2.5]),
        (YEAR, [0, 2, 4, 6, 8, 10, 12]), (1.5 * YEAR, [0, 3, 6, 9, 12, 15, 18]),
        (2 * YEAR, [0, 6, 12, 18, 24]), (728, [0, 6, 12, 18, 728 / YEAR * 12]), (4 * YEAR, [0, 1, 2, 3, 4]),
        (5 * YEAR, [0, 1, 2, 3, 4, 5]), (10 * YEAR, [0, 2, 4, 6, 8, 10]),
        (30 * YEAR, [0, 5, 10, 15, 20, 25, 30]), (100 * YEAR, [0, 20, 40, 60, 80, 100]),
    ],
)  # fmt: skip
def test_time_axes_have_round_ticks(days, ticks):
    assert list(round_times(days)) == pytest.approx(ticks)


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
    assert "The rate ratio is" in report.came_out[1]
    assert report.key[-1].label == "Rate ratio"
    Page(trial_html(other))


@pytest.mark.law
def test_people_are_counted_once():
    for id in PROTOCOLS:
        found = flow(trial(id))
        assert found.met - found.enrolled == sum(n for _, n in found.left)
        assert sum(arm.randomised for arm in found.arms) == found.enrolled
        for arm in found.arms:
            assert arm.discontinued + arm.died + arm.completed == arm.randomised


def rapid_of(primary, serum="all", **said):
    """RAPID with density and serum AAT measured, another primary plan, and nothing published."""
    data = load_protocol("rapid").to_dict()
    data["assessments"] = [
        {"endpoint": "density", "visits": "all"}, {"endpoint": "serum_aat", "visits": serum},
    ]  # fmt: skip
    data["published"] = data["claimed"] = []
    data["endpoints"] = {"primary": {"id": "main", "compare": ["active", "placebo"], **primary}}
    return Protocol.from_dict({**data, **said})


@cache
def described(*visits):
    plan = {"endpoint": "serum_aat", "analysis": "describe"}
    return run_trial(rapid_of(plan, list(visits)), participants=10)


@pytest.mark.regression
def test_what_was_first_measured_on_treatment_is_not_told_as_the_start():
    late = described("m12", "m24")
    report = trial_report(late)
    start = late.truth["placebo"]["circulation.serum_aat"][:, 0, 0].mean()
    assert f"mean serum AAT {number(start, 1)} µM" in report.on_whom
    assert start < 11
    told = [row.what for row in report.baseline if "not measured before treatment" in row.what]
    assert told == [
        "Serum AAT, antigenic, µM (true value; not measured before treatment): mean (SD)"
    ]
    assert (
        "Serum AAT, antigenic: not measured before treatment, so no change from baseline."
        in report.notes
    )
    assert pictures(late, report)["by-visit"].caption.startswith("Dots and bars: mean value of")
    assert all("change" not in line.label for line in report.primary.lines)


def test_a_difference_beside_means_says_that_it_is_of_changes():
    report = trial_report(described("baseline", "m12", "m24"))
    contrasts = [line for line in report.primary.lines if line.contrast]
    assert contrasts
    assert all(line.label.endswith("(change from baseline)") for line in contrasts)
    assert report.came_out[1].startswith("The difference in change from baseline is ")


def test_visits_named_backwards_lose_no_difference():
    plan = {
        "endpoint": "serum_aat", "analysis": "describe",
        "options": {"visits": ["m24", "baseline"]},
    }  # fmt: skip
    report = trial_report(run_trial(rapid_of(plan), participants=10))
    assert report.primary.whens == ("baseline", "week 104")
    assert [row.simulated.contrast for row in report.key if row.simulated][-1] == "placebo"
    assert "difference in change from baseline" in report.came_out[1]


def test_an_arm_without_people_is_told_and_drawn_without():
    plan = {"endpoint": "density", "analysis": "random-slope"}
    protocol = rapid_of(plan, allocation={"active": 40, "placebo": 1})
    lonely = run_trial(protocol, participants=6)
    assert set(lonely.arms) == {"active"}
    report = trial_report(lonely)
    assert "Nobody was allocated to the arm 'placebo'." in report.notes
    Page(trial_html(lonely))
    assert "Nobody was allocated" in trial_text(lonely)


def test_of_how_many_a_reason_was_true_is_told():
    left = dict(trial().cohort.left)
    told = dict(flow(trial()).left)
    for reason, count in trial().cohort.failing.items():
        if count > left[reason] > 0:
            assert any(words.endswith(f"(true of {count:,} in all)") for words in told)
            return
    pytest.fail("nobody was left for two reasons")


@pytest.mark.law
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


def test_a_held_level_is_told_from_when_and_for_how_long():
    level = {"product": "tacrolimus", "route": "oral", "dose": "6 ng/mL", "held": True}
    told = [
        delivery_words(Delivery.model_validate({**level, **when}))
        for when in ({}, {"start": "12 weeks", "for": "92 weeks"})
    ]
    assert told == [
        "tacrolimus 6 ng/mL oral held",
        "tacrolimus 6 ng/mL oral held from 12 weeks for 92 weeks",
    ]


@pytest.mark.law
def test_the_reference_is_grey_and_the_page_is_the_same_twice():
    colour = arm_colours(trial("silencing"))
    assert colour["placebo"] == "#616e7c"
    assert len(set(colour.values())) == 3
    assert trial_html(trial()) == html_of()


def test_a_protocol_of_ones_own_says_what_it_gives_whatever_its_titles_say():
    bundled = load_protocol("msc-emphysema")
    said = bundled.to_dict()
    said["arms"][0]["treatment"]["treatment"][0]["dose"] = "1e8 cells"
    changed = Protocol.model_validate(said)
    assert "Given by" not in tried(SimpleNamespace(protocol=bundled))
    text = tried(SimpleNamespace(protocol=changed))
    assert "200 million by vein" in text
    assert "Given by this protocol: " in text
    assert "1 × 10⁸ cells intravenous every 13 weeks" in text
    for arm in said["arms"]:
        arm["treatment"] = {}
    none = Protocol.model_validate(said)
    assert tried(SimpleNamespace(protocol=none)).endswith("Nobody is given anything.")
