"""Lay out: the pictures of a design dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.reports import style
from antitrypsim.reports.document import Picture
from antitrypsim.uncertainty.value_of_information import Information

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from antitrypsim.laboratory.appraisal import Appraisal
    from antitrypsim.laboratory.characteristics import Measured
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.power import PowerCurve
    from antitrypsim.laboratory.search import Candidate

POWER, ASSURANCE, NULL = style.ARMS[0], style.ARMS[1], style.REFERENCE


def power_picture(lab: DesignSimulation, curve: PowerCurve) -> Picture:
    """Return power, assurance and type I error by number of participants, with their bands."""
    with style.settings():
        figure, axes = style.new(height=3.6)
        _band(axes, curve.sizes, curve.power, POWER, "power, if the typical values are true")
        if curve.assurance is not None:
            _band(axes, curve.sizes, curve.assurance, ASSURANCE, "assurance, over what is unknown")
        _band(axes, curve.sizes, curve.null, NULL, "where nothing works")
        axes.axhline(curve.target_power, color=style.INK, linewidth=0.9, linestyle="--")
        if curve.needed is not None:
            axes.plot(
                [curve.needed], [curve.target_power], "o", color=POWER, markersize=7, zorder=6
            )
            axes.annotate(f"{curve.needed} participants", (curve.needed, curve.target_power),
                          textcoords="offset points", xytext=(8, -14), color=POWER)  # fmt: skip
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, None)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("participants")
        axes.set_title("Share of trials that claim a benefit", loc="left", color=style.INK)
        style.quiet(axes)
        figure.legend(loc="outside lower center", frameon=False, ncols=1)
        svg = style.to_svg(figure, "power")
    return Picture(
        "power", "Power by number of participants",
        "Bands: 95 % Monte Carlo limits. Dashed: the power that is wanted.",
        _told(curve), svg,
    )  # fmt: skip


def _told(curve: PowerCurve) -> str:
    """Return what the picture of power shows, for those who cannot see it."""
    parts = []
    for k, n in enumerate(curve.sizes):
        words = f"{n}: power {100 * curve.power[k].value:.0f} %"
        if curve.assurance is not None:
            words += f", assurance {100 * curve.assurance[k].value:.0f} %"
        parts.append(f"{words}, where nothing works {100 * curve.null[k].value:.0f} %")
    return f"Share of trials that claim a benefit by number of participants. {'; '.join(parts)}."


def _band(
    axes: Axes, sizes: tuple[int, ...], found: tuple[Measured, ...], colour: str, name: str
) -> None:
    y = np.array([m.value for m in found])
    e = 1.96 * np.nan_to_num(np.array([m.error for m in found]))
    axes.fill_between(sizes, y - e, y + e, color=colour, alpha=0.18, linewidth=0)
    axes.plot(sizes, y, "o-", color=colour, markersize=3.5, label=name)


def front_picture(tried: tuple[Candidate, ...]) -> Picture:
    """Return assurance against patients of every design that was tried."""
    with style.settings():
        figure, axes = style.new(height=3.6)
        for front, colour, size, name in (
            (False, style.RULE, 4, "tried"), (True, POWER, 6, "on the front"),
        ):  # fmt: skip
            some = [c for c in tried if c.front is front]
            axes.plot([c.patients for c in some], [c.assurance.value for c in some], "o",
                      color=colour, markersize=size, label=name, linestyle="none")  # fmt: skip
        axes.set_ylim(0, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("participants")
        axes.set_title("Assurance of each design", loc="left", color=style.INK)
        style.quiet(axes)
        figure.legend(loc="outside lower center", frameon=False, ncols=1)
        svg = style.to_svg(figure, "front")
    return Picture(
        "front", "Designs that were tried",
        "A design is on the front if none is as good in assurance, patients, time and cost, and "
        "better in one; time and cost are in the table.",
        "Assurance and participants of each design on the front: " + "; ".join(
            f"{c.name} {100 * c.assurance.value:.0f} % with {c.patients:.0f}"
            for c in tried if c.front
        ) + ".", svg,
    )  # fmt: skip


def worth_picture(found: Information) -> Picture | None:
    """Return the worth of measuring each unknown first, the largest on top."""
    some = [u for u in found.unknowns[:8] if u.worth[-1] > 0][::-1]
    if not some:
        return None
    with style.settings():
        figure, axes = style.new(height=0.9 + 0.32 * len(some))
        colours = [style.GRADE_COLOURS[u.grade] for u in some]
        axes.barh(range(len(some)), [u.worth[-1] for u in some],
                  xerr=[1.96 * u.error for u in some], color=colours, height=0.6,
                  error_kw={"elinewidth": 0.9, "ecolor": style.MUTED})  # fmt: skip
        axes.set_yticks(range(len(some)), [f"{u.id} ({u.grade})" for u in some])
        axes.set_title("Worth of knowing it before choosing", loc="left", color=style.INK)
        style.quiet(axes, grid="x")
        svg = style.to_svg(figure, "worth")
    return Picture(
        "worth", "What to measure first", "Bars: expected gain from knowing one unknown, less what "
        "chance makes of the draws; whiskers: its error. Colours: grade.",
        "Worth of knowing each unknown: "
        + "; ".join(f"{u.id} ({u.grade}) {u.worth[-1]:.3g}" for u in some[::-1]) + ".", svg,
    )  # fmt: skip


def worlds_picture(found: Appraisal) -> Picture:
    """Return how trials end in each world: right, false claim, missed effect, rightly nothing."""
    worlds = [("typical values", found.typical), ("nothing works", found.nothing)]
    if found.unknown is not None:
        worlds.append(("over the unknown", found.unknown))
    with style.settings():
        figure, axes = style.new(height=0.8 + 0.42 * len(worlds))
        parts = (
            ("claims a benefit that matters", style.ARMS[2], lambda c: c.right.value),
            ("misleads", style.ARMS[1], lambda c: c.false_claim.value),
            ("misses what matters", style.ARMS[4], lambda c: c.missed_effect.value),
        )
        for k, (_, c) in enumerate(worlds[::-1]):
            left = 0.0
            values = [np.nan_to_num(get(c)) for _, _, get in parts]
            for (name, colour, _), width in zip(parts, values, strict=True):
                axes.barh(k, width, left=left, color=colour, height=0.55,
                          label=name if k == 0 else None)  # fmt: skip
                left += width
            axes.barh(k, max(0.0, 1 - left), left=left, color=style.RULE, height=0.55,
                      label="rightly claims nothing" if k == 0 else None)  # fmt: skip
        axes.set_yticks(range(len(worlds)), [name for name, _ in worlds[::-1]])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlim(0, 1)
        style.quiet(axes, grid="x")
        figure.legend(loc="outside lower center", frameon=False, ncols=1)
        svg = style.to_svg(figure, "worlds")
    return Picture(
        "worlds", "How the trials end", "Shares of all trials in each world.",
        "; ".join(
            f"{name}: " + ", ".join(f"{words} {100 * np.nan_to_num(get(c)):.0f} %"
                                    for words, _, get in parts)
            for name, c in worlds
        ) + ".", svg,
    )  # fmt: skip
