"""How much of a therapy is needed: compute what is shown, then lay it out as text and a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.foundations.width import wrapped
from antitrypsim.reports import style
from antitrypsim.reports.compare import columns, decides_words, grades_words
from antitrypsim.reports.html import template
from antitrypsim.reports.numbers import number
from antitrypsim.trials.endpoint import endpoint

if TYPE_CHECKING:
    from antitrypsim.trials.reach import Ladder, Reach, Rung


@dataclass(frozen=True)
class ReachReport:
    """Everything that the answer shows; ``tables`` by therapy, with its sentences."""

    title: str
    notices: tuple[str, ...]
    lead: tuple[str, ...]
    tables: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...]
    pictures: tuple[style.Picture, ...]
    manifest: tuple[tuple[str, str], ...]


HEAD = (
    "dose",
    "each",
    "mean reached",
    "from ignorance",
    "people there",
    "half there after",
    "chance",
)


def reach_report(found: Reach, *, pictures: bool = True) -> ReachReport:
    """Return everything that the answer shows."""
    what = endpoint(found.outcome)
    unit = "" if found.unit == "1" else f" {found.unit}"
    goal = f"{what.title}, {found.value:g}{unit}"
    way = "or more" if found.rises else "or less"
    return ReachReport(
        title=f"What it takes to reach {goal} {way} within {found.years:g} years",
        notices=found.notices,
        lead=(
            f"{found.people} virtual people, those of: {found.population}; untreated their mean "
            f"is {number(found.untreated, min(what.decimals, 2))}{unit} at that time.",
            "People there: share of them at the value at the end, at typical parameters. Chance: "
            f"share of {found.draws} draws from what is unknown in which the mean is there: what a "
            "draw gives the same people over being untreated, added to their untreated mean.",
        ),
        tables=tuple((one.therapy, _words(found, one), _rows(found, one)) for one in found.ladders),
        pictures=_pictures(found) if pictures else (),
        manifest=tuple((key, str(value)) for key, value in found.provenance.items()),
    )


def _rows(found: Reach, one: Ladder) -> tuple[tuple[str, ...], ...]:
    d = min(endpoint(found.outcome).decimals, 2)
    return tuple(
        (
            f"x {rung.factor:g}",
            _amounts(rung) + (" *" if rung.beyond else ""),
            number(rung.mean, d),
            "–"
            if rung.ignorance is None
            else f"{number(rung.ignorance[0], d)} to {number(rung.ignorance[1], d)}",
            f"{100 * rung.reach:.0f} %",
            "not in time" if rung.time is None else f"{rung.time:.1f} years",
            "–" if rung.chance is None else f"{100 * rung.chance:.0f} %",
        )
        for rung in one.rungs
    )


def _amounts(rung: Rung) -> str:
    return ", ".join(f"{amount:.3g}" for amount in rung.amounts.values())


def _words(found: Reach, one: Ladder) -> tuple[str, ...]:
    out = []
    if one.needed is not None:
        most = one.rungs[-1].factor
        low, middle, high = (
            f"more than {most:g} times" if math.isinf(x) else f"{x:.2g} times" for x in one.needed
        )
        out.append(
            f"Needed of the stated doses: {middle} (median of the draws; 5th percentile {low}, "
            f"95th {high})."
        )
    if one.shares is not None:
        out.append(f"What decides at the stated doses: {decides_words(one.shares)}.")
        out.append(f"Variance from {grades_words(one.shares)}.")
        out.append(f"Of the ranks of the answers: {one.shares.method}; {one.shares.draws} draws.")
    if any(rung.beyond for rung in one.rungs):
        out.append("* above the largest dose on record.")
    return tuple(out)


def reach_text(found: Reach) -> str:
    """Return the answer as text for a terminal."""
    report = reach_report(found, pictures=False)
    lines = [*report.notices, "", wrapped(report.title), "", *map(wrapped, report.lead), ""]
    for therapy, words, rows in report.tables:
        lines += [therapy, *(wrapped(one, 2) for one in words), *columns([HEAD, *rows]), ""]
    return "\n".join(lines).rstrip()


def reach_html(found: Reach) -> str:
    """Return the answer as one self-contained page."""
    return template("reach.html.j2").render(report=reach_report(found), head=HEAD)


def _pictures(found: Reach) -> tuple[style.Picture, ...]:
    what = endpoint(found.outcome)
    with style.settings():
        figure, axes = style.new(style.WIDTH * 1.2, 3.6)
        for k, one in enumerate(found.ladders):
            colour = style.ARMS[k % len(style.ARMS)]
            at = [rung.factor for rung in one.rungs]
            bands = [rung.ignorance for rung in one.rungs if rung.ignorance is not None]
            if len(bands) == len(at):
                axes.fill_between(
                    at, [b[0] for b in bands], [b[1] for b in bands], color=colour, alpha=0.15,
                    linewidth=0,
                )  # fmt: skip
            axes.plot(at, [r.mean for r in one.rungs], "o-", color=colour, label=one.therapy)
        axes.axhline(found.value, color=style.INK, linestyle="--", linewidth=1)
        axes.axhline(found.untreated, color=style.REFERENCE, linewidth=1)
        axes.set_xscale("log")
        axes.set_xticks(at, [f"{x:g}" for x in at])
        axes.minorticks_off()
        axes.set_xlabel("times the stated doses")
        unit = "" if what.unit == "1" else f", {what.unit}"
        axes.set_ylabel(f"{what.title}{unit}")
        style.quiet(axes)
        figure.legend(loc="outside lower center", frameon=False, fontsize=8)
        return (
            style.Picture(
                "reach",
                f"{what.title} after {found.years:g} years",
                "Line: mean at typical parameters. Band: 5th to 95th percentile from ignorance. "
                "Dashed: the value asked for. Grey: untreated.",
                f"{what.title} by multiple of the dose.",
                style.to_svg(figure, "reach"),
            ),
        )
