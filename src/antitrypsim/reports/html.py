"""Lay out: a trial's report as one HTML page that needs nothing from outside."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.protocols.therapywords import amount_words
from antitrypsim.reports import claims as backwards
from antitrypsim.reports import numbers, style
from antitrypsim.reports import text as plain
from antitrypsim.reports import trial_uncertainty as ignorance
from antitrypsim.reports.document import Picture
from antitrypsim.reports.grounds import MEANING
from antitrypsim.reports.plots import pictures
from antitrypsim.reports.trial import trial_report
from antitrypsim.reports.words import share_words

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from antitrypsim.modelling import Model
    from antitrypsim.trials.trial import Trial

_TEMPLATES = Path(__file__).parent / "templates"
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s;,]+")


def trial_html(trial: Trial, *, model: Model | None = None) -> str:
    """Return a trial's report as one self-contained page."""
    report = trial_report(trial, model=model)
    drawn = pictures(trial, report)
    key = next(iter(drawn.values()), None)
    return template("trial.html.j2").render(
        report=report, pictures=drawn, key=key, colours=_arm_colours(trial), meaning=MEANING,
        failed=[r for r in report.results if r.plan.failed], needed=backwards.HEAD,
        how_backwards=backwards.METHOD, spreads_head=ignorance.HEAD,
    )  # fmt: skip


def template(name: str) -> Template:
    """Return a template of the package; whatever is put into it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    filters: dict[str, Any] = {
        "typeset": numbers.typeset, "dois": dois, "svg": _svg, "estimate": plain.estimate,
        "published": plain.published, "p_value": numbers.p_value, "number": numbers.number,
        "with_unit": numbers.with_unit, "share": share_words, "capital": numbers.capital, "figure": _figure,
    }  # fmt: skip
    found.filters.update(filters)
    found.globals.update(style=style)
    return found


def dois(text: str) -> Any:
    """Return the escaped text with each DOI as a link, the only links that leave the page."""
    from markupsafe import Markup, escape

    out, at = Markup(""), 0
    for match in _DOI.finditer(text):
        doi = match.group(0).rstrip(".)")
        out += escape(text[at : match.start()])
        out += Markup('<a href="https://doi.org/{0}">{0}</a>').format(doi)
        at = match.start() + len(doi)
    return out + escape(text[at:])


def _figure(value: float) -> str:
    """Return a number to four digits, with a power of ten as people write it."""
    return amount_words(float(f"{value:.4g}"), "")


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


def _arm_colours(trial: Trial) -> dict[str, str]:
    from antitrypsim.reports.plots import arm_colours

    return arm_colours(trial)
