"""Lay out: a report as one HTML page that needs nothing from outside."""

from __future__ import annotations

import re
from functools import cache as memoize
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations import cache
from antitrypsim.reports import style
from antitrypsim.reports.document import cell, told_on
from antitrypsim.reports.numbers import typeset

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Template
    from jinja2.bccache import Bucket

    from antitrypsim.reports.document import Document, Picture

_TEMPLATES = Path(__file__).parent / "templates"
_MARKED = re.compile(r"\b10\.\d{4,9}/[^\s;,]+|\b[A-Z]+-[A-Z]?\d+\b")
_LINK = '<a href="https://doi.org/{0}">{0}</a>'
_WHOLE = '<span class="nb">{0}</span>'


def lay_out_html(document: Document) -> str:
    """Return a report as one self-contained page; whatever is put into it is escaped."""
    return _template().render(report=document)


@memoize
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, bytecode_cache=_kept(),
    )  # fmt: skip
    filters: dict[str, Any] = {"words": words, "svg": _svg, "cell": cell, "told": told_on}
    found.filters.update(filters)
    found.globals.update(style=style)
    return found.get_template("document.html.j2")


def _kept() -> BytecodeCache:
    """Return where compiled templates are kept: beside object code, by their text and this software."""
    from jinja2 import BytecodeCache

    class Kept(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            code = cache.read(_key(bucket))
            if code is not None:
                bucket.bytecode_from_string(code)

        def dump_bytecode(self, bucket: Bucket) -> None:
            cache.write(_key(bucket), bucket.bytecode_to_string())

    return Kept()


def _key(bucket: Bucket) -> str:
    # How a template is compiled is told above; what of Python it runs on stands in the code itself.
    told = Path(__file__).read_text(encoding="utf-8")
    return cache.digest("template", bucket.key, bucket.checksum, version("jinja2"), told)


def words(text: str) -> Any:
    """Return the escaped text, typeset, with each DOI as a link, the only links that leave the page.

    The id of a fact is not broken.
    """
    from markupsafe import Markup, escape

    out, at = Markup(""), 0
    text = typeset(text)
    for match in _MARKED.finditer(text):
        found = match.group(0).rstrip(".)")
        link = _LINK if found.startswith("10.") else _WHOLE
        out += escape(text[at : match.start()])
        out += Markup(link).format(found)
        at = match.start() + len(found)
    return out + escape(text[at:])


def _svg(picture: Picture) -> Any:
    """Return a picture's SVG, told to readers who cannot see it, and wide enough to be read.

    On a screen that is narrower than its words need, it scrolls in a box of its own.
    """
    from markupsafe import Markup

    # Safe unescaped: matplotlib wrote it and escapes the words that it draws.
    label = Markup(
        '<svg role="img" aria-label="{}" style="min-width: {:.0f}px; max-width: {:.0f}px"'
    ).format(picture.alt, *style.widths(picture.svg))
    box = Markup('<div class="wide" tabindex="0" role="region" aria-label="{}">{}</div>')
    return box.format(picture.title, Markup(picture.svg.replace("<svg", str(label), 1)))
