"""Format: the table of harms by arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.reports.document import Cell, Row, Section, Table
from antitrypsim.reports.numbers import capital, listed, number, signed, small
from antitrypsim.reports.results import arm_labels
from antitrypsim.trials.harms import (
    Harm,
    harms,
    most_if_none,
    not_modelled,
    not_modelled_words,
    reference_arm,
)

if TYPE_CHECKING:
    from antitrypsim.trials.trial import Trial


@dataclass(frozen=True)
class HarmRow:
    """One harm in one arm; ``arm`` is empty where there is only one."""

    harm: str
    arm: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class HarmTable:
    """Harms by arm, and the sentences that belong to them; ``head`` names the cells of a row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[HarmRow, ...]
    sentences: tuple[str, ...]


def harm_table(trial: Trial) -> HarmTable:
    """Return the harms of a trial, those that nobody had in one sentence."""
    labels, found = arm_labels(trial.protocol), harms(trial)
    reference = reference_arm(trial)
    seen = {harm.event for harm in found if harm.events or harm.expected}
    several = len(labels) > 1
    head = ["people", "events", "per 100 years"]
    if reference is not None:
        head += ["on reference", "attributable"]
    rows = tuple(_row(harm, labels, several=several) for harm in found if harm.event in seen)
    sentences = []
    if reference is None:
        sentences.append(
            "There is one arm and no untreated course of its people: nothing is attributed. These "
            "are the events of people so treated, not those that a treatment caused."
        )
    else:
        sentences.append(
            "People: those with at least one. On reference: what the same people have on "
            f"{small(labels[reference])}, with the same chance; attributable is what they have "
            "more, in brackets per 100 person-years. Only a simulation knows it, and it holds the "
            "chance of one trial."
        )
    none = [harm for harm in found if harm.event not in seen and harm.arm == found[0].arm]
    if none:
        years = sum(h.years for h in found if h.event == found[0].event)
        most = 100 * most_if_none(years)
        sentences.append(
            f"No event in any arm: {listed([small(harm.title) for harm in none])}. None in "
            f"{number(years, 0 if years >= 10 else 1)} person-years leaves room for "
            f"{number(most, 0 if most >= 10 else 1)} per 100 person-years (95 % limit)."
        )
    sentences += _not_modelled(trial, labels)
    return HarmTable("Harms by arm", tuple(head), rows, tuple(sentences))


def harms_section(found: HarmTable) -> Section:
    """Return the table of harms and what belongs to it."""
    rows: list[Row] = [(Cell(row.harm, row.arm), *row.cells) for row in found.rows]
    table = Table(
        "", ("Harm", *map(capital, found.head)), tuple(rows), name=found.title, grouped=True
    )
    told = Section(sentences=found.sentences, look="small")
    return Section(found.title, tables=(table,), parts=(told,), id="harms")


def _not_modelled(trial: Trial, labels: dict[str, str]) -> list[str]:
    """Say of each treatment which harms the model could not show."""
    by_words: dict[str, list[str]] = {}
    for arm, regimen in trial.protocol.regimens().items():
        words = not_modelled_words(not_modelled(regimen)) if regimen.names else ""
        if words:
            by_words.setdefault(words, []).append(labels[arm])
    return [f"{listed(arms)}: {small(words)}" for words, arms in by_words.items()]


def _row(harm: Harm, labels: dict[str, str], *, several: bool) -> HarmRow:
    cells = [
        f"{harm.affected:,} of {harm.people:,}",
        f"{harm.events:,}",
        number(100 * harm.rate, 1),
    ]
    if harm.attributable is not None and harm.attributable_rate is not None:
        more = f"{harm.attributable:+,} ({signed(100 * harm.attributable_rate, 1)})"
        cells += [f"{harm.expected:,}", more if harm.attributable else "0"]
    elif several:
        cells += ["", ""]
    return HarmRow(harm.title, labels[harm.arm] if several else "", tuple(cells))
