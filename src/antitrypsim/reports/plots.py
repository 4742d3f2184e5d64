"""Lay out: the pictures of a trial, each drawn by a function that returns a Picture or None."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.units import MONTH, YEAR
from antitrypsim.protocols.check import unbased
from antitrypsim.reports import style, trial_uncertainty
from antitrypsim.reports.document import Picture
from antitrypsim.reports.forest import draw_forest
from antitrypsim.reports.numbers import capital, listed, number, small, typeset, with_unit
from antitrypsim.reports.results import arm_labels
from antitrypsim.statistics.intervals import mean_half_width

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from antitrypsim.reports.trial import TrialReport
    from antitrypsim.trials.trial import Trial

MOST_LINES = 60
_TICKS_APART = 0.06
# Round steps of a time axis, and the most of them that are drawn.
_STEPS = {"years": (1, 2, 5, 10, 20), "months": (0.1, 0.5, 1, 2, 3, 6)}
_MOST_STEPS = 6
# Part of a step by which an end may lie below its round number.
_NEARLY = 0.02


def pictures(trial: Trial, report: TrialReport) -> dict[str, Picture]:
    """Return every picture that this trial gives, by name, the key picture first."""
    drawn = [draw(trial, report) for draw in (by_visit, survival, forest, courses, individuals)]
    drawn.append(trial_uncertainty.picture(report.unknown))
    return {picture.name: picture for picture in drawn if picture is not None}


def arm_colours(trial: Trial) -> dict[str, str]:
    """Return a colour for each arm, grey for the reference of the primary analysis."""
    arms = [arm.id for arm in trial.protocol.arms]
    order = list(trial.protocol.endpoints.primary.compare or arms)
    return style.colours(arms, order[-1] if len(arms) > 1 else None)


def key_png(trial: Trial) -> bytes | None:
    """Return the primary endpoint by visit as PNG, for a page that takes no SVG."""
    with style.settings():
        figure = draw_by_visit(trial, title=True)
        return None if figure is None else style.to_png(figure)


def time_scale(days: float) -> tuple[float, str]:
    """Return how many days a unit of the time axis has, and its name."""
    return (YEAR, "years") if days > 3 * YEAR else (MONTH, "months")


def round_times(days: float) -> NDArray[np.float64]:
    """Return round times up to ``days``, in the unit of the time axis, from 0 on: up to seven."""
    day, unit = time_scale(days)
    whole = days / day
    step = next((s for s in _STEPS[unit] if whole / s <= _MOST_STEPS + _NEARLY), whole)
    # 104 weeks are as good as 24 months, and the tick stands at their end.
    return np.minimum(step * np.arange(int(whole / step + _NEARLY) + 1), whole)


def draw_by_visit(trial: Trial, *, title: bool = False) -> Figure | None:
    """Draw mean change of the primary endpoint by visit and arm, before single participants."""
    protocol = trial.protocol
    id = protocol.endpoints.primary.endpoint
    what, labels, colour = endpoint(id), arm_labels(protocol), arm_colours(trial)
    frame = trial.visits[trial.visits["ENDPOINT"] == id]
    if what.kind != "measurement" or frame["ADY"].nunique() < 2:
        return None
    day, unit = time_scale(protocol.length_days)
    # What was never measured before treatment has no change from baseline to draw.
    column, first = ("AVAL", 0) if unbased(protocol, id) else ("CHG", 1)
    figure, axes = style.new(height=3.5)
    ends: list[tuple[str, float, float]] = []
    spans: list[Any] = []
    missing = unmeasured(trial)
    for place, arm in enumerate(a.id for a in protocol.arms):
        if arm in missing:
            continue
        own = frame[frame["ARM"] == arm]
        wide = own.pivot(index="USUBJID", columns="ADY", values=column)
        wide.columns = wide.columns.to_numpy(dtype=float) / day
        spans.append(_draw_participants(axes, wide, first, colour[arm]))
        # Side by side, so that no interval hides behind another.
        aside = (place - (len(labels) - 1) / 2) * 0.011
        span, end = _draw_means(axes, wide, first, 1 - protocol.endpoints.alpha, aside, colour[arm])
        spans.append(span)
        ends.append((arm, *end))
    if ends:
        low, high = min(s[0] for s in spans), max(s[1] for s in spans)
        pad = 0.06 * (high - low) or 1.0
        axes.set_ylim(low - pad, high + pad)
        places = style.spread_labels([y for *_, y in ends], _gap(labels) * (high - low + 2 * pad))
        for (arm, x_end, _), y in zip(ends, places, strict=True):
            _name(axes, labels[arm], x_end, y, colour[arm])
    else:
        axes.text(0.5, 0.5, "nobody was measured after the start", ha="center", va="center",
                  transform=axes.transAxes, color=style.MUTED)  # fmt: skip
    if first:
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
    ticks = _apart(sorted(frame["ADY"].unique() / day))
    axes.set_xticks(ticks, [_tick(t) for t in ticks])
    axes.set_xlabel(f"{unit} since randomisation" if len(labels) > 1 else unit)
    heading = f"{'change from baseline' if first else 'value'}, {what.unit}"
    axes.set_title(
        f"{what.title}, {heading}" if title else capital(heading), loc="left", color=style.INK
    )
    style.quiet(axes)
    return figure


def _draw_participants(axes: Axes, wide: pd.DataFrame, first: int, colour: str) -> Any:
    """Draw a line a participant; return between what most of their values after the start lie."""
    from matplotlib.collections import LineCollection

    lines = [np.column_stack([wide.columns, row]) for row in wide.to_numpy()[:MOST_LINES]]
    lines = [line[np.isfinite(line[:, 1])] for line in lines]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.5, alpha=0.16))
    later = wide.to_numpy()[:, first:]
    return np.percentile(later[np.isfinite(later)], [8, 92])


def _draw_means(
    axes: Axes, wide: pd.DataFrame, first: int, level: float, aside: float, colour: str
) -> tuple[Any, tuple[float, float]]:
    """Draw means with their intervals; return between what they lie, and where the line ends."""
    n = wide.notna().sum().to_numpy()
    seen = n > 0
    mean, sd = wide.mean().to_numpy()[seen], wide.std().to_numpy()[seen]
    half = np.nan_to_num(mean_half_width(n[seen], sd, level))
    x, end = wide.columns.to_numpy()[seen], wide.columns[-1]
    x = x + (x > 0) * aside * end
    axes.plot(x, mean, color=colour, linewidth=2.2, zorder=4)
    begin = 1 if first and x[0] == 0 else 0
    axes.errorbar(x[begin:], mean[begin:], half[begin:], fmt="o", color=colour,
                  markersize=4.5, elinewidth=1.4, capsize=2.5, zorder=5)  # fmt: skip
    return [np.min(mean - half), np.max(mean + half)], (x[-1], mean[-1])


def unmeasured(trial: Trial) -> tuple[str, ...]:
    """Return the arms of which nobody has a change of the primary endpoint after the start."""
    id = trial.protocol.endpoints.primary.endpoint
    frame = trial.visits[(trial.visits["ENDPOINT"] == id) & (trial.visits["ADY"] > 0)]
    seen = set(frame.loc[frame["CHG"].notna(), "ARM"])
    return tuple(arm.id for arm in trial.protocol.arms if arm.id not in seen)


def by_visit(trial: Trial, report: TrialReport) -> Picture | None:
    """Return the key picture: what happened to the primary endpoint, by arm."""
    with style.settings():
        figure = draw_by_visit(trial)
    if figure is None:
        return None
    what = endpoint(trial.protocol.endpoints.primary.endpoint)
    each = f"{MOST_LINES} of each arm" if len(report.arms) > 1 else f"{MOST_LINES} of them"
    some = f" ({each})" if max(a.randomised for a in report.flow.arms) > MOST_LINES else ""
    drawn = "value" if unbased(trial.protocol, what.id) else "change"
    caption = (
        f"Dots and bars: mean {drawn} of those still in the trial, {report.level} interval. Thin "
        f"lines: single participants{some}; the widest leave the frame."
    )
    if missing := unmeasured(trial):
        labels = arm_labels(trial.protocol)
        caption += f" No value after the start: {listed([labels[arm] for arm in missing])}."
    alt = f"Mean {drawn} of {what.title} by visit and arm. " + " ".join(report.came_out)
    name = f"{what.title} by visit"
    return Picture("by-visit", name, caption, alt, style.to_svg(figure, "by-visit"))


def courses(trial: Trial, report: TrialReport) -> Picture | None:
    """Return the true courses of all participants under every arm: median and nine in ten."""
    id = trial.protocol.endpoints.primary.endpoint
    what, labels, colour = endpoint(id), arm_labels(trial.protocol), arm_colours(trial)
    if what.kind != "measurement":
        return None
    day, unit = time_scale(trial.protocol.length_days)
    ticks = round_times(trial.protocol.length_days)
    ends = []
    with style.settings():
        figure, axes = style.new(height=3.3)
        for arm, course in trial.truth.items():
            values = course[what.output][:, 0] * what.factor
            values = values - values[:, :1]
            seen = np.isfinite(values).any(axis=0)
            low, middle, high = np.nanpercentile(values[:, seen], [5, 50, 95], axis=0)
            x = course.times[seen] / day
            axes.fill_between(x, low, high, color=colour[arm], alpha=0.13, linewidth=0)
            axes.plot(x, middle, color=colour[arm], linewidth=2)
            ends.append((arm, x[-1], float(middle[-1]), float(low.min()), float(high.max())))
        span = max(e[4] for e in ends) - min(e[3] for e in ends)
        for (arm, x_end, *_), y in zip(
            ends, style.spread_labels([e[2] for e in ends], _gap(labels) * span), strict=True
        ):
            _name(axes, labels[arm], x_end, y, colour[arm])
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        axes.set_xticks(ticks, [_tick(t) for t in ticks])
        axes.set_xlabel(unit)
        axes.set_title(f"Change in {small(what.title)}, {what.unit}", loc="left", color=style.INK)
        style.quiet(axes)
    n = len(trial.participants)
    everyone = f"All {so_many(n, 'participant')}" + (" under every arm" if len(ends) > 1 else "")
    caption = f"{everyone}, without noise. Line: median. Band: nine in ten people."
    told = "; ".join(
        f"{labels[arm]} ends at a median change of {with_unit(number(y, what.decimals), what.unit)}"
        for arm, _, y, *_ in ends
    )
    alt = f"True courses of {what.title} by arm. {told}."
    return Picture("courses", "True courses", caption, alt, style.to_svg(figure, "courses"))


def individuals(trial: Trial, report: TrialReport) -> Picture | None:
    """Return how the true effect on the primary endpoint differs between people."""
    effects = [e for e in report.effects if e.endpoint == trial.protocol.endpoints.primary.endpoint]
    effects = [e for e in effects if e.sd > 0]
    if not effects:
        return None
    colour, what = arm_colours(trial), endpoint(effects[0].endpoint)
    low = min(0.0, *(float(e.values.min()) for e in effects))
    high = max(0.0, *(float(e.values.max()) for e in effects))
    bins = np.linspace(low, high, 31)
    with style.settings():
        figure, grid = style.new(
            height=1.2 + 1.4 * len(effects), nrows=len(effects), sharex=True, squeeze=False
        )
        for effect, axes in zip(effects, grid[:, 0], strict=True):
            axes.hist(effect.values, bins=bins, color=colour[effect.arm], alpha=0.75,
                      edgecolor=style.PAPER, linewidth=0.5)  # fmt: skip
            axes.axvline(0, color=style.INK, linewidth=1)
            axes.axvline(effect.mean, color=style.INK, linewidth=1.2, linestyle=(0, (4, 3)))
            axes.margins(y=0.22)
            text = f"mean {with_unit(number(effect.mean, effect.decimals), effect.unit)}"
            axes.annotate(typeset(text), (effect.mean, 1), xycoords=("data", "axes fraction"),
                          xytext=(5, -3), textcoords="offset points", va="top")  # fmt: skip
            axes.set_title(effect.label, loc="left", color=colour[effect.arm], fontweight="bold")
            axes.set_ylabel("people")
            style.quiet(axes)
        better = "more is better" if what.better == "higher" else "less is better"
        # The first number below the axis would else touch the nought beside it.
        grid[-1, 0].tick_params(axis="x", pad=9)
        grid[-1, 0].set_xlabel(
            f"own effect on {what.title}\nat {effects[0].when}, {what.unit} ({better})"
        )
    caption = "Each person under one arm minus the same person under the other, without noise."
    alt = " ".join(report.truth)
    title = "How the effect differs between people"
    return Picture("individuals", title, caption, alt, style.to_svg(figure, "individuals"))


def survival(trial: Trial, report: TrialReport) -> Picture | None:
    """Return Kaplan-Meier curves with numbers at risk, if anyone died."""
    from antitrypsim.statistics.analysis.kaplan_meier import Curve

    people = trial.participants
    died = people["EOSSTT"] == "DIED"
    if not died.any():
        return None
    labels, colour = arm_labels(trial.protocol), arm_colours(trial)
    day, unit = time_scale(trial.protocol.length_days)
    end = trial.protocol.length_days
    ticks = day * round_times(end)
    ends, table, lowest = [], [], 1.0
    with style.settings():
        count = len(trial.protocol.arms)
        figure, (axes, below) = style.new(
            height=3.2 + 0.2 * count, nrows=2, sharex=True,
            gridspec_kw={"height_ratios": [3.2, 0.35 + 0.24 * count]},
        )  # fmt: skip
        for arm in (a.id for a in trial.protocol.arms):
            own = people["ARM"] == arm
            days = people.loc[own, "EOSDY"].to_numpy(dtype=float)
            curve = Curve.of(days, died[own].to_numpy().astype(int))
            x, share = np.array([0.0, *curve.at, end]), np.array([1.0, *curve.alive])
            share = np.append(share, share[-1])
            axes.step(x / day, 100 * share, where="post", color=colour[arm], linewidth=2)
            lowest = min(lowest, float(share.min()))
            ends.append((arm, 100 * float(share[-1])))
            table.append([int((days >= t - 1e-9).sum()) for t in ticks])
        floor = 0.0 if lowest < 0.7 else float(5 * np.floor((100 * lowest - 4) / 5))
        axes.set_ylim(floor, 100 + 0.03 * (100 - floor))
        gap = 1.2 * _gap(labels) * (100 - floor)
        for (arm, _), y in zip(ends, style.spread_labels([e for _, e in ends], gap), strict=True):
            _name(axes, labels[arm], end / day, y, colour[arm])
        axes.set_title("Alive, %", loc="left", color=style.INK)
        style.quiet(axes)
        _at_risk(below, table, ticks / day, [colour[arm] for arm, _ in ends])
        below.set_xlabel(unit)
        below.set_xticks(ticks / day, [_tick(t) for t in ticks / day])
        axes.tick_params(labelbottom=False)
    axis = f" The axis begins at {floor:g} %." if floor else ""
    caption = f"Kaplan-Meier; people who left are counted up to that day.{axis}"
    told = "; ".join(f"{labels[arm]} {number(y, 1)} % alive at the end" for arm, y in ends)
    return Picture("survival", "Survival", caption, f"Survival by arm: {told}.",
                   style.to_svg(figure, "survival"))  # fmt: skip


def _at_risk(axes: Axes, table: list[list[int]], ticks: Any, colour: list[str]) -> None:
    axes.set_ylim(len(table) - 0.4, -1.1)
    axes.text(0, 1, "at risk", transform=axes.transAxes, color=style.MUTED, va="center", ha="left")
    for row, (counts, shade) in enumerate(zip(table, colour, strict=True)):
        for at, n in zip(ticks, counts, strict=True):
            axes.text(at, row, f"{n:,}", color=shade, ha="center", va="center")
    axes.set_yticks([])
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def forest(trial: Trial, report: TrialReport) -> Picture | None:
    """Return every comparison of the trial beside the published ones."""
    with style.settings():
        figure = draw_forest(report, arm_colours(trial))
    if figure is None:
        return None
    beside = any(p.value is not None for p in report.published)
    caption = f"Dots: this virtual trial, {report.level} interval. "
    if beside:
        caption += "Diamonds: published; hollow where the model has no such quantity. "
    caption += "Every endpoint has its own axis; the dark line is no difference."
    alt = "All comparisons: " + "; ".join(
        f"{r.title}, {c.label}, {number(c.estimate, c.decimals)}"
        for r in report.results for c in r.contrasts if c.when == r.last
    )  # fmt: skip
    return Picture("forest", "All comparisons", caption, f"{alt}.", style.to_svg(figure, "forest"))


def _name(axes: Axes, label: str, x: float, y: float, colour: str) -> None:
    """Write an arm's name at the end of its line."""
    axes.annotate(
        _folded(label), (x, y), xytext=(11, 0), textcoords="offset points", color=colour,
        va="center", fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _gap(labels: dict[str, str]) -> float:
    """Return how far apart labels stand, as a share of the axis: more where any has two lines."""
    return 0.13 if any("\n" in _folded(label) for label in labels.values()) else 0.08


def _apart(ticks: list[float]) -> list[float]:
    """Return the ticks whose labels have room: visits a week apart in a year do not."""
    least = _TICKS_APART * (ticks[-1] - ticks[0])
    kept: list[float] = []
    for tick in ticks:
        if not kept or tick - kept[-1] >= least:
            kept.append(tick)
    return kept


def _tick(value: float) -> str:
    near = round(value)
    return str(near) if abs(value - near) < 0.15 else f"{value:.1f}"


def _folded(label: str) -> str:
    """Return a label on two lines where it is long."""
    if len(label) <= 14 or " " not in label:
        return label
    words = label.split()
    cuts = range(1, len(words))
    best = min(cuts, key=lambda k: abs(len(" ".join(words[:k])) - len(" ".join(words[k:]))))
    return " ".join(words[:best]) + "\n" + " ".join(words[best:])
