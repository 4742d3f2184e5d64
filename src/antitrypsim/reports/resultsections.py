"""Lay out: the results of a trial as sections, at length for a page and short for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.reports.document import Cell, Section, Table
from antitrypsim.reports.numbers import number, p_value, with_unit
from antitrypsim.reports.published import PLANNED, published_words
from antitrypsim.reports.results import estimate_words

if TYPE_CHECKING:
    from antitrypsim.reports.document import Picture, Row
    from antitrypsim.reports.published import Beside
    from antitrypsim.reports.results import Line, Result
    from antitrypsim.reports.trial import KeyRow, TrialReport

_MOST_BESIDE = 3
"""Arms that stand beside each other in a terminal; of more, each has a line a visit."""


def key_section(report: TrialReport, colours: dict[str, str]) -> Section:
    """Return the primary result beside what was published, for the first screen of a page."""
    result = report.primary
    if not report.key:
        return Section(sentences=_failed(result), look="failed", told="page")
    beside = any(row.published for row in report.key)
    head = ("", "This virtual trial", *(["As published"] * beside))
    rows = [_key_row(row, colours, beside=beside) for row in report.key]
    table = Table(
        "", head, tuple(rows), name="Primary result", key=True,
        strong=frozenset(k for k, row in enumerate(report.key)
                         if row.simulated and row.simulated.contrast),
        lesser=frozenset(k for k, row in enumerate(report.key) if row.simulated is None),
    )  # fmt: skip
    note = Section(sentences=tuple(filter(None, (result.favours, result.note))), look="small")
    return Section(result.heading, tables=(table,), parts=(note,), told="page")


def _key_row(row: KeyRow, colours: dict[str, str], *, beside: bool) -> Row:
    found, one = row.simulated, row.published
    cells = [Cell("", "no such quantity in the model")]
    label = Cell(row.label)
    if found is not None:
        cells = [_estimate(found)]
        label = Cell(row.label, colour="" if found.contrast else colours[found.arm])
    if beside and one is not None:
        said = with_unit(published_words(one), one.own_unit)
        source = f"{one.known}, {one.fact}"
        strong = ""
        if found is not None and one.of:
            strong = one.mark if one.mark not in one.of else ""
            source = f"{one.of}; {source}"
        elif one.note:
            source = f"{source}. {one.note}"
        cells.append(Cell(said, source, strong))
    elif beside:
        cells.append(Cell(""))
    return (label, *cells)


def _estimate(line: Line) -> Cell:
    marks = (p_value(line.p), f"n = {line.n}")
    return Cell(estimate_words(line), "; ".join(mark for mark in marks if mark))


def results_section(
    report: TrialReport, forest: Picture | None, survival: Picture | None
) -> Section:
    """Return every planned analysis at length."""
    drawn = [one for one in (forest,) if one is not None]
    cards = Section(
        parts=tuple(_card(one, report, first=k == 0) for k, one in enumerate(report.results)),
        laid="cards",
    )
    more = Section(pictures=(survival,)) if survival is not None else Section()
    return Section("Results by endpoint", pictures=tuple(drawn), parts=(cards, more), told="page",
                   id="results")  # fmt: skip


def _card(result: Result, report: TrialReport, *, first: bool) -> Section:
    title = f"Primary: {result.title}" if first else result.title
    notes = Section(sentences=result.notes, look="small")
    if result.plan.failed:
        failed = Section(sentences=_failed(result), look="failed")
        return Section(title, parts=(failed, notes))
    caption = "; ".join(filter(None, (result.told_of, f"{report.level} interval in brackets")))
    if len(result.whens) > 1:
        table = _by_visit(result, caption)
        broad = bool(result.contrasts)
    else:
        table, broad = _by_arm(result, caption), False
    return Section(title, tables=(table,), parts=(notes,), laid="columns" if broad else "")


def _by_visit(result: Result, caption: str) -> Table:
    labels = list(dict.fromkeys(x.label for x in (*result.arms, *result.contrasts)))
    rows: list[Row] = []
    for when in result.whens:
        found = {x.label: _estimate(x) for x in result.lines if x.when == when}
        rows.append((when, *(found.get(label, Cell("")) for label in labels)))
    return Table(caption, ("When", *labels), tuple(rows), name=result.title)


def _by_arm(result: Result, caption: str) -> Table:
    rows = []
    for x in result.lines:
        own = x.unit if x.contrast and x.unit != result.unit else ""
        label = f"{x.label} ({result.quotient})" if x.scale == "ratio" else x.label
        rows.append((label, str(x.n), with_unit(estimate_words(x), own), p_value(x.p)))
    return Table(
        caption, ("Arm or comparison", "n", "Estimate", "p"), tuple(rows), align="wnvv",
        name=result.title, strong=frozenset(k for k, x in enumerate(result.lines) if x.contrast),
    )  # fmt: skip


def published_section(report: TrialReport) -> Section:
    """Return every published number of the protocol beside the simulated one, for a page."""
    notice = report.notices[-1:] if report.role == "calibration" else ()
    rows: list[Row] = []
    for one in report.published:
        about = "; ".join(word for word in (one.arm, one.when) if word)
        simulated = Cell("not compared", one.how)
        if one.simulated is not None:
            p = p_value(one.simulated.p)
            words = estimate_words(one.simulated) + (f", {p}" if p else "")
            simulated = Cell(words, one.how)
        given = Cell(published_words(one), f"{one.known}, {one.fact}", one.mark)
        rows.append((Cell(f"{one.title}: {one.what}", about), one.unit, given, simulated, one.note))
    table = Table(
        f"Every published number of this protocol; {report.level} intervals in brackets",
        ("What", "Unit", "Published", "Virtual trial", "Remarks"), tuple(rows), align="wwvvw",
        lesser=frozenset(k for k, one in enumerate(report.published) if not one.comparable),
        name="Published and simulated numbers",
    )  # fmt: skip
    return Section("Published and simulated", notice, (table,), look="warning", told="page",
                   id="published")  # fmt: skip


def primary_in_short(report: TrialReport) -> Section:
    """Return the primary result beside what was published, for a terminal."""
    result = report.primary
    title = f"Primary result: {result.heading}"
    if result.plan.failed:
        return Section(title, _failed(result), told="terminal")
    beside = any(row.published for row in report.key)
    rows = []
    for row in report.key:
        found, one = row.simulated, row.published
        cells = [
            row.label,
            f"{found.n:,}" if found else "",
            estimate_words(found) if found else "no such quantity",
            p_value(found.p) if found else "",
        ]
        said = with_unit(published_words(one), one.own_unit) if one else ""
        rows.append((*cells, said) if beside else tuple(cells))
    head = ("", "n", f"virtual ({report.level} interval)", "", *(["published"] * beside))
    sources = tuple(_source(row.published) for row in report.key if row.published)
    tables = [Table("", head, tuple(rows), align="wnvvv"[: len(head)], notes=sources)]
    if len(result.whens) > 1:
        tables += _every_visit(result)
    notes = Section(sentences=result.notes)
    return Section(title, tables=tuple(tables), parts=(notes,), told="terminal")


def _source(one: Beside) -> str:
    words = "; ".join(w for w in (one.what, one.arm, one.mark, f"{one.known}, {one.fact}") if w)
    note = f". {one.note}" if one.note else ""
    return f"published {number(one.value, one.decimals)}: {words}{note}"


def secondary_in_short(report: TrialReport) -> Section:
    """Return the other planned analyses, for a terminal."""
    parts = tuple(_short(result, report) for result in report.secondary)
    return Section("Secondary results", parts=parts, told="terminal")


def _short(result: Result, report: TrialReport) -> Section:
    if result.plan.failed:
        return Section(result.heading, _failed(result))
    tables, lines = [], list(result.lines)
    if len(result.whens) > 1 and (beside := _side_by_side(result)):
        tables.append(beside)
        lines = [x for x in result.contrasts if x.when == result.last]
    rows = []
    for x in lines:
        label = f"{x.when}: {x.label}" if len(result.whens) > 1 else x.label
        label += f" ({result.quotient})" if x.scale == "ratio" else ""
        own = x.unit if x.contrast and x.unit != result.unit else ""
        rows.append((label, f"{x.n:,}", with_unit(estimate_words(x), own), p_value(x.p)))
    head = ("", "n", f"estimate ({report.level} interval)", "")
    tables.append(Table("", head, tuple(rows), align="wnvv"))
    notes = Section(sentences=result.notes)
    return Section(result.heading, tables=tuple(tables), parts=(notes,))


def _side_by_side(result: Result) -> Table | None:
    """Return the arms side by side, a line a visit, if there are few enough of them."""
    labels = list(dict.fromkeys(line.label for line in result.arms))
    if not labels or len(labels) > _MOST_BESIDE:
        return None
    rows = []
    for when in result.whens:
        found = {line.label: estimate_words(line) for line in result.arms if line.when == when}
        rows.append((when, *(found.get(label, "") for label in labels)))
    return Table("", ("", *labels), tuple(rows))


def _every_visit(result: Result) -> list[Table]:
    """Return every visit of an analysis: arms side by side, then each comparison."""
    beside = _side_by_side(result)
    lines = result.lines if beside is None else result.contrasts
    rows = [(f"{x.when}: {x.label}", f"{x.n:,}", estimate_words(x), p_value(x.p)) for x in lines]
    title = "At every visit:"
    if beside is None:
        return [Table(title, ("", "n", "", ""), tuple(rows), align="wnvv")]
    first = Table(title, beside.head, beside.rows)
    return [first, Table("", ("", "n", "", ""), tuple(rows), align="wnvv")]


def others_in_short(report: TrialReport) -> Section:
    """Return the published numbers that are not of the primary result, for a terminal."""
    told = {row.published for row in report.key}
    parts = tuple(_other(one) for one in report.published if one not in told)
    title = "Other published numbers, beside the simulated ones"
    return Section(title if parts else "", parts=parts, told="terminal")


def _other(one: Beside) -> Section:
    what = ", ".join(w for w in (one.title, one.what, one.arm, one.when) if w)
    simulated = estimate_words(one.simulated) if one.simulated else one.how
    p = p_value(one.simulated.p) if one.simulated else ""
    how = f" [{one.how}]" if one.simulated and one.how != PLANNED else ""
    mark = f"; {one.mark}" if one.mark else ""
    note = f" {one.note}" if one.note else ""
    return Section(
        f"{what} ({one.unit})" if one.unit else what,
        (f"published {published_words(one)} [{one.known}, {one.fact}{mark}]{note}",
         f"virtual {', '.join(x for x in (simulated, p) if x)}{how}"),
    )  # fmt: skip


def _failed(result: Result) -> tuple[str, ...]:
    if not result.plan.failed:
        return ()
    return (f"This analysis could not be done: {result.plan.failed}",)
