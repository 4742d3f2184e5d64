"""Sums over people and draws: which events count, and how much of a mean is chance."""

import numpy as np
import pytest

from antitrypsim.experiments.readings import ReadingSums, TrialReading, readings_of
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.simulation.results import Results

pytestmark = pytest.mark.law


RATE = TrialReading("fever", "Fever", "per year", "rate", None, YEAR, process="fever", primary=True)


def test_the_primary_reading_is_the_primary_analysis_at_the_last_of_its_visits():
    """RAPID's slope is of density by CT, last taken at month 24; what is told first is that."""
    protocol = load_protocol("rapid")
    found = [reading for reading in readings_of(protocol, ["death"]) if reading.primary]
    assert [(r.endpoint, r.kind) for r in found] == [("density", "slope")]
    last = max(protocol.assessment_visits("density"), key=protocol.visit_days().get)
    assert found[0].visit == last
    assert found[0].day == protocol.visit_days()[last] == pytest.approx(2 * YEAR, rel=0.01)
    assert found[0].unit == "g/L per year"


PAIR = ("treated", "untreated")


def lived(events, death):
    """Return results of people (rows) in one draw, with these days of events and of death."""
    days = np.array(events, dtype=float)[:, None, :]
    return Results(
        np.arange(len(days)), np.array([0.0, YEAR]), (), np.zeros((len(days), 1, 2, 0)),
        {"fever": days, "death": np.array(death, dtype=float)[:, None, None]},
        np.zeros((len(days), 1), np.int8), {},
    )  # fmt: skip


def test_events_count_from_day_0_to_the_end_or_death():
    never = np.inf
    treated = lived([[-5, 10, 200], [50, 300, 400]], [never, 100])
    untreated = lived([[np.nan] * 3, [np.nan] * 3], [never, never])
    sums = ReadingSums((RATE,), (PAIR, ("treated", None)), YEAR, 1)
    sums.add({"treated": treated, "untreated": untreated})
    # Two of the first person; one of the second, who died before the others; none before day 0.
    exposure = 1 + 100 / YEAR
    assert sums.means(RATE, ("treated", None)) == pytest.approx([3 / exposure])
    own = sums.own(RATE, PAIR)[:, 0]
    assert own == pytest.approx([2.0, 1 / (100 / YEAR)])


def test_the_chance_of_a_mean_is_what_does_not_add_up():
    rng = np.random.default_rng(4)
    people, draws, spread = 400, 300, 3.0
    person, draw = rng.normal(0, 5, (people, 1)), rng.normal(0, 7, (1, draws))
    sums = ReadingSums((RATE,), (PAIR,), YEAR, draws)
    sums._own[RATE, PAIR] = [person + draw + rng.normal(0, spread, (people, draws))]
    assert sums.noise(RATE, PAIR) == pytest.approx(spread**2 / people, rel=0.02)
    sums._own[RATE, PAIR] = [person + draw]
    assert sums.noise(RATE, PAIR) == pytest.approx(0.0, abs=1e-20)


def test_events_have_their_endpoint_s_title_or_their_own_words_and_death_is_last():
    found = readings_of(load_protocol("rapid"), ["death", "zoster_rash", "exacerbation"])
    rates = [(r.endpoint, r.title, r.process) for r in found if r.kind == "rate"]
    assert rates == [
        ("zoster_rash", "Zoster rash", "zoster_rash"),
        ("exacerbations", "Severe exacerbations", "exacerbation"),
        ("death", "Death", "death"),
    ]


def test_a_primary_event_is_told_once_and_first():
    rapid = load_protocol("rapid").to_dict()
    rapid["endpoints"]["primary"] = {
        "id": "flares", "endpoint": "exacerbations", "analysis": "negative-binomial",
        "compare": rapid["endpoints"]["primary"]["compare"],
    }  # fmt: skip
    rapid["endpoints"]["secondary"] = []
    for key in ("claims", "published", "results"):
        rapid.pop(key, None)
    found = readings_of(Protocol.from_dict(rapid), ["death", "exacerbation"])
    assert [(r.endpoint, r.primary) for r in found if r.process] == [
        ("exacerbations", True), ("death", False),
    ]  # fmt: skip
    assert found[0].primary


def test_half_an_event_is_told_and_less_is_not():
    """Of two people of a year each."""
    nobody = lived([[np.inf], [np.inf]], [np.inf, np.inf])
    sums = ReadingSums((RATE,), (PAIR,), YEAR, 1)
    sums.add({"treated": nobody, "untreated": nobody})
    assert sums.clear(RATE, PAIR, np.array([0.25, -0.25, 0.249])).tolist() == [True, True, False]
