"""What each estimand strategy makes of values after an intercurrent event."""

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory import readings
from antitrypsim.laboratory.characteristics import characteristics
from antitrypsim.laboratory.design_file.conducting import Intercurrent
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Between, Switch, Truth
from antitrypsim.laboratory.switching import followed, true_values

pytestmark = pytest.mark.law


DAYS = np.array([0.0, 182.0, 364.0, 728.0])


@pytest.fixture(scope="module")
def exact(made):
    """Two arms read without noise: active stays where it is, placebo falls by 8 in two years."""
    protocol = made.protocol(noise=0.0)
    values = made.values(protocol, {}, spread=0.0)
    share = made.days(protocol) / 728
    level = values[0, :, :1]
    library = made.library(protocol, np.stack([level + 0 * share, level - 8 * share]))
    return made.changing(library, ("placebo", "active"), ("active", "placebo"))


def _with(made, library, day, **said):
    """Return one placebo trial of four people with an event on ``day`` of each, and its readings."""
    event = Intercurrent(event="rescue", yearly=0.1, **said)
    lab = made.lab(library, intercurrent=[event.model_dump(exclude_none=True)])
    drawn = lab.draw(0, 1, 4, Truth())
    drawn = drawn.with_arms(np.full_like(drawn.arm, library.arms.index("placebo")))
    day = np.asarray(day, dtype=float)[None]
    drawn = replace(drawn, between=(Between(event, day, np.isfinite(day)),))
    if event.then is not None:
        drawn = followed(drawn, Switch(day, np.where(np.isfinite(day), 0, -1)))
    seen = readings.values(drawn, "density", lab.visits)[0]
    return lab, drawn, seen - library.typical.values["density"][0, 1, drawn.person[0], :1]


WHEN = [np.inf, 200.0, 100.0, 364.0]
FALL = -8 * DAYS / 728


def test_treatment_policy_uses_values_as_they_are(made, exact):
    *_, change = _with(made, exact, WHEN, strategy="treatment-policy")
    np.testing.assert_allclose(change, np.tile(FALL, (4, 1)), atol=1e-4)


def test_treatment_policy_with_then_follows_the_other_arm_from_the_event_on(made, exact):
    *_, change = _with(made, exact, WHEN, strategy="treatment-policy", then="active")
    # Active does not change, so the fall stops on the day of the event.
    stop = np.array(WHEN)[:, None]
    np.testing.assert_allclose(change, -8 * np.minimum(stop, DAYS) / 728, atol=1e-4)


def test_hypothetical_leaves_out_what_comes_after(made, exact):
    *_, change = _with(made, exact, WHEN, strategy="hypothetical")
    nan = np.nan
    np.testing.assert_allclose(change, [
        FALL, [0, -2, nan, nan], [0, nan, nan, nan], [0, -2, -4, nan],
    ], atol=1e-4)  # fmt: skip


def test_while_on_treatment_keeps_the_last_value_before(made, exact):
    *_, change = _with(made, exact, WHEN, strategy="while-on-treatment")
    np.testing.assert_allclose(change, [
        FALL, [0, -2, -2, -2], [0, 0, 0, 0], [0, -2, -4, -4],
    ], atol=1e-4)  # fmt: skip


def test_composite_puts_the_stated_value_there(made, exact):
    lab, drawn, _ = _with(made, exact, WHEN, strategy="composite", value=10.0)
    seen = readings.values(drawn, "density", lab.visits)[0]
    own = exact.typical.values["density"][0, 1, drawn.person[0]]
    failed = np.array(WHEN)[:, None] <= DAYS
    np.testing.assert_allclose(seen, np.where(failed, 10.0, own[:, : len(DAYS)]), atol=1e-4)


def test_a_failure_stays_one_and_comes_to_nobody_who_is_gone(made, exact):
    lab, drawn, _ = _with(
        made, exact, [100.0, 300.0, 100.0, 300.0], strategy="composite", value=10.0
    )
    gone, dead = np.full((1, 4), np.inf), np.full((1, 4), np.inf)
    gone[0, :2], dead[0, 2:] = 200.0, 200.0
    seen = readings.values(replace(drawn, leaves=gone, death=dead), "density", lab.visits)[0]
    # Failed before they left or died: a failure to the end. After: nothing more is known of them.
    np.testing.assert_array_equal(seen[[0, 2], 1:], 10.0)
    assert np.isfinite(seen[[1, 3], :2]).all()
    assert (seen[[1, 3], :2] > 10).all()
    assert np.isnan(seen[[1, 3], 2:]).all()


def test_principal_stratum_drops_those_in_whom_it_would_come(made, exact):
    lab, drawn, change = _with(made, exact, WHEN, strategy="principal-stratum")
    np.testing.assert_allclose(change, np.tile(FALL, (4, 1)), atol=1e-4)
    np.testing.assert_array_equal(lab.block(drawn).arm[0], [0, -1, -1, -1])


@pytest.mark.parametrize("said", [
    {"event": "rescue", "yearly": 0.2},
    {"event": "rescue", "yearly": 0.4, "when": {"endpoint": "density", "below": 58}},
    {"event": "rescue", "yearly": 0.4, "when": {"endpoint": "density", "above": 58}, "arms": ["placebo"]},
    {"event": "death"},
])  # fmt: skip
@pytest.mark.parametrize("null", [False, True])
def test_a_principal_stratum_is_the_same_people_whatever_the_arm(made, exact, said, null):
    library = exact
    if said["event"] == "death":
        when = np.full((1, 2, 100, 1), np.nan)
        when[0, 0, :40], when[0, 1, 20:60] = 300.0, 400.0
        library = made.library(exact.protocol, exact.typical.values["density"][0], events={"death": when})  # fmt: skip
    lab = made.lab(library, intercurrent=[{"strategy": "principal-stratum", **said}])
    drawn = lab.draw(0, 50, 40, Truth(null=null))
    ever = [drawn.with_arms(np.full_like(drawn.arm, k)).between[0].ever for k in (0, 1)]
    np.testing.assert_array_equal(*ever)
    assert 0.05 < ever[0].mean() < 0.95
    np.testing.assert_array_equal(lab.block(drawn).arm == -1, drawn.between[0].ever)


def test_the_stated_share_has_it_in_a_year(made, exact):
    lab = made.lab(exact, intercurrent=[
        {"event": "rescue", "strategy": "hypothetical", "yearly": 0.3, "arms": ["placebo"]}])  # fmt: skip
    drawn = lab.draw(0, 250, 80, Truth())
    placebo = drawn.arm == exact.arms.index("placebo")
    day = drawn.between[0].day
    assert np.isinf(day[~placebo]).all()
    error = np.sqrt(0.3 * 0.7 / placebo.sum())
    assert (day[placebo] <= YEAR).mean() == pytest.approx(0.3, abs=4 * error)


@pytest.mark.parametrize("side", ["below", "above"])
def test_it_comes_only_while_the_value_allows(made, exact, side):
    lab = made.lab(exact, intercurrent=[{"event": "rescue", "strategy": "hypothetical", "yearly": 0.9,
                                         "when": {"endpoint": "density", side: 56}}])  # fmt: skip
    drawn = lab.draw(0, 100, 40, Truth())
    course = true_values(drawn, "density", [exact.column(d) for d in DAYS])
    day = drawn.between[0].day
    for k in range(3):
        here = (day > DAYS[k]) & (day <= DAYS[k + 1])
        can = course[:, :, k] < 56 if side == "below" else course[:, :, k] > 56
        assert here.any()
        assert can[here].all()
    always = (course[:, :, :-1] < 56).all(axis=2) if side == "below" else (course[:, :, :-1] > 56).all(axis=2)  # fmt: skip
    expected = 1 - 0.1 ** (728 / YEAR)
    error = np.sqrt(expected * (1 - expected) / always.sum())
    assert np.isfinite(day[always]).mean() == pytest.approx(expected, abs=4 * error)


def test_death_by_strategy(made, exact):
    when = np.full((1, 2, 100, 1), np.nan)
    when[0, :, ::2] = 300.0
    library = made.library(exact.protocol, exact.typical.values["density"][0], events={"death": when})  # fmt: skip

    def seen(**said):
        lab = made.lab(library, intercurrent=[{"event": "death", **said}] if said else [])
        drawn = lab.draw(0, 20, 20, Truth())
        return drawn, lab.block(drawn)

    drawn, plain = seen()
    dead = np.isfinite(drawn.death)
    assert 0.3 < dead.mean() < 0.7
    assert np.isnan(plain.values[dead][:, 2:]).all()
    _, missing = seen(strategy="hypothetical")
    np.testing.assert_array_equal(missing.values, plain.values)
    _, failed = seen(strategy="composite", value=20)
    assert (failed.values[dead][:, 2:] == 20).all()
    np.testing.assert_array_equal(failed.values[~dead], plain.values[~dead])
    np.testing.assert_array_equal(failed.values[:, :, :2], plain.values[:, :, :2])
    _, alive = seen(strategy="principal-stratum")
    np.testing.assert_array_equal(alive.arm == -1, dead)


def test_events_end_what_is_counted(made, exact):
    protocol = exact.protocol
    when = np.full((1, 2, 100, 2), np.nan)
    when[..., 0], when[..., 1] = 150.0, 650.0
    library = made.library(protocol, exact.typical.values["density"][0], events={"exacerbation": when})  # fmt: skip
    primary = {"id": "e", "endpoint": "exacerbations", "analysis": "negative-binomial"}

    def block(strategy, **said):
        lab = made.lab(library, primary=primary, intercurrent=[
            {"event": "rescue", "strategy": strategy, "yearly": 0.5, **said}])  # fmt: skip
        drawn = lab.draw(0, 20, 30, Truth())
        return np.minimum(drawn.between[0].day, 728.0), lab.block(drawn)

    day, policy = block("treatment-policy")
    assert (policy.count == 2).all()
    np.testing.assert_allclose(policy.exposure, 728 / YEAR)
    for strategy in ("hypothetical", "while-on-treatment"):
        day, cut = block(strategy)
        np.testing.assert_allclose(cut.exposure, day / YEAR)
        np.testing.assert_array_equal(cut.count, (day >= 150).astype(int) + (day >= 650))


def test_several_events_are_settled_each(made, exact):
    lab = made.lab(exact, intercurrent=[
        {"event": "rescue", "strategy": "treatment-policy", "yearly": 0.6, "arms": ["placebo"],
         "then": "active"},
        {"event": "stopping", "strategy": "hypothetical", "yearly": 0.4},
    ])  # fmt: skip
    drawn = lab.draw(0, 30, 30, Truth())
    seen = readings.values(drawn, "density", lab.visits)
    rescue, stopping = (one.day for one in drawn.between)
    np.testing.assert_array_equal(np.isnan(seen), stopping[:, :, None] < DAYS)
    only = (drawn.arm == 1) & (stopping > 728) & (rescue < 182)
    assert only.any()
    fell = -8 * np.minimum(rescue[only][:, None], DAYS) / 728
    np.testing.assert_allclose(seen[only] - seen[only][:, :1], fell, atol=1e-4)
    assert np.isinf(rescue[drawn.arm == 0]).all()


SETTLED = [
    {"strategy": "treatment-policy", "then": "active", "arms": ["placebo"]},
    {"strategy": "treatment-policy", "arms": ["placebo"]},
    {"strategy": "composite", "value": 40.0, "arms": ["placebo"]},
    {"strategy": "while-on-treatment"},
    {"strategy": "principal-stratum"},
    {"strategy": "hypothetical"},
]


@pytest.mark.parametrize("said", SETTLED, ids=lambda said: said["strategy"] + said.get("then", ""))
def test_the_truth_is_that_of_the_strategy(made, said):
    library = made.changing(made.two(2.0, noise=2.0), ("placebo", "active"))
    lab = made.lab(library, participants=120, replicates=700,
                   intercurrent=[{"event": "rescue", "yearly": 0.4, **said}])  # fmt: skip
    for truth in (Truth(), Truth(null=True)):
        found = characteristics(lab, operate(lab, truth), truth)
        assert found.bias.value == pytest.approx(0, abs=4 * found.bias.error + 0.03)
        assert found.coverage.value == pytest.approx(0.95, abs=0.03)
    assert found.effect.value == pytest.approx(0, abs=1e-6)
    assert found.power.value == pytest.approx(0.025, abs=0.02)


def test_rescue_takes_from_the_truth(made):
    plain, rescued = (
        made.lab(made.changing(made.two(2.0), ("placebo", "active")), intercurrent=events)
        for events in ([], [{"event": "rescue", "strategy": "treatment-policy", "yearly": 0.6,
                             "arms": ["placebo"], "then": "active"}])
    )  # fmt: skip
    effects = [lab.true_effects(lab.draw(0, 2, 4, Truth()))[0, 0] for lab in (plain, rescued)]
    assert 0.2 * effects[0] < effects[1] < 0.8 * effects[0]
