"""Working backwards: laws on toys whose answer is known, and one claimed protocol."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.experiments.claim_simulation import ClaimSimulation
from antitrypsim.experiments.claims import (
    CANNOT,
    PEOPLE,
    analyse_claims,
    analyse_trial_claims,
    verdict_of,
)
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.load import protocol_from
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.reliability import (
    INNER,
    OUTER,
    alone,
    corner,
    movers,
    one_at_a_time,
    together,
)

pytestmark = pytest.mark.law


SCORES = np.sort(np.array([*OUTER, *INNER]))


def plane(slopes, claim):
    """Return the probe of a result that is a plane: the distance is claim / |slopes|."""
    return lambda rows: rows @ slopes - claim


def scanned(probe, count):
    rows = one_at_a_time(count, tuple(SCORES), np.arange(count))
    return probe(rows).reshape(SCORES.size, count)


@pytest.mark.independent
@settings(max_examples=40)
@given(
    slopes=st.lists(st.floats(0.2, 2) | st.floats(-2, -0.2), min_size=2, max_size=5),
    distance=st.floats(0.2, 5),
)
def test_the_nearest_point_of_a_plane_is_its_foot(slopes, distance):
    slopes = np.array(slopes)
    norm = float(np.linalg.norm(slopes))
    probe = plane(slopes, distance * norm)
    point = together(probe, np.zeros(slopes.size), np.ones(slopes.size, dtype=bool))
    assert probe(point[None, :])[0] >= -1e-9
    assert np.linalg.norm(point) == pytest.approx(distance, rel=0.03)
    # Slopes below a thirtieth of the steepest are left out; all others share by their square. A point that is 3 %
    # too far may lie 0.25 beside the foot, √(1.03² - 1).
    assert point / distance == pytest.approx(slopes / norm, abs=0.2)


@pytest.mark.independent
@settings(max_examples=40)
@given(slope=st.floats(0.05, 3) | st.floats(-3, -0.05), claim=st.floats(0.1, 5))
def test_alone_is_where_the_line_crosses_or_never(slope, claim):
    probe = plane(np.array([slope, 0.0]), claim)
    (found, never) = alone(probe, -claim, SCORES, scanned(probe, 2))
    assert math.isnan(never)
    if abs(claim / slope) > 8:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(claim / slope, abs=0.1)


def test_the_nearer_of_two_crossings_counts():
    def probe(rows):
        return np.maximum(rows[:, 0] - 5, -rows[:, 0] - 2)

    assert alone(probe, -2.0, SCORES, scanned(probe, 1))[0] == pytest.approx(-2, abs=0.1)


def test_a_curved_edge_is_met_at_its_nearest_point():
    def probe(rows):
        return (1 + rows[:, 0]) * (1 + rows[:, 1]) - 9

    point = together(probe, np.array([8.0, 0.0]), np.ones(2, dtype=bool))
    assert point == pytest.approx([2, 2], abs=0.3)
    assert np.linalg.norm(point) == pytest.approx(math.sqrt(8), rel=0.02)


def test_what_cannot_be_computed_is_passed_over():
    def probe(rows):
        return np.where(rows[:, 0] > 3, np.nan, rows[:, 0] + rows[:, 1] - 4)

    point = together(probe, np.zeros(2), np.ones(2, dtype=bool))
    assert point == pytest.approx([2, 2], abs=0.3)
    single = alone(probe, -4.0, SCORES, scanned(probe, 2))
    assert math.isnan(single[0])
    assert single[1] == pytest.approx(4, abs=0.1)


def test_nothing_is_found_where_nothing_moves():
    def probe(rows):
        return np.full(len(rows), -1.0)

    assert together(probe, np.zeros(3), np.ones(3, dtype=bool)) is None
    assert np.isnan(alone(probe, -1.0, SCORES, scanned(probe, 3))).all()
    assert not movers(-1.0, scanned(probe, 3)).any()


def test_the_corner_finds_what_only_two_together_can_do():
    def probe(rows):
        return rows[:, 0] * rows[:, 1] + 1e-6 * rows.sum(axis=1) - 4

    outer = probe(one_at_a_time(3, OUTER, np.arange(3))).reshape(len(OUTER), 3)
    assert not movers(-4.0, outer).any()
    start = corner(probe, -4.0, outer)
    assert probe(start[None, :])[0] >= 0
    point = together(probe, start, np.zeros(3, dtype=bool))
    assert point == pytest.approx([2, 2, 0], abs=0.2)


def test_a_corner_that_reaches_nothing_is_the_closest():
    def probe(rows):
        return -1 - np.abs(rows[:, 0] - 4)

    outer = probe(one_at_a_time(2, OUTER, np.arange(2))).reshape(len(OUTER), 2)
    assert corner(probe, -5.0, outer).tolist() == [4, 0]


def test_movers_are_those_that_move():
    outer = np.array([[-1.0, -0.5], [-1.01, -1.0], [np.nan, -1.0], [-1.0, -1.0]])
    assert movers(-1.0, outer).tolist() == [False, True]


@pytest.mark.contract
@pytest.mark.parametrize(
    ("distance", "verdict"),
    [
        (0.0, "within what is assumed"),
        (1.5, "possible"),
        (2.5, "unlikely"),
        (3.01, "would contradict what is known"),
        (None, CANNOT),
    ],
)
def test_the_verdict_follows_from_the_distance(distance, verdict):
    assert verdict_of(distance) == verdict


def test_a_claim_on_events_is_of_those_alive_under_both():
    """Who dies under one arm has no rate there and would else count with their other life alone."""
    bench = ClaimSimulation.__new__(ClaimSimulation)
    one = SimpleNamespace(visit=None)
    # People, draws, times; the second dies after the first day under the arm, the third never.
    plain = np.array([[[2.0, 2.0]], [[4.0, 4.0]], [[6.0, 6.0]]])
    own = np.array([[[1.0, 1.0]], [[4.0, np.nan]], [[3.0, 3.0]]])
    ((gain, change),) = bench._result(0, one, plain, own)
    assert gain == change == pytest.approx(100 * ((1 + 1 + 4 + 3 + 3) / (2 + 2 + 4 + 6 + 6) - 1))


def claimed(**changes):
    """Return a short trial of augmentation with claims on it."""
    data = load_protocol("claimed-german-msc").to_dict()
    given = {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg",
             "every": "1 week"}  # fmt: skip
    data["arms"] = [{"id": "cells", "title": "AAT", "treatment": {"treatment": [given]}}]
    base = {"claim": "CLAIM-15", "arm": "cells", "visit": "w26", "words": "said"}
    data["claimed"] = [
        {**base, "endpoint": "serum_aat", "measure": "level", "value": 11, "unit": "µM"},
        {**base, "endpoint": "serum_aat", "measure": "change", "value": 40, "unit": "µM"},
        # No claim is listed twice, so another one says the contrary.
        {**base, "claim": "CLAIM-16", "endpoint": "serum_aat", "measure": "change", "value": -1,
         "unit": "µM"},
        {"claim": "CLAIM-33", "arm": "cells", "endpoint": "exacerbations", "words": "fewer",
         "measure": "relative change", "value": -50, "unit": "percent", "stated": False},
    ]  # fmt: skip
    return protocol_from({**data, **changes})


@pytest.fixture(scope="module")
def answers():
    protocol = claimed()
    model = build_model(therapies=protocol.therapies())
    cohort = enrol(model, protocol.population, 4, settings=Settings(seed=3))
    return analyse_claims(protocol, model, cohort.people, draws=20, settings=Settings(seed=3))


def test_a_level_that_is_reached_is_far_from_nothing(answers):
    reached, far, falls, fewer = answers
    assert (reached.distance, reached.alone, reached.together) == (0.0, (), ())
    assert reached.gain > 11
    assert reached.hits > 15
    assert reached.verdict == "within what is assumed"
    # A change is what is left of the level without the untreated.
    assert 5 < far.gain < reached.gain
    assert far.distance > 2
    assert far.hits == 0
    assert falls.distance is None
    assert falls.chance == 0
    assert falls.verdict == CANNOT
    assert fewer.visit is None
    assert fewer.gain == fewer.change
    assert -50 < fewer.gain < 0


@pytest.mark.contract
def test_what_is_needed_is_told_in_the_unit_of_the_parameter(answers):
    for answer in answers:
        assert not answer.evidence
        for one in (*answer.alone, *answer.together):
            assert one.low < one.median < one.high
            assert (one.value > one.median) == (one.score > 0)
            assert abs(one.score) <= 8
        scores = [abs(one.score) for one in answer.alone]
        assert scores == sorted(scores)
        if answer.alone:
            assert answer.distance <= scores[0] + 1e-9
        if answer.distance:
            assert sum(one.part for one in answer.together) <= 1 + 1e-9


@pytest.mark.contract
def test_it_is_plain_data(answers):
    text = json.dumps([answer.row() for answer in answers], allow_nan=False)
    assert json.loads(text)[0]["backwards"]["claim"] == "CLAIM-15"


@pytest.mark.contract
def test_small_trials_are_worked_with_enough_people_and_others_with_none():
    protocol = claimed()
    model = build_model(therapies=protocol.therapies())
    cohort = enrol(model, protocol.population, 3, settings=Settings(seed=3))
    only = protocol.model_copy(update={"claimed": protocol.claimed[:1]})
    (answer,) = analyse_trial_claims(only, model, cohort, draws=2, settings=Settings(seed=3))
    assert answer.people == PEOPLE
    none = protocol.model_copy(update={"claimed": ()})
    assert analyse_trial_claims(none, model, cohort, settings=Settings(seed=3)) == ()
    assert analyse_claims(none, model, cohort.people, settings=Settings(seed=3)) == ()


BASE = {"claim": "CLAIM-15", "endpoint": "fev1", "measure": "change", "arm": "cells",
        "visit": "w26", "value": 1, "unit": "L", "words": "said"}  # fmt: skip


@pytest.mark.contract
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"claim": "CLAIM-99"}, "no claim 'CLAIM-99'"),
        ({"measure": "slope"}, "no claimed measure 'slope'"),
        ({"arm": "placebo"}, "no arm 'placebo'"),
        ({"endpoint": "death"}, "a claim on 'death' cannot be worked backwards"),
        ({"endpoint": "exacerbations"}, "counted to the end; leave out 'visit'"),
        ({"endpoint": "exacerbations", "visit": None}, "is a 'relative change' of the rate"),
        ({"visit": None}, "needs the visit"),
        ({"visit": "w99"}, "no visit 'w99'"),
        ({"visit": "baseline"}, "is the baseline itself"),
        ({"measure": "relative change"}, "is in percent, not L"),
        ({"value": 0}, "claims nothing"),
    ],
)
def test_each_wrong_claim_is_one_sentence(changes, said):
    from antitrypsim.foundations.errors import ProtocolError

    one = {key: value for key, value in {**BASE, **changes}.items() if value is not None}
    with pytest.raises(ProtocolError, match=said.replace("(", r"\(")) as told:
        claimed(claimed=[one])
    assert told.value.key.startswith("claimed[0]")
    assert "\n" not in told.value.message
