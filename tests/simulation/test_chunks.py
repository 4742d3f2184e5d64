"""How people are cut into chunks and blocks of places, and who has many events, change no bit."""

from dataclasses import replace

import numpy as np
import pytest

import antitrypsim.populations.enrol as enrolling
import antitrypsim.simulation.simulate as simulating
from antitrypsim.engine.kernel import Batch, Courses
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.chance import thresholds_of
from antitrypsim.simulation.rerun import advance_all
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import own_parameters, simulate
from antitrypsim.therapies import build_model
from tests.runs.large import SMALL

pytestmark = pytest.mark.law

COUNT = 12


@pytest.fixture(scope="module")
def asked():
    protocol = load_protocol(SMALL)
    return build_model(therapies=protocol.therapies()), protocol.population


@pytest.fixture(scope="module")
def cohort(asked):
    return enrolling.enrol(*asked, COUNT, settings=Settings(seed=5))


def test_blocks_of_places_enrol_the_same_people(asked, cohort, monkeypatch):
    monkeypatch.setattr(enrolling, "_AT_ONCE", 5)
    seen = []
    how = Settings(seed=5, progress=lambda *each: seen.append(each))
    other = enrolling.enrol(*asked, COUNT, settings=how)
    assert other.people.content_hash == cohort.people.content_hash
    assert np.array_equal(other.people.snapshot.states, cohort.people.snapshot.states)
    assert (other.met, other.left, other.failing) == (cohort.met, cohort.left, cohort.failing)
    done = [d for _, d, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == ("enrolling", COUNT, COUNT)


def test_some_places_are_those_of_the_whole(asked, cohort):
    some = enrolling.enrol_places(*asked, 5, 4, settings=Settings(seed=5))
    assert some.people.content_hash == cohort.people.take(np.arange(5, 9)).content_hash
    assert some.failed is None


def test_a_chunk_is_bounded_by_bytes_and_changes_no_bit(asked, cohort, monkeypatch):
    model, days = asked[0], np.linspace(0, 365, 30)

    def lived():
        return list(simulate(model, cohort.people, times=days, outputs=["lung.density"]))

    (whole,) = lived()
    held = 30 * 8 * (len(model.state_names) + 20)
    monkeypatch.setattr(simulating, "_BYTES", 3 * held)
    parts = lived()
    assert 4 <= len(parts) <= 8
    assert np.array_equal(np.concatenate([p.values for p in parts]), whole.values)


def test_own_parameters_are_typical_values_and_what_sets_people_apart(asked, cohort):
    found = own_parameters(asked[0], cohort.people)
    assert np.array_equal(found["person.weight"], cohort.people.covariates["person.weight"])
    varying = [p for p in asked[0].parameters if p.id in cohort.people.effects]
    assert any(np.unique(found[p.id]).size == COUNT for p in varying if p.id in found)


@pytest.mark.regression
def test_one_person_with_many_events_widens_no_other_process():
    def course(batch):
        n, k = batch.thresholds.shape[0], batch.thresholds.shape[2]
        times = np.full((n, 2, k), np.nan)
        many = batch.constants[:, 0].astype(int)
        for row in range(n):
            times[row, 0, : min(k, many[row])] = np.arange(min(k, many[row]))
            times[row, 1, 0] = row
        short = many > k
        zeros = np.zeros((n, 1))
        return Courses(
            zeros, zeros, times, np.zeros((n, 2)), zeros[:, 0], zeros, zeros, zeros[:, 0],
            np.where(short, 3, 0).astype(np.int8), zeros[:, 0], zeros[:, 0],
        )  # fmt: skip

    batch = Batch(
        np.array([[3.0], [150.0], [5.0]]), np.zeros(3), np.ones(3), event_offsets=np.zeros(4, int),
        event_times=np.zeros(0), event_codes=np.zeros(0, int), event_values=np.zeros(0),
        thresholds=np.zeros((3, 2, 64)),
    )  # fmt: skip
    asked = []

    def more(rows, blocks):
        asked.append((rows.tolist(), blocks))
        return np.zeros((rows.size, 2, 64 * blocks))

    found, (first, second) = advance_all(course, batch, 0, more)
    assert asked == [([1], 4)]
    assert (found.status == 0).all()
    assert first.shape == (3, 150)
    assert np.array_equal(first[1], np.arange(150))
    assert np.isfinite(first).sum(axis=1).tolist() == [3, 150, 5]
    assert second.shape == (3, 64)


def test_who_has_had_events_goes_on_with_the_exponential_after_them(asked, cohort):
    model, ids = asked[0], cohort.people.ids
    had = np.zeros((ids.size, len(model.hazards)), dtype=np.int64)
    free = [k for k, line in enumerate(model.hazards) if not line.ends]
    had[:, free] = (np.arange(ids.size) * 37 % 200)[:, None]
    whole = thresholds_of(model, 5, ids, 5)
    for blocks in (1, 2):
        rest = thresholds_of(model, 5, ids, blocks, had)
        for row in range(ids.size):
            for k in free:
                first = had[row, k]
                assert np.array_equal(rest[row, k], whole[row, k, first : first + 64 * blocks])
        ends = np.setdiff1d(np.arange(len(model.hazards)), free)
        assert np.array_equal(rest[:, ends, :64], whole[:, ends, :64])


def test_a_life_stopped_at_day_0_has_the_events_of_one_that_was_not(asked, cohort):
    model, days = asked[0], np.linspace(0, 3650, 3)
    (on,) = simulate(model, cohort.people, times=days, outputs=["lung.density"])
    whole = replace(cohort.people, snapshot=None)
    (through,) = simulate(model, whole, times=days, outputs=["lung.density"])
    many = 0
    for name, times in through.events.items():
        for mine, theirs in zip(on.events[name][:, 0], times[:, 0], strict=True):
            mine, later = mine[np.isfinite(mine)], theirs[theirs >= 0]
            many += mine.size
            # The steps begin elsewhere, so that times agree to the solver's tolerance.
            assert mine.size == later.size
            assert np.allclose(mine, later, atol=1.0)
    assert many > COUNT
