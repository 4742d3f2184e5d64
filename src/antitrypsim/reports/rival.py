"""A published model of lung density beside ours, as a section of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.reports import style
from antitrypsim.reports.document import Picture, Section, Table
from antitrypsim.reports.numbers import number

if TYPE_CHECKING:
    from antitrypsim.calibration.rival import Rival

TITLE = "A published model beside ours"
_DECIMALS = 2


def rival_section(found: Rival, *, pictures: bool) -> Section:
    """Return the section: what the two say by dose, where they part, and what that asks."""
    return Section(
        TITLE, _sentences(found), (_table(found),), (_picture(found),) if pictures else (),
        id="rival",
    )  # fmt: skip


def _sentences(found: Rival) -> tuple[str, ...]:
    given, most = found.given, max(found.doses)
    (here, theirs), (far, line) = found.at(given), found.at(most)
    return (
        f"{found.source}, fitted a line from dose to serum AAT and a line from serum AAT to the yearly slope "
        f"of lung density, to {found.fitted_to} people of RAPID; its numbers are read from a third "
        "party's transcription.",
        f"In the same {found.people} virtual people of RAPID its mean slope at {given:g} mg/kg a week is "
        f"{number(theirs, _DECIMALS)} g/L/year and ours {number(here, _DECIMALS)}; at {most:g} mg/kg it is "
        f"{number(line, _DECIMALS)} and ours {number(far, _DECIMALS)}.",
        f"Nobody whom it was fitted to was given more than {given:g} mg/kg: above it the published line "
        "is drawn on, and ours bends, since less elastase is left to inhibit. Which of the two is "
        "right is what every trial of a higher dose asks, and neither settles it.",
    )


def _table(found: Rival) -> Table:
    rows = zip(found.doses, found.ours, found.published, strict=True)
    return Table(
        "Mean slope of lung density over two years, g/L/year.",
        ("mg/kg a week", "ours", "published", "difference"),
        tuple(
            (f"{dose:g}", *(number(x, _DECIMALS) for x in (ours, theirs, ours - theirs)))
            for dose, ours, theirs in rows
        ),
    )


def _picture(found: Rival) -> Picture:
    with style.settings():
        figure, axes = style.new(style.WIDTH, 3.2)
        lines = (
            ("ours", found.ours, found.ours_people, style.ARMS[0], "-"),
            ("published", found.published, found.published_people, style.ARMS[1], "--"),
        )
        for name, slopes, band, colour, dash in lines:
            low, high = zip(*band, strict=True)
            axes.fill_between(found.doses, low, high, color=colour, alpha=0.12, linewidth=0)
            axes.plot(found.doses, slopes, dash, color=colour, marker="o", markersize=4, label=name)
        axes.axvline(found.given, color=style.REFERENCE, linewidth=0.8, zorder=0)
        axes.set_xticks(list(found.doses))
        axes.set_xlabel("AAT, mg/kg a week")
        axes.set_title("Slope of lung density, g/L/year", loc="left")
        axes.legend(frameon=False, loc="upper left")
        style.quiet(axes)
        svg = style.to_svg(figure, "rival")
    told = "; ".join(
        f"{dose:g} mg/kg: ours {number(ours, _DECIMALS)}, published {number(theirs, _DECIMALS)}"
        for dose, ours, theirs in zip(found.doses, found.ours, found.published, strict=True)
    )
    caption = (
        f"Lines: means; bands: 5th to 95th percentile of people's typical slopes. Upright line: {found.given:g} "
        "mg/kg, the dose that was given."
    )
    return Picture("rival", "Lung density by dose: ours and a published model", caption, told, svg)
