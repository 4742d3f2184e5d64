"""How much of a therapy is needed, as a document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.headlines import decimals
from antitrypsim.foundations.units import YEAR, years_words
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.protocols.therapywords import amount_words, told_apart
from antitrypsim.reports import style
from antitrypsim.reports.document import Document, Picture, Section, Table, manifest, typed
from antitrypsim.reports.numbers import flat, length_words, number
from antitrypsim.reports.shareswords import decides_words, grades_words

if TYPE_CHECKING:
    from antitrypsim.experiments.dose_finding import DoseFinding, Ladder, Rung


HEAD = (
    "dose",
    "each",
    "mean reached",
    "from uncertainty",
    "people there",
    "half there after",
    "chance",
    "corrected hepatocytes",
)


KEY = (
    "Therapy",
    "Needed of the stated doses",
    "Mean reached at the stated doses",
    "People there",
    "Half there after",
    "Chance",
)


def dose_document(found: DoseFinding, *, pictures: bool = True) -> Document:
    """Return everything that the answer shows."""
    what, words = endpoint(found.outcome), _named(found)
    unit = "" if found.unit == "1" else f" {found.unit}"
    goal = f"{what.title}, {found.value:g}{unit}"
    way = "or more" if found.rises else "or less"
    lead = (
        f"{found.people} virtual people, those of: {found.population}; untreated their mean "
        f"is {number(found.untreated, decimals(what.id))}{unit} at that time."
    )
    how = (
        "People there: share of them at the value at the end, at typical parameters. Chance: "
        f"share of {found.draws} draws from what is unknown in which the mean is there: what a "
        "draw gives the same people over being untreated, added to their untreated mean."
    )
    key = Table(
        "In brackets the 5th to 95th percentile over draws from what is unknown.", KEY,
        tuple((words[one.therapy], *_at_stated(found, one)) for one in found.ladders),
        align="w" * len(KEY), name="Answer by therapy", key=True,
    )  # fmt: skip
    return Document(
        f"What it takes to reach {goal} {way} within {years_words(found.years)}",
        found.notices,
        (
            Section(sentences=(lead,), look="lead"),
            Section(tables=(key,), told="page"),
            Section(pictures=_pictures(found) if pictures else ()),
        ),
        (
            Section("Dose and value", (how,), look="small",
                    parts=tuple(_ladder(found, one, words) for one in found.ladders)),
            manifest(tuple((key, flat(value)) for key, value in found.provenance.to_dict().items()),
                     typed({words[one.therapy]: one.therapy for one in found.ladders})),
        ),
    )  # fmt: skip


def _ladder(found: DoseFinding, one: Ladder, words: dict[str, str]) -> Section:
    therapy = words[one.therapy]
    table = Table("", HEAD, _rows(found, one), align="v" * len(HEAD), name=therapy)
    return Section(therapy, _words(found, one), (table,))


def _rows(found: DoseFinding, one: Ladder) -> tuple[tuple[str, ...], ...]:
    d = decimals(found.outcome)
    return tuple(
        (
            f"x {rung.factor:g}",
            _amounts(rung) + (" *" if rung.beyond else ""),
            number(rung.mean, d),
            "–"
            if rung.uncertainty is None
            else f"{number(rung.uncertainty[0], d)} to {number(rung.uncertainty[1], d)}",
            f"{100 * rung.reach:.0f} %",
            "not in time" if rung.time is None else _after(rung.time),
            "–" if rung.chance is None else f"{100 * rung.chance:.0f} %",
            f"{rung.corrected:.1f} %" if rung.corrected > 0 else "none",
        )
        for rung in one.rungs
    )


def _named(found: DoseFinding) -> dict[str, str]:
    return told_apart(one.therapy for one in found.ladders)


def _after(years: float) -> str:
    """Return '2.5 weeks', '6 months' or '2.3 years'."""
    return length_words(years * YEAR) if years < 1 else years_words(float(f"{years:.1f}"))


def _at_stated(found: DoseFinding, one: Ladder) -> tuple[str, ...]:
    """Return what the stated doses lead to, and how much of them is needed."""
    needed = "–"
    if one.needed is not None and not one.as_stated:
        low, middle, high = (_times(one, factor) for factor in one.needed)
        needed = f"{middle} ({low} to {high})"
    rungs = dict(zip((rung.factor for rung in one.rungs), _rows(found, one), strict=True))
    if 1.0 not in rungs:
        return (needed, "not tried", "–", "–", "–")
    _, _, mean, band, people, after, chance, _ = rungs[1.0]
    return (needed, mean if band == "–" else f"{mean} ({band})", people, after, chance)


def _times(one: Ladder, factor: float) -> str:
    most = one.rungs[-1].factor
    return f"more than {most:g} times" if math.isinf(factor) else f"{factor:.2g} times"


def _amounts(rung: Rung) -> str:
    known = known_doses()
    return ", ".join(
        amount_words(float(f"{amount:.3g}"), known[name].unit if name in known else "")
        for name, amount in rung.amounts.items()
    )


def _words(found: DoseFinding, one: Ladder) -> tuple[str, ...]:
    out = []
    if one.as_stated:
        out.append(
            "Given as stated only: an organ is given whole, and levels that are held are not multiplied."
        )
    elif one.needed is not None:
        low, middle, high = (_times(one, factor) for factor in one.needed)
        out.append(
            f"Needed of the stated doses: {middle} (median of the draws; 5th percentile {low}, "
            f"95th {high})."
        )
    if one.corrected is not None:
        out.append(
            f"The mean comes to the value when about {one.corrected:.2g} % of all hepatocytes are "
            "corrected: edited, engrafted or corrected before they were given."
        )
    if (best := found.best(one)) is not None:
        out.append(
            f"Beyond {best.factor:g} times the stated doses the mean comes no nearer to the value: "
            "more does not help."
        )
    if one.shares is not None:
        out.append(f"What decides at the stated doses: {decides_words(one.shares)}.")
        out.append(f"Variance from {grades_words(one.shares)}.")
        out.append(f"Of the ranks of the answers: {one.shares.method}; {one.shares.draws} draws.")
    if any(rung.beyond for rung in one.rungs):
        out.append("* above the largest dose on record.")
    return tuple(out)


def _pictures(found: DoseFinding) -> tuple[Picture, ...]:
    what, words = endpoint(found.outcome), _named(found)
    with style.settings():
        figure, axes = style.new(height=3.3 + 0.2 * len(found.ladders))
        for k, one in enumerate(found.ladders):
            colour = style.ARMS[k % len(style.ARMS)]
            at = [rung.factor for rung in one.rungs]
            bands = [rung.uncertainty for rung in one.rungs if rung.uncertainty is not None]
            if len(bands) == len(at):
                axes.fill_between(
                    at, [b[0] for b in bands], [b[1] for b in bands], color=colour, alpha=0.15,
                    linewidth=0,
                )  # fmt: skip
            axes.plot(at, [r.mean for r in one.rungs], "o-", color=colour, label=words[one.therapy])
        axes.axhline(found.value, color=style.INK, linestyle="--", linewidth=1)
        axes.axhline(found.untreated, color=style.REFERENCE, linewidth=1)
        axes.set_xscale("log")
        axes.set_xticks(at, [f"{x:g}" for x in at])
        axes.minorticks_off()
        axes.set_xlabel("times the stated doses")
        unit = "" if what.unit == "1" else f", {what.unit}"
        axes.set_ylabel(f"{what.title}{unit}")
        style.quiet(axes)
        figure.legend(loc="outside lower center", frameon=False)
        return (
            Picture(
                "reach",
                f"{what.title} after {years_words(found.years)}",
                "Line: mean at typical parameters. Band: 5th to 95th percentile from uncertainty. "
                "Dashed: the value asked for. Grey: untreated.",
                _told(found, words),
                style.to_svg(figure, "reach"),
            ),
        )


def _told(found: DoseFinding, words: dict[str, str]) -> str:
    """Return what the picture shows, for those who cannot see it."""
    what = endpoint(found.outcome)
    d = decimals(what.id)
    told = "; ".join(
        f"{words[one.therapy]}: "
        + ", ".join(f"{number(rung.mean, d)} at {rung.factor:g} times" for rung in one.rungs)
        for one in found.ladders
    )
    return (
        f"Mean {what.title} after {years_words(found.years)} by multiple of the doses, untreated "
        f"{number(found.untreated, d)}, asked for {found.value:g}. {told}."
    )
