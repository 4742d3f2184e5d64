"""An answer as the page shows it: a report's words, tables and pictures, and courses to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.plain import json_text
from antitrypsim.foundations.provenance import answer_hash, content_hash
from antitrypsim.web.carried import csv_text
from antitrypsim.web.shapes import (
    Answer,
    Calendar,
    Chart,
    ShownCell,
    ShownPicture,
    ShownSection,
    ShownTable,
    Way,
    World,
    Year,
)

if TYPE_CHECKING:
    from antitrypsim.experiments.patient import PatientCourse
    from antitrypsim.reports.document import Cell, Document, Picture, Section, Table
    from antitrypsim.runs.requests import Request

DRAWN = ("fev1", "density", "stiffness")
"""The endpoints that are drawn beside each other."""

FEW = 4
OPEN = ("decides", "results", "participants", "truth", "effects", "backwards", "limits")
"""The sections of a report that stand open; the others are opened by whoever wants them."""


@dataclass(frozen=True)
class Made:
    """What is wanted of an answer first: what the page shows, its tables as CSV and pictures as SVG by name, its data."""

    shown: Answer
    tables: Mapping[str, str]
    pictures: Mapping[str, str]
    data: str
    document: Document


@dataclass(frozen=True)
class Rest:
    """What else is kept of an answer.

    ``pdf`` is None where the extra 'pdf' is not installed; ``others`` is what the page shows with
    serum AAT in another unit, by the unit, where it is told at all; ``tables`` and ``pictures`` are theirs.
    """

    others: Mapping[str, Answer]
    tables: Mapping[str, str]
    pictures: Mapping[str, str]
    report: str
    pdf: bytes | None


def make(request: Request, answer: Any) -> Made:
    """Return what the page shows of an answer."""
    document = _DOCUMENTS[request.command](answer)
    data = json_text(request.data(answer))
    shown, pictures, tables = _shown(request, answer, document, data)
    return Made(shown, tables, pictures, data, document)


def rest_of(request: Request, answer: Any, made: Made) -> Rest:
    """Return what else is kept of an answer of which is made what the page shows."""
    from antitrypsim.reports import lay_out_html
    from antitrypsim.reports.layout_pdf import lay_out_pdf

    others: dict[str, Answer] = {}
    tables: dict[str, str] = {}
    pictures: dict[str, str] = {}
    for unit, found, more, rows in _in_other_units(request, answer, made.data):
        others[unit] = found
        pictures |= more
        tables |= rows
    return Rest(
        others, tables, pictures, lay_out_html(made.document),
        lay_out_pdf(made.document) if made.shown.pdf else None,
    )  # fmt: skip


def _shown(
    request: Request, answer: Any, document: Document, data: str
) -> tuple[Answer, dict[str, str], dict[str, str]]:
    """Return what the page shows of an answer, and its pictures and tables by name."""
    tables = {_table_name(table): _as_csv(table) for table in _tables(document)}
    pictures = {_file_name(picture): picture.svg for picture in _pictures(document)}
    charts: tuple[Chart, ...] = ()
    years: tuple[Year, ...] = ()
    lived: dict[str, Any] = {}
    if request.command == "patient":
        charts, years, drawn = _courses(answer)
        tables |= drawn
        lived = _lived(answer)
    linked = request.command == "evidence"
    shown = Answer(
        hash=answer_hash(data), title=_set(document.title),
        notices=tuple(map(_set, document.notices)),
        sections=tuple(
            _section(one, linked)
            for one in (*document.answer, *_key(document), *document.grounds, *_folded(document))
            if one.told != "terminal" and not (charts and one.id in ("courses", "words"))
        ),
        charts=charts, years=years, worlds=_worlds(request, answer),
        calendar=_calendar(request, answer), pdf=find_spec("typst") is not None,
        **lived,
    )  # fmt: skip
    return shown, pictures, tables


def _in_other_units(
    request: Request, answer: Any, data: str
) -> Iterator[tuple[str, Answer, dict[str, str], dict[str, str]]]:
    """Yield an answer with serum AAT in each of its other units, where the answer tells of it."""
    from antitrypsim.reports.shownunits import Unit, comparison_in, course_in, told_in
    from antitrypsim.web.rooms import serum_units

    turns: Mapping[str, Callable[[Any, Unit], Any]] = {
        "patient": course_in,
        "compare": comparison_in,
    }
    turn = turns.get(request.command)
    if turn is None:
        return
    for name, (per, decimals) in list(serum_units().items())[1:]:
        unit = Unit("serum_aat", name, per, decimals)
        with told_in(unit):
            turned = turn(answer, unit)
            yield (name, *_shown(request, turned, _DOCUMENTS[request.command](turned), data))


def _patient(answer: Any) -> Document:
    from antitrypsim.reports.patient import patient_document

    # Its courses are drawn by the page itself.
    return patient_document(answer, pictures=False)


def _compare(answer: Any) -> Document:
    from antitrypsim.reports.compare import compare_document

    return compare_document(answer)


def _trial(answer: Any) -> Document:
    from antitrypsim.reports.trialdocument import trial_document

    return trial_document(answer)


def _power(answer: Any) -> Document:
    from antitrypsim.reports.dossier import power_document

    return power_document(answer.lab, answer.curve)


def _evidence(answer: Any) -> Document:
    from antitrypsim.web.evidence import evidence_document

    return evidence_document(answer)


_DOCUMENTS: Mapping[str, Callable[[Any], Document]] = {
    "patient": _patient, "compare": _compare, "run": _trial, "power": _power, "evidence": _evidence,
}  # fmt: skip


def _key(document: Document) -> tuple[Section, ...]:
    from antitrypsim.reports.document import Section

    return (Section(pictures=(document.key,)),) if document.key else ()


def _folded(document: Document) -> tuple[Section, ...]:
    """Return the sections of a report, all but a few folded where they are many."""
    few = sum(one.told != "terminal" for one in document.sections) <= FEW
    return tuple(
        one if few or one.id in OPEN or not one.title else replace(one, folded=True)
        for one in document.sections
    )


def _pictures(document: Document) -> list[Any]:
    found = [document.key] if document.key else []
    return found + [picture for section in _sections(document) for picture in section.pictures]


def _sections(document: Document) -> Iterator[Section]:
    stack = [*document.answer, *document.grounds, *document.sections]
    while stack:
        section = stack.pop()
        yield section
        stack += section.parts


def _size(answer: Any) -> int:
    """Return the size that a power curve tells of first."""
    return int(answer.curve.sizes[answer.curve.told])


def _worlds(request: Request, answer: Any) -> tuple[World, ...]:
    from antitrypsim.web.replays import replays

    return replays(answer.lab, _size(answer)) if request.command == "power" else ()


def _calendar(request: Request, answer: Any) -> Calendar | None:
    from antitrypsim.web.calendar import calendar

    return calendar(answer.lab, _size(answer)) if request.command == "power" else None


def _set(text: str) -> str:
    from antitrypsim.reports.numbers import typeset

    return typeset(text)


def _section(one: Section, linked: bool = False) -> ShownSection:
    return ShownSection(
        title=_set(one.title), sentences=tuple(map(_set, one.sentences)),
        items=tuple(map(_set, one.items)), tables=tuple(_table(table, linked) for table in one.tables),
        pictures=tuple(map(_picture, one.pictures)),
        parts=tuple(_section(part, linked) for part in one.parts if part.told != "terminal"),
        look=one.look, laid=one.laid, folded=one.folded or one.id == "manifest",
    )  # fmt: skip


def _words(one: str | Cell) -> str:
    from antitrypsim.reports.document import cell

    found = cell(one)
    return _set("; ".join(part for part in (found.text, found.small_print) if part))


def _file_name(one: Picture) -> str:
    """Return a picture's name with a hash: that of a first answer is not that of the last."""
    return f"{one.name}-{content_hash(one.svg)[:8]}"


def _picture(one: Picture) -> ShownPicture:
    from antitrypsim.reports.style import widths

    least, most = widths(one.svg)
    return ShownPicture(
        name=_file_name(one), title=_set(one.title), caption=_set(one.caption), alt=_set(one.alt),
        least=round(least), most=round(most),
    )  # fmt: skip


def _as_csv(one: Table) -> str:
    """Return a table as it is in a report, before its signs are set for reading."""
    from antitrypsim.reports.document import cell

    def plain(each: str | Cell) -> str:
        found = cell(each)
        return "; ".join(part for part in (found.text, found.small_print) if part)

    head = [one.head] if one.headed else []
    return csv_text([plain(each) for each in row] for row in (*head, *one.rows))


def _table_name(one: Table) -> str:
    return f"table-{content_hash(_as_csv(one))[:12]}"


def _tables(document: Document) -> list[Table]:
    return [table for section in _sections(document) for table in section.tables]


def _table(one: Table, linked: bool = False) -> ShownTable:
    from antitrypsim.reports.document import cell
    from antitrypsim.web.evidence import beyond_measured, links_of

    heads = [cell(each).text for each in one.head] if one.headed else []

    def row(cells: Any, linked: bool) -> tuple[ShownCell, ...]:
        return tuple(
            ShownCell(
                text=_set(c.text), mark=_set(c.small_print), colour=c.colour,
                links=links_of(f"{c.text} {c.small_print}", heads[k] if k < len(heads) else "") if linked else (),
            )
            for k, c in enumerate(map(cell, cells))
        )  # fmt: skip

    return ShownTable(
        caption=_set(one.caption or one.name), head=row(one.head, False) if one.headed else (),
        rows=tuple(row(cells, linked) for cells in one.rows), columns=one.columns, strong=tuple(sorted(one.strong)),
        notes=tuple(map(_set, one.notes)), name=_table_name(one),
        beyond=tuple(k for k, cells in enumerate(one.rows) if linked and beyond_measured(cells, heads)),
    )  # fmt: skip


def _lived(course: PatientCourse) -> dict[str, Any]:
    """Return the people one by one, and how many of a hundred are better."""
    from antitrypsim.web.singles import doses, hundreds, picks, singles

    return {
        "singles": singles(course, DRAWN), "doses": doses(course),
        "picks": picks(course, DRAWN), "hundreds": hundreds(course, DRAWN),
    }  # fmt: skip


def _courses(
    course: PatientCourse,
) -> tuple[tuple[Chart, ...], tuple[Year, ...], dict[str, str]]:
    """Return the courses that are drawn, what is said of each year, and the tables as CSV."""
    from antitrypsim.endpoints import endpoint
    from antitrypsim.reports.numbers import with_unit
    from antitrypsim.reports.patient import by_year, frequencies

    tables = {id: by_year(course, id, every=True) for id in DRAWN}
    charts = []
    for id in DRAWN:
        what = endpoint(id)
        ways = {}
        for way in course.ways:
            years, median, low, high = course.series(id, way)
            rows = [r for r in course.rows if (r["endpoint"], r["way"]) == (id, way)]
            unknown = {
                key: tuple(r[key] for r in rows if key in r)
                for key in ("unknown_low", "unknown_high")
            }
            ways[way] = Way(median=tuple(median), low=tuple(low), high=tuple(high), **unknown)
        charts.append(
            Chart(id=id, title=with_unit(f"{what.title},", what.unit).rstrip(","),
                  years=tuple(years), ways=ways, table=_table(tables[id]))
        )  # fmt: skip
    said = []
    for k, year in enumerate(charts[0].years):
        cells = {id: tuple(map(_words, table.rows[k][1:])) for id, table in tables.items()}
        said.append(
            Year(year=year, sentences=tuple(map(_set, frequencies(course, year))),
                 cells=cells)
        )  # fmt: skip
    return tuple(charts), tuple(said), {_table_name(t): _as_csv(t) for t in tables.values()}
