"""Lay out: a report as PDF, through typst."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.reports.document import cell, told_on

if TYPE_CHECKING:
    from antitrypsim.reports.document import Cell, Document, Picture, Row, Section, Table

_HEAD = """#set page(paper: "a4", margin: 2cm, numbering: "1 / 1")
#set text(size: 9.5pt)
#set par(justify: false)
#show heading: it => block(above: 1.4em, below: 0.7em, it)
#show raw: set text(size: 7.5pt)
"""
_PICTURE = "75%"
_NARROWEST, _BROADEST = 5, 42
"""Letters: between these a column takes room as its longest cell asks for."""

_MANY = 7
"""A table of more columns than these is set smaller."""


def checked_pdf() -> None:
    """Raise InputError where PDFs cannot be made."""
    try:
        import typst  # noqa: F401
    except ImportError as problem:
        raise InputError(
            "a PDF needs the extra 'pdf': pip install \"antitrypsim[pdf]\"; --html needs nothing"
        ) from problem


def lay_out_pdf(document: Document) -> bytes:
    """Return the bytes of the PDF; raise InputError without typst, RunError where it fails."""
    checked_pdf()
    import typst

    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "report.typ").write_text(_source(document, home), encoding="utf-8")
        try:
            made = typst.compile(str(home / "report.typ"))
        except Exception as problem:
            raise RunError(f"the PDF could not be set: {problem}") from problem
    return bytes(made)


def _source(document: Document, home: Path) -> str:
    lines = [_HEAD, f"= {_text(document.title)}", "", *_framed(" ".join(document.notices))]
    for one in told_on(document.answer, "page"):
        lines += _section(one, home, 3)
    if document.key is not None:
        lines += _picture(document.key, home)
    for one in told_on(document.grounds, "page"):
        lines += _section(one, home, 3)
    for one in told_on(document.sections, "page"):
        lines += _section(one, home, 2)
    return "\n".join(lines)


def _section(section: Section, home: Path, level: int) -> list[str]:
    lines = [f"{'=' * min(level, 4)} {_text(section.title)}", ""] if section.title else []
    for sentence in section.sentences:
        lines += _sentence(sentence, section.look)
    for picture in section.pictures:
        lines += _picture(picture, home)
    for table in section.tables:
        lines += _table(table)
    lines += [f"- {_text(item)}" for item in section.items]
    if section.items:
        lines.append("")
    for part in section.on("page"):
        lines += _section(part, home, level + 1)
    return lines


def _sentence(sentence: str, look: str) -> list[str]:
    if look in ("warning", "failed"):
        return _framed(sentence)
    if look == "answer":
        return [f"*{_text(sentence)}*\n"]
    return [
        f"#text(size: 8.5pt)[{_text(sentence)}]\n" if look == "small" else f"{_text(sentence)}\n"
    ]


def _framed(text: str) -> list[str]:
    return [f'#block(fill: rgb("#fff4d6"), inset: 6pt)[{_text(text)}]', ""]


def _text(text: str) -> str:
    # A string literal is set as it stands, whatever signs are in it.
    return f"#{json.dumps(text, ensure_ascii=False)}"


def _picture(picture: Picture, home: Path) -> list[str]:
    file = home / f"{picture.name}.svg"
    svg = picture.svg
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    file.write_text(svg, encoding="utf-8")
    width = "100%" if picture.broad else _PICTURE
    words = f"*{_text(picture.title)}.* {_text(picture.caption)}"
    return [f'#figure(image("{file.name}", width: {width}), supplement: none, numbering: none, '
            f"caption: [{words}])", ""]  # fmt: skip


def _table(table: Table) -> list[str]:
    rows, align = table.rows, table.columns
    if not rows:
        return []
    everything: Sequence[Row] = [table.head, *rows] if table.headed else rows
    columns = zip(*everything, strict=True)
    wide = [min(max(*(len(cell(one).text) for one in column), _NARROWEST), _BROADEST)
            for column in columns]  # fmt: skip
    size = "7pt" if len(align) > _MANY else "8.5pt"
    lines = [f"{_text(table.caption)}\n"] if table.caption else []
    lines.append(f"#[#set text(size: {size})")
    lines.append(
        f"#table(columns: ({', '.join(f'{w}fr' for w in wide)},), "
        f"align: ({', '.join('right' if a == 'n' else 'left' for a in align)},), "
        "stroke: (x: none, y: 0.4pt + gray), inset: 3.5pt,"
    )
    if table.headed:
        lines.append("table.header(" + ", ".join(f"[*{_cell(h)}*]" for h in table.head) + "),")
    before = ""
    for k, row in enumerate(rows):
        first, *others = (cell(one) for one in row)
        again = table.grouped and first.text == before and not first.small_print
        before = first.text
        words = ["" if again else _cell(first), *(
            f"#raw({json.dumps(one.text, ensure_ascii=False)})" if a == "c" else _cell(one)
            for one, a in zip(others, align[1:], strict=True))]  # fmt: skip
        bold = "*" if k in table.strong else ""
        lines.append(", ".join(f"[{bold}{w}{bold}]" if w else "[]" for w in words) + ",")
    return [*lines, ")", "]", *(f"#text(size: 8pt)[{_text(note)}]\n" for note in table.notes), ""]


def _cell(one: str | Cell) -> str:
    found = cell(one)
    words = _text(found.text)
    if found.small_print:
        words += f" #linebreak() #text(size: 0.85em, fill: luma(35%))[{_text(found.small_print)}]"
    return words
