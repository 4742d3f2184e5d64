"""What is unknown: which parameter decides, both spreads of every effect, and a picture of shares."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.experiments.trial_uncertainty import UNTREATED
from antitrypsim.foundations.plural import so_many
from antitrypsim.reports import style
from antitrypsim.reports.document import Picture, Section, Table
from antitrypsim.reports.numbers import (
    capital,
    decimals_for,
    number,
    small,
    unit_words,
    with_unit,
)
from antitrypsim.reports.results import arm_labels, contrast_label, visit_labels
from antitrypsim.reports.shareswords import percent, shares_words, top_words

if TYPE_CHECKING:
    from antitrypsim.trials.trial import Trial
    from antitrypsim.trials.uncertainty_result import Decision, EffectUncertainty, TrialUncertainty
    from antitrypsim.uncertainty.variance_shares import Shares

HEAD = ("", "typical", "between people", "from uncertainty", "good in")
ASK = (
    "Not asked. Ask for draws, such as 200 (--uncertainty 200; in Python, uncertainty=200), to see which unknown decides, "
    "and how far uncertainty spreads each effect beside how people differ."
)
MOST_BARS = 10
_FOLD = 30


@dataclass(frozen=True)
class SpreadRow:
    """One effect with both spreads, as words; ``planned`` rows stand in the short table."""

    what: str
    typical: str
    people: str
    uncertainty: str
    better: str
    contrast: bool
    planned: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The row under HEAD."""
        return (self.what, self.typical, self.people, self.uncertainty, self.better)


@dataclass(frozen=True)
class Bar:
    """One parameter's share of the variance, in percent, with its standard error."""

    meaning: str
    id: str
    grade: str
    share: float
    se: float


@dataclass(frozen=True)
class Unknown:
    """What a report shows of what is unknown; ``asked`` is false where nobody drew from it.

    ``pair`` is the one comparison that is made, empty for several or none.
    """

    asked: bool
    decides: tuple[str, ...]
    rows: tuple[SpreadRow, ...]
    bars: tuple[Bar, ...]
    bars_of: str
    pair: str
    note: str
    method: str

    @property
    def contrasts(self) -> tuple[SpreadRow, ...]:
        """The rows that compare two arms."""
        return tuple(row for row in self.rows if row.contrast)

    @property
    def alone(self) -> tuple[SpreadRow, ...]:
        """The rows of single arms."""
        return tuple(row for row in self.rows if not row.contrast)

    @property
    def short(self) -> tuple[SpreadRow, ...]:
        """The planned rows: of comparisons where there are any."""
        planned = [row for row in self.rows if row.planned]
        return tuple([row for row in planned if row.contrast] or planned)


def unknown(trial: Trial) -> Unknown:
    """Return what a report shows of what is unknown."""
    found = trial.uncertainty
    if found is None:
        return Unknown(False, (ASK,), (), (), "", "", "", "")
    many = len(found.decisions) > 1
    decides = [_decides(trial, found, one, many=many) for one in found.decisions]
    first = next((one for one in found.decisions if one.shares), None)
    bars = _bars(found, first.shares) if first and first.shares else ()
    return Unknown(
        True,
        tuple(decides),
        tuple(_row(trial, found, effect) for effect in found.effects),
        bars,
        _name(trial, first.effect) if first else "",
        _only_pair(trial),
        _note(found),
        _method(first.shares) if first and first.shares else "",
    )


def _decides(trial: Trial, found: TrialUncertainty, one: Decision, *, many: bool) -> str:
    effect, shares = one.effect, one.shares
    label = f"{_pair(trial, effect)}: " if many else ""
    spread = _spread_words(effect)
    if shares is None or not shares.parameters:
        return f"{label}Cannot be told: {one.why or 'no parameter is uncertain'}. {spread}"
    return f"{label}{capital(top_words(shares, found.meanings))}. {shares_words(shares)} {spread}"


def _spread_words(effect: EffectUncertainty) -> str:
    d = _decimals(effect)
    what = "The change" if effect.reference is None else "The effect"
    told = f"{what} is {with_unit(number(effect.typical, d), unit_words(effect.unit))}"
    inside = []
    if effect.people:
        inside.append(f"nine in ten people {_range(effect.people, d)}")
    if effect.uncertainty:
        inside.append(f"from uncertainty {_range(effect.uncertainty, d)}")
    if effect.better is not None and effect.reference is not None:
        inside.append(f"a benefit that can be told in {percent(effect.better)} of draws")
    elif effect.reference is not None and effect.uncertainty:
        inside.append("too small to tell in any draw")
    return f"{told} ({'; '.join(inside)})." if inside else f"{told}."


def _row(trial: Trial, found: TrialUncertainty, effect: EffectUncertainty) -> SpreadRow:
    d = _decimals(effect)
    planned = {result.endpoint for result in trial.plans}
    primary = any(effect == one.effect for one in found.decisions)
    last = max(e.day for e in found.effects if e.endpoint == effect.endpoint)
    return SpreadRow(
        _name(trial, effect),
        with_unit(number(effect.typical, d), unit_words(effect.unit)),
        _range(effect.people, d) if effect.people else "–",
        _range(effect.uncertainty, d) if effect.uncertainty else "–",
        "–" if effect.better is None else percent(effect.better),
        effect.reference is not None,
        primary or (effect.endpoint in planned and effect.day == last),
    )


def _name(trial: Trial, effect: EffectUncertainty) -> str:
    when = visit_labels(trial.protocol).get(effect.visit or "", "")
    parts = [effect.title, "" if "per year" in effect.unit else when]
    many = len(trial.protocol.arms) > 1 and not (effect.reference and _only_pair(trial))
    return ", ".join(p for p in parts if p) + (f": {_pair(trial, effect)}" if many else "")


def _only_pair(trial: Trial) -> str:
    """Return the one comparison that is made; nothing where there are several or none."""
    effects = trial.uncertainty.effects if trial.uncertainty else ()
    pairs = {_pair(trial, effect) for effect in effects if effect.reference is not None}
    return pairs.pop() if len(pairs) == 1 else ""


def _pair(trial: Trial, effect: EffectUncertainty) -> str:
    labels = arm_labels(trial.protocol) | {UNTREATED: UNTREATED}
    if effect.reference is None:
        return labels[effect.arm]
    return contrast_label(effect.arm, effect.reference, labels, "absolute")


def _decimals(effect: EffectUncertainty) -> int:
    what = ENDPOINTS.get(effect.endpoint)
    least = what.decimals if what and what.kind == "measurement" else 2
    band = effect.uncertainty or effect.people
    return decimals_for(least, (band[1] - band[0]) / 3.3 if band else None)


def _range(band: tuple[float, float], decimals: int) -> str:
    return f"{number(band[0], decimals)} to {number(band[1], decimals)}"


def _bars(found: TrialUncertainty, shares: Shares) -> tuple[Bar, ...]:
    return tuple(
        Bar(found.meanings.get(p.id, p.id), p.id, p.grade, 100 * p.share, 100 * p.se)
        for p in shares.parameters[:MOST_BARS]
        if p.share > 0
    )


def _note(found: TrialUncertainty) -> str:
    who = f"All {found.enrolled:,} participants"
    if found.people < found.enrolled:
        who = f"The first {found.people:,} of {found.enrolled:,} participants"
    return (
        f"{who}, as they were enrolled, lived every arm under {so_many(found.draws, 'draw')} of every "
        "uncertain parameter, with the same chance events and without measurement noise. Typical: "
        "mean over people at typical values. Between people: nine in ten of their own effects there. "
        "From uncertainty: nine in ten draws of the mean over these people. Good in: the share of "
        "draws in which the mean is a benefit that can be told: by half of the last decimal of the "
        "endpoint, of events by half an event. Each draw "
        "starts from the states at enrolment, so that a change from baseline holds what it takes to "
        "settle under the drawn values. Who takes part and how things are measured are not drawn."
        + (f" {found.source}" if found.source else "")
    )


def _method(shares: Shares) -> str:
    return (
        f"Shares of the variance of the primary effect: {shares.method}, {shares.draws:,} draws; "
        f"standard errors up to {100 * shares.worst:.0f} points, {shares.needed:,} draws for 5 "
        "points. A share is what one parameter, or all of one grade, explains by itself; what "
        "parameters do together, stronger curvature and chance are the rest."
    )


def unknown_sections(found: Unknown, drawn: Picture | None) -> tuple[Section, ...]:
    """Return what is unknown at length for a page, and short for a terminal."""
    if not found.asked:
        return ()
    pair = f": {found.pair}" if found.pair else ""
    page = [Section(sentences=(found.note,), look="small")]
    if drawn is not None:
        page += [Section(pictures=(drawn,)), Section(sentences=(found.method,), look="small")]
    if found.contrasts:
        page.append(Section(f"Effects, between people and from uncertainty{pair}",
                            tables=(_spreads(found.contrasts, "Effect"),)))  # fmt: skip
    page.append(Section("Single arms: change from baseline and rates of events",
                        tables=(_spreads(found.alone, "Change or rate"),),
                        folded=bool(found.contrasts)))  # fmt: skip
    short = f"Both spreads: between people, and from uncertainty{small(pair)}"
    told = tuple(filter(None, (found.note, found.method)))
    return (
        Section("What is unknown", parts=tuple(page), told="page", id="unknown"),
        Section(short, tables=(_spreads(found.short, ""),), parts=(Section(sentences=told),),
                told="terminal"),
    )  # fmt: skip


def _spreads(rows: tuple[SpreadRow, ...], label: str) -> Table:
    strong = frozenset(k for k, row in enumerate(rows) if row.planned)
    return Table("", (label, *map(capital, HEAD[1:])), tuple(row.cells for row in rows),
                 name=label, strong=strong)  # fmt: skip


def picture(found: Unknown) -> Picture | None:
    """Return the largest shares as bars with their standard errors, coloured by grade."""
    if not found.bars:
        return None
    bars = found.bars[::-1]
    with style.settings():
        figure, axes = style.new(height=0.9 + 0.52 * len(bars))
        for k, bar in enumerate(bars):
            colour = style.GRADE_COLOURS[bar.grade]
            axes.barh(k, bar.share, height=0.62, color=colour, alpha=0.85)
            axes.errorbar(bar.share, k, xerr=bar.se, color=style.INK, elinewidth=1.1, capsize=2.5)
            place = (bar.share + bar.se, k)
            axes.annotate(f"{bar.share:.0f} % {bar.grade}", place, xytext=(5, 0), color=colour,
                          textcoords="offset points", va="center", annotation_clip=False)  # fmt: skip
        axes.set_yticks(range(len(bars)), [_folded(bar.meaning) for bar in bars])
        axes.tick_params(axis="y", labelcolor=style.INK)
        axes.set_xlim(0, 1.32 * max(bar.share + bar.se for bar in bars))
        axes.set_xlabel("share of the variance, %\n(line: one standard error)")
        style.quiet(axes, grid="x")
    said = "; ".join(
        f"{bar.meaning}, {bar.grade}, {bar.share:.0f} %, standard error {bar.se:.0f}"
        for bar in found.bars
    )
    caption = f"Each parameter by itself, largest first. Of: {small(found.bars_of)}."
    return Picture(
        "unknowns", "What decides", caption, f"Shares of the variance by parameter: {said}.",
        style.to_svg(figure, "unknowns"),
    )  # fmt: skip


def _folded(meaning: str) -> str:
    lines = textwrap.wrap(capital(meaning), _FOLD)
    if len(lines) > 3:
        lines = [*lines[:2], f"{textwrap.shorten(' '.join(lines[2:]), _FOLD - 1, placeholder='')}…"]
    return "\n".join(lines)
