"""People like a described one, drawn from the library of lives: the first of the kind who are like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import Judged, counts
from antitrypsim.populations.enrol import Cohort
from antitrypsim.populations.lives_read import Kind, LivesRead, persons
from antitrypsim.populations.matching import (
    Description,
    check_count,
    compare,
    ill_of,
    meet_like,
    outputs_compared,
)
from antitrypsim.populations.people import make_people
from antitrypsim.populations.places import joined
from antitrypsim.populations.possible import YOUNGEST
from antitrypsim.populations.shelf import PART, UNTIL, Damaged, Shelf, Unreadable, ids_in
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live

# Lives are looked through so far; where the described are rarer people are met anew, which is quicker
# than lives that are made.
_PARTS = 48
_HALF = 0.5
# An output that everybody has, by which the dead are known.
_ALIVE = "lung.fev1_share"


def can_draw_like(described: Description) -> bool:
    """Return whether whole lives may be like a person: their sizes and what they gave up are their own."""
    own = (described.height, described.weight, described.bmi, described.quit_age)
    return described.age <= UNTIL and all(each is None for each in own)


def draw_like(
    shelf: Shelf, model: Model, described: Description, count: int, *, settings: Settings
) -> Cohort:
    """Return up to ``count`` people like the described one, to half a year of age.

    They are the first lives of the kind that are like the described at that age, and live once more to
    it in ``model`` at the error that is asked for, by which they are compared. Where the library has too
    few, others are met as by ``meet_like``; ``Cohort.anew`` counts them. Raises as there.
    """
    check_count(count)
    kind = Kind(described.genotype, described.sex, described.smoking)
    left: dict[str, int] = {}
    found: list[People] = []
    met = taken = part = 0
    while taken < count and part < _PARTS:
        # Parts until enough are like the described as read; all of a part, so that who is taken does not
        # depend on how many are asked for.
        parts: list[_Read] = []
        while sum(each.like.size for each in parts) < count - taken and part < _PARTS:
            settings.check()
            outputs = sorted({_ALIVE, *outputs_compared(described)})
            parts.append(_Read.of(shelf.part(kind, part, outputs), part, described))
            part += 1
            settings.tell("meeting people like this one", taken, count)
        read = _Read.joined(parts)
        last = read.numbers.size - 1
        if read.like.size:
            numbers, ages = read.numbers[read.like], read.ages[read.like]
            people, lived = _met_again(model, described, kind, numbers, ages, settings)
            fits = np.flatnonzero(lived.suited)[: count - taken]
            found.append(people.take(fits))
            taken += fits.size
            last = int(read.like[fits[-1]]) if taken == count else last
            counts(lived.first_reasons(), ~lived.suited & (read.like <= last), left)
        for reason, at in read.left.items():
            left[reason] = left.get(reason, 0) + int((at <= last).sum())
        met += last + 1
        settings.tell("meeting people like this one", taken, count)
    if taken < count:
        others = meet_like(model, described, count, have=taken, settings=settings)
        met += others.met
        for reason, number in others.left.items():
            left[reason] = left.get(reason, 0) + number
        found.append(others.people)
    return Cohort(
        joined([part for part in found if len(part)]), met, left, lives=shelf.key,
        anew=len(found[-1]) if taken < count else 0, remade=tuple(shelf.remade),
    )  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """Of a library: ``met`` lives of a kind that are alive or were, and would be met, at an age, and of
    them those ``like`` each of some descriptions, as they are read there."""

    met: int
    like: tuple[int, ...]


def count_like(shelf: Shelf, described: Sequence[Description]) -> Counted:
    """Return how many lives that are on the disk now are like each of some descriptions of one person.

    The descriptions differ in how far from a value people are taken. No life is lived and none is made;
    what is not as it was written is not counted. As many parts are read as ``draw_like`` looks through.
    """
    first = described[0]
    kind = Kind(first.genotype, first.sex, first.smoking)
    met, like = 0, [0] * len(described)
    for part in shelf.numbers(kind):
        if part >= _PARTS:
            break
        try:
            lives = shelf.read(kind, part, sorted({_ALIVE, *outputs_compared(first)}))
        except (Damaged, Unreadable):
            continue
        if lives is None:
            continue
        for k, each in enumerate(described):
            read = _Read.of(lives, part, each)
            like[k] += read.like.size
            met += read.numbers.size if k == 0 else 0
    return Counted(met, tuple(like))


@dataclass(frozen=True)
class _Read:
    """Lives that somebody of an age can be: numbers among their kind and ages; the rows of those who are
    ``like`` the described one, and of those ``left`` for each reason."""

    numbers: Ints
    ages: Floats
    like: Ints
    left: Mapping[str, Ints]

    @classmethod
    def of(cls, lives: LivesRead, part: int, described: Description) -> _Read:
        """Return what is read of the lives of a part."""
        rows = np.arange(lives.ids.size)
        last = lives.now[_ALIVE].shape[1] - 1
        years = np.clip(np.rint(described.age - YOUNGEST - lives.offset), 0, last).astype(np.int64)
        ages: Floats = YOUNGEST + years + lives.offset
        chance = uniforms(SEED, "life met", lives.ids)[:, 0]
        fit = (np.abs(ages - described.age) <= _HALF) & (chance < lives.likely(rows, ages))
        now = {name: each[rows[fit], years[fit]].astype(float) for name, each in lives.now.items()}
        ill = {name: each[rows[fit]] for name, each in vars(lives.ill).items()}
        judged = compare(described, np.isfinite(now[_ALIVE]), now, ill)
        left = {name: np.flatnonzero(mask) for name, mask in judged.first_reasons().items()}
        return cls(part * PART + rows[fit], ages[fit], np.flatnonzero(judged.suited), left)

    @classmethod
    def joined(cls, parts: Sequence[_Read]) -> _Read:
        """Return what is read of parts, one after the other."""
        before = np.cumsum([0, *(each.numbers.size for each in parts)])
        pairs = list(zip(parts, before[:-1], strict=True))
        return cls(
            np.concatenate([each.numbers for each in parts]),
            np.concatenate([each.ages for each in parts]),
            np.concatenate([each.like + at for each, at in pairs]),
            {
                name: np.concatenate([each.left[name] + at for each, at in pairs])
                for name in parts[0].left
            },
        )


def _met_again(
    model: Model,
    described: Description,
    kind: Kind,
    numbers: Ints,
    ages: Floats,
    settings: Settings,
) -> tuple[People, Judged]:
    """Return those lives with their states on the day, and who is like the described by these too."""
    who = replace(persons(SEED, kind, numbers), age=ages)
    labels = {
        name: np.full(numbers.size, word, dtype=object)
        for name, word in {**kind._asdict(), "ascertainment": "described"}.items()
    }
    people = make_people(model, SEED, ids_in(kind, numbers), who, labels)
    lived = live(
        model, people, outputs=outputs_compared(described),
        settings=replace(settings.silent(), seed=SEED),
    )  # fmt: skip
    return lived.people, compare(described, lived.alive, lived.now, ill_of(people))
