"""People who change arms in the library: what is true of them from their day on."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory import library as module
from antitrypsim.laboratory import readings
from antitrypsim.laboratory.arm_changes import ArmChange, Wanted, wanted
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import LibrarySize
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.replicates import Switch, Truth
from antitrypsim.laboratory.switching import followed, true_values
from antitrypsim.laboratory.switchlives import ERROR, MOST, chosen
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.reports.changewords import change_words
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.simulation.switch import switched
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law


PEOPLE, SEED = 16, 3
SIZE = LibrarySize(people=PEOPLE, draws=2, per_draw=8)
PAIRS = (("active", "placebo"), ("placebo", "active"))
STOPS = {"event": "stops", "strategy": "treatment-policy", "yearly": 0.3, "arms": ["active"],
         "then": "placebo"}  # fmt: skip


@pytest.fixture(scope="module")
def lived():
    """RAPID, lived by a few people who also change arms, and by some of them under two draws."""
    return open_library(
        load_protocol("rapid"), SIZE, settings=Settings(seed=SEED),
        switches=Wanted(PAIRS, ("density",)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def lab(made, lived):
    return made.lab(
        lived, intercurrent=[STOPS],
        primary={"id": "p", "endpoint": "density", "analysis": "random-slope",
                 "compare": ["active", "placebo"]},
    )  # fmt: skip


def _everybody(lab, arm, day):
    """Return each person once, in this arm, changing on this day: density (people, visits)."""
    library = lab.library
    drawn = lab.draw(0, 1, PEOPLE, Truth())
    drawn = replace(drawn, person=np.arange(PEOPLE)[None])
    where = np.full((1, PEOPLE), library.arms.index(arm))
    death = library.typical.death[0, where[0, 0]][None]
    drawn = replace(drawn, arm=where, lived=where, death=death, switch=None)
    when = np.full((1, PEOPLE), float(day))
    change = [c.before for c in library.changes].index(arm)
    drawn = followed(drawn, Switch(when, np.full((1, PEOPLE), change)))
    return true_values(drawn, "density", [library.column(d) for d in lab.visits.values()])[0]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_values_are_those_of_people_who_really_change(lab, lived, before, after):
    protocol = lived.protocol
    model = build_model(therapies=protocol.therapies())
    people = enrol(model, protocol.population, PEOPLE, settings=Settings(seed=SEED)).people
    regimens = protocol.regimens()
    days = list(lab.visits.values())
    what = endpoint("density")
    own = lived.typical.values["density"][0, :, :, [lived.column(d) for d in days]]
    difference = np.abs(np.nanmean(own[:, 0] - own[:, 1], axis=1)).max()
    for day in (20.0, 230.0, 500.0, 700.0):
        run = simulate_all(model, people, switched(regimens[before], regimens[after], day),
                           times=days, outputs=[what.output], settings=Settings(seed=SEED))  # fmt: skip
        really = run[what.output][:, 0] * what.factor
        told = _everybody(lab, before, day)
        np.testing.assert_array_equal(np.isnan(told), np.isnan(really))
        off = np.abs(np.nanmean(told - really, axis=0))
        assert off.max() < 1.5 * ERROR * difference


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_at_once_is_the_other_arm_and_late_is_ones_own(lab, lived, before, after):
    columns = [lived.column(d) for d in lab.visits.values()]
    own, other = (
        lived.typical.values["density"][0, lived.arms.index(arm)][:, columns] for arm in (before, after)
    )  # fmt: skip
    np.testing.assert_array_equal(_everybody(lab, before, 800.0), own)
    # Within the first week the first dose makes the only difference.
    np.testing.assert_allclose(_everybody(lab, before, 0.1), other, atol=0.06)
    end = [np.nanmean(_everybody(lab, before, day)[:, -1]) for day in np.linspace(0.1, 728, 9)]
    assert (np.diff(end) > 0).all() if before == "active" else (np.diff(end) < 0).all()


def test_a_value_before_the_day_is_ones_own_to_the_last_bit(lab, lived):
    own = _everybody(lab, "active", np.inf)
    for k, day in enumerate(lab.visits.values()):
        np.testing.assert_array_equal(_everybody(lab, "active", day)[:, : k + 1], own[:, : k + 1])


def test_the_truth_lies_where_arithmetic_puts_it(lab):
    (told,) = lab.true_effects(lab.draw(0, 1, 2, Truth()))[0]
    plain = lab.design.model_copy(update={"intercurrent": ()})
    without = DesignSimulation(plain, lab.protocol, lab.library)
    (whole,) = without.true_effects(without.draw(0, 1, 2, Truth()))[0]
    # Slopes weigh the middle; of straight courses that bend once this is the share that is left.
    share = _share(np.array(list(lab.visits.values())), 0.3)
    assert told == pytest.approx(share * whole, rel=0.05)


def _share(days, yearly):
    """Return the share of a slope that is left where a straight course stops on a random day."""
    rate = -np.log1p(-yearly) / 365.25
    stop = (np.arange(20_000) + 0.5) / 20_000
    stop = -np.log(stop) / rate
    t = days - days.mean()
    return float((np.minimum(days, stop[:, None]) @ t).mean() / (t @ t))


def test_deaths_and_draws_follow(lived, lab):
    for courses, draws, people in ((lived.typical, 1, PEOPLE), (lived.drawn, 2, 8)):
        for k, change in enumerate(lived.changes):
            nodes = len(change.nodes)
            assert courses.switched[f"density-{k}"].shape == (draws, people, nodes, 6)
            assert courses.switched[f"death-{k}"].shape == (draws, people, nodes, 1)
    found = lab.true_effects(lab.draw(0, 2, 8, Truth(uncertain=True)))
    assert np.isfinite(found).all()
    assert found[0, 0] != found[1, 0]


def test_nobody_dies_before_the_change_because_of_it(made):
    library = made.changing(made.two(), ("active", "placebo"))
    when = np.full((1, 2, 100), np.inf)
    when[0, 0, :30], when[0, 1, :] = 100.0, 300.0
    events = {**library.typical.events, "death": when[..., None].astype(np.float32)}
    held = {**library.typical.switched, "death-0": np.full((1, 100, 1, 1), 300.0, np.float32)}
    library = replace(library, typical=replace(library.typical, events=events, switched=held))
    lab = made.lab(library, intercurrent=[STOPS])
    drawn = lab.draw(0, 20, 50, Truth())
    drawn = drawn.with_arms(np.zeros_like(drawn.arm))
    day = drawn.between[0].day
    early = drawn.person < 30
    np.testing.assert_array_equal(drawn.death[early & (day >= 100)], 100.0)
    np.testing.assert_array_equal(drawn.death[~early & np.isinf(day)], np.inf)
    late = ~early & (day > 300) & (day < 728)
    assert late.any()
    assert (drawn.death[late] >= day[late] - 1e-3).all()
    assert (drawn.death[~early & (day < 100)] == 300.0).all()
    assert ((drawn.death > 100) & (drawn.death < 300))[early & (day > 0) & (day < 100)].all()


def test_of_two_events_the_first_decides(made):
    protocol = made.protocol(("high", "low", "placebo"), noise=0.0)
    values = made.values(protocol, {"high": 8.0, "low": 4.0}, spread=0.0)
    library = made.changing(
        made.library(protocol, values), ("high", "placebo"), ("high", "low"), ("low", "placebo")
    )
    lower = {"event": "lowers", "strategy": "treatment-policy", "yearly": 0.6, "arms": ["high"],
             "then": "low"}  # fmt: skip
    lab = made.lab(library, intercurrent=[{**STOPS, "arms": ["high", "low"], "yearly": 0.6}, lower])
    drawn = lab.draw(0, 20, 60, Truth())
    drawn = drawn.with_arms(np.zeros_like(drawn.arm))
    stops, lowers = (one.day for one in drawn.between)
    end = readings.values(drawn, "density", lab.visits, noise=False)[:, :, -1]
    own = library.typical.values["density"][0, 0][drawn.person, -1]
    lost = np.where(stops < lowers, 8.0, 4.0) * np.clip(1 - np.minimum(stops, lowers) / 728, 0, 1)
    np.testing.assert_allclose(own - end, lost, atol=1e-3)
    none = lab.draw(0, 20, 60, Truth(null=True))
    assert none.switch is None


def test_leaving_follows_the_course_that_is_lived(made):
    library = made.two(0.0)
    fall = library.typical.values["density"].copy()
    fall[0, 1] = fall[0, 1][:, :1] + 40 * np.array([0, -0.25, -0.5, -1])
    fall[0, 0] = fall[0, 0][:, :1]
    library = replace(library, typical=replace(library.typical, values={"density": fall}))
    library = made.changing(library, ("active", "placebo"))
    said = {"depends_on": {"endpoint": "density", "per": -10, "ratio": 6, "seen": False},
            "yearly": 0.05}  # fmt: skip
    days = []
    for events in ([], [{**STOPS, "yearly": 0.9}]):
        drawn = made.lab(library, intercurrent=events, leaving=said).draw(0, 50, 60, Truth())
        drawn = drawn.with_arms(np.zeros_like(drawn.arm))
        days.append((drawn.leaves < 728).mean())
    assert days[1] > 2 * days[0]


def test_slopes_while_on_treatment_are_of_everybody_with_two_readings(made):
    values = made.two(2.0).typical.values["density"]
    library = made.library(made.protocol(), values[0])
    said = {"event": "stops", "strategy": "while-on-treatment", "yearly": 0.5,
            "when": {"endpoint": "density", "below": 60}}  # fmt: skip
    primary = {"id": "p", "endpoint": "density", "analysis": "random-slope"}
    plain, cut = (
        made.lab(library, primary=primary, intercurrent=events) for events in ([], [said])
    )  # fmt: skip
    truth = [lab.true_effects(lab.draw(0, 1, 2, Truth()))[0, 0] for lab in (plain, cut)]
    # Courses are straight, so it makes no difference when they end.
    assert truth[1] == pytest.approx(truth[0], abs=0.02)


def test_what_a_hypothetical_event_hides_is_part_of_the_truth(made):
    library = made.two(2.0)
    hidden = {"event": "stops", "strategy": "hypothetical", "yearly": 0.6,
              "when": {"endpoint": "density", "below": 58}}  # fmt: skip
    other = {"event": "leaves", "strategy": "composite", "yearly": 0.2, "value": 40.0}
    primary = {"id": "p", "endpoint": "density", "analysis": "t-test", "visit": "d728"}
    alone, both = (
        made.lab(library, primary=primary, intercurrent=e) for e in ([other], [other, hidden])
    )  # fmt: skip
    truth = [lab.true_effects(lab.draw(0, 1, 2, Truth()))[0, 0] for lab in (alone, both)]
    assert truth[0] == truth[1]


@pytest.mark.regression
def test_true_effects_are_not_cut_to_the_range_of_an_instrument(made):
    protocol = made.protocol()
    values = made.values(protocol, {"active": 2.0}, spread=0.0) * 0 + 1e-3
    values[0, :, 1:] = 3e-3
    lab = made.lab(made.changing(made.library(protocol, values), ("active", "placebo")),
                   intercurrent=[{**STOPS, "yearly": 1e-9}])  # fmt: skip
    assert lab.true_effects(lab.draw(0, 1, 2, Truth()))[0, 0] == pytest.approx(2e-3, rel=1e-3)


@pytest.mark.contract
def test_it_is_kept_on_disk_and_has_a_name_of_its_own(lived, monkeypatch, tmp_path):
    lives = []

    def live(*_):
        lives.append(1)
        return lived

    monkeypatch.setattr(module, "cache", SimpleNamespace(folder=lambda: tmp_path))
    monkeypatch.setattr(module, "_live", live)
    said = {"size": SIZE, "settings": Settings(seed=SEED)}
    open_library(lived.protocol, **said, switches=Wanted(PAIRS, ("density",)))
    again = open_library(lived.protocol, **said, switches=Wanted(PAIRS, ("density",)))
    assert len(lives) == 1
    assert again.changes == lived.changes
    for part in ("typical", "drawn"):
        for name, array in getattr(lived, part).switched.items():
            np.testing.assert_array_equal(getattr(again, part).switched[name], array)
    open_library(lived.protocol, **said, switches=Wanted(PAIRS[:1], ("density",)))
    open_library(lived.protocol, **said, switches=Wanted(PAIRS, ("density", "fev1")))
    open_library(lived.protocol, **said)
    assert len(lives) == 4


@pytest.mark.contract
def test_what_a_library_lacks_is_said(made):
    lab = made.lab(made.two(), intercurrent=[{**STOPS, "yearly": 0.9}])
    with pytest.raises(InputError, match="keeps nobody who changes from 'active' to 'placebo'"):
        lab.draw(0, 5, 20, Truth())


@pytest.mark.contract
def test_a_design_wants_what_its_events_can_bring(made):
    protocol = made.protocol(("high", "low", "placebo"))
    event = {**STOPS, "arms": []}
    primary = {"id": "p", "endpoint": "density", "analysis": "bayesian", "visit": "d728",
               "compare": ["high", "placebo"]}  # fmt: skip
    assert wanted(made.design(primary=primary), protocol) == Wanted()
    found = wanted(made.design(intercurrent=[event], primary=primary), protocol)
    assert found == Wanted((("high", "placebo"),), ("density",))
    when = {**event, "when": {"endpoint": "fev1", "below": 1}}
    found = wanted(made.design(intercurrent=[when]), protocol)
    assert found == Wanted((("high", "placebo"), ("low", "placebo")), ("density", "fev1"))


DAYS = np.array([0.0, 100.0, 400.0])


def _sharp(regimen):
    """Return what decays within days of the last dose, and what adds up, of two people."""
    times = np.array([t for r in regimen.doses for t in r.times])
    gone = np.array([sum(np.exp(-(d - times[times < d]) / 5)) for d in DAYS])
    total = np.array([(times < d).sum() for d in DAYS])
    return {"a": np.stack([gone, 2 * gone]), "b": np.stack([total, 2 * total]) * 1.0}


def test_days_are_chosen_where_they_matter():
    weekly = repeated("a/b", 1.0, every=7, until=400)
    found = chosen(weekly, Regimen(), DAYS, _sharp, ("one", "none"))
    assert found.error <= ERROR
    assert 3 < len(found.nodes) <= MOST
    near = [d for d in found.nodes if 0 < 100 - d < 40 or 0 < 400 - d < 40]
    assert len(near) > len(found.nodes) / 2
    few = chosen(weekly, Regimen(), DAYS, lambda r: {"b": _sharp(r)["b"]}, ("one", "none"))
    assert few.nodes == (3.5,)
    assert few.error < ERROR


def test_few_doses_are_lived_each_and_a_held_level_by_the_day():
    three = repeated("a/b", 1.0, at=[0, 100, 200])
    found = chosen(three, Regimen(), DAYS, lambda r: {"b": _sharp(r)["b"]}, ("one", "none"))
    assert found.steps == (100.0, 200.0)
    assert {found.place(d).item() for d in (1, 99, 100)} == {50.0}
    assert found.place(np.array([100.5, 200.0])).tolist() == [150.0, 150.0]
    level = Regimen("level", (), (InputRecord("x", (0.0, 400.0), (1.0, 0.0)),))
    held = chosen(level, Regimen(), DAYS, lambda r: {"b": np.ones((2, 3))}, ("level", "none"))
    assert held.steps is None
    assert held.place(17.3) == 17.3


def test_nothing_is_lived_where_no_day_makes_a_difference():
    once = repeated("a/b", 1.0, at=[0])
    assert chosen(once, Regimen(), DAYS, _sharp, ("one", "none")).nodes == ()


@pytest.mark.contract
def test_a_change_comes_back_from_plain_data():
    change = ArmChange("a", "b", 10.0, (1.0,), (0.5, 2.0), 0.01)
    assert ArmChange.from_dict(change.to_dict()) == change


def _once(made):
    """Return a protocol in which 'cells' are given on the first day, and 'active' every week."""
    protocol = made.protocol(("cells", "active", "placebo"))
    data = protocol.to_dict()
    data["arms"][0]["treatment"]["whole"] = [
        {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "at": ["0 weeks"]}
    ]
    return type(protocol).from_dict(data)


@pytest.mark.contract
@pytest.mark.parametrize(("said", "sentence"), [
    ({"arms": ["active"], "then": "cells"}, "'cells' is treated on the first day only, so whoever"),
    ({"arms": ["cells"], "then": "placebo"},
     "neither 'cells' nor 'placebo' is given anything after the first day, so the event 'stops'"),
    ({"arms": [], "then": "active"}, None),
])  # fmt: skip
def test_a_change_that_changes_nothing_is_refused(made, said, sentence):
    design = made.design(
        intercurrent=[{**STOPS, **said}],
        primary={"id": "p", "endpoint": "density", "analysis": "bayesian", "visit": "d728",
                 "compare": ["active", "placebo"]},
    )  # fmt: skip
    if sentence is None:
        check_design(design, _once(made))
        return
    with pytest.raises(InputError, match=sentence):
        check_design(design, _once(made))


@pytest.mark.contract
def test_a_search_of_counts_is_refused_beside_a_change(made):
    counted = {"id": "e", "endpoint": "exacerbations", "analysis": "negative-binomial"}
    design = made.design(intercurrent=[STOPS], search={"endpoints": [counted]})
    with pytest.raises(
        InputError, match="tries 'exacerbations', which is counted, and the event 'stops'"
    ):
        check_design(design, made.protocol())


@pytest.mark.contract
def test_it_is_told_what_an_event_changes(made, lab):
    (event,) = lab.design.intercurrent
    told = change_words(lab, event)
    (change,) = [c for c in lab.library.changes if c.before == "active"]
    assert "on its day people change to what 'placebo' is given" in told
    assert f"lived: {len(change.nodes)} (from active)" in told
    assert f"at most {100 * change.error:.1f} %" in told
    silent = event.model_copy(update={"then": None})
    assert (
        change_words(lab, silent)
        == ", and what people are given does not change (there is no 'then')"
    )
    assert change_words(lab, event.model_copy(update={"strategy": "hypothetical"})) == ""
    plain = {key: said for key, said in STOPS.items() if key != "then"}
    with_it, without = (made.lab(lab.library, intercurrent=e) for e in ([plain], []))
    truth = [one.true_effects(one.draw(0, 1, 2, Truth())) for one in (with_it, without)]
    np.testing.assert_array_equal(*truth)
