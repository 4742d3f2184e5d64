"""Lay out: a report as plain words and tables, for a terminal."""

from __future__ import annotations

import textwrap
from itertools import zip_longest

from antitrypsim.foundations.width import page_width, wrapped
from antitrypsim.reports.document import Cell, Document, Section, Table, Told, cell, told_on

_LEFT = 16
"""Columns of the names of what an answer says; its words stand to the right of them."""

_FIRST, _LEAST = 18, 12
"""The columns that the first and any other column of words keeps where a table has little room."""


def lay_out_text(document: Document, *, whole: bool = False) -> str:
    """Return a report as wide as the terminal, 60 to 120 columns; ``whole`` as long as its page."""
    medium: Told = "everywhere" if whole else "terminal"
    title = textwrap.fill(document.title, page_width())
    lines = [title, "=" * max(map(len, title.splitlines()))]
    lines += [*map(wrapped, document.notices), ""]
    for one in told_on((*document.answer, *document.grounds), medium):
        lines += _entry(one)
    for section in told_on(document.sections, medium):
        lines += ["", *_headed(section.title), *_body(section, medium)]
    return "\n".join(lines).rstrip()


def _headed(title: str) -> list[str]:
    text = textwrap.fill(title, page_width())
    return [text, "-" * max(map(len, text.splitlines()))] if title else []


def _entry(section: Section) -> list[str]:
    """Return what an answer says under one name, beside that name."""
    if not section.title:
        return _body(section, "terminal")
    text = " ".join((*section.sentences, *section.items))
    told = textwrap.fill(
        text, page_width(), initial_indent=section.title.ljust(_LEFT),
        subsequent_indent=" " * _LEFT,
    )  # fmt: skip
    return [told, *(line for table in section.tables for line in table_lines(table))]


def _body(section: Section, medium: Told, indent: int = 0) -> list[str]:
    lines = [wrapped(sentence, indent) for sentence in section.sentences]
    for table in section.tables:
        lines += [*([""] if lines else []), *table_lines(table)]
    lines += [_item(item, indent) for item in section.items]
    for part in section.on(medium):
        told = [wrapped(part.title, indent)] if part.title else []
        told += _body(part, medium, indent + 2 if part.title else indent)
        apart = [""] if lines and section.laid != "boxes" else []
        lines += [*apart, *told] if told else []
    return lines


def _item(text: str, indent: int) -> str:
    blanks = " " * indent
    return textwrap.fill(
        text, page_width(), initial_indent=f"{blanks}- ", subsequent_indent=f"{blanks}  "
    )


def table_lines(table: Table) -> list[str]:
    """Return aligned lines, no wider than the page where words can be broken; nothing without rows."""
    if not table.rows:
        return []
    rows = [[_words(one) for one in row] for row in table.rows]
    heads = [[_words(one) for one in table.head]] if table.headed else []
    align, groups = table.columns, [""] * len(rows)
    if table.grouped:
        groups = [row[0].text for row in map(_cells, table.rows)]
        marks = [row[0].small_print for row in map(_cells, table.rows)]
        if any(marks):
            rows = [[f"  {mark}" if mark else group, *row[1:]]
                    for row, mark, group in zip(rows, marks, groups, strict=True)]  # fmt: skip
            groups = [group if mark else "" for group, mark in zip(groups, marks, strict=True)]
            heads = [["", *head[1:]] for head in heads]
        else:
            rows, heads = [row[1:] for row in rows], [head[1:] for head in heads]
            align = align[1:]
    widths = _widths(heads, rows, align)
    lines = [wrapped(table.caption)] if table.caption else []
    for head in heads:
        lines += _lines(head, widths, align)
    before = ""
    for row, group in zip(rows, groups, strict=True):
        if group and group != before:
            lines.append(wrapped(group, 2))
        before = group
        lines += _lines(row, widths, align)
    return [*lines, *(_note(note) for note in table.notes)]


def _note(text: str) -> str:
    return textwrap.fill(text, page_width(), initial_indent="  ", subsequent_indent="    ")


def _cells(row: tuple[str | Cell, ...]) -> list[Cell]:
    return [cell(one) for one in row]


def _words(one: str | Cell) -> str:
    found = cell(one)
    return f"{found.text} ({found.small_print})" if found.small_print else found.text


def _widths(heads: list[list[str]], rows: list[list[str]], align: str) -> list[int]:
    """Return how wide each column is; where the page is too narrow, words are broken and no number.

    Between words first, then within them.
    """
    columns = list(zip(*heads, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    room = page_width() - 2 * len(widths)
    for least in (_longest(heads, rows, align), _shortest(heads, rows, align)):
        while sum(widths) > room:
            spare = [width - low for width, low in zip(widths, least, strict=True)]
            if max(spare) <= 0:
                break
            widths[spare.index(max(spare))] -= 1
    return widths


def _longest(heads: list[list[str]], rows: list[list[str]], align: str) -> list[int]:
    """Return the longest word of each column, and of values the longest value; 1 without any."""
    found = []
    for k, column in enumerate(zip(*heads, *rows, strict=True)):
        whole = [row[k] for row in rows] if align[k] in "nv" else []
        parts = [word for one in column for word in one.split()]
        found.append(max([1, *map(len, whole), *map(len, parts)]))
    return found


def _shortest(heads: list[list[str]], rows: list[list[str]], align: str) -> list[int]:
    longest = _longest(heads, rows, align)
    return [
        min(width, _FIRST if k == 0 else _LEAST) if align[k] in "wc" else width
        for k, width in enumerate(longest)
    ]


def _lines(row: list[str], widths: list[int], align: str) -> list[str]:
    """Return one row; what is broken goes on further in below the first column."""
    cells = [
        _broken(text, width, further="  " if k == 0 else "") if len(text) > width else [text]
        for k, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    lines = []
    for parts in zip_longest(*cells, fillvalue=""):
        texts = [part.rjust(w) if a in "nv" else part.ljust(w)
                 for part, w, a in zip(parts, widths, align, strict=True)]  # fmt: skip
        lines.append(("  " + "  ".join(texts)).rstrip())
    return lines


def _broken(text: str, width: int, *, further: str) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=further) or [""]
