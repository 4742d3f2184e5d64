"""A comparison of therapies: compute what is shown, then lay it out as text and as one page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.compare import EVENTS, OUTCOMES
from antitrypsim.foundations.units import years_words
from antitrypsim.foundations.width import wrapped
from antitrypsim.protocols.therapywords import therapy_words, told_apart
from antitrypsim.reports.comparepictures import effect_pictures
from antitrypsim.reports.document import Picture
from antitrypsim.reports.dossiersettings import flat
from antitrypsim.reports.html import template
from antitrypsim.reports.numbers import capital, number
from antitrypsim.reports.shareswords import decides_words, grades_words
from antitrypsim.trials.harms import not_modelled_words

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison, Effect

EVENT_TITLES = {
    "exacerbation": "Severe exacerbations",
    "fever": "Fever",
    "thromboembolism": "Thrombo-embolism",
    "portal_thrombosis": "Portal vein thrombosis",
    "infection": "Serious infection",
    "tumour": "Tumour",
    "procedure": "Complication of a procedure",
    "donor_antibodies": "Donor-specific antibodies",
    "death": "Death",
}
_MEASURED = frozenset(id for ids in OUTCOMES.values() for id in ids)
_HEADLINES = ("serum_aat", "density", "fev1", "stiffness", "sgrq", "infection", "death")
_TELLING = 0.05
"""An event is told in a headline from this rate per 100 person-years on: half its last decimal."""
_QUOTED = re.compile(r"'([^']+)'")
_IN_TEXT = (
    "serum_aat", "polymer", "stiffness", "density", "fev1", "sgrq", "walk", "exacerbation",
    *EVENTS["harms"],
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One therapy's effect on one outcome at one year, as words."""

    therapy: str
    year: str
    without: str
    effect: str
    people: str
    ignorance: str
    better: str


@dataclass(frozen=True)
class Block:
    """One outcome: its rows by therapy and year, and what the last year's effects rest on."""

    group: str
    outcome: str
    title: str
    unit: str
    rows: tuple[Row, ...]
    rests: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class KeyTable:
    """The last year at a glance: a row a therapy; a cell is an effect and its range of ignorance."""

    caption: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class CompareReport:
    """Everything that a comparison shows; ``typed`` is each therapy as the command line takes it."""

    title: str
    notices: tuple[str, ...]
    lead: tuple[str, ...]
    answer: tuple[str, ...]
    warnings: tuple[str, ...]
    key: KeyTable
    typed: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    pictures: tuple[Picture, ...]
    method: str
    manifest: tuple[tuple[str, str], ...]


def title_of(outcome: str) -> str:
    """Return an outcome's title."""
    return endpoint(outcome).title if outcome in _MEASURED else EVENT_TITLES[outcome]


def compare_report(found: Comparison, *, pictures: bool = True) -> CompareReport:
    """Return everything that the comparison shows."""
    blocks = tuple(
        _block(found, group, outcome)
        for table in (OUTCOMES, EVENTS)
        for group, ids in table.items()
        for outcome in ids
    )
    last = years_words(found.years[-1])
    return CompareReport(
        title=found.title,
        notices=found.notices,
        lead=(
            f"The same {found.people} virtual people, those of: {found.population}, live "
            f"{last} without treatment and under each therapy, with the same chance events.",
            "An effect is the mean of each person's own difference to no treatment. Two spreads "
            "stand beside it: between people (5th to 95th percentile of their own effects), and "
            f"from ignorance ({_drawn(found)}). An effect is told to be a benefit in so many draws "
            "where any of them tells it at all: by half of the last decimal shown, or half an event.",
            "What accumulates (lung density, stiffness, polymer, deaths) is read on the day; serum "
            "before the dose; what rises and falls with the doses (free elastase, FEV1, walking, "
            "quality of life) is averaged over one round of the therapy's own doses up to that day.",
        ),
        answer=_answer(found),
        warnings=_warnings(found),
        key=_key(found),
        typed=_typed(found),
        blocks=blocks,
        pictures=effect_pictures(found) if pictures else (),
        method=_method(found),
        manifest=_manifest(found),
    )


def _drawn(found: Comparison) -> str:
    if not found.draws:
        return "not asked for"
    who = "these people"
    if found.drawn_people < found.people:
        who = f"the first {found.drawn_people} of them, put upon the effect over all {found.people}"
    return (
        "5th to 95th percentile, over "
        f"{found.draws:,} draws from what is unknown, of the mean effect: by how much a draw moves "
        f"that of {who}"
    )


def _decimals(outcome: str) -> int:
    return min(endpoint(outcome).decimals, 2) if outcome in _MEASURED else 1


def _signed(value: float, decimals: int) -> str:
    text = number(value, decimals)
    return text if text.startswith("-") or not text.strip("0.,–") else f"+{text}"


def _range(pair: tuple[float, float] | None, decimals: int) -> str:
    if pair is None:
        return "–"
    return f"{_signed(pair[0], decimals)} to {_signed(pair[1], decimals)}"


def _benefit(effect: Effect) -> str:
    if effect.better is not None:
        return f"{100 * effect.better:.0f} %"
    return "–" if effect.ignorance is None else "too small to tell"


def _block(found: Comparison, group: str, outcome: str) -> Block:
    d, words = _decimals(outcome), told_apart(found.therapies)
    chosen = [e for e in found.effects if (e.group, e.outcome) == (group, outcome)]
    rows = tuple(
        Row(
            words[e.therapy],
            f"{e.year:g}",
            number(e.without, d),
            _signed(e.effect, d),
            _range(e.people, d),
            _range(e.ignorance, d),
            _benefit(e),
        )
        for e in chosen
    )
    rests = tuple(
        (words[name], grades_words(shares), decides_words(shares))
        for (name, which), shares in found.shares.items()
        if which == outcome
    )
    return Block(group, outcome, title_of(outcome), chosen[0].unit, rows, rests)


def _answer(found: Comparison) -> tuple[str, ...]:
    """Return for each therapy one sentence on its last year, and one on what decides."""
    last = found.years[-1]
    out = []
    for name, therapy in told_apart(found.therapies).items():
        words = []
        for outcome in _HEADLINES:
            effect = found.of(name, outcome, last)
            d = _decimals(outcome)
            unit = "" if effect.unit == "1" else f" {effect.unit}"
            if outcome not in _MEASURED and abs(effect.effect) < _TELLING:
                continue
            band = "" if effect.ignorance is None else f" ({_range(effect.ignorance, d)})"
            words.append(f"{_short(outcome)} {_signed(effect.effect, d)}{unit}{band}")
        out.append(f"{therapy}, after {years_words(last)}: {'; '.join(words)}.")
        out += filter(None, [_decides(found, name), _harmless(found, name)])
    return tuple(out)


def _key(found: Comparison) -> KeyTable:
    """Return the headline effects of the last year; events only where a therapy moves one."""
    last, words = found.years[-1], told_apart(found.therapies)
    shown = [
        outcome
        for outcome in _HEADLINES
        if outcome in _MEASURED
        or any(abs(found.of(name, outcome, last).effect) >= _TELLING for name in words)
    ]
    rows = []
    for name, therapy in words.items():
        effects = [found.of(name, outcome, last) for outcome in shown]
        cells = []
        for effect in effects:
            d = _decimals(effect.outcome)
            band = "" if effect.ignorance is None else _range(effect.ignorance, d)
            cells.append((_signed(effect.effect, d), band))
        rows.append((therapy, tuple(cells)))
    first = next(iter(words))
    units = (found.of(first, outcome, last).unit for outcome in shown)
    head = tuple(
        (capital(_short(outcome)), "" if unit == "1" else unit)
        for outcome, unit in zip(shown, units, strict=True)
    )
    below = "; below each, 5th to 95th percentile from ignorance" if found.draws else ""
    return KeyTable(
        f"Effect after {years_words(last)}: mean difference to the same people untreated{below}",
        head,
        tuple(rows),
    )


def _typed(found: Comparison) -> tuple[tuple[str, str], ...]:
    words = told_apart(found.therapies)
    return tuple((words[n], n) for n in found.therapies if words[n] != n and " + " not in n)


def _manifest(found: Comparison) -> tuple[tuple[str, str], ...]:
    words, data = told_apart(found.therapies), found.provenance.to_dict()
    data["regimens"] = {words[name]: hashed for name, hashed in data["regimens"].items()}
    return tuple((key, flat(value)) for key, value in data.items())


def _warnings(found: Comparison) -> tuple[str, ...]:
    """Return the warnings, with each therapy that one quotes in words."""
    return tuple(
        _QUOTED.sub(lambda match: f"'{therapy_words(match[1])}'", warning)
        for warning in found.warnings
    )


_SHORT = {
    "serum_aat": "serum AAT",
    "density": "lung density",
    "fev1": "FEV1",
    "stiffness": "liver stiffness",
    "sgrq": "SGRQ",
    "infection": "serious infections",
    "death": "deaths",
}


def _short(outcome: str) -> str:
    return _SHORT.get(outcome, outcome)


def _decides(found: Comparison, name: str) -> str:
    """Say what decides the effect that stands out most from what is unknown of it."""
    last, best = found.years[-1], ("", 0.0)
    for outcome in ("serum_aat", "density", "fev1", "stiffness"):
        effect = found.of(name, outcome, last)
        if (name, outcome) not in found.shares or effect.ignorance is None:
            continue
        width = max(effect.ignorance[1] - effect.ignorance[0], 0.5 * 10 ** -_decimals(outcome))
        if abs(effect.effect) / width > best[1]:
            best = outcome, abs(effect.effect) / width
    if not best[0]:
        return ""
    shares = found.shares[name, best[0]]
    return (
        f"  What decides its effect on {_short(best[0])}: {decides_words(shares)}. Variance from "
        f"{grades_words(shares)}."
    )


def _harmless(found: Comparison, name: str) -> str:
    """Say which harms are no part of the model of a therapy; where it holds some, only in a word."""
    words = not_modelled_words([e for e in found.harmless[name] if e in EVENTS["harms"]])
    return words and f"  {words}"


def _method(found: Comparison) -> str:
    for shares in found.shares.values():
        return (
            f"{shares.method}; {shares.draws} draws, {shares.needed} needed for a standard error "
            "of 5 points."
        )
    return "No draws from what is unknown were asked for; add --uncertainty 200."


def compare_text(found: Comparison) -> str:
    """Return the comparison as text for a terminal."""
    report = compare_report(found, pictures=False)
    lines = [*report.notices, "", wrapped(report.title), "", *map(wrapped, report.answer), ""]
    lines += [wrapped(f"Warning: {warning}.") for warning in report.warnings]
    lines += [*map(wrapped, report.lead), ""]
    shown = [block for block in report.blocks if block.outcome in _IN_TEXT]
    for block in sorted(shown, key=lambda block: _IN_TEXT.index(block.outcome)):
        if not _nothing(block):
            lines += [*_block_lines(block), ""]
    closing = (
        "Benefit: the share of draws in which the effect is a benefit. --html FILE shows every "
        "outcome, with pictures."
    )
    lines += [wrapped(closing), wrapped(f"Shares of variance: {report.method}")]
    return "\n".join(lines)


def _block_lines(block: Block) -> list[str]:
    unit = "" if block.unit == "1" else f", {block.unit}"
    rests = {name: grades for name, grades, _ in block.rests}
    head = ("year", "untreated", "effect", "between people", "from ignorance", "benefit")
    rows = [(r.year, r.without, r.effect, r.people, r.ignorance, r.better) for r in block.rows]
    aligned = columns([head, *rows])
    lines, before = [f"{block.title}{unit}", f"  {aligned[0]}"], ""
    for row, line in zip(block.rows, aligned[1:], strict=True):
        if row.therapy != before:
            before = row.therapy
            lines.append(f"  {before}")
            if before in rests:
                lines.append(wrapped(f"variance from {rests[before]}", 4))
        lines.append(f"  {line}")
    return lines


def _nothing(block: Block) -> bool:
    return all(
        not row.effect.strip("+-0.,") and not row.ignorance.strip("+-0., to–") for row in block.rows
    )


def columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows as aligned lines; the first column to the left, numbers to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def compare_html(found: Comparison) -> str:
    """Return the comparison as one self-contained page."""
    return template("compare.html.j2").render(report=compare_report(found), nothing=_nothing)
