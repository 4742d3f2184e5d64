"""Laws of the trials that are drawn from a library."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.units import MONTH, YEAR
from antitrypsim.laboratory import readings
from antitrypsim.laboratory.design_file.in_force import primary_of
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.library import UNTREATED
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import CHUNK
from antitrypsim.laboratory.switching import true_values
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.law


quick = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIELDS = ("person", "arm", "lived", "entry", "site", "shift", "leaves", "death")
RESCUE = {"event": "rescue", "strategy": "hypothetical", "yearly": 0.3}


@pytest.fixture(scope="module")
def two(made):
    """Two arms, 2 g/L apart at the end."""
    return made.two(2.0, yearly=0.1)


def draws_of(library, draws, seed=5):
    """Return courses under draws: the typical ones, with a slope of their own for each draw."""
    rng = np.random.default_rng(seed)
    typical = library.typical.values["density"]
    own = rng.normal(0, 3, draws)[:, None, None, None]
    return typical + own * np.clip(library.days, 0, None) / library.days[-1]


def same(one, two, fields=FIELDS):
    for name in fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


# What is drawn.


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_nothing(two, made, threads):
    lab = made.lab(two, replicates=3 * CHUNK - 40, intercurrent=[RESCUE])
    one, other = (
        operate(lab, Truth(), participants=20, settings=Settings(threads=t)) for t in (1, threads)
    )
    for name in ("win", "estimate", "lower", "true", "days", "screened"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_seed_is_a_trial(two, made):
    first, again, other = (made.lab(two, seed=s).draw(0, 9, 14, Truth()) for s in (4, 4, 5))
    same(first, again)
    for word in first.z:
        np.testing.assert_array_equal(first.z[word], again.z[word])
    for name in ("person", "arm", "entry"):
        assert (getattr(first, name) != getattr(other, name)).any()
    chunks = made.lab(two, seed=4).draw(1, 9, 14, Truth())
    assert (chunks.person != first.person).any()


@quick
@given(places=st.integers(1, 30), seed=st.integers(0, 99))
def test_the_first_places_are_the_beginning(two, made, places, seed):
    said = {"seed": seed, "intercurrent": [RESCUE], "accrual": {"sites": 3, "site_sd": 1}}
    lab = made.lab(two, **said)
    drawn = lab.draw(0, 6, 30, Truth())
    part = drawn.first(places)
    assert part.shape == (6, places)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(part, name), getattr(drawn, name)[:, :places])
    here, whole = (readings.values(d, "density", lab.visits) for d in (part, drawn))
    np.testing.assert_array_equal(here, whole[:, :places])
    np.testing.assert_array_equal(part.between[0].day, drawn.between[0].day[:, :places])
    assert drawn.first(30) is drawn is drawn.first(99)


def test_where_nothing_works_all_arms_are_the_reference(two, made):
    lab = made.lab(two)
    null, typical = (lab.draw(0, 40, 30, Truth(null=n)) for n in (True, False))
    same(null, typical, ("person", "arm", "entry"))
    reference = two.arms.index("placebo")
    assert (null.lived == reference).all()
    assert (typical.lived == typical.arm).all()
    own = two.typical.values["density"][0, reference][null.person][:, :, [0, 3]]
    np.testing.assert_array_equal(true_values(null, "density", [0, 3]), own)
    assert (lab.true_effects(null) == 0).all()
    np.testing.assert_allclose(lab.true_effects(typical), 2.0, atol=1e-4)


def test_the_same_person_in_both_arms(two, made):
    lab = made.lab(two, intercurrent=[RESCUE])
    drawn = lab.draw(0, 8, 12, Truth())
    arms = [two.arms.index(a) for a in ("active", "placebo")]
    active, placebo = (drawn.with_arms(np.full_like(drawn.arm, k)) for k in arms)
    same(active, placebo, ("person", "entry", "site", "shift"))
    # With the same noise the readings differ by the person's own effect and by nothing else.
    visits = dict(lab.visits)
    gap = (
        active.sampler.read("density", true_values(active, "density", [0, 3]), active.z["density"][:, :, [0, 3]])
        - placebo.sampler.read("density", true_values(placebo, "density", [0, 3]), placebo.z["density"][:, :, [0, 3]])
    )  # fmt: skip
    np.testing.assert_allclose(gap[:, :, 0], 0, atol=1e-4)
    np.testing.assert_allclose(gap[:, :, 1], 2.0, atol=1e-3)
    assert list(visits) == ["baseline", "d182", "d364", "d728"]
    back = active.with_arms(drawn.arm)
    same(back, drawn)


def test_draws_take_turns(made):
    protocol = made.protocol()
    values = made.values(protocol, {"active": 1.0})
    library = made.library(protocol, values, drawn=draws_of(made.library(protocol, values), 7))
    lab = made.lab(library)
    first, second = (lab.draw(k, CHUNK, 4, Truth(uncertain=True)) for k in (0, 1))
    joined = np.concatenate([first.draw, second.draw])
    np.testing.assert_array_equal(joined, np.arange(2 * CHUNK) % 7)
    own = library.drawn.values["density"][
        first.draw[:, None], first.lived, first.person, library.column(728)
    ]
    np.testing.assert_array_equal(
        true_values(first, "density", [library.column(728)])[:, :, 0], own
    )


# Allocation, accrual and sites.


@pytest.mark.parametrize(
    ("said", "off"),
    [({"method": "blocks"}, 2), ({"method": "blocks", "block": 6}, 3),
     ({"method": "minimised", "within": ["sex", "site"]}, 6)],
)  # fmt: skip
def test_arms_are_balanced(two, made, said, off):
    lab = made.lab(two, allocation=said, accrual={"sites": 2})
    drawn = lab.draw(0, 60, 41, Truth())
    active = (drawn.arm == two.arms.index("active")).cumsum(axis=1)
    size = np.arange(1, 42)
    assert (np.abs(2 * active - size) <= 2 * off).all()


def test_ratios_are_kept(two, made):
    for ratio, block, share in (
        ({"active": 2, "placebo": 1}, 6, 2 / 3),
        ({"active": 93, "placebo": 87}, 60, 31 / 60),
    ):
        lab = made.lab(two, allocation={"ratio": ratio, "block": block})
        drawn = lab.draw(0, 60, 60, Truth())
        assert (drawn.arm == two.arms.index("active")).mean() == pytest.approx(share)
    with pytest.raises(
        InputError, match=r"a block of 6 cannot hold the ratio .*; a multiple of 60 can"
    ):
        made.lab(two, allocation={"ratio": ratio, "block": 6})
    plain = made.lab(two, allocation={"method": "simple", "ratio": {"active": 1, "placebo": 3}})
    arms = plain.draw(0, 250, 100, Truth()).arm
    share = (arms == two.arms.index("active")).mean(axis=1)
    assert share.mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 25_000))
    assert share.std() == pytest.approx(np.sqrt(0.25 * 0.75 / 100), rel=0.2)


def test_strata_are_balanced_each(two, made):
    lab = made.lab(two, allocation={"method": "blocks", "within": ["sex"], "block": 4})
    drawn = lab.draw(0, 50, 60, Truth())
    male = (two.people["SEX"] == "male").to_numpy()[drawn.person]
    active = drawn.arm == two.arms.index("active")
    for group in (male, ~male):
        gap = (active & group).sum(axis=1) - (~active & group).sum(axis=1)
        assert np.abs(gap).max() <= 2


def test_people_come_at_the_stated_pace(two, made):
    lab = made.lab(two, accrual={"per_month": 8})
    entry = lab.draw(0, 250, 100, Truth()).entry / MONTH
    assert (np.diff(entry, axis=1) > 0).all()
    for n in (1, 40, 100):
        error = np.sqrt(n) / 8 / np.sqrt(250)
        assert entry[:, n - 1].mean() == pytest.approx(n / 8, abs=4 * error)


def test_a_ramp_begins_slowly_and_ends_in_the_pace(two, made):
    lab = made.lab(two, accrual={"per_month": 8, "ramp_months": 10})
    entry = lab.draw(0, 250, 200, Truth()).entry / MONTH
    for month, expected in ((5, 8 * 25 / 20), (10, 40.0), (20, 8 * 15.0)):
        count = (entry <= month).sum(axis=1)
        assert count.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 250))


def test_a_site_shifts_levels_and_no_changes(two, made):
    plain, sites = (
        made.lab(two, accrual={"sites": 6, "site_sd": sd}) for sd in (0, 5)
    )  # fmt: skip
    a, b = (lab.draw(0, 250, 30, Truth()) for lab in (plain, sites))
    same(a, b, ("person", "arm", "site", "leaves"))
    one, two_ = (readings.values(d, "density", plain.visits) for d in (a, b))
    shift = two_[:, :, 0] - one[:, :, 0]
    assert shift.std() == pytest.approx(5, rel=0.1)
    np.testing.assert_allclose(two_ - two_[:, :, :1], one - one[:, :, :1], atol=1e-4)
    # People of one site share its instrument.
    for r in range(3):
        for s in range(6):
            here = shift[r][b.site[r] == s]
            assert here.size == 0 or np.ptp(here) < 1e-3


# Who leaves.


@pytest.mark.parametrize(
    ("leaving", "shares"),
    [({}, (0.1, 0.1)), ({"yearly": 0.3}, (0.3, 0.3)), ({"yearly": 0.3, "by_arm": {"active": 0.05}}, (0.05, 0.3)),
     ({"yearly": 0.2, "depends_on": {"endpoint": "density", "per": -2, "ratio": 1}}, (0.2, 0.2))],
)  # fmt: skip
def test_the_stated_share_leaves_in_a_year(two, made, leaving, shares):
    drawn = made.lab(two, leaving=leaving).draw(0, 250, 80, Truth())
    for arm, share in zip(("active", "placebo"), shares, strict=True):
        mine = drawn.arm == two.arms.index(arm)
        for years in (1, 1.9):
            expected = 1 - (1 - share) ** years
            gone = (drawn.leaves[mine] <= years * YEAR).mean()
            error = np.sqrt(expected * (1 - expected) / mine.sum())
            assert gone == pytest.approx(expected, abs=4 * error)


def test_nobody_leaves_where_nobody_does(two, made):
    assert np.isinf(made.lab(two, leaving={"yearly": 0}).draw(0, 9, 20, Truth()).leaves).all()


@pytest.mark.parametrize("seen", [True, False])
def test_those_who_fell_leave_more(made, seen):
    library = made.two(0.0, spread=6.0, noise=2.0)
    on = {"endpoint": "density", "per": -2, "ratio": 1.5, "seen": seen}
    lab = made.lab(library, leaving={"yearly": 0.2, "depends_on": on})
    drawn = lab.draw(0, 250, 60, Truth())
    columns = [library.column(d) for d in (0, 182, 364)]
    true = true_values(drawn, "density", columns)
    measured = lab.sampler.read("density", true, drawn.z["density"][:, :, columns])
    # After day 182 the last measured change decides, or the true one of day 364.
    there = drawn.leaves > 182
    basis = measured[:, :, 1] - measured[:, :, 0] if seen else true[:, :, 2] - true[:, :, 0]
    rate = -np.log1p(-0.2) / YEAR * 1.5 ** (basis / -2)
    expected = -np.expm1(-rate * 182)
    gone = there & (drawn.leaves <= 364)
    order = np.argsort(basis[there])
    for part in np.array_split(order, 4):
        error = np.sqrt(np.mean(expected[there][part] * (1 - expected[there][part])) / len(part))
        assert gone[there][part].mean() == pytest.approx(
            expected[there][part].mean(), abs=4 * error
        )
    fell, rose = (
        gone[there][p].mean() for p in (order[: len(order) // 4], order[-len(order) // 4 :])
    )
    assert fell > 1.5 * rose


@pytest.mark.parametrize("visits", [("baseline", "d364", "d728"), ("d182", "d364", "d728")])
def test_leaving_rests_on_what_was_measured(made, visits):
    """A visit without a reading tells nothing new, and without a baseline there is no change."""
    assessed = [
        {"endpoint": "density", "visits": list(visits), "noise": {"sd": 2.0}},
        {"endpoint": "fever"},
    ]
    plan = {"id": "fever", "endpoint": "fever", "analysis": "negative-binomial"}
    protocol = made.protocol(assessments=assessed, endpoints={"primary": plan})
    library = made.library(protocol, made.values(protocol, {}, spread=6.0))
    on = {"endpoint": "density", "per": -2, "ratio": 1.5}
    primary = {**plan, "compare": ["active", "placebo"]}
    said = {"yearly": 0.3, "depends_on": on}
    drawn = made.lab(library, primary=primary, leaving=said).draw(0, 100, 60, Truth())
    plain = made.lab(library, primary=primary, leaving={"yearly": 0.3}).draw(0, 100, 60, Truth())
    same(drawn, plain, fields=("person", "arm"))
    first = 364 if visits[0] == "baseline" else 728
    for day in (182, first):
        # Up to the first change that is known everybody leaves at the steady rate.
        gone = [(one.leaves <= day).mean() for one in (drawn, plain)]
        assert gone[0] == pytest.approx(gone[1], abs=0.02)


def test_what_is_read_ends_with_leaving_and_death(made):
    protocol = made.protocol(yearly=0.4)
    values = made.values(protocol, {})
    death = np.full((1, 2, 100, 1), np.nan)
    death[:, :, ::3] = 300.0
    lab = made.lab(made.library(protocol, values, events={"death": death}))
    drawn = lab.draw(0, 50, 40, Truth())
    seen = readings.values(drawn, "density", lab.visits)
    days = np.array(list(lab.visits.values()))
    there = days <= np.minimum(drawn.leaves, drawn.death)[:, :, None]
    np.testing.assert_array_equal(np.isfinite(seen), there)
    assert set(np.unique(drawn.death)) == {300.0, np.inf}


# Screening.


def test_everybody_meets_the_criterion_on_the_measured_baseline(two, made):
    lab = made.lab(two, screening=[{"endpoint": "density", "min": 55, "max": 70}])
    drawn = lab.draw(0, 40, 30, Truth())
    read = readings.values(drawn, "density", lab.visits)[:, :, 0]
    assert read.min() >= 55
    assert read.max() <= 70
    assert (drawn.screened > 0).all()
    assert np.ptp(two.typical.values["density"][0, 1][drawn.person][:, :, 0]) > 15
    plain = made.lab(two).draw(0, 40, 30, Truth())
    assert (plain.screened == 0).all()
    share = np.mean((readings.values(plain, "density", lab.visits)[:, :, 0] >= 55)
                    & (readings.values(plain, "density", lab.visits)[:, :, 0] <= 70))  # fmt: skip
    assert 30 / (30 + drawn.screened.mean()) == pytest.approx(share, abs=0.05)
    assert drawn.first(15).screened.mean() == pytest.approx(drawn.screened.mean() / 2, rel=0.05)


@pytest.mark.parametrize("percent", [False, True])
def test_who_was_taken_after_a_measured_fall_rises(made, percent):
    protocol = made.protocol(noise=2.0)
    values = made.values(protocol, {}, spread=0.0, before=(182.625,))
    flat = np.broadcast_to(values[..., :1], values.shape)
    library = made.library(protocol, flat, before=(182.625,))
    fall = 5 if percent else 3
    screen = {"endpoint": "density", "change_over": "6 months", "max": -fall, "percent": percent}
    lab = made.lab(library, screening=[screen])
    drawn = lab.draw(0, 250, 40, Truth())
    seen = readings.values(drawn, "density", lab.visits)
    rise = np.nanmean(seen[:, :, -1] - seen[:, :, 0])
    if percent:
        assert rise > 1
        return
    # Nobody changes: what is measured afterwards is the noise that let them in.
    limit = fall / (2 * np.sqrt(2))
    expected = 2 / np.sqrt(2) * norm.pdf(limit) / norm.sf(limit)
    assert rise == pytest.approx(expected, abs=4 * 2 * np.sqrt(2) / np.sqrt(10_000))
    assert np.nanmean(seen[:, :, 2] - seen[:, :, 1]) == pytest.approx(0, abs=0.12)


def test_a_run_in_is_such_a_screening(made):
    protocol = made.protocol(noise=2.0)
    values = made.values(protocol, {}, spread=0.0, before=(182.625,))
    library = made.library(protocol, np.broadcast_to(values[..., :1], values.shape),
                           before=(182.625,))  # fmt: skip
    ran = made.lab(library, design={"kind": "run-in", "length": "6 months", "max": -3})
    other = made.lab(library, screening=[
        {"endpoint": "density", "change_over": "6 months", "max": -3}])  # fmt: skip
    first, second = (lab.draw(0, 20, 20, Truth()) for lab in (ran, other))
    # The run-in itself takes its time.
    np.testing.assert_allclose(first.entry, second.entry + 182.625)
    same(replace(first, entry=second.entry), second)


def test_people_who_are_screened_and_not_taken_take_time(two, made):
    plain = made.lab(two).draw(0, 40, 60, Truth())
    chosen = made.lab(two, screening=[{"endpoint": "density", "min": 60}]).draw(0, 40, 60, Truth())
    share = 60 / (60 + chosen.screened.mean())
    assert plain.entry[:, -1].mean() / chosen.entry[:, -1].mean() == pytest.approx(share, rel=0.1)


def test_true_effects_are_those_of_who_passed(made):
    protocol = made.protocol(noise=0.0)
    values = made.values(protocol, {"active": 0.0})
    high = values[1, :, 0] > np.median(values[1, :, 0])
    values[0, high] += 4.0 * made.days(protocol) / 728
    library = made.library(protocol, values)
    whole = made.lab(library)
    some = made.lab(library, screening=[
        {"endpoint": "density", "min": float(np.median(values[1, :, 0]))}])  # fmt: skip
    for lab, effect in ((whole, 2.0), (some, 4.0)):
        drawn = lab.draw(0, 10, 20, Truth())
        np.testing.assert_allclose(lab.true_effects(drawn), effect, atol=1e-3)


def test_a_criterion_may_be_who_people_are(two, made):
    lab = made.lab(two, screening=[
        {"only": {"sex": ["male"], "smoking": ["ex"]}}, {"endpoint": "density", "min": 55},
    ])  # fmt: skip
    drawn = lab.draw(0, 40, 30, Truth())
    who = two.people.iloc[drawn.person.ravel()]
    assert set(who["SEX"]) == {"male"}
    assert set(who["SMOKING"]) == {"ex"}
    assert lab.block(drawn).values[:, :, 0].min() >= 55
    alone = made.lab(two, screening=[{"only": {"sex": ["male"]}}]).draw(0, 250, 30, Truth())
    share = (two.people["SEX"] == "male").mean()
    assert 30 / (30 + alone.screened.mean()) == pytest.approx(share, rel=0.05)


@pytest.mark.contract
def test_a_criterion_that_nobody_passes_is_named(two, made):
    lab = made.lab(two, screening=[
        {"endpoint": "density", "min": 40}, {"only": {"sex": ["male"]}},
        {"endpoint": "density", "min": 300},
    ])  # fmt: skip
    with pytest.raises(RunError) as problem:
        lab.draw(0, 3, 10, Truth())
    said = problem.value.message
    assert said.startswith("nobody passes the screening; of readings of the library's 100 people")
    assert "each criterion by itself: density min 300 g/L 0 %, sex male " in said


@pytest.mark.contract
def test_screening_that_runs_out_says_how_many_places_are_open(two, made, monkeypatch):
    from antitrypsim.laboratory import screening

    monkeypatch.setattr(screening, "MOST_SCREENS", 3)
    lab = made.lab(two, screening=[{"endpoint": "density", "min": 72}])
    with pytest.raises(RunError, match="hardly anybody passes the screening: ") as problem:
        lab.draw(0, 30, 10, Truth())
    still = int(re.search(r": (\d+) of 300 places are open", problem.value.message)[1])
    assert 0 < still < 300
    assert "density min 72 g/L" in problem.value.message


@pytest.mark.contract
@pytest.mark.parametrize(
    ("ratio", "people", "sizes"),
    [((97, 3), 1000, (970, 30)), ((7, 6), 260, (140, 120)), ((20, 1), 210, (200, 10)),
     ((13, 7), 60, (39, 21))],
)  # fmt: skip
def test_the_laboratory_allocates_by_the_ratio_that_is_said(two, made, ratio, people, sizes):
    from antitrypsim.reports.dossiersettings import _allocation

    said = dict(zip(("active", "placebo"), ratio, strict=True))
    lab = made.lab(two, allocation={"ratio": said})
    drawn = lab.draw(0, 20, people, Truth())
    for arm, size in zip(("active", "placebo"), sizes, strict=True):
        assert np.all((drawn.arm == lab.library.arms.index(arm)).sum(axis=1) == size)
    assert _allocation(lab) == f"blocks, {ratio[0]} to {ratio[1]} (active to placebo)"


@pytest.mark.contract
def test_each_site_has_the_ratio_that_is_said(two, made):
    ratio = {"active": 13, "placebo": 7}
    lab = made.lab(two, allocation={"ratio": ratio, "within": ["site"]}, accrual={"sites": 4})
    drawn = lab.draw(0, 50, 90, Truth())
    for site in range(4):
        here = drawn.site == site
        active = (here & (drawn.arm == lab.library.arms.index("active"))).sum(axis=1)
        assert np.all(np.abs(active - 0.65 * here.sum(axis=1)) < 1)


def test_a_blinded_re_estimation_knows_the_ratio(two, made):
    said = {"kind": "sample-size-reestimation", "by": "blinded", "assumed": 1.5, "most": 4}
    design = {"design": said, "participants": 100}
    even = made.lab(two, **design, allocation={"ratio": {"active": 1, "placebo": 1}})
    odd = made.lab(two, **design, allocation={"ratio": {"active": 3, "placebo": 1}})
    sizes = [
        kind_of(lab.design).conduct(lab, lab.draw(0, 60, 400, Truth())).enrolled.mean()
        for lab in (even, odd)
    ]
    assert 100 < sizes[0] < sizes[1] < 400
    assert sizes[1] == pytest.approx(sizes[0] / (4 * 0.25 * 0.75), rel=0.1)


# Looks.


def test_a_look_hides_what_comes_later(two, made):
    lab = made.lab(two, accrual={"per_month": 3})
    drawn = lab.draw(0, 30, 40, Truth())
    until = np.linspace(100, 2500, 30)
    block, whole = lab.block(drawn, until=until), lab.block(drawn)
    day = drawn.entry[:, :, None] + np.array(list(lab.visits.values()))
    known = day <= until[:, None, None]
    hidden = np.where(known, whole.values, np.nan)
    np.testing.assert_array_equal(block.values, hidden)
    np.testing.assert_array_equal(block.arm, np.where(drawn.entry > until[:, None], -1, whole.arm))
    assert (~known & np.isfinite(whole.values)).any()


def _events(made, process, **said):
    protocol = made.protocol(yearly=0.3)
    when = np.full((1, 2, 100, 3), np.nan)
    when[..., 0] = np.linspace(-50, 800, 100)
    when[..., 1] = np.where(when[..., 0] > 0, when[..., 0] + 60, np.nan)
    library = made.library(protocol, made.values(protocol, {}), events={process: when[..., :1] if process == "death" else when})  # fmt: skip
    return library, when


def test_counts_are_of_the_time_that_was_watched(made):
    library, when = _events(made, "exacerbation")
    lab = made.lab(library, primary={"id": "e", "endpoint": "exacerbations",
                                     "analysis": "negative-binomial"})  # fmt: skip
    drawn = lab.draw(0, 20, 50, Truth())
    last = np.minimum(drawn.leaves, 728)
    block = lab.block(drawn)
    np.testing.assert_allclose(block.exposure, last / YEAR)
    own = when[0, 0][drawn.person]
    np.testing.assert_array_equal(block.count, ((own > 0) & (own <= last[:, :, None])).sum(axis=2))
    until = np.full(20, 500.0)
    part = lab.block(drawn, until=until)
    seen = np.clip(500 - drawn.entry, 0, last)
    np.testing.assert_allclose(part.exposure, np.maximum(seen, 1e-9) / YEAR)
    assert (part.arm[seen == 0] == -1).all()
    assert (part.count <= block.count).all()
    assert part.count.sum() < block.count.sum()


def test_times_are_to_the_first_event_or_to_the_last_day_seen(made):
    library, when = _events(made, "death")
    lab = made.lab(library, primary={"id": "d", "endpoint": "death", "analysis": "cox"})
    drawn = lab.draw(0, 20, 50, Truth())
    block = lab.block(drawn)
    own = when[0, 0, :, 0][drawn.person]
    # Those who died before day 0 cannot be in a library; here they are watched and never die.
    dies = (own > 0) & (own <= np.minimum(drawn.leaves, 728))
    np.testing.assert_array_equal(block.event, dies & (own <= 728))
    np.testing.assert_allclose(block.time[block.event], own[block.event], rtol=1e-5)
    censored = ~block.event & (own > 0)
    np.testing.assert_allclose(block.time[censored], np.minimum(drawn.leaves, 728)[censored])


# What cannot be.


@pytest.mark.contract
def test_an_endpoint_that_is_not_kept_is_said(two, made):
    lab = made.lab(two)
    drawn = lab.draw(0, 2, 4, Truth())
    with pytest.raises(InputError, match="the library holds no 'fev1'"):
        true_values(drawn, "fev1", [0])
    with pytest.raises(InputError, match="the library holds no draws"):
        lab.draw(0, 2, 4, Truth(uncertain=True))


@pytest.mark.contract
def test_an_option_that_is_not_known_is_said(two, made):
    with pytest.raises(InputError, match="the analysis 'bayesian' has no option 'prior'"):
        made.lab(two, primary={"id": "d", "endpoint": "density", "analysis": "bayesian",
                               "visit": "d728", "options": {"prior": 1}})  # fmt: skip


# In people who were lived.


def test_lived_people_obey(rapid_lab, rapid):
    lab = rapid_lab(screening=[
        {"endpoint": "fev1_percent", "change_over": "6 months", "max": -2, "why": "a fall"}])  # fmt: skip
    assert primary_of(lab.design, lab.protocol).endpoint == "density"
    drawn = lab.draw(0, 60, 20, Truth(null=True))
    now, then = (rapid.column(d) for d in (0.0, -182.625))
    z = drawn.z["spirometry"]
    course = rapid.typical.values["fev1_percent"][0, rapid.untreated]
    read = [lab.sampler.read("fev1_percent", course[drawn.person, c], z[:, :, c]) for c in (now, then)]  # fmt: skip
    assert (read[0] - read[1] <= -2).all()
    assert (drawn.screened > 0).all()
    after = rapid.column(91)
    later = lab.sampler.read("fev1_percent", course[drawn.person, after], z[:, :, after])
    free = rapid_lab().draw(0, 60, 20, Truth(null=True))
    change = np.nanmean(course[free.person, after] - course[free.person, now])
    # They fall as everybody does, and what had brought them in mends itself.
    assert np.nanmean(later - read[0]) > change + 1


def test_of_two_treated_arms_the_second_is_the_reference(made):
    """Where nothing works everybody follows it, although the library knows people untreated too."""
    protocol = made.protocol(all_treated=True)
    lab = made.lab(made.library(protocol, made.values(protocol, {"active": 2.0})))
    assert lab.library.arms[lab.library.untreated] == UNTREATED
    assert lab.sampler.reference == "placebo"
