"""Every kind of design over many made-up trials: what it claims, and what it must not."""

import numpy as np
import pytest
from scipy.stats import norm, t

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import MONTH
from antitrypsim.laboratory.appraisal import _flow
from antitrypsim.laboratory.characteristics import characteristics, measured
from antitrypsim.laboratory.designs import KINDS
from antitrypsim.laboratory.designs._looks import signed_z
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.designs.response_adaptive import _best
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.simulation.settings import Settings
from antitrypsim.statistics.analysis import ANALYSES

pytestmark = pytest.mark.law


NOISE = 3.0
HALF = 182.625
NULL, TYPICAL, UNKNOWN = Truth(null=True), Truth(), Truth(uncertain=True)
MANY = 2000
ALPHA = 0.025


def beside(share, replicates=MANY):
    """Return four Monte Carlo standard errors of a share."""
    return 4 * np.sqrt(share * (1 - share) / replicates)


@pytest.fixture(scope="module")
def two(made):
    return made.two(2.0, noise=NOISE, before=(HALF,))


@pytest.fixture(scope="module")
def three(made):
    protocol = made.protocol(("high", "low", "placebo"), noise=NOISE)
    return made.library(protocol, made.values(protocol, {"high": 3.0, "low": 1.0}))


@pytest.fixture(scope="module")
def alone(made):
    """One treated arm on a protocol of two; untreated people fall by 4, and by measured chance."""
    protocol = made.protocol(noise=NOISE)
    values = made.values(protocol, {"active": 4.0}, before=(HALF,))
    # People who are stable untreated, so that what rises afterwards is what had let them in.
    values = values + 4.0 * np.clip(made.days(protocol, (HALF,)), 0, None) / 728
    return made.library(protocol, values, before=(HALF,))


GIVEN = {
    "product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week",
}  # fmt: skip


def sequences(made, effect, *, spread=1.0, drift=-1.0):
    """Return a cross-over of two sequences; the effect is there at the end of the treated period."""
    days = {"baseline": 0, "p1": 182, "washed": 364, "p2": 546}
    protocol = made.protocol(("treated-first", "placebo-first"), noise=NOISE, days=days,
        all_treated=True,
        epochs=[{"id": "one", "length": "364 days"}, {"id": "two", "length": "182 days"}],
        arms=[{"id": "treated-first", "title": "AB", "treatment": {"one": [GIVEN]}},
              {"id": "placebo-first", "title": "BA", "treatment": {"two": [GIVEN]}}])  # fmt: skip
    values = made.values(protocol, {}, spread=spread)
    at = {v: int(np.flatnonzero(made.days(protocol) == d)[0]) for v, d in days.items()}
    values[0, :, at["p1"]] += effect
    values[1, :, at["p2"]] += effect
    values[..., at["p2"]] += drift
    primary = {"id": "d", "endpoint": "density", "analysis": "crossover"}
    return made.library(protocol, values), primary


def cycles(made, effect):
    """Return n-of-1 trials of two cycles, and an arm without any treatment."""
    days = {"baseline": 0, "on1": 90, "off1": 180, "on2": 270, "off2": 360}
    protocol = made.protocol(("cycles",), noise=NOISE, days=days, all_treated=True,
        epochs=[{"id": f"e{k}", "length": "90 days"} for k in range(4)],
        arms=[{"id": "cycles", "title": "Cycles",
               "treatment": {"e0": [GIVEN], "e2": [GIVEN]}}])  # fmt: skip
    values = made.values(protocol, {}, spread=0.0)
    values[:] = values[..., :1]
    for day in (90, 270):
        values[0, :, np.flatnonzero(made.days(protocol) == day)[0]] += effect
    primary = {"id": "d", "endpoint": "density", "analysis": "crossover", "compare": ["cycles"]}
    design = {"kind": "n-of-1", "cycles": [["on1", "off1"], ["on2", "off2"]]}
    return made.library(protocol, values), primary, design


def both(library, made, replicates=MANY, **said):
    """Return the laboratory and its characteristics where nothing works, and as it is."""
    lab = made.lab(library, **said)
    found = {w: characteristics(lab, operate(lab, w, replicates=replicates), w) for w in (NULL, TYPICAL)}  # fmt: skip
    return lab, found[NULL], found[TYPICAL]


ONE = {"id": "d", "endpoint": "density", "analysis": "bayesian", "visit": "d728", "compare": ["active"]}  # fmt: skip
LOOKS = {"kind": "group-sequential", "looks": [0.5, 1]}


# Every kind, end to end.


def _case(kind, made, two, three, alone):
    """Return a library and what a small design of the kind says."""
    if kind == "crossover":
        library, primary = sequences(made, 3.0)
        periods = ["p1", "p2"]
        return library, {"primary": primary, "design": {"kind": kind, "periods": periods}}
    if kind == "n-of-1":
        library, primary, design = cycles(made, 3.0)
        return library, {"primary": primary, "design": design}
    if kind == "delayed-start":
        return delayed(made), {"design": {"kind": kind}}
    if kind == "dose-escalation":
        return doses(made), {"design": {"kind": kind, "toxicity": ["fever"]}, "participants": 18}
    return {
        "parallel": (two, {}),
        "run-in": (two, {"design": {"kind": kind, "length": "6 months", "max": 0}}),
        "multi-arm": (three, {"design": {"kind": kind}}),
        "single-arm": (alone, {"primary": ONE, "design": {"kind": kind, "report": 2}}),
        "group-sequential": (two, {"design": LOOKS}),
        "sample-size-reestimation": (two, {"design": {"kind": kind, "by": "unblinded"}}),
        "response-adaptive": (three, {"design": {"kind": kind, "looks": [0.3, 0.6, 1]}}),
        "platform": (three, {"design": {"kind": kind, "per_arm": 15, "arms": [
            {"arm": "high", "month": 0}, {"arm": "low", "month": 3}]}}),
    }[kind]  # fmt: skip


def delayed(made):
    """Return early against late start of one treatment."""
    protocol = made.protocol(("early", "late"), noise=NOISE, all_treated=True,
        epochs=[{"id": "first", "length": "364 days"}, {"id": "second", "length": "364 days"}],
        arms=[{"id": "early", "title": "Early", "treatment": {"first": [GIVEN], "second": [GIVEN]}},
              {"id": "late", "title": "Late", "treatment": {"second": [GIVEN]}}])  # fmt: skip
    return made.library(protocol, made.values(protocol, {"early": 2.0}))


def doses(made, chances=(0.05, 0.2, 0.45)):
    """Return three doses with such chances of a fever on day 10, and a placebo."""
    names = ("dose-1", "dose-2", "dose-3")
    protocol = made.protocol((*names[::-1], "placebo"))
    when = np.full((1, 4, 100, 1), np.nan)
    for k, chance in enumerate(chances):
        when[0, 2 - k, : round(100 * chance)] = 10.0
    primary = {"id": "d", "endpoint": "density", "analysis": "bayesian", "visit": "d728",
               "compare": list(names)}  # fmt: skip
    protocol = protocol.from_dict({**protocol.to_dict(), "endpoints": {"primary": primary}})
    return made.library(protocol, made.values(protocol, {}), events={"fever": when})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_runs_in_every_world(made, two, three, alone, kind):
    library, said = _case(kind, made, two, three, alone)
    courses = library.typical.values["density"][0]
    drawn = np.stack([courses, courses])
    toxic = {k: np.concatenate([v, v]) for k, v in library.typical.events.items()}
    library = made.library(library.protocol, courses, drawn=drawn, drawn_events=toxic,
                           events=library.typical.events,
                           before=tuple(-library.days[library.days < 0]))  # fmt: skip
    lab = made.lab(library, **{"participants": 48, "replicates": 300, **said})
    for truth in (NULL, TYPICAL, UNKNOWN):
        found = operate(lab, truth)
        assert len(found) == 300
        for name in ("win", "lose", "usable", "estimate", "true", "enrolled", "screened", "days",
                     "stage", "futile", "draw"):  # fmt: skip
            assert getattr(found, name).shape == (300,), name
        assert found.wins.shape[0] == 300
        np.testing.assert_array_equal(found.win, found.wins.any(axis=1))
        if kind not in ("multi-arm", "platform", "response-adaptive"):
            assert not (found.win & found.lose).any()
        assert found.usable.all()
        assert (found.days > 0).all()
        assert set(np.unique(found.draw)) == ({0, 1} if truth.uncertain else {0})
        told = characteristics(lab, found, truth).to_dict()
        assert told["replicates"] == 300
        again = operate(lab, truth, settings=Settings(threads=1))
        np.testing.assert_array_equal(found.win, again.win)


# Type I error and power where theory knows them.


def test_parallel(two, made):
    lab, null, typical = both(two, made)
    # Plug-in variances: the t distribution's own tail beyond the normal's limit.
    nominal = t.sf(norm.isf(ALPHA), lab.participants - 2)
    assert null.power.value == pytest.approx(nominal, abs=beside(ALPHA))
    assert null.wrong_way.value == pytest.approx(nominal, abs=beside(ALPHA))
    assert null.coverage.value == pytest.approx(0.95, abs=beside(0.05) + 0.005)
    for found, effect in ((null, 0), (typical, 2.0)):
        assert found.effect.value == pytest.approx(effect, abs=1e-4)
        assert found.bias.value == pytest.approx(0, abs=4 * found.bias.error)
    assert null.right.value == null.missed_effect.value == null.matters.value == 0
    assert null.false_claim.value == null.power.value
    assert typical.right.value == typical.power.value
    assert typical.missed_effect.value == pytest.approx(1 - typical.power.value)
    assert typical.enrolled.value == 120
    assert typical.months.value == pytest.approx(120 / 5 + 728 / MONTH, rel=0.01)


@pytest.mark.contract
def test_what_matters_is_the_relevant_effect(two, made):
    for relevant, share in ((1.9, 1.0), (2.1, 0.0)):
        _, _, typical = both(two, made, 500, relevant=relevant)
        assert typical.matters.value == share
        assert (typical.false_claim.value > 0) == (share == 0)


AT = {"endpoint": "density", "visit": "d728"}
PLANS = {
    "ancova": AT, "t-test": AT, "bayesian": AT, "mmrm": AT,
    "multiple-imputation": {**AT, "options": {"imputations": 5}},
    "responder": {**AT, "options": {"change": -2, "missing": "left out"}},
    "random-slope": {"endpoint": "density"},
    "negative-binomial": {"endpoint": "exacerbations"},
    "log-rank": {"endpoint": "death"}, "cox": {"endpoint": "death"},
    "rmst": {"endpoint": "death", "options": {"horizon": 700}},
}  # fmt: skip


@pytest.fixture(scope="module")
def eventful(made):
    """Two arms 2 g/L apart, with half the exacerbations and half the deaths in one; some leave."""
    protocol = made.protocol(noise=NOISE, yearly=0.1)
    rng = np.random.default_rng(3)
    often = rng.exponential(365, (100, 8)).cumsum(axis=1)
    dies = rng.exponential(1000, (100, 1))
    events = {"exacerbation": np.stack([2 * often, often])[None],
              "death": np.stack([2 * dies, dies])[None]}  # fmt: skip
    return made.library(protocol, made.values(protocol, {"active": 2.0}), events=events)


def test_odds_are_compared_with_odds(eventful, made):
    options = {"change": -2, "missing": "left out", "method": "logistic"}
    plan = {"id": "p", "analysis": "responder", **AT, "options": options}
    library = made.library(eventful.protocol, eventful.typical.values["density"][0])
    _, null, typical = both(library, made, 1000, primary=plan, participants=600)
    assert null.effect.value == 1
    assert typical.bias.value == pytest.approx(0, abs=0.1 * typical.effect.value)
    assert typical.coverage.value == pytest.approx(0.95, abs=0.03)


@pytest.mark.contract
def test_who_responds_is_read_once(eventful, made, monkeypatch):
    from antitrypsim.statistics.analysis import _responders

    plan = {"id": "p", "analysis": "responder", **AT, "options": {"change": -2}}
    lab = made.lab(eventful, primary=plan)
    read, rule = [], _responders.rule
    monkeypatch.setattr(_responders, "rule", lambda *said: read.append(said) or rule(*said))
    values = np.zeros((1, 1, 30, 2))
    chance = lab.reading(values)
    assert chance is not None
    # With noise at both ends some fall by 2 g/L or more.
    assert 0.5 < chance.mean() < 0.95
    assert lab.reading(values, measured=True).tolist() == np.ones((1, 1, 30)).tolist()
    assert len(read) == 1


def test_odds_that_follow_from_what_is_named_are_quotients_too(eventful, made):
    options = {"change": -2, "missing": "left out", "adjust": "baseline"}
    plan = {"id": "p", "analysis": "responder", **AT, "options": options}
    library = made.library(eventful.protocol, eventful.typical.values["density"][0])
    lab, null, typical = both(library, made, 400, primary=plan, participants=200)
    assert (lab.ratio, lab.nothing, lab.unit) == (True, 1.0, "ratio")
    # An odds ratio is above 0 wherever it points, so that none would ever point the wrong way.
    assert 0 < null.wrong_way.value < 4 * ALPHA
    assert typical.power.value > 4 * ALPHA


@pytest.mark.parametrize("name", [n for n in PLANS if n in ANALYSES])
def test_every_analysis_keeps_its_level_and_finds_the_truth(eventful, made, name):
    plan = {"id": "p", "analysis": name, **PLANS[name]}
    count = 500 if name in ("mmrm", "multiple-imputation") else 2000
    library = eventful
    if PLANS[name]["endpoint"] == "density":
        # Deaths would make survivors of those who are read; that is not asked here.
        library = made.library(eventful.protocol, eventful.typical.values["density"][0])
    lab, null, typical = both(library, made, count, primary=plan, participants=140)
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA, count) + 0.004)
    assert null.wrong_way.value == pytest.approx(ALPHA, abs=beside(ALPHA, count) + 0.004)
    assert null.unusable.value == typical.unusable.value == 0
    assert typical.power.value > 4 * ALPHA
    assert typical.wrong_way.value < ALPHA
    if name in ("log-rank", "cox"):
        # A hazard ratio has no simple truth, so nothing is told of it.
        assert np.isnan(typical.bias.value)
        return
    off = 4 * typical.bias.error + 0.02 * abs(typical.effect.value)
    assert typical.bias.value == pytest.approx(0, abs=off)
    assert typical.coverage.value == pytest.approx(0.95, abs=beside(0.05, count) + 0.01)
    assert null.effect.value == pytest.approx(lab.nothing)


@pytest.mark.parametrize("drift", [-1.0, 3.0])
def test_crossover(made, drift):
    library, primary = sequences(made, 3.0, drift=drift)
    said = {"primary": primary, "participants": 40,
            "design": {"kind": "crossover", "periods": ["p1", "p2"]}}  # fmt: skip
    lab, null, typical = both(library, made, **said)
    assert lab.options == {"periods": ["p1", "p2"]}
    for found in (null, typical):
        # What a period does to everybody, and what people come with, is in no estimate.
        assert found.bias.value == pytest.approx(0, abs=4 * found.bias.error)
        assert found.coverage.value == pytest.approx(0.95, abs=beside(0.05))
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA))
    assert typical.effect.value == pytest.approx(3.0, abs=1e-4)
    own = np.var(library.typical.values["density"][0, 0][:, [1, 3]] @ [1, -1])
    error = np.sqrt((own + 2 * NOISE**2) / 40)
    power = norm.sf(norm.isf(ALPHA) - 3.0 / error)
    assert typical.power.value == pytest.approx(power, abs=beside(power) + 0.02)


def test_n_of_1(made):
    library, primary, design = cycles(made, 1.5)
    _, null, typical = both(library, made, primary=primary, design=design, participants=20)
    for found in (null, typical):
        assert found.bias.value == pytest.approx(0, abs=4 * found.bias.error)
        assert found.coverage.value == pytest.approx(0.95, abs=beside(0.05))
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA))
    assert typical.effect.value == pytest.approx(1.5, abs=1e-4)


@pytest.mark.parametrize(
    "bounds", ["obrien-fleming", "pocock", "lan-demets-obrien-fleming", "lan-demets-pocock"]
)
def test_group_sequential_keeps_its_level(two, made, bounds):
    _, null, typical = both(two, made, participants=400, design={**LOOKS, "bounds": bounds})
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA))
    assert null.wrong_way.value == pytest.approx(ALPHA, abs=beside(ALPHA))
    assert typical.power.value > 0.99
    assert typical.stopped[0].value > 0.5
    assert sum(s.value for s in typical.stopped) == pytest.approx(1)
    assert typical.enrolled.value < 400
    assert typical.months.value < null.months.value
    assert null.futile.value == 0


def test_naive_looks_would_not(two, made):
    """Without bounds two looks claim more often, which is what the bounds are for."""
    lab = made.lab(two, participants=200, design=LOOKS)
    drawn = [lab.draw(k, 250, 200, NULL) for k in range(16)]
    z = np.concatenate([
        np.stack([signed_z(lab, lab.analyse(lab.block(d.first(n))))[:, 0] for n in (100, 200)], 1)
        for d in drawn
    ])  # fmt: skip
    assert (z > norm.isf(ALPHA)).any(axis=1).mean() > ALPHA + beside(ALPHA)
    kept = (z > lab.design.design.bounds_at(lab.alpha).efficacy).any(axis=1).mean()
    assert kept == pytest.approx(ALPHA, abs=beside(ALPHA))


@pytest.mark.parametrize(
    "rule", [{"rule": "z", "below": 0.3}, {"rule": "conditional-power", "below": 0.2}]
)
def test_futility_saves_people_where_nothing_works(two, made, rule):
    said = {"participants": 160, "accrual": {"per_month": 2}}
    _, free, plain = both(two, made, 2000, design=LOOKS, **said)
    _, null, typical = both(two, made, 2000, design={**LOOKS, "futility": rule}, **said)
    assert null.futile.value > 0.5
    assert null.enrolled.value < free.enrolled.value
    assert null.months.value < free.months.value
    # Not binding, so giving up only takes claims away.
    assert null.power.value <= free.power.value
    assert plain.power.value - 0.15 < typical.power.value <= plain.power.value
    # The bounds that count on it are lower.
    _, lower, _ = both(two, made, 2000, design={**LOOKS, "futility": {**rule, "binding": True}}, **said)  # fmt: skip
    assert lower.power.value == pytest.approx(ALPHA, abs=beside(ALPHA, 2000))
    assert lower.power.value >= null.power.value


def test_a_look_counts_those_who_came_since(two, made):
    fast = made.lab(two, participants=100, accrual={"per_month": 1000}, design=LOOKS)
    slow = made.lab(two, participants=100, accrual={"per_month": 0.5}, design=LOOKS)
    for lab, least in ((fast, 100), (slow, 50)):
        found = operate(lab, TYPICAL)
        early = found.stage == 1
        assert early.any()
        assert found.enrolled[early].mean() == pytest.approx(least, abs=25 if least == 50 else 0)
        assert (found.enrolled[~early] == 100).all()


def test_reestimation_unblinded_keeps_its_level(two, made):
    design = {"kind": "sample-size-reestimation", "by": "unblinded", "most": 3}
    lab, null, typical = both(two, made, participants=200, design=design)
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA) + 0.002)
    found = operate(lab, TYPICAL)
    assert found.enrolled.min() == 200
    assert 200 < found.enrolled.max() <= 600
    plain = both(two, made, participants=200)[2]
    assert typical.power.value > plain.power.value
    assert found.days[found.enrolled > 200].mean() > found.days[found.enrolled == 200].mean()


def test_reestimation_blinded_finds_the_size_for_its_spread(two, made):
    design = {"kind": "sample-size-reestimation", "by": "blinded", "assumed": 2.0, "most": 4}
    _, null, typical = both(two, made, 2000, participants=100, design=design)
    # Blinded, the difference itself is in the spread.
    own = np.var(two.typical.values["density"][0, 1][:, -1] - two.typical.values["density"][0, 1][:, 1])  # fmt: skip
    for found, gap in ((null, 0.0), (typical, 2.0)):
        spread = own + 2 * NOISE**2 + gap**2 / 4
        exact = 4 * spread * (norm.ppf(0.9) + norm.isf(ALPHA)) ** 2 / 4
        assert found.enrolled.value == pytest.approx(exact, rel=0.03)
    assert typical.power.value == pytest.approx(0.9, abs=0.03)
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA, 2000))


def test_reestimation_of_responders(eventful, made):
    plan = {"id": "p", "analysis": "responder", **AT, "options": {"change": -2}}
    library = made.library(eventful.protocol, eventful.typical.values["density"][0])
    design = {"kind": "sample-size-reestimation", "assumed": 0.3, "most": 3}
    lab = made.lab(library, primary=plan, participants=60, design=design)
    found = operate(lab, TYPICAL)
    # The spread of a share of about a third is 0.47.
    assert found.enrolled.mean() == pytest.approx(4 * 0.22 * 10.5 / 0.09, rel=0.1)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"primary": {"id": "e", "endpoint": "exacerbations", "analysis": "negative-binomial"},
          "design": {"kind": "sample-size-reestimation", "assumed": 0.5}},
         "a design 'sample-size-reestimation' needs a measured endpoint"),
        ({"primary": {"id": "e", "endpoint": "exacerbations", "analysis": "negative-binomial"},
          "design": {"kind": "response-adaptive", "looks": [0.5, 1]}},
         "a design 'response-adaptive' needs a measured endpoint"),
    ],
)  # fmt: skip
def test_what_needs_a_measured_endpoint_says_so(two, made, said, why):
    with pytest.raises(InputError, match=why):
        operate(made.lab(two, replicates=20, **said), TYPICAL)


@pytest.mark.parametrize("rule", ["bonferroni", "holm", "hochberg"])
def test_multi_arm_keeps_the_family(three, made, rule):
    lab = made.lab(three, participants=240, design={"kind": "multi-arm", "multiplicity": rule})
    typical = characteristics(lab, operate(lab, TYPICAL), TYPICAL)
    lab_none = made.lab(three, participants=240,
                        design={"kind": "multi-arm", "multiplicity": "none"})  # fmt: skip
    free = characteristics(lab_none, operate(lab_none, NULL, replicates=MANY), NULL)
    claimed = operate(lab, NULL, replicates=MANY)
    any_ = measured(claimed.win | claimed.lose)
    assert any_.value <= 0.05 + beside(0.05) + 0.003
    assert any_.value > 0.03
    assert free.power.value > 1.5 * ALPHA
    assert len(typical.each) == 2
    assert typical.each[0].value > typical.each[1].value
    # Protection only takes claims away, and holds each arm as the laboratory orders them.
    one, two_ = (operate(x, TYPICAL, replicates=500).wins for x in (lab, lab_none))
    assert (one <= two_).all()
    assert lab.arms == ("placebo", "high", "low")


def test_a_graph_hands_on_what_was_spent(three, made):
    graph = {"kind": "multi-arm", "multiplicity": "graphical", "weights": [1, 0],
             "transitions": [[0, 1], [0, 0]]}  # fmt: skip
    lab = made.lab(three, participants=240, design=graph)
    found = operate(lab, TYPICAL, replicates=2000)
    # The low dose is looked at only once the high one has been claimed.
    assert found.wins[:, 1].any()
    assert (found.wins[:, 0] | ~found.wins[:, 1]).all()


# Designs without a concurrent control.


def test_a_single_arm_after_a_fall_misleads_more(alone, made):
    said = {"primary": ONE, "participants": 10, "design": {"kind": "single-arm", "report": 2}}
    fall = [{"endpoint": "density", "change_over": "6 months", "max": -4}]
    _, plain, _ = both(alone, made, 2000, **said)
    lab, fallen, _ = both(alone, made, 2000, screening=fall, **said)
    assert fallen.power.value > plain.power.value + 0.3
    assert fallen.details["reported"].value > plain.details["reported"].value + 0.3
    assert fallen.details["reported and significant"].value <= fallen.details["reported"].value
    # The bias is the noise that let them in: nobody changed.
    limit = 4 / (NOISE * np.sqrt(2))
    expected = NOISE / np.sqrt(2) * norm.pdf(limit) / norm.sf(limit)
    assert fallen.bias.value == pytest.approx(expected, abs=4 * fallen.bias.error + 0.25)
    assert fallen.effect.value == 0
    assert fallen.screened.value > 0 == plain.screened.value
    assert lab.arms == ("active",)


def test_a_history_is_as_good_as_it_is_right(made):
    library = made.two(2.0, noise=NOISE)
    own = float(np.mean(library.typical.values["density"][0, 1] @ [-1, 0, 0, 1]))
    found = {}
    for off in (0.0, -1.0, 1.0):
        lab = made.lab(
            library, primary={**ONE, "analysis": "t-test"}, participants=80,
            design={"kind": "single-arm", "against": "historical", "mean": own + off},
        )  # fmt: skip
        found[off] = operate(lab, NULL, replicates=MANY)
    assert found[0.0].win.mean() == pytest.approx(ALPHA, abs=beside(ALPHA))
    assert found[0.0].lose.mean() == pytest.approx(ALPHA, abs=beside(ALPHA))
    told = found[0.0]
    assert (told.estimate - told.true).mean() == pytest.approx(0, abs=0.1)
    # A history that fell further than people do makes an effect of nothing, and the other way round.
    assert found[-1.0].win.mean() > 0.3
    assert found[1.0].lose.mean() > 0.3


def test_responders_of_a_single_arm(made):
    library = made.two(2.0, noise=NOISE)
    plan = {**ONE, "analysis": "responder", "options": {"change": 0}}
    untreated = np.mean(norm.cdf(library.typical.values["density"][0, 1] @ [-1, 0, 0, 1] / (NOISE * np.sqrt(2))))  # fmt: skip
    lab = made.lab(library, primary=plan, participants=60, design={
        "kind": "single-arm", "against": "historical", "mean": float(untreated), "report": 1})  # fmt: skip
    null = characteristics(lab, operate(lab, NULL, replicates=1000), NULL)
    assert null.power.value + null.wrong_way.value <= 0.05 + beside(0.05, 1000)
    assert null.bias.value == pytest.approx(0, abs=4 * null.bias.error)
    # A response is 0 or 1, so somebody of sixty reaches 1.
    assert null.details["somebody reaches it"].value == 1


def test_people_from_elsewhere_bring_their_own_shift(alone, made):
    base = {"primary": ONE, "participants": 60}
    found = {}
    for shift in (0.0, -2.0):
        design = {"kind": "single-arm", "against": "external", "people": 60, "shift": shift}
        _, found[shift], typical = both(alone, made, 2000, design=design, **base)
        assert typical.bias.value == pytest.approx(-shift, abs=4 * typical.bias.error)
    assert found[0.0].power.value == pytest.approx(ALPHA, abs=beside(ALPHA, 2000) + 0.003)
    assert found[-2.0].power.value > 0.3
    fall = [{"endpoint": "density", "change_over": "6 months", "max": -4}]
    design = {"kind": "single-arm", "against": "external", "people": 60}
    _, fallen, _ = both(alone, made, 500, design=design, screening=fall, **base)
    assert fallen.bias.value > 1


def test_a_platform_that_drifts_needs_its_concurrent_control(three, made):
    arms = [{"arm": "low", "month": 0}, {"arm": "high", "month": 24}]
    bias = {}
    for control in ("concurrent", "all"):
        design = {"kind": "platform", "arms": arms, "per_arm": 40, "control": control, "drift": 1.0}
        lab = made.lab(three, design=design, accrual={"per_month": 4})
        found = [kind_of(lab.design).conduct(lab, d) for d in _platforms(lab, 4)]
        drawn = [lab.draw(k, 250, d.shape[1], NULL) for k, d in enumerate(_platforms(lab, 4))]
        assert drawn[0].shape[0] == 250
        bias[control] = np.concatenate([f.estimate for f in found])
        enrolled = np.concatenate([f.enrolled for f in found])
        assert (enrolled >= 80).all()
    # The first comparison is that of the arm listed first in 'compare': the late one here.
    assert lab.arms == ("placebo", "high", "low")
    for control, values in bias.items():
        error = values.std() / np.sqrt(values.size)
        if control == "concurrent":
            assert values.mean() == pytest.approx(0, abs=4 * error)
        else:
            assert values.mean() > 0.5


def _platforms(lab, chunks):
    kind = kind_of(lab.design)
    return [lab.draw(k, 250, kind.places(lab, lab.participants), NULL) for k in range(chunks)]


def test_a_platform_fills_its_arms(three, made):
    design = {"kind": "platform", "per_arm": 20, "arms": [
        {"arm": "high", "month": 0}, {"arm": "low", "month": 30}]}  # fmt: skip
    lab = made.lab(three, design=design, accrual={"per_month": 3})
    kind = kind_of(lab.design)
    drawn = lab.draw(0, 250, kind.places(lab, 0), TYPICAL)
    arm, closed = kind._entered(lab, drawn)
    high, low, control = (arm == k for k in range(3))
    assert (high.sum(axis=1) == 20).all()
    assert (low.sum(axis=1) == 20).mean() > 0.99
    # One in two goes to the control while one arm is open, and nobody is taken while none is.
    assert control.sum(axis=1).mean() == pytest.approx(40, rel=0.1)
    first = np.where(low, drawn.entry, np.inf).min(axis=1)
    assert (first >= 30 * MONTH).all()
    last = np.where(arm >= 0, drawn.entry, 0).max(axis=1)
    np.testing.assert_array_equal(closed, last)
    gap = (drawn.entry > np.where(high, drawn.entry, 0).max(axis=1)[:, None]) & (drawn.entry < 30 * MONTH)  # fmt: skip
    assert (arm[gap] == -1).all()


def test_response_adaptive_sends_more_people_to_the_better_arm(three, made):
    design = {"kind": "response-adaptive", "looks": [0.25, 0.5, 0.75, 1], "power": 1}
    said = {"participants": 160, "accrual": {"per_month": 1}}
    _, null, typical = both(three, made, 1000, design=design, **said)
    share = {k: {a: c.details[f"share in {a}"].value for a in ("placebo", "high", "low")}
             for k, c in (("null", null), ("typical", typical))}  # fmt: skip
    assert share["typical"]["high"] > share["null"]["high"] + 0.05
    assert share["typical"]["low"] < share["null"]["low"]
    assert share["null"]["high"] == pytest.approx(share["null"]["low"], abs=0.03)
    for each in share.values():
        assert sum(each.values()) == pytest.approx(1)
    # The first quarter has equal chances, and afterwards the control keeps its floor.
    assert min(e["placebo"] for e in share.values()) >= 0.25 * 0.3 + 0.75 * 0.33 - 0.02
    equal = both(three, made, 500, design={**design, "power": 0}, **said)[2]
    assert equal.details["share in high"].value == pytest.approx(1 / 3, abs=0.02)


def test_response_adaptive_waits_for_readings(three, made):
    """Where everybody has come before anybody is read, nothing can be followed."""
    design = {"kind": "response-adaptive", "looks": [0.5, 1], "power": 1}
    lab = made.lab(three, participants=90, design=design, accrual={"per_month": 3000})
    found = characteristics(lab, operate(lab, TYPICAL), TYPICAL)
    assert found.details["share in high"].value == pytest.approx(1 / 3, abs=0.03)


# First in people.


@pytest.mark.parametrize("rule", ["3+3", "logistic"])
def test_escalation_stops_lower_where_doses_harm_more(made, rule):
    design = {"kind": "dose-escalation", "rule": rule, "toxicity": ["fever"]}
    library = doses(made, (0.0, 0.0, 0.0))
    mean = []
    for background in ({}, {"dose-3": 0.5}, {"dose-1": 0.3, "dose-2": 0.5, "dose-3": 0.7}):
        lab = made.lab(library, participants=24, design={**design, "background": background})
        found = operate(lab, TYPICAL)
        share = [found.details[f"recommends dose-{k}"].mean() for k in (1, 2, 3)]
        none = found.details["recommends none"].mean()
        assert sum(share) + none == pytest.approx(1)
        mean.append(np.dot(share, (1, 2, 3)))
        assert found.enrolled.max() <= 24
        assert (found.details["people with toxicity"] <= found.enrolled).all()
    assert mean[0] > mean[1] > mean[2]
    assert mean[0] > 2.9 if rule == "3+3" else mean[0] > 2


def test_escalation_reads_the_model_s_own_harm(made):
    design = {"kind": "dose-escalation", "toxicity": ["fever"]}
    lab = made.lab(doses(made), participants=24, design=design)
    typical, null = operate(lab, TYPICAL, replicates=1000), operate(lab, NULL, replicates=1000)
    # Untreated nobody has it, so everybody gets the highest dose.
    assert null.details["recommends dose-3"].all()
    assert not null.details["people with toxicity"].any()
    assert typical.details["recommends dose-3"].mean() < 0.5
    assert (typical.win == ~typical.details["recommends none"]).all()
    early = made.lab(doses(made), participants=24, design={**design, "within": "9 days"})
    assert operate(early, TYPICAL, replicates=200).details["recommends dose-3"].all()
    assert (typical.days > null.enrolled.min()).all()


@pytest.mark.contract
def test_escalations_that_cannot_be(made):
    library = doses(made)
    lab = made.lab(library, design={"kind": "dose-escalation", "toxicity": ["headache"]})
    with pytest.raises(InputError, match="no event of the model 'headache'; use one of these: "):
        operate(lab, TYPICAL)
    primary = {**library.protocol.endpoints.primary.model_dump(exclude_none=True),
               "compare": ["placebo", "dose-1"]}  # fmt: skip
    lab = made.lab(library, primary=primary,
                   design={"kind": "dose-escalation", "rule": "logistic", "toxicity": ["fever"]})  # fmt: skip
    with pytest.raises(InputError, match="the arm 'placebo' gets nothing"):
        operate(lab, TYPICAL)
    falling = {**primary, "compare": ["dose-3", "dose-2", "dose-1"]}
    lab = made.lab(library, primary=falling, design={"kind": "dose-escalation", "toxicity": ["fever"]})  # fmt: skip
    with pytest.raises(InputError, match="the doses fall; name them in 'compare' from the lowest"):
        operate(lab, TYPICAL)


@pytest.mark.contract
def test_delayed_start_needs_one_end(made, two):
    from antitrypsim.foundations.errors import ProtocolError

    with pytest.raises(ProtocolError, match="in a delayed start all arms get the same treatment"):
        made.lab(two, design={"kind": "delayed-start"})
    lab, null, typical = both(delayed(made), made, 1000, design={"kind": "delayed-start"})
    assert lab.arms == ("late", "early")
    assert null.power.value == pytest.approx(ALPHA, abs=beside(ALPHA, 1000) + 0.003)
    assert typical.power.value > 0.5


# Monte Carlo errors.


def test_the_error_of_a_share_is_its_spread(made):
    values = np.random.default_rng(2).random(1000) < 0.3
    one = measured(values)
    assert one.error == pytest.approx(np.sqrt(values.mean() * (1 - values.mean()) / 999))
    group = np.repeat(np.arange(50), 20)
    whole = measured(np.repeat(np.arange(50) % 2, 20).astype(float), group)
    # Twenty trials of one draw that all end alike are one observation.
    assert whole.error == pytest.approx(np.sqrt(0.25 / 49))
    assert np.isnan(measured(np.array([])).value)
    assert np.isnan(measured(np.array([1.0])).error)
    assert np.isnan(measured(np.ones(4), np.zeros(4, dtype=int)).error)
    assert measured(np.array([1.0, np.nan, 3.0])).value == 2.0
    assert measured(np.array([1.0, np.nan])).to_dict() == {"value": 1.0, "error": None}


def test_a_share_of_none_keeps_an_error_and_a_mean_that_never_moves_has_none():
    assert measured(np.zeros(200, dtype=bool)).error == 1 / 200
    assert measured(np.ones(200, dtype=bool)).error == 1 / 200
    assert measured(np.zeros(200)).error == 0


@pytest.mark.contract
def test_trials_can_be_stopped(two, made):
    from antitrypsim.foundations.errors import Cancelled

    with pytest.raises(Cancelled, match="the run was stopped"):
        operate(made.lab(two), TYPICAL, settings=Settings(cancel=lambda: True))


def test_response_adaptive_takes_no_baseline_for_a_change(three, made):
    """Before the first who came is seen again nothing is known of any arm, however many have come."""
    lab = made.lab(
        three, design={"kind": "response-adaptive", "looks": [0.5, 1]}, accrual={"per_month": 30}
    )
    drawn = lab.draw(0, 20, 60, TYPICAL)
    until = drawn.entry[:, 0] + 60
    assert (drawn.entry <= until[:, None]).sum(axis=1).min() > 20
    assert np.isnan(_best(lab, drawn, until)).all()


@pytest.mark.contract
def test_a_flow_is_told_where_places_are_known_beforehand(three, two, made):
    assert [arm.arm for arm in _flow(made.lab(two))] == ["active", "placebo"]
    adaptive = {"design": {"kind": "response-adaptive", "looks": [0.5, 1]}}
    assert _flow(made.lab(three, **adaptive)) == ()


@pytest.mark.contract
@pytest.mark.parametrize("visit", ["d364", "d728"])
def test_a_trial_of_a_measured_endpoint_ends_with_its_visit(two, made, visit):
    primary = {"id": "density", "endpoint": "density", "analysis": "ancova", "visit": visit}
    assert made.lab(two, primary=primary).end == int(visit[1:])
