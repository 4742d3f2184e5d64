"""Cohorts from the library of lives: one place a life, the same bits whatever else there is, and who goes on anew."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import antitrypsim.populations.drawn as drawn
import antitrypsim.populations.drawn_like as drawn_like
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.cohorts import cohort, cohort_like, cohort_places, from_library
from antitrypsim.populations.drawn import draw
from antitrypsim.populations.drawn_like import draw_like
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.matching import Description, meet_like
from antitrypsim.populations.places import joined
from antitrypsim.populations.shelf import Shelf
from antitrypsim.populations.spec import AgeRange, Criterion, Population
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law

LUNG = Population(
    age=AgeRange(mean=54, sd=8, min=30, max=65),
    smoking={"never": 0.3, "ex": 0.7},
    ascertainment={"lung": 0.6, "screening": 0.4},
    eligibility=(Criterion(quantity="fev1_percent", min=30, max=80),),
)
WHO = Description(age=45, fev1=78)
HOW = Settings(tolerance=1e-3, meet_anew=False)


def model():
    return build_model(therapies=("augmentation",))


@cache
def forty():
    return draw(Shelf(), model(), LUNG, 0, 40, settings=HOW)


def same(one, other):
    return one.content_hash == other.content_hash and np.array_equal(
        one.snapshot.states, other.snapshot.states
    )


def test_everybody_is_another_life_and_fits():
    found = forty()
    people = found.people
    assert np.unique(people.ids).size == len(people) == 40
    assert sum(found.left.values()) == found.met - 40
    assert np.all((people.age >= 30 * YEAR) & (people.age <= 65 * YEAR))
    read = simulate_all(
        model(), people, times=[0.0], outputs=["lung.fev1_share"], settings=Settings(tolerance=1e-3)
    )
    share = 100 * read["lung.fev1_share"][:, 0, 0]
    assert np.all((share >= 30) & (share <= 80))


def test_no_life_is_met_by_two_places(monkeypatch):
    seen = []
    met = drawn.LivesRead.met

    def watched(lives, population, rows, years, labels):
        people, judged = met(lives, population, rows, years, labels)
        last = int(judged.suited.argmax()) if judged.suited.any() else rows.size - 1
        seen.extend(people.ids[: last + 1])
        return people, judged

    monkeypatch.setattr(drawn.LivesRead, "met", watched)
    found = draw(Shelf(), model(), LUNG, 0, 40, settings=HOW)
    assert len(seen) == len(set(seen)) == found.met
    assert set(found.people.ids) <= set(seen)


def test_a_places_person_does_not_depend_on_places_parts_threads_or_how_many_are_looked_at(
    monkeypatch,
):
    whole = forty().people
    assert same(draw(Shelf(), model(), LUNG, 0, 13, settings=HOW).people, whole.take(np.arange(13)))
    parts = [draw(Shelf(), model(), LUNG, first, 10, settings=HOW) for first in range(0, 40, 10)]
    assert same(joined([part.people for part in parts]), whole)
    assert sum(part.met for part in parts) == forty().met
    one = replace(HOW, threads=1)
    monkeypatch.setattr(drawn, "_LOOK", 7)
    assert same(draw(Shelf(settings=one), model(), LUNG, 0, 40, settings=one).people, whole)


def test_the_same_request_gives_the_same_bits_whatever_lies_in_the_library(tmp_path, monkeypatch):
    whole = forty().people.take(np.arange(6))
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path))
    first = Shelf()
    assert same(draw(first, model(), LUNG, 0, 6, settings=HOW).people, whole)
    assert first.made > 0
    file = first.file(Kind("ZZ", "male", "ex"), 0)
    file.write_bytes(file.read_bytes()[:-9])
    again = Shelf()
    found = draw(again, model(), LUNG, 0, 6, settings=HOW)
    assert same(found.people, whole)
    assert found.remade == ("ZZ-male-ex/part-00000.parquet",)
    assert "made anew: ZZ-male-ex/part-00000.parquet" in found.told()


def test_the_same_person_lives_under_every_arm():
    people = forty().people
    given = parse_therapy("augmentation:60mg/kg/week", 1.0)
    ways = [
        simulate_all(
            model(), people, regimen, times=[0.0, YEAR], outputs=["lung.fev1"],
            settings=Settings(tolerance=1e-3),
        )
        for regimen in (Regimen(), given)
    ]  # fmt: skip
    now, later = (np.stack([way["lung.fev1"][:, 0, k] for way in ways]) for k in (0, 1))
    assert np.array_equal(now[0], now[1])
    assert not np.array_equal(later[0], later[1], equal_nan=True)


def test_who_finds_nobody_goes_on_by_meeting_people_anew(monkeypatch):
    whole = forty()
    monkeypatch.setattr(drawn, "_PARTS", 1)
    found = draw(Shelf(), model(), LUNG, 0, 100, settings=HOW)
    assert 0 < found.anew < 100
    assert np.unique(found.people.ids).size == len(found.people) == 100
    assert sum(found.left.values()) == found.met - 100
    assert f", {found.anew} of them met anew beside it" in found.told()
    # Those who were drawn stay who they are, until a kind is used up.
    assert same(found.people.take(np.arange(10)), whole.people.take(np.arange(10)))
    # And those who were not are the ones whom meeting anew puts there.
    anew = np.flatnonzero(found.people.ids < 1 << 50)
    assert anew.size == found.anew
    met = enrol(model(), LUNG, 100, settings=HOW).people
    assert np.isin(found.people.ids[anew], met.ids).all()


def test_a_place_that_asked_often_in_vain_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(drawn, "_TRIES", drawn.REDRAW)
    rare = LUNG.model_copy(
        update={"eligibility": (Criterion(quantity="fev1_percent", min=62, max=64),)}
    )
    found = draw(Shelf(), model(), rare, 0, 12, settings=HOW)
    assert found.anew > 0
    anew = found.people.ids[found.people.ids < 1 << 50]
    assert np.all(anew >> 32 >= drawn.REDRAW)
    assert np.all(np.isin(anew & 0xFFFFFFFF, np.arange(12)))


def test_a_criterion_that_nobody_meets_is_told():
    nobody = LUNG.model_copy(update={"eligibility": (Criterion(quantity="serum_aat", min=150),)})
    with pytest.raises(InputError, match=r"none of .* people met has serum_aat of at least 150"):
        draw(Shelf(), model(), nobody, 0, 10, settings=HOW)


def test_places_beyond_the_library_meet_people_anew(monkeypatch):
    import antitrypsim.populations.cohorts as cohorts

    monkeypatch.setattr(cohorts, "MOST_PLACES", 8)
    found = cohort(model(), LUNG, 12, settings=HOW)
    assert found.anew == 4
    assert same(found.people.take(np.arange(8)), forty().people.take(np.arange(8)))
    assert same(
        found.people.take(np.arange(8, 12)),
        enrol(model(), LUNG, 12, settings=HOW).people.take(np.arange(8, 12)),
    )
    parts = [cohort_places(model(), LUNG, first, 6, settings=HOW).people for first in (0, 6)]
    assert same(joined(parts), found.people)


def test_the_library_serves_its_own_seed_and_the_packaged_model_alone():
    assert from_library(model(), None, HOW)
    assert from_library(build_model(), None, HOW)
    assert not from_library(model(), None, replace(HOW, meet_anew=True))
    assert not from_library(model(), None, replace(HOW, seed=2))
    assert not from_library(model(), ParameterSet(), HOW)
    without = build_model(therapies=("msc",), without=("il-10",))
    assert not from_library(without, None, HOW)
    seed = replace(HOW, seed=5)
    assert same(
        cohort(model(), LUNG, 3, settings=seed).people,
        enrol(model(), LUNG, 3, settings=seed).people,
    )
    old = LUNG.model_copy(update={"age": AgeRange(mean=80, sd=5, min=60, max=100)})
    assert cohort(model(), old, 2, settings=HOW).lives == ""


def test_people_like_one_are_the_first_who_are_and_go_on_anew(monkeypatch):
    few, more = (draw_like(Shelf(), model(), WHO, n, settings=HOW) for n in (15, 25))
    assert same(more.people.take(np.arange(15)), few.people)
    assert np.unique(more.people.ids).size == 25
    assert np.all(np.abs(more.people.age / YEAR - 45) <= 0.5)
    for found in (few, more):
        assert sum(found.left.values()) == found.met - len(found.people)
    read = simulate_all(
        model(),
        more.people,
        times=[0.0],
        outputs=["lung.fev1_share"],
        settings=Settings(tolerance=1e-3),
    )
    assert np.all(np.abs(100 * read["lung.fev1_share"] - WHO.fev1) <= 3)
    monkeypatch.setattr(drawn_like, "_PARTS", 1)
    part = draw_like(Shelf(), model(), WHO, 25, settings=HOW)
    assert 0 < part.anew < 25
    assert len(part.people) == 25
    known = replace(WHO, height=1.6)
    assert same(
        cohort_like(model(), known, 3, settings=HOW).people,
        meet_like(model(), known, 3, settings=HOW).people,
    )
