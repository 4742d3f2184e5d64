"""Power against size, and the size for a wanted power."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory import power as module
from antitrypsim.laboratory.power import _needed, power_curve
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.law


NOISE = 3.0


@pytest.fixture(scope="module")
def two(made):
    """Two arms, 2 g/L apart: people's own changes vary by 1 g/L, readings by 3."""
    return made.two(2.0, noise=NOISE)


def theory(library, size, effect=2.0, alpha=0.05):
    """Return the power of a two-sided z test of the change at the end."""
    own = np.var(np.diff(library.typical.values["density"][0, 1][:, [0, 3]], axis=1))
    error = np.sqrt((own + 2 * NOISE**2) * 4 / size)
    return norm.sf(norm.isf(alpha / 2) - effect / error)


@pytest.mark.independent
def test_power_is_what_theory_says(two, made):
    lab = made.lab(two, sizes=[120, 240, 60], replicates=2000)
    curve = power_curve(lab)
    assert curve.sizes == (60, 120, 240)
    for n, found in zip(curve.sizes, curve.power, strict=True):
        expected = theory(two, n)
        assert found.error == pytest.approx(np.sqrt(expected * (1 - expected) / 2000), rel=0.1)
        # Plug-in variances make a small trial a little too sure.
        assert found.value == pytest.approx(expected, abs=4 * found.error + 0.2 / n)
    for found in curve.null:
        assert found.value == pytest.approx(0.025, abs=4 * np.sqrt(0.025 * 0.975 / 2000) + 0.003)
    exact = next(n for n in range(20, 400) if theory(two, n) >= 0.9)
    low, high = curve.needed_interval
    assert low < curve.needed < high
    assert curve.needed == pytest.approx(exact, rel=0.08)
    assert curve.at_needed.value == pytest.approx(0.9, abs=4 * curve.at_needed.error + 0.01)
    assert curve.assurance is curve.hopeless is curve.needed_assured is None
    assert curve.planned == 120


def test_power_rises_with_size(two, made):
    curve = power_curve(made.lab(two, replicates=250))
    values = [m.value for m in curve.power]
    assert len(values) >= len(module.STEPS)
    assert values == sorted(values)
    assert curve.sizes == tuple(sorted(curve.sizes))


@pytest.mark.independent
@settings(max_examples=100)
@given(
    a=st.floats(-3, 0), b=st.floats(0.05, 0.6), wanted=st.sampled_from([0.8, 0.9, 0.95]),
    start=st.integers(5, 40),
)  # fmt: skip
def test_the_size_is_read_off_a_probit_line_exactly(a, b, wanted, start):
    sizes = tuple(round(start * f) for f in (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24))
    chance = norm.cdf(a + b * np.sqrt(sizes))
    needed = _needed(sizes, chance, wanted)
    exact = ((norm.ppf(wanted) - a) / b) ** 2
    inside = ((chance > 0.02) & (chance < 0.998)).sum()
    if chance.max() < wanted:
        assert needed is None
    elif inside >= 2 and chance[0] < wanted:
        assert needed % 2 == 0
        assert needed == pytest.approx(exact, abs=2.001)
    else:
        assert needed == sizes[int(np.argmax(chance >= wanted))]


def test_more_power_takes_more_people():
    sizes = (20, 40, 80, 160, 320)
    power = np.array([0.2, 0.35, 0.62, 0.9, 0.99])
    needed = [_needed(sizes, power, wanted) for wanted in (0.5, 0.8, 0.9, 0.95, 0.99)]
    assert needed == sorted(needed)
    assert len(set(needed)) == 5


@pytest.mark.contract
def test_jumps_and_falls_are_told_by_the_first_size_that_does():
    sizes = (20, 40, 80)
    assert _needed(sizes, np.array([0.0, 1.0, 1.0]), 0.9) == 40
    assert _needed(sizes, np.array([0.95, 0.9, 0.85]), 0.9) == 20
    assert 40 < _needed(sizes, np.array([np.nan, 0.85, 0.95]), 0.9) < 80


def test_limits_of_a_size_hold_the_spread_between_seeds(two, made):
    said = {"sizes": [60, 120, 180, 240], "replicates": 500}
    curves = [power_curve(made.lab(two, seed=seed, **said)) for seed in range(1, 9)]
    found = [c.needed for c in curves]
    widths = [c.needed_interval[1] - c.needed_interval[0] for c in curves]
    # Limits of 95 % are four standard deviations wide.
    assert 0.4 < np.median(widths) / (4 * np.std(found, ddof=1)) < 2.5


@pytest.mark.contract
def test_a_power_that_the_smallest_size_has_is_told_as_such(made):
    strong = power_curve(made.lab(made.two(8.0, noise=1.0), sizes=[40, 80], replicates=100))
    assert (strong.needed, strong.at_most, strong.needed_interval) == (40, True, None)
    free = power_curve(made.lab(made.two(8.0, noise=1.0), replicates=100))
    assert free.needed < 40


def test_a_power_out_of_reach_is_none(made, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 300)
    curve = power_curve(made.lab(made.two(0.1), replicates=100))
    assert curve.needed is curve.needed_interval is curve.at_needed is None
    assert curve.sizes[-1] == 300
    # It looked further than the sizes it began with before it gave up.
    told = curve.to_dict()
    assert told["needed"] is None
    assert len(told["power"]) == len(told["sizes"])
    stated = power_curve(made.lab(made.two(0.1), replicates=100, sizes=[20, 40]))
    assert stated.sizes == (20, 40)
    assert stated.needed is None


def test_larger_trials_are_looked_at_until_the_power_is_there(made):
    library = made.two(2.0, noise=NOISE)
    lab = made.lab(library, participants=10, replicates=250)
    curve = power_curve(lab)
    assert curve.sizes[-1] > 4 * 10
    assert curve.power[-1].value >= 0.9
    assert curve.needed is not None


def test_assurance_is_the_mean_over_draws(made):
    protocol = made.protocol(noise=NOISE)
    base = made.values(protocol, {})
    share = np.clip(made.days(protocol), 0, None) / 728
    effects = (0.0, 1.0, 1.0, 4.0)
    drawn = np.stack([np.stack([base[0] + e * share, base[1]]) for e in effects])
    library = made.library(protocol, made.values(protocol, {"active": 2.0}), drawn=drawn)
    lab = made.lab(library, sizes=[60, 120], replicates=2000, relevant=0.5)
    curve = power_curve(lab)
    assert curve.hopeless == pytest.approx(0.25, abs=0.01)
    for n, found in zip(curve.sizes, curve.assurance, strict=True):
        each = [theory(library, n, e) for e in effects]
        # Draws are the sample, so their spread is the error.
        assert found.error == pytest.approx(np.std(each, ddof=1) / 2, rel=0.1)
        assert found.value == pytest.approx(np.mean(each), abs=0.02)
    assert curve.needed_assured is None
    assert all(a.value < p.value for a, p in zip(curve.assurance, curve.power, strict=True))


def test_a_smaller_trial_is_the_beginning_of_a_larger(two, made):
    one = power_curve(made.lab(two, sizes=[60, 240], replicates=250))
    other = power_curve(made.lab(two, sizes=[60, 120, 240], replicates=250))
    assert (one.power[0], one.power[1]) == (other.power[0], other.power[2])


def test_threads_change_no_curve(two, made):
    one, two_ = (
        power_curve(made.lab(two, sizes=[40, 80], replicates=600), settings=Settings(threads=t))
        for t in (1, 3)
    )
    assert one == two_


@pytest.mark.contract
def test_stages_are_told(two, made):
    told = []
    lab = made.lab(two, sizes=[40, 240], replicates=300)
    power_curve(lab, settings=Settings(progress=lambda *said: told.append(said)))
    assert {stage for stage, *_ in told} == {
        "power", "power at the size found", "where nothing works"}  # fmt: skip
    assert all(done <= total for _, done, total in told)


def test_other_kinds_are_run_at_each_size(two, made):
    lab = made.lab(two, sizes=[60, 120], replicates=250,
                   design={"kind": "group-sequential", "looks": [0.5, 1]})  # fmt: skip
    curve = power_curve(lab)
    assert 0 < curve.power[0].value < curve.power[1].value


@pytest.mark.contract
@pytest.mark.parametrize("kind", ["dose-escalation", "platform"])
def test_designs_without_a_size_are_refused(two, made, kind):
    design = {
        "dose-escalation": {"kind": kind, "toxicity": ["fever"]},
        "platform": {"kind": kind, "arms": [{"arm": "active", "month": 0}], "per_arm": 10},
    }[kind]
    with pytest.raises(InputError, match=f"the size of a design '{kind}' is not one number"):
        power_curve(made.lab(two, design=design))


def test_the_fast_way_is_the_way(two, made):
    """Where an analysis reads all sizes off one pass, the claims are those of each size alone."""
    from antitrypsim.statistics.analysis import ANALYSES

    fast = [
        name for name, one in ANALYSES.items() if hasattr(one, "over_prefixes") and name != "bayesian"
    ]  # fmt: skip
    for name in fast:
        plan = {"id": "d", "endpoint": "density", "analysis": name}
        if name in ("ancova", "t-test", "mmrm"):
            plan["visit"] = "d728"
        lab = made.lab(two, primary=plan)
        drawn = lab.draw(0, 60, 80, Truth())
        parts = lab.analysis.over_prefixes(lab.block(drawn), (30, 50, 80), 0.95, lab.options)
        for n, found in zip((30, 50, 80), parts, strict=True):
            whole = lab.analyse(lab.block(drawn.first(n)))
            np.testing.assert_allclose(found.estimate, whole.estimate, rtol=1e-4, atol=1e-5)
            agree = lab.claims(found)[0] == lab.claims(whole)[0]
            assert agree.mean() > 0.95


def test_the_sizes_that_are_looked_at_rise_about_the_planned_one():
    assert list(module.STEPS) == sorted(set(module.STEPS))
    assert 1.0 in module.STEPS


def test_a_larger_parallel_trial_is_the_smaller_one_and_more_people(two, made):
    """Sizes of a parallel design share their first people, so that a curve does not jump by chance."""
    lab = made.lab(two, sizes=[60, 70], replicates=1000)
    claims = module._claims(lab, (60, 70), Truth(), 1000, Settings())
    small, large = claims.wins.T
    assert np.corrcoef(small, large)[0, 1] > 0.6


@pytest.mark.contract
@pytest.mark.parametrize(("own", "least"), [(40, 4), (180, 4), (7, 6), (1, 2)])
def test_sizes_that_are_looked_at_are_even_and_hold_the_planned_one(own, least):
    found = module._grid(own, least)
    assert all(size % 2 == 0 or size == least for size in found)
    assert min(found) >= least
    assert max(least, 2 * round(own / 2)) in found
