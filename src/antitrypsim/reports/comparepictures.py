"""Pictures of a comparison: effects over the years with both of their spreads."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from antitrypsim.experiments.compare import OUTCOMES
from antitrypsim.foundations.units import years_words
from antitrypsim.protocols.therapywords import told_apart
from antitrypsim.reports import style
from antitrypsim.reports.document import Picture
from antitrypsim.reports.numbers import number, with_unit
from antitrypsim.reports.shownunits import as_told, decimals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from antitrypsim.experiments.compare import Comparison, TherapyEffect

CAPTION = (
    "Points: mean effect in the same people. Thin bars with caps: between people; thick pale bars: "
    "unknown, that is from uncertainty. Both from the 5th to the 95th percentile."
)
MOST_DRAWN = 3 * len(style.ARMS)
"""How many lines colours and dashes tell apart."""
_PANEL = 3.1
_SPREAD = 0.6
# Letters of the legend to an inch of width, and so how long a line of it may be.
_LETTERS = 10.5
# A label of a bar and the room for it, as shares of the height and of a step of years.
_APART, _ROOM = 0.09, 0.75


def effect_pictures(found: Comparison) -> tuple[Picture, ...]:
    """Return a picture for each group of outcomes that is measured."""
    with style.settings():
        return tuple(_group(found, group) for group in ("serum", "liver", "lung", "wellbeing"))


def _group(found: Comparison, group: str) -> Picture:
    """Draw for each outcome of a group the effects over the years, a line a therapy."""
    ids, words = OUTCOMES[group], told_apart(found.therapies)
    width = round(_LETTERS * _PANEL * len(ids))
    labels = {name: fill(words[name], width) for name in words}
    height = 2.6 + 0.2 * sum(label.count("\n") + 1 for label in labels.values())
    figure, axes = style.new(_PANEL * len(ids), height, ncols=len(ids), squeeze=False)
    for one, outcome in zip(axes[0], ids, strict=True):
        _panel(found, one, outcome, labels, named=outcome == ids[0])
    figure.legend(
        *axes[0][0].get_legend_handles_labels(), loc="outside lower left", frameon=False, ncols=1
    )
    return Picture(
        f"compare-{group}", f"Effect on {group}", "", _told(found, ids, words),
        style.to_svg(figure, f"compare-{group}"), broad=True,
    )  # fmt: skip


def _panel(
    found: Comparison, axes: Axes, outcome: str, words: dict[str, str], *, named: bool
) -> None:
    steps, count = range(len(found.years)), len(words)
    for k, (name, therapy) in enumerate(words.items()):
        colour = style.ARMS[k % len(style.ARMS)]
        dash = ("-", "--", ":")[k // len(style.ARMS) % 3]
        effects = [found.of(name, outcome, year) for year in found.years]
        at = [step + (k - (count - 1) / 2) * _SPREAD / count for step in steps]
        for x, effect in zip(at, effects, strict=True):
            _bars(axes, x, effect, colour)
        axes.plot(
            at, [e.told for e in effects], dash, color=colour, marker="o", markersize=4,
            linewidth=1.0, label=therapy,
        )  # fmt: skip
        if named and k == count - 1:
            last = effects[-1]
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=0)
    axes.set_xticks(list(steps), [f"{year:g}" for year in found.years])
    axes.set_xlabel("years")
    what = as_told(outcome)
    unit = "" if what.unit == "1" else f",\n{what.unit}"
    axes.set_title(f"{what.title}{unit}", loc="left")
    axes.locator_params(axis="y", nbins=6)
    # What is nothing by the decimals that are told looks like nothing.
    low, high = axes.get_ylim()
    least = 10.0 ** -decimals(what.id)
    axes.set_ylim(min(low, -least), max(high, least))
    style.quiet(axes)
    if named:
        _name_bars(axes, at[-1], last)


def _bars(axes: Axes, x: float, effect: TherapyEffect, colour: str) -> None:
    """Draw both spreads, of different shapes: thin with caps between people, thick for uncertainty."""
    if effect.uncertainty is not None:
        axes.plot([x, x], effect.uncertainty, color=colour, linewidth=5, alpha=0.35,
                  solid_capstyle="butt")  # fmt: skip
    if effect.people is not None:
        axes.plot([x, x], effect.people, color=colour, linewidth=0.9, marker="_", markersize=6)


def _name_bars(axes: Axes, x: float, effect: TherapyEffect) -> None:
    """Say beside one pair of bars which is which."""
    bars = {"people": effect.people, "unknown": effect.uncertainty}
    ends = {name: pair for name, pair in bars.items() if pair is not None}
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    # One is named at its upper end, the other at its lower: they never stand upon each other.
    places = [pair[name == "people"] for name, pair in ends.items()]
    places = style.spread_labels(places, _APART * (high - low))
    axes.set_xlim(right=axes.get_xlim()[1] + _ROOM)
    for name, y in zip(ends, places, strict=True):
        axes.annotate(name, (x, y), xytext=(7, 0), textcoords="offset points", va="center",
                      color=style.MUTED, annotation_clip=False)  # fmt: skip


def _told(found: Comparison, ids: tuple[str, ...], words: dict[str, str]) -> str:
    """Return what the picture shows of the last year, for those who cannot see it."""
    last, parts = found.years[-1], []
    for outcome in ids:
        what = as_told(outcome)
        unit = "" if what.unit == "1" else what.unit
        d = decimals(what.id)
        effects = "; ".join(
            f"{therapy} {with_unit(number(found.of(name, outcome, last).told, d), unit)}"
            for name, therapy in words.items()
        )
        parts.append(f"{what.title}: {effects}")
    return f"Mean effects after {years_words(last)}. {'. '.join(parts)}."
