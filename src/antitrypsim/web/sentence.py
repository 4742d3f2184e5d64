"""A question as a sentence, and which of its words are numbers that can be moved.

The words are the product's own (``Description.pieces``, ``part_pieces``); a number that is an input
has the field that it fills in, what stands around it there, and the values that it can be moved to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import floor, log10
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.web.shapes import Part, Step

if TYPE_CHECKING:
    from pathlib import Path

    from antitrypsim.protocols.therapytext import Written
    from antitrypsim.runs.requests import Request

    _Choices = tuple[float, dict[float, tuple[str, str]]]
    """The number as it is, and by each that it can be its words and the therapy's text."""

_NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""What a dose begins with when it is moved, in every power of ten."""

_INTERVALS = {"day": 30, "week": 26, "month": 12, "year": 10}
"""How many of a unit there are between doses at most when it is moved."""

_LONGEST = 40
_PEOPLE = (20, 40, 60, 100, 200, 400, 1000)
_DRAWS = (10, 20, 50, 100, 200)
_PARTICIPANTS = (*range(10, 100, 10), *range(100, 300, 20), *range(300, 1001, 50))
_TRIALS = (50, 100, 200, 400, 1000, 2000)
_LIVES = (100, 200, 500, 1000, 2000)
_POWERS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
_A_MONTH = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
_STEP = {"fev1": 1.0, "serum": 0.5, "stiffness": 0.5}


def sentence(request: Request, own: Path | None = None) -> tuple[Part, ...]:
    """Return a question as a sentence in parts; nothing of one that has no numbers.

    ``own`` is where its own protocol lies.
    """
    made = {"patient": _patient, "compare": _compare, "run": _run, "power": _power}
    found = made.get(request.command)
    return () if found is None else tuple(found(request, own))


def _plain(text: str) -> Part:
    return Part(text=text)


def _patient(request: Any, _own: Path | None) -> Iterator[Part]:
    from antitrypsim.foundations.units import years_words

    described = request.described
    yield _plain("A person such as: ")
    for text, field in described.pieces():
        yield _number(text, field, _limits(field, described)) if field else _plain(text)
    yield _plain(". ")
    yield _count(request.people, "people", _PEOPLE, "people")
    yield _plain(" such people live ")
    yield _moved("years", "years looked ahead", request.years, range(1, _LONGEST + 1), years_words)
    if request.therapy:
        yield _plain(", without and with ")
        yield from _therapy(request.therapy, request.years, "therapy", "", "")
    else:
        yield _plain(" without therapy")
    yield from _drawn(request.uncertainty)


def _compare(request: Any, _own: Path | None) -> Iterator[Part]:
    from antitrypsim.experiments.counterfactual import MOST_YEARS
    from antitrypsim.foundations.units import years_words

    yield _plain("The same ")
    yield _count(request.people, "people", _PEOPLE, "people")
    yield from _taken_from(request.population)
    *before, last = sorted(request.years)
    said = "".join(f"{year:g}, " for year in before)
    steps = [year for year in range(1, int(MOST_YEARS) + 1) if year > max(before, default=0)]
    yield _moved("years", "years of the last reading", last, steps, years_words, before=said)
    yield _plain(" without treatment and with ")
    lines = [
        text if name == text else f"{name}: {text}" for name, text in request.therapies.items()
    ]
    for k, (name, text) in enumerate(request.therapies.items()):
        called = "" if name == text else f"{name}: "
        yield _plain(("" if k == 0 else "; or with ") + called)
        before_it = "".join(f"{line}\n" for line in lines[:k]) + called
        after_it = "".join(f"\n{line}" for line in lines[k + 1 :])
        yield from _therapy(text, last, "therapies", before_it, after_it)
    yield from _drawn(request.uncertainty)


def _taken_from(population: str) -> Iterator[Part]:
    """Yield whose people they are; the numbers of a described person can be moved."""
    from antitrypsim.populations.persontext import PERSON, parse_person, person_text

    if not population.startswith(PERSON):
        yield _plain(f" people, those of {population}, live ")
        return
    described = parse_person(population)
    said = person_text(described).removeprefix(PERSON).split(",")
    yield _plain(" people such as: ")
    for text, field in described.pieces():
        if not field:
            yield _plain(text)
            continue
        k = next(k for k, one in enumerate(said) if one.startswith(f"{field}="))
        yield _moved(
            "population", _CALLED[field], float(text), _limits(field, described), lambda x: f"{x:g}",
            before=PERSON + "".join(f"{one}," for one in said[:k]) + f"{field}=",
            after="".join(f",{one}" for one in said[k + 1 :]),
        )  # fmt: skip
    yield _plain(", live ")


def _run(request: Any, own: Path | None) -> Iterator[Part]:
    from antitrypsim.protocols import load_protocol

    protocol = load_protocol(own or request.protocol)
    least = len(protocol.arms)
    yield _plain(f"{protocol.title}. ")
    yield _count(
        request.participants or protocol.participants, "participants",
        [n for n in _PARTICIPANTS if n >= least], "participants",
    )  # fmt: skip
    yield _plain(" people take part in one virtual trial")
    yield from _drawn(request.uncertainty)


def _power(request: Any, own: Path | None) -> Iterator[Part]:
    from antitrypsim.laboratory.questions import changed_design

    changes = {name: getattr(request, name) for name in ("replicates", "people", "draws")}
    design, protocol = changed_design(own or request.design, sizes=request.sizes or None, **changes)
    sizes = design.sizes
    yield _plain(f"{design.title}. ")
    yield _count(design.replicates, "replicates", _TRIALS, "trials drawn")
    yield _plain(" trials are drawn from ")
    yield _count(design.library.people, "people", _LIVES, "virtual people")
    yield _plain(" virtual people")
    for k, size in enumerate(sizes):
        yield _plain(", with " if k == 0 else " or " if k == len(sizes) - 1 else ", ")
        low = max((n for n in sizes if n < size), default=0)
        high = min((n for n in sizes if n > size), default=max(_PARTICIPANTS) + 1)
        steps = [n for n in _PARTICIPANTS if max(low, len(protocol.arms) - 1) < n < high]
        yield _moved(
            "sizes", f"size {k + 1} of {len(sizes)}, participants", size, steps, _so_many,
            before="".join(f"{n}, " for n in sizes[:k]), after="".join(f", {n}" for n in sizes[k + 1 :]),
        )  # fmt: skip
    if sizes:
        yield _plain(" participants")
    if request.per_month is not None:
        yield _plain(", of whom ")
        yield _moved(
            "per_month",
            "participants found a month",
            request.per_month,
            _A_MONTH,
            lambda x: f"{x:g}",
        )
        yield _plain(" are found a month")
    if request.wanted is not None:
        yield _plain("; a power of ")
        yield _moved("wanted", "wanted power", request.wanted, _POWERS, lambda x: f"{100 * x:g} %")
        yield _plain(" is wanted")
    yield from _drawn(design.library.draws, "draws")


def _drawn(count: int, field: str = "uncertainty") -> Iterator[Part]:
    if count:
        yield _plain("; what nobody knows is drawn ")
        yield _count(count, field, _DRAWS, "draws of what nobody knows")
        yield _plain(" times")
    yield _plain(".")


def _therapy(text: str, years: float, field: str, before: str, after: str) -> Iterator[Part]:
    """Yield a therapy's words, its doses and intervals as numbers that can be moved."""
    from antitrypsim.protocols.therapytext import parse_therapy, parts_of, written
    from antitrypsim.protocols.therapywords import part_pieces, product_words

    parts = parts_of(text)
    for k, part in enumerate(parts):
        first = "".join(f"{one} + " for one in parts[:k])
        last = "".join(f" + {one}" for one in parts[k + 1 :])

        def can(said: str, first: str = first, last: str = last) -> bool:
            try:
                parse_therapy(f"{first}{said}{last}", years)
            except InputError:
                return False
            return True

        if k:
            yield _plain(" + ")
        for words, what in part_pieces(part):
            found = written(part) if what else None
            own, choices = _CHOICES[what](found) if found else (0.0, {})
            if found is None or not choices:
                yield _plain(words)
                continue
            kept = [one for one in choices if one == own or can(choices[one][1])]
            yield Part(
                text=words, field=field, name=f"{what} of {product_words(found.product)}",
                before=before + first, after=last + after, at=kept.index(own),
                steps=tuple(
                    Step(text=words if one == own else choices[one][0], said=choices[one][1])
                    for one in kept
                ),
            )  # fmt: skip


def _doses(found: Written) -> _Choices:
    """Return a dose, and round ones from a tenth to ten times of it, itself among them."""
    from antitrypsim.foundations.units import parse_quantity
    from antitrypsim.protocols.therapywords import amount_words

    number, unit = parse_quantity(found.dose)
    round_ones: list[float] = []
    if number > 0:
        power = floor(log10(number))
        round_ones = [float(f"{m}e{k}") for k in range(power - 1, power + 2) for m in _NICE]
    values = sorted({number, *(x for x in round_ones if number / 10 <= x <= number * 10)})
    return number, {
        x: (amount_words(x, unit), found._replace(dose=f"{_short(x)}{unit}").text) for x in values
    }


def _intervals(found: Written) -> _Choices:
    """Return how many units an interval has, and how many it can have; none of a unit of no rule."""
    from antitrypsim.protocols.therapywords import interval_words

    count, unit = str(found.interval).split()
    unit, own = unit.removesuffix("s"), float(count)
    if unit not in _INTERVALS:
        return own, {}
    said = {
        n: f"{n:g} {unit}{'' if n == 1 else 's'}"
        for n in sorted({own, *range(1, _INTERVALS[unit] + 1)})
    }
    return own, {
        n: (interval_words(one), found._replace(interval=one).text) for n, one in said.items()
    }


_CHOICES: Mapping[str, Callable[[Written], _Choices]] = {"dose": _doses, "interval": _intervals}


def _short(value: float) -> str:
    """Return a number as people write it: '60', '1.5e8'."""
    plain = f"{value:.12g}"
    mantissa, _, power = f"{value:.11e}".partition("e")
    short = f"{float(mantissa):.12g}e{int(power)}"
    return short if len(short) + 3 < len(plain) else plain


def _limits(field: str, described: Any) -> Sequence[float]:
    """Return the values that a field of a description can be moved to."""
    from antitrypsim.populations.matching import LIKENESS
    from antitrypsim.populations.numbers import FIXED
    from antitrypsim.populations.possible import YOUNGEST

    if field == "age":
        least = YOUNGEST if described.quit_age is None else max(YOUNGEST, described.quit_age)
        return _grid(least, FIXED.described_age_most.value, 1.0)
    if field == "quit_age":
        return _grid(FIXED.smoking_first.value + 1, described.age, 1.0)
    like = next(one for one in LIKENESS if one.name == field)
    return _grid(like.low, like.high, _STEP[field])


def _grid(low: float, high: float, step: float) -> list[float]:
    return [low + k * step for k in range(floor((high - low) / step) + 1)]


_CALLED = {"age": "age", "quit_age": "age of stopping", "fev1": "FEV1, % of predicted",
           "serum": "serum AAT, µM", "stiffness": "liver stiffness, kPa"}  # fmt: skip


def _number(text: str, field: str, steps: Sequence[float]) -> Part:
    return _moved(field, _CALLED[field], float(text), steps, lambda value: f"{value:g}")


def _count(value: int, field: str, steps: Sequence[int], name: str) -> Part:
    return _moved(field, name, value, steps, _so_many)


def _so_many(count: float) -> str:
    return f"{count:,.0f}"


def _moved(
    field: str, name: str, value: float, steps: Sequence[float], words: Callable[[float], str],
    *, before: str = "", after: str = "",
) -> Part:  # fmt: skip
    values = sorted({float(value), *map(float, steps)})
    return Part(
        text=words(float(value)), field=field, name=name, before=before, after=after,
        steps=tuple(Step(text=words(one), said=f"{one:.12g}") for one in values),
        at=values.index(float(value)),
    )  # fmt: skip
