"""Searches that stop and go on, the front, and what information is worth."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.laboratory import search as module
from antitrypsim.laboratory.characteristics import Measured
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.search import (
    Candidate,
    candidates,
    claims_by_effect,
    cost,
    extended,
    gains,
    judge,
    search,
)
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.settings import Settings
from antitrypsim.uncertainty.value_of_information import LEAST_DRAWS, RELIABILITIES, information

pytestmark = pytest.mark.law


DENSITY = {"id": "density", "endpoint": "density", "analysis": "bayesian", "visit": "d728"}


def candidate(assurance=0.5, patients=100.0, months=30.0, price=9.0, **said):
    one = Measured(assurance, 0.01)
    return Candidate(
        said=said or {"participants": f"{patients:g}"}, assurance=one, power=one, null=one,
        false_claim=one, missed_effect=one, patients=patients, screened=0.0, months=months, cost=price,
        by_draw={k: [0.0] for k in ("right", "false_claim", "missed_effect", "matters")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def library(made):
    """Two arms 2 g/L apart, and draws in which they are from 0 to 4 apart."""
    protocol = made.protocol(noise=3.0)
    base = made.values(protocol, {})
    share = np.clip(made.days(protocol), 0, None) / 728
    effects = np.linspace(0, 4, 9)
    drawn = np.stack([np.stack([base[0] + e * share, base[1]]) for e in effects])
    return made.library(protocol, made.values(protocol, {"active": 2.0}), drawn=drawn)


def sought(made, **search):
    return made.design(replicates=90, search=search or {"participants": [20, 40, 80, 160]})


# The front.


def test_the_front():
    found = [
        candidate(0.9, 100, 30, 9), candidate(0.8, 100, 30, 9), candidate(0.8, 50, 30, 9),
        candidate(0.8, 60, 20, 9), candidate(0.7, 60, 20, 8), candidate(0.7, 60, 25, 8),
        candidate(0.1, 200, 90, 90), candidate(0.9, 100, 30, 9),
    ]  # fmt: skip
    told = [c.front for c in module._with_front(found)]
    # Twins do not push each other off.
    assert told == [True, False, True, True, True, False, False, True]


def test_nobody_off_the_front_is_unbeaten():
    rng = np.random.default_rng(4)
    found = module._with_front(
        [candidate(*row) for row in rng.integers(0, 5, (60, 4)).astype(float)]
    )

    def beats(a, b):
        one = (-a.assurance.value, a.patients, a.months, a.cost)
        two = (-b.assurance.value, b.patients, b.months, b.cost)
        return all(x <= y for x, y in zip(one, two, strict=True)) and one != two

    for c in found:
        assert c.front == (not any(beats(other, c) for other in found))
    assert 0 < sum(c.front for c in found) < 60


# What is tried.


def test_every_combination_is_tried(made):
    protocol = made.protocol()
    design = sought(
        made, participants=[20, 40], until=["d364", "d728"],
        endpoints=[{"id": "slope", "endpoint": "density", "analysis": "random-slope"}, DENSITY],
        visits={"all": ["baseline", "d182", "d364", "d728"], "few": ["baseline", "d728"]},
        populations={"any": [], "low": [{"endpoint": "density", "max": 60}]},
    )  # fmt: skip
    found = candidates(design, protocol)
    names = [tuple(sorted(said.items())) for said, _ in found]
    assert len(set(names)) == len(names)
    # Without three visits of a slope, or with a primary visit that is not kept, there is none.
    for said, one in found:
        if said["until"] == "d364":
            assert (said["visits"], said["endpoint"]) == ("all", "slope")
        assert one.participants == int(said["participants"])
        assert one.until == said["until"]
        assert len(one.screening) == (said["population"] == "low")
        assert one.primary.id == said["endpoint"]
        assert one.search is None
    assert len(found) == 2 * 2 * (1 + 3)


@pytest.mark.contract
def test_searches_that_cannot_be(made):
    protocol = made.protocol()
    with pytest.raises(InputError, match=r"the search has 2,001 combinations; up to 2,000 can"):
        candidates(sought(made, participants=[*range(10, 2011)]), protocol)
    with pytest.raises(InputError, match="no combination of the search can be"):
        candidates(sought(made, until=["d182"], endpoints=[DENSITY]), protocol)


def test_a_treatment_is_an_arm_of_its_own():
    protocol = load_protocol("rapid")
    given = [{"product": "augmentation", "route": "intravenous", "dose": "120 mg/kg", "every": "2 weeks"}]  # fmt: skip
    design = TrialDesign.model_validate({
        "trial_design": 1, "id": "x", "title": "T", "question": "Q", "protocol": "rapid",
        "search": {"treatments": {"double": given}, "participants": [60, 120]}})  # fmt: skip
    whole = extended(design, protocol)
    assert [a.id for a in whole.arms] == ["active", "placebo", "double"]
    assert whole.arms[2].treatment["treatment"][0].dose == "120 mg/kg"
    assert whole.allocation["double"] == whole.allocation["active"]
    found = candidates(design, whole)
    assert [said for said, _ in found] == [
        {"treatment": "double", "participants": "60"}, {"treatment": "double", "participants": "120"},
    ]  # fmt: skip
    for _, one in found:
        assert one.primary.compare == ("double", "placebo")
        assert one.allocation.ratio == {"double": 93, "placebo": 87}
    assert extended(design.model_copy(update={"search": None}), protocol) is protocol
    twice = design.model_copy(update={"search": design.search.model_copy(
        update={"treatments": {"active": design.search.treatments["double"]}})})  # fmt: skip
    with pytest.raises(ProtocolError, match="two of the arms are named 'active'"):
        extended(twice, protocol)


def test_a_candidate_is_judged(made, library):
    design = sought(made).model_copy(
        update={"search": None, "participants": 120, "replicates": 450}
    )
    one = judge(design, library.protocol, library, {"participants": "120"})
    assert one.name == "120 people"
    assert one.null.value < one.assurance.value
    assert one.patients == 120
    assert one.screened == 0
    by = {k: np.array(v) for k, v in one.by_draw.items()}
    assert {len(v) for v in by.values()} == {9}
    # Any benefit matters, so there is one in every draw but the first.
    np.testing.assert_array_equal(by["matters"], [0, *[1] * 8])
    np.testing.assert_allclose(by["right"] + by["missed_effect"], by["matters"])
    assert (by["false_claim"][1:] == 0).all()
    assert 0 < by["false_claim"][0] < 0.2
    assert (np.diff(by["right"]) > 0).all()
    assert by["right"].sum() + by["false_claim"].sum() == pytest.approx(
        9 * one.assurance.value, abs=0.05
    )
    assert Candidate.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_chances_stand_where_nothing_can_be_smoothed(made, library):
    lab = made.lab(library)
    won = np.array([True, False, True])
    for win, true in (
        (won, np.full(3, np.nan)),
        (won, np.ones(3)),
        (np.ones(3, bool), np.arange(3.0)),
    ):
        told = claims_by_effect(lab, SimpleNamespace(win=win, true=true))
        np.testing.assert_array_equal(told, win)


@pytest.mark.contract
def test_a_trial_costs_what_the_file_says(made, library):
    lab = made.lab(
        library, allocation={"ratio": {"active": 3, "placebo": 1}},
        costs={"fixed": 1000, "per_participant": 10, "per_visit": 2, "per_month": 7,
               "screened": 3, "treatment": {"active": 40}},
    )  # fmt: skip
    each = 10 + 2 * 4 + 40 * 3 / 4
    assert cost(lab, 50, 20, 30) == pytest.approx(1000 + 50 * each + 3 * 20 + 7 * 30)
    assert cost(made.lab(library), 50, 20, 30) == 0


def test_gains_follow_from_the_stated_worth(made):
    design = made.design(worth={"right_claim": 100, "wrong_claim": -50, "missed": -10})
    by = {
        "right": [0.0, 0.5],
        "false_claim": [0.2, 0.0],
        "missed_effect": [0.0, 0.5],
        "matters": [0.0, 1.0],
    }
    one = replace(candidate(price=3.0, participants="40"), by_draw=by)
    names, rows = gains(design, [one])
    assert names == ["40 people", "no trial"]
    np.testing.assert_allclose(rows, [[-10 - 3, 50 - 5 - 3], [0, -10]])


# Stopping and going on.


@pytest.fixture
def counted(monkeypatch):
    """A judge that is quick, and remembers whom it judged; it stops when told to."""
    seen = []
    seen_limit = SimpleNamespace(stop=None)

    def quick(design, protocol, library, said, threads):
        if seen_limit.stop is not None and len(seen) >= seen_limit.stop:
            raise KeyboardInterrupt
        seen.append(said["participants"])
        n = int(said["participants"])
        return candidate(1 - 1 / n, n, n / 5, n, participants=said["participants"])

    monkeypatch.setattr(module, "judge", quick)
    return seen, seen_limit


def test_a_stopped_search_goes_on_and_redoes_nothing(made, library, counted, tmp_path):
    seen, limit = counted
    design, file = sought(made), tmp_path / "search.jsonl"
    whole = search(design, library.protocol, library)
    assert seen == ["20", "40", "80", "160"]
    seen.clear()
    limit.stop = 2
    with pytest.raises(KeyboardInterrupt):
        search(design, library.protocol, library, file=file)
    assert len(file.read_text("utf-8").splitlines()) == 2
    limit.stop = None
    told = []
    again = search(
        design,
        library.protocol,
        library,
        file=file,
        settings=Settings(progress=lambda *x: told.append(x)),
    )
    assert seen == ["20", "40", "80", "160"]
    assert again == whole
    assert told[-1] == ("searching", 4, 4)
    seen.clear()
    assert search(design, library.protocol, library, file=file) == whole
    assert seen == []


def test_a_cut_line_is_survived(made, library, counted, tmp_path):
    seen, _ = counted
    design, file = sought(made), tmp_path / "search.jsonl"
    whole = search(design, library.protocol, library, file=file)
    text = file.read_text("utf-8")
    for cut in (1, 30, len(text.splitlines()[-1]) - 3):
        file.write_text(text[: -cut - 1])
        seen.clear()
        assert search(design, library.protocol, library, file=file) == whole
        assert seen == ["160"]
        # What was written after the cut line can be read.
        seen.clear()
        assert search(design, library.protocol, library, file=file) == whole
        assert seen == []


@pytest.mark.contract
def test_another_search_s_file_is_refused(made, library, counted, tmp_path):
    seen, _ = counted
    file = tmp_path / "search.jsonl"
    search(sought(made), library.protocol, library, file=file)
    kept = file.read_bytes()
    seen.clear()
    other = sought(made).model_copy(update={"seed": 2})
    with pytest.raises(InputError, match="the file belongs to another search") as problem:
        search(other, library.protocol, library, file=file)
    assert problem.value.path == str(file)
    moved = replace(library, provenance=replace(library.provenance, people="others"))
    with pytest.raises(InputError, match="the file belongs to another search"):
        search(sought(made), library.protocol, moved, file=file)
    assert seen == []
    assert file.read_bytes() == kept


@pytest.mark.contract
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_said(made, library, counted, tmp_path, content):
    file = tmp_path / "search.jsonl"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(InputError, match="the file of the search cannot be read"):
        search(sought(made), library.protocol, library, file=file)


@pytest.mark.contract
def test_a_file_of_something_else_is_not_written_into(made, library, counted, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("What I must not forget.\n")
    with pytest.raises(InputError, match="this is no file of a search"):
        search(sought(made), library.protocol, library, file=file)
    assert file.read_text("utf-8") == "What I must not forget.\n"


# What information is worth.


def model(*names, certain=()):
    """Return uncertain parameters by name."""
    return SimpleNamespace(parameters=[
        SimpleNamespace(id=n, meaning=f"{n} of something", grade="estimated",
                        uncertainty=SimpleNamespace(distribution="none" if n in certain else "normal"))
        for n in names
    ])  # fmt: skip


NAMES = ("deciding", "idle", "idler", "known")
HALF_NORMAL = 1 / np.sqrt(2 * np.pi)


def decided(draws=2000, *, noise=0.0, seed=1):
    """Return scores and gains: act gains 10 z of the first unknown, not to act gains 0."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((draws, len(NAMES)))
    act = 10 * z[:, 0] + noise * rng.standard_normal(draws)
    return z, np.stack([act, np.zeros(draws)])


@pytest.mark.independent
@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_one_deciding_unknown_is_worth_what_theory_says(noise):
    z, rows = decided(noise=noise)
    found = information(model(*NAMES, certain=("known",)), z, ["act", "not"], rows)
    first, *others = found.unknowns
    assert first.id == "deciding"
    assert [u.id for u in found.unknowns].count("known") == 0
    mean = rows[0].mean()
    expected = 10 * HALF_NORMAL - max(mean, 0) + mean / 2
    assert first.worth[-1] == pytest.approx(expected, abs=0.25)
    assert first.changes == pytest.approx(0.5, abs=0.05)
    assert first.worth[-1] > found.chance
    for one in others:
        assert one.worth[-1] == pytest.approx(0, abs=4 * one.error)
        assert one.worth[-1] < 0.1
    # Knowing it all is worth no less than knowing the one.
    assert found.perfect >= first.worth[-1] - 0.05
    assert found.best == ("act" if mean > 0 else "not")
    assert found.gain == pytest.approx(max(mean, 0))
    assert found.draws == 2000


def test_a_better_measurement_is_worth_more():
    z, rows = decided(4000)
    rows = rows - rows.mean(axis=1, keepdims=True)
    found = information(model(*NAMES), z, ["act", "not"], rows)
    worth = found.unknowns[0].worth
    assert list(worth) == sorted(worth)
    # Of a line in a normal unknown, the worth is as the correlation.
    for reliability, value in zip(RELIABILITIES, worth, strict=True):
        assert value == pytest.approx(np.sqrt(reliability) * worth[-1], rel=0.02)
        assert value == pytest.approx(np.sqrt(reliability) * 10 * HALF_NORMAL, rel=0.06)
    assert found.to_dict()["reliabilities"][-1] == 1.0


def test_where_one_design_is_best_throughout_nothing_is_worth_knowing():
    z, rows = decided()
    found = information(model(*NAMES), z, ["act", "not"], rows + np.array([[100], [0]]))
    assert found.perfect == pytest.approx(0, abs=1e-9)
    assert all(u.worth[-1] == pytest.approx(0, abs=1e-9) for u in found.unknowns)
    assert all(u.changes == 0 for u in found.unknowns)


def test_chance_makes_an_idle_unknown_seem_worth_something_one_time_in_twenty():
    seeming = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        z = rng.standard_normal((100, 5))
        rows = rng.standard_normal((2, 100))
        found = information(model("a", "b", "c", "d", "e"), z, ["x", "y"], rows, seed=seed)
        seeming.append(found.unknowns[0].worth[-1] > found.chance)
    assert np.mean(seeming) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 60)


def test_a_seed_is_an_answer():
    z, rows = decided(200)
    one, two = (information(model(*NAMES), z, ["a", "b"], rows, seed=3) for _ in range(2))
    assert one == two


@pytest.mark.contract
def test_few_draws_say_nothing():
    z, rows = decided(LEAST_DRAWS - 1)
    with pytest.raises(
        InputError, match="49 draws say nothing about the worth of information; 50 or"
    ):
        information(model(*NAMES), z, ["act", "not"], rows)


def test_a_mean_by_draw_is_of_the_trials_of_that_draw():
    assert module._by_draw(np.array([3.0, 5.0, 7.0]), np.array([0, 1, 1])) == [3.0, 6.0]
