"""Lay out: a design dossier as PDF, through typst."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, RunError

if TYPE_CHECKING:
    from antitrypsim.reports.document import Dossier, Table
    from antitrypsim.reports.style import Picture

_HEAD = """#set page(paper: "a4", margin: 2cm, numbering: "1 / 1")
#set text(size: 9.5pt)
#set par(justify: false)
#show heading: it => block(above: 1.4em, below: 0.7em, it)
"""


def checked_pdf() -> None:
    """Raise InputError where PDFs cannot be made."""
    try:
        import typst  # noqa: F401
    except ImportError as problem:
        raise InputError(
            "a PDF needs the extra 'pdf': pip install \"antitrypsim[pdf]\"; --html needs nothing"
        ) from problem


def to_pdf(dossier: Dossier) -> bytes:
    """Return the bytes of the PDF; raise InputError without typst, RunError where it fails."""
    checked_pdf()
    import typst

    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "dossier.typ").write_text(_source(dossier, home), encoding="utf-8")
        try:
            made = typst.compile(str(home / "dossier.typ"))
        except Exception as problem:
            raise RunError(f"the PDF could not be set: {problem}") from problem
    return bytes(made)


def _source(dossier: Dossier, home: Path) -> str:
    lines = [_HEAD, f"= {_text(dossier.title)}", ""]
    lines += [f'#block(fill: rgb("#fff4d6"), inset: 6pt)[{_text(" ".join(dossier.notices))}]', ""]
    lines += [
        f"*{_text(s)}*\n" if k == 0 else f"{_text(s)}\n" for k, s in enumerate(dossier.answer)
    ]
    if dossier.key is not None:
        lines += _picture(dossier.key, home)
    for section in dossier.sections:
        lines += [f"== {_text(section.title)}", ""]
        lines += [f"{_text(s)}\n" for s in section.sentences]
        for picture in section.pictures:
            lines += _picture(picture, home)
        for table in section.tables:
            lines += _table(table)
    return "\n".join(lines)


def _text(text: str) -> str:
    # A string literal is set as it stands, whatever signs are in it.
    return f"#{json.dumps(text, ensure_ascii=False)}"


def _picture(picture: Picture, home: Path) -> list[str]:
    file = home / f"{picture.name}.svg"
    svg = picture.svg
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    file.write_text(svg, encoding="utf-8")
    return [
        f'#figure(image("{file.name}", width: 75%), caption: [{_text(picture.caption)}])', "",
    ]  # fmt: skip


def _table(table: Table) -> list[str]:
    width = len(table.rows[0]) if table.rows else len(table.head)
    if not width:
        return []
    columns = "(1.6fr, " + ", ".join(["1fr"] * (width - 1)) + ")" if width > 2 else "(1fr, 2.4fr)"
    lines = [f"{_text(table.caption)}\n"] if table.caption else []
    lines.append(f"#table(columns: {columns}, stroke: (x: none, y: 0.4pt + gray), inset: 3.5pt,")
    if any(table.head):
        lines.append("table.header(" + ", ".join(f"[*{_text(h)}*]" for h in table.head) + "),")
    for row in table.rows:
        lines.append(", ".join(f"[{_text(cell)}]" for cell in row) + ",")
    return [*lines, ")", ""]
