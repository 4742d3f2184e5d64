"""Answers side by side: up to four of one kind, what is asked differently, and what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import hypot
from typing import Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, were
from antitrypsim.web.jobs import ANSWER, DATA, Jobs
from antitrypsim.web.shapes import Answer, ShownCell, ShownTable

MOST = 4
APART = 2.0
_BOLD = "Bold: above each other by more than twice the Monte Carlo error of the difference."


def beside(jobs: Jobs, ids: Sequence[str]) -> ShownTable:
    """Return the answers of jobs as one table, a column each; the best of a row is ``strong``.

    What is not there, or not done, is left out, and a note says so: a link from another machine may name it.
    Raises KeyError where nothing is there, InputError for too many or for answers to questions of different kinds.
    """
    named = list(dict.fromkeys(ids))
    if len(named) > MOST:
        raise InputError(f"{len(named)} answers do not stand beside each other; up to {MOST} do")
    ids = [id for id in named if jobs.has(id, ANSWER)]
    if not ids:
        raise KeyError(named[0])
    gone = len(named) - len(ids)
    asked = [jobs.of(id).question for id in ids]
    kinds = {question.request["request"] for question in asked}
    if len(kinds) > 1:
        raise InputError(
            f"{' and '.join(sorted(kinds))} do not stand beside each other; pin one kind"
        )
    answers = [Answer.model_validate_json(jobs.file(id, ANSWER).read_text("utf-8")) for id in ids]
    data = [json.loads(jobs.file(id, DATA).read_text("utf-8")) for id in ids]
    rows = [*_asked(asked), *_said(answers)]
    if kinds == {"power"}:
        rows += _powers(data)
    if kinds == {"patient"}:
        rows += _years(answers)
    head = (ShownCell(text=""), *(ShownCell(text=one.title) for one in answers))
    return ShownTable(
        caption="Side by side",
        head=head,
        rows=tuple(rows),
        columns="w" * len(head),
        strong=(),
        notes=(f"{so_many(gone, 'pinned answer')} {were(gone)} not found here: ask again.",)
        if gone
        else (),
    )


def _row(name: str, cells: Sequence[str], best: Sequence[bool] = ()) -> tuple[ShownCell, ...]:
    marks = best or [False] * len(cells)
    return (
        ShownCell(text=name),
        *(ShownCell(text=text, strong=mark) for text, mark in zip(cells, marks, strict=True)),
    )


def _asked(questions: Sequence[Any]) -> list[tuple[ShownCell, ...]]:
    """Return a row for each field in which the questions differ."""
    said = [
        {**one.request, "seed": one.seed, "own protocol": (one.protocol or {}).get("title")}
        for one in questions
    ]
    names = dict.fromkeys(name for one in said for name in one)
    found = []
    for name in names:
        values = [one.get(name) for one in said]
        if any(value != values[0] for value in values):
            found.append(_row(name.replace("_", " "), [_words(value) for value in values]))
    return found


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, dict):
        return ", ".join(map(str, value))
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _said(answers: Sequence[Answer]) -> list[tuple[ShownCell, ...]]:
    """Return the row of what each answer says first."""
    told = [
        " ".join(text for part in one.sections if part.look == "answer" for text in part.sentences)
        for one in answers
    ]
    return [_row("answer", told)] if any(told) else []


def _powers(data: Sequence[Any]) -> list[tuple[ShownCell, ...]]:
    """Return a row for each size that was looked at, and for the size that the wanted power takes."""
    found = []
    sizes = sorted({size for one in data for size in one["sizes"]})
    for what, key in (
        ("power", "power"),
        ("assurance", "assurance"),
        ("claims where nothing works", "null"),
    ):
        for size in sizes:
            there = [
                one[key][one["sizes"].index(size)] if one[key] and size in one["sizes"] else None
                for one in data
            ]
            if any(one is not None for one in there):
                cells = [
                    "–" if one is None else f"{100 * one['value']:.1f} ± {100 * one['error']:.1f} %"
                    for one in there
                ]
                best = [] if key == "null" else clearly_most(there)
                found.append(_row(f"{what}, {size:,} participants", cells, best))
    needed = [one["needed"] for one in data]
    if any(needed):
        cells = [
            "–" if one["needed"] is None else f"{one['needed']:,} for {100 * one['wanted']:g} %"
            for one in data
        ]
        found.append(_row("participants needed", cells))
    return found


def clearly_most(there: Sequence[Mapping[str, float] | None]) -> list[bool]:
    """Return which of shares with errors is above each other by more than chance in the trials drawn.

    ``APART`` errors of the difference are more than chance; of one share alone nothing is said.
    """

    def above(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
        return one["value"] - other["value"] > APART * hypot(one["error"], other["error"])

    others = [
        [o for j, o in enumerate(there) if o is not None and j != k] for k in range(len(there))
    ]
    return [
        one is not None and bool(rest) and all(above(one, other) for other in rest)
        for one, rest in zip(there, others, strict=True)
    ]


def _years(answers: Sequence[Answer]) -> list[tuple[ShownCell, ...]]:
    """Return what is said of the last year that all of them have, by endpoint and way."""
    shared = set.intersection(*({one.year for one in answer.years} for answer in answers))
    if not shared:
        return []
    last = max(shared)
    years = [next(one for one in answer.years if one.year == last) for answer in answers]
    found = []
    for chart in answers[0].charts:
        ways = max(len(one.cells.get(chart.id, ())) for one in years)
        for k, way in enumerate(("without therapy", "with therapy", "own difference")[:ways]):
            cells = [(*one.cells.get(chart.id, ()), *["–"] * ways)[k] for one in years]
            found.append(_row(f"{chart.title}, year {last:g}, {way}", cells))
    told = [" ".join(one.sentences) for one in years]
    return [*found, _row(f"year {last:g}", told)]
