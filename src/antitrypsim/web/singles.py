"""The people of a course one by one, and how many of a hundred are better with the therapy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.units import YEAR
from antitrypsim.web.shapes import Given, Happening, Hundred, Pick, Single

if TYPE_CHECKING:
    from antitrypsim.endpoints import Endpoint
    from antitrypsim.experiments.patient import Lives, PatientCourse

MOST = 100
"""So many people are shown one by one, and so many figures stand for all of them."""

MOST_DOSES = 60
"""So many doses of a line are drawn one by one; more are a bar."""

_STEPS = 20
_NICE = (1, 2, 5, 10)
_SMOKING = {"never": "never smoked", "ex": "stopped smoking", "current": "smokes"}
_ATTACK = "exacerbation"


def singles(course: PatientCourse, drawn: Sequence[str]) -> tuple[Single, ...]:
    """Return the first people of a course, at most ``MOST``: the ``drawn`` endpoints and what happens."""
    lives = course.lives
    return () if lives is None else tuple(
        _single(lives, k, drawn) for k in range(min(len(lives), MOST))
    )  # fmt: skip


def _single(lives: Lives, k: int, drawn: Sequence[str]) -> Single:
    from antitrypsim.endpoints import endpoint
    from antitrypsim.experiments.headlines import decimals

    ways = tuple(lives.events)

    def course(id: str, way: str) -> tuple[str, ...]:
        values = lives.values[id, way][k]
        d = decimals(endpoint(id).id)
        return tuple("" if not np.isfinite(v) else f"{v:.{d}f}" for v in values)

    end = lives.years[-1]
    return Single(
        number=k + 1, words=_who(lives, k),
        sentences=tuple(_told(lives, k, way) for way in ways),
        courses={id: {way: course(id, way) for way in ways} for id in drawn},
        ends={way: _share(float(lives.last(way, end)[k]), end) for way in ways},
        marks={way: tuple(_marks(lives, k, way)) for way in ways},
    )  # fmt: skip


def _who(lives: Lives, k: int) -> str:
    sex = "a woman" if lives.labels["sex"][k] == "female" else "a man"
    smoking = _SMOKING.get(str(lives.labels["smoking"][k]), "")
    return f"{sex} of {lives.age[k]:.0f}{f' who {smoking}' if smoking else ''}"


def _told(lives: Lives, k: int, way: str) -> str:
    """Return what happens to one person one way, in a sentence."""
    from antitrypsim.foundations.plural import so_many
    from antitrypsim.foundations.units import years_words

    end = lives.years[-1]
    death = float(lives.events[way]["death"][k, 0])
    attacks = int(lives.counted(way, (_ATTACK,), end)[k])
    harms = int(lives.counted(way, lives.harms, end)[k])
    fate = (
        f"dies in year {death / YEAR:.1f}"
        if death <= end * YEAR
        else f"alive after {years_words(end)}"
    )
    return (
        f"{way.capitalize()} therapy: {fate}, {so_many(attacks, 'severe exacerbation')}, "
        f"{so_many(harms, 'harm')}."
    )


def _marks(lives: Lives, k: int, way: str) -> Iterator[Happening]:
    """Yield what happens to one person, in the order of time."""
    from antitrypsim.trials.harms import event_titles

    titles = event_titles()
    end = lives.years[-1]
    last = float(lives.last(way, end)[k])
    found: list[tuple[float, Literal["attack", "harm", "death"], str]] = []
    for process in (_ATTACK, *lives.harms):
        days = lives.events[way][process][k]
        attack = process == _ATTACK
        title = "Severe exacerbation" if attack else titles[process]
        found += [
            (float(d), "attack" if attack else "harm", title)
            for d in days[(days > 0) & (days <= last)]
        ]
    death = float(lives.events[way]["death"][k, 0])
    if death <= end * YEAR:
        found.append((death, "death", "Death"))
    for day, kind, title in sorted(found):
        yield Happening(
            at=_share(day, end), kind=kind, words=f"{title}, year {day / YEAR:.1f}"
        )  # fmt: skip


def doses(course: PatientCourse) -> tuple[Given, ...]:
    """Return when the therapy is given, as shares of the years that are looked ahead."""
    from antitrypsim.foundations.plural import so_many

    lives = course.lives
    if lives is None or lives.given is None:
        return ()
    end = lives.years[-1]
    found: list[Given] = []
    for record in lives.given.doses:
        times = sorted({t for t in record.times if t <= end * YEAR})
        name = record.dose.replace("/", ", ").replace("_", " ")
        if len(times) > MOST_DOSES:
            words = f"{name}: {so_many(len(times), 'dose')}"
            found.append(Given(low=_share(times[0], end), high=_share(times[-1], end), words=words))
        else:
            found += [
                Given(low=_share(t, end), high=_share(t, end), words=f"{name}, year {t / YEAR:.1f}")
                for t in times
            ]
    for level in lives.given.levels:
        low, high = _share(level.start, end), _share(min(level.end, end * YEAR), end)
        name = level.input.replace(".", ", ").replace("_", " ")
        found.append(Given(low=low, high=high, words=f"{name}: held at {level.value:g}"))
    return tuple(found)


def _share(day: float, years: float) -> float:
    return round(min(1.0, max(0.0, day / (years * YEAR))), 4)


def picks(course: PatientCourse, drawn: Sequence[str]) -> tuple[Pick, ...]:
    """Return whom to look at: by endpoint who is helped most, who is in the middle, who least."""
    from antitrypsim.endpoints import endpoint

    lives = course.lives
    if lives is None or lives.given is None:
        return ()
    found = []
    for id in drawn:
        gains = _gains(lives, endpoint(id))[:MOST, -1]
        order = [k for k in np.argsort(-gains, kind="stable") if np.isfinite(gains[k])]
        # Two people have no middle, and nobody is helped where nothing differs.
        if len(order) < 3 or not np.any(gains[order]):
            continue
        for words, k in (("helped most", order[0]), ("the middle one", order[len(order) // 2]), ("helped least", order[-1])):  # fmt: skip
            found.append(Pick(number=int(k) + 1, words=f"{endpoint(id).title}: {words}"))
    return tuple(found)


def hundreds(course: PatientCourse, drawn: Sequence[str]) -> tuple[Hundred, ...]:
    """Return of how many the therapy makes how much, by endpoint, year and what counts as more.

    Everybody falls into one of six kinds: better with the therapy, worse, neither (alive both ways),
    alive only with it, alive only without, dead both ways. Of up to ``MOST`` people each is a figure;
    of more, a hundred figures have their shares.
    """
    from antitrypsim.endpoints import endpoint
    from antitrypsim.experiments.headlines import decimals

    lives = course.lives
    if lives is None or lives.given is None:
        return ()
    found = []
    for id in drawn:
        what = endpoint(id)
        better, worse = ("higher", "lower") if what.better == "higher" else ("lower", "higher")
        gains = _gains(lives, what)
        d = decimals(id)
        step = _step(float(np.nanmax(np.abs(gains), initial=0.0)), 10.0**-d)
        grid = np.arange(_STEPS + 1) * step
        unit = f" {what.unit}" if what.unit else ""
        found.append(
            Hundred(
                id=id, title=what.title, people=min(len(lives), MOST),
                kinds=_kinds(f"{better} with therapy, by more than", f"{worse} with therapy, by more than"),
                steps=tuple(f"{x:.{d}f}{unit}" for x in grid),
                counts=_counted(lives, gains, grid),
            )
        )  # fmt: skip
    for id, title, events, processes in (
        ("attacks", "Severe exacerbations until then", "severe exacerbations", (_ATTACK,)),
        ("harms", "Harms until then, of any kind in the model", "harms", lives.harms),
    ):
        had = {
            way: np.stack([lives.counted(way, processes, year) for year in lives.years], axis=1)
            for way in lives.events
        }
        gains = np.where(np.isfinite(_alive_both(lives)), had["without"] - had["with"], np.nan)
        most = max(1, min(_STEPS, int(np.nanmax(np.abs(gains), initial=0.0))))
        found.append(
            Hundred(
                id=id, title=title, people=min(len(lives), MOST),
                kinds=_kinds(f"fewer {events} with therapy, by at least", f"more {events} with therapy, by at least"),
                steps=tuple(str(k) for k in range(1, most + 1)),
                counts=_counted(lives, gains, np.arange(1, most + 1) - 0.5),
            )
        )  # fmt: skip
    return tuple(found)


def _kinds(better: str, worse: str) -> tuple[str, ...]:
    return (
        better, worse, "neither", "alive only with therapy", "alive only without therapy",
        "dead either way",
    )  # fmt: skip


def _alive_both(lives: Lives) -> Floats:
    """Return nought where a person lives at a year's end both ways, NaN where not, (people, years)."""
    alive = lives.values["density", "with"] + lives.values["density", "without"]
    return np.where(np.isfinite(alive), 0.0, np.nan)


def _gains(lives: Lives, what: Endpoint) -> Floats:
    """Return by how much each person is better with the therapy, (people, years).

    Two figures further than it is told are kept: what is below is the solver's, and no difference.
    """
    from antitrypsim.experiments.headlines import decimals

    sign = 1.0 if what.better == "higher" else -1.0
    found = sign * (lives.values[what.id, "with"] - lives.values[what.id, "without"])
    return np.asarray(np.round(found, decimals(what.id) + 2))


def _step(most: float, least: float) -> float:
    """Return a round number of which ``_STEPS`` reach ``most``, at least ``least``."""
    wanted = max(most / _STEPS, least)
    power = 10.0 ** floor(log10(wanted))
    # A hair below counts as there: powers of ten are not exact.
    return next(power * k for k in _NICE if power * k >= wanted * (1 - 1e-9))


def _counted(
    lives: Lives, gains: Floats, grid: NDArray[Any]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return by year and step how many figures are of which kind."""
    end = np.asarray(lives.years) * YEAR
    alive = {way: ~(lives.events[way]["death"][:, :1] <= end[None, :]) for way in ("with", "without")}  # fmt: skip
    found = []
    for j in range(len(lives.years)):
        with_, without = alive["with"][:, j], alive["without"][:, j]
        both, now = with_ & without, gains[:, j]
        steps = []
        for more in grid:
            better, worse = both & (now > more), both & (now < -more)
            kinds = (
                better, worse, both & ~better & ~worse,
                with_ & ~without, ~with_ & without, ~with_ & ~without,
            )  # fmt: skip
            steps.append(_figures([int(kind.sum()) for kind in kinds]))
        found.append(tuple(steps))
    return tuple(found)


def _figures(counts: Sequence[int]) -> tuple[int, ...]:
    """Return as many figures as people, at most ``MOST``, of which kinds have their shares."""
    total = sum(counts)
    if total <= MOST:
        return tuple(counts)
    shares: NDArray[np.float64] = np.asarray(counts) * MOST / total
    whole = np.floor(shares)
    # The largest remainders are rounded up, so that the figures are a hundred.
    order = np.argsort(-(shares - whole), kind="stable")[: MOST - int(whole.sum())]
    whole[order] += 1
    return tuple(int(one) for one in whole)
