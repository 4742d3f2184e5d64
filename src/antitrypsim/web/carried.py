"""What a table or a picture carries with it: the question as YAML with its seed, and the answer's hash."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterable, Mapping
from html import escape, unescape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.seed import SEED
from antitrypsim.web.drafts import as_yaml

_KEY = "antitrypsim"
_METADATA = re.compile(rf'<metadata id="{_KEY}">(.*?)</metadata>', re.DOTALL)
_PPI = 192.0


def carried(request: Mapping[str, Any], seed: int | None, hash: str) -> str:
    """Return the lines that say what was asked, with which seed and software, and the answer's hash."""
    from importlib.metadata import version

    said = as_yaml(dict(request) | {"seed": SEED if seed is None else seed})
    return f"Antitrypsim {version('antitrypsim')}; hash of the answer: {hash}\n{said.strip()}\n"


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as the text of a CSV."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def in_csv(rows: str, told: str) -> str:
    """Return CSV below the lines that say what it is of, each behind '#'."""
    return "".join(f"# {line}\n" for line in told.splitlines()) + rows


def in_svg(svg: str, told: str) -> str:
    """Return an SVG that holds what it is of as metadata, which nobody sees drawn."""
    at = svg.index(">", svg.index("<svg")) + 1
    return f'{svg[:at]}<metadata id="{_KEY}">{escape(told)}</metadata>{svg[at:]}'


def as_png(svg: str) -> bytes:
    """Return an SVG as PNG, with what it carries as its text 'antitrypsim'.

    Raises InputError without typst, by which it is drawn.
    """
    try:
        import typst
    except ImportError as problem:
        raise InputError(
            "a PNG needs the extra 'pdf': pip install \"antitrypsim[pdf]\"; the SVG needs nothing"
        ) from problem
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "picture.svg").write_text(svg, encoding="utf-8")
        (home / "picture.typ").write_text(
            '#set page(width: auto, height: auto, margin: 6pt, fill: white)\n#image("picture.svg")\n',
            encoding="utf-8",
        )
        drawn = typst.compile(str(home / "picture.typ"), format="png", ppi=_PPI)
    told = PngInfo()
    found = _METADATA.search(svg)
    told.add_itxt(_KEY, unescape(found[1]) if found else "")
    made = BytesIO()
    Image.open(BytesIO(drawn)).save(made, "PNG", pnginfo=told)
    return made.getvalue()
