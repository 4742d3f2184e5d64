"""The physician's round as a document: a table for each genotype, a row for each age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.calibration.physicians_round import LAST, LINES
from antitrypsim.calibration.therapies_round import AGE
from antitrypsim.protocols import BANNER
from antitrypsim.reports.document import Document, Section, Table
from antitrypsim.trials.harms import DISEASE_EVENTS, event_titles

if TYPE_CHECKING:
    from antitrypsim.calibration.physicians_round import Line, Round, Visit
    from antitrypsim.calibration.therapies_round import TherapiesRound

_PARTS = (
    ("Blood and lung", ("serum", "free_elastase", "neutrophils", "density", "density_loss", "fev1",
                        "fev1_loss", "kco", "saturation")),
    ("Daily life, liver and death", ("sgrq", "walk", "exacerbations", "stiffness", "stage",
                                     "cirrhosis", "alt", "ggt", "death_lung", "death_liver",
                                     "death_other")),
)  # fmt: skip
_SMOKING = {"never": "Never-smokers", "current": "Smokers, about three quarters of a pack a day"}


def round_document(found: Round) -> Document:
    """Return what a physician would ask of people of every genotype, at every age, on one page."""
    lead = (
        f"Means of those alive, of {found.people:,} people of each kind who lived from 18 years on and "
        f"were not chosen for being ill; seed {found.seed}. No target stands here: judge by eye."
    )
    return Document(
        "The physician's round", (BANNER,), (Section(sentences=(lead,)),),
        tuple(_smokers(found, smoking) for smoking in _SMOKING),
    )  # fmt: skip


def _smokers(found: Round, smoking: str) -> Section:
    visits = [v for v in found.visits if v.smoking == smoking]
    tables = [_table(title, names, visits) for title, names in _PARTS]
    ages = ", ".join(
        f"{genotype} {age:.0f}" if age < float("inf") else f"{genotype} above {LAST}"
        for (genotype, kind), age in found.age_at_death.items()
        if kind == smoking
    )
    return Section(
        _SMOKING[smoking],
        (f"Half of those who reach 18 have died by: {ages} years.",),
        tuple(tables),
    )


def _table(title: str, names: tuple[str, ...], visits: list[Visit]) -> Table:
    lines = _lines(names)
    head = ("Genotype", "Age", "Alive, %", *(f"{line.title}, {line.unit}" for line in lines))
    rows = tuple(
        (
            v.genotype, str(v.age), f"{100 * v.alive:.0f}",
            *(_said(v.values[line.name], line) for line in lines),
        )
        for v in visits
    )  # fmt: skip
    return Table(title, head, rows, align="w" + "n" * (len(head) - 1), grouped=True)


def _lines(names: tuple[str, ...]) -> list[Line]:
    return [line for name in names for line in LINES if line.name == name]


def _said(value: float, line: Line, sign: str = "") -> str:
    return f"{value:{sign}z.{line.decimals}f}" if value == value else "-"


def therapies_round_document(found: TherapiesRound) -> Document:
    """Return what every therapy, given as its example says, adds to the same people, on one page."""
    lead = (
        f"{found.people:,} ZZ people of {AGE} as a centre sees them, ill in lung or liver and not; seed "
        f"{found.seed}. The first rows are of them without therapy; the others what each therapy adds to "
        "the same people, means of those alive with it and without, read before the last dose of these "
        "years. Losses are a year, since the first day. Everybody is given everything, transplants too, "
        "which nobody would do: a list gives them to those who need one. No target stands here: judge by "
        "eye."
    )
    harms = Section(
        "Harms",
        ("Events per 100 years lived since the first day; of a therapy those that it adds.",),
        (_harms(found),),
    )
    return Document(
        "The physician's round with therapies", (BANNER,), (Section(sentences=(lead,)),),
        (*(Section(title, (), (_effects(names, found),)) for title, names in _PARTS), harms),
    )  # fmt: skip


def _harms(found: TherapiesRound) -> Table:
    titles = event_titles()
    names = [
        name for name in titles if name in found.effects[0].events and name not in DISEASE_EVENTS
    ]
    head = ("Therapy", "Years", *(titles[name] for name in names))
    rows = tuple(
        (
            e.therapy or "none", str(e.years),
            *(f"{e.events[name]:{'+' if e.therapy else ''}z.1f}" for name in names),
        )
        for e in found.effects
    )  # fmt: skip
    return Table("", head, rows, align="w" + "n" * (len(head) - 1), grouped=True)


def _effects(names: tuple[str, ...], found: TherapiesRound) -> Table:
    lines = _lines(names)
    head = ("Therapy", "Years", "Alive, %", *(f"{line.title}, {line.unit}" for line in lines))
    rows = tuple(
        (
            e.therapy or "none", str(e.years), f"{100 * e.alive:.0f}",
            *(_said(e.values[line.name], line, "+" if e.therapy else "") for line in lines),
        )
        for e in found.effects
    )  # fmt: skip
    return Table("", head, rows, align="w" + "n" * (len(head) - 1), grouped=True)
