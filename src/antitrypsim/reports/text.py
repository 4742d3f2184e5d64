"""Lay out: a trial's report as plain words and tables, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from antitrypsim.foundations.width import page_width
from antitrypsim.reports.claims import claimed_text
from antitrypsim.reports.numbers import interval, number, p_value, small, with_unit
from antitrypsim.reports.published import PLANNED
from antitrypsim.reports.trial import TrialReport, trial_report
from antitrypsim.reports.trial_uncertainty import HEAD
from antitrypsim.reports.words import share_words

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.reports.published import Beside
    from antitrypsim.reports.results import Line, Result
    from antitrypsim.trials.trial import Trial

_LEFT = 14


def trial_text(trial: Trial, *, model: Model | None = None) -> str:
    """Return a trial's report as plain words and tables, as wide as the terminal, 60 to 120 columns."""
    return lay_out(trial_report(trial, model=model))


def lay_out(report: TrialReport) -> str:
    """Return a report as text."""
    parts = [_wrap(report.title), "=" * min(page_width(), len(report.title))]
    parts += [_wrap(notice) for notice in report.notices]
    parts.append("")
    for name, sentences in (
        ("Question", (report.question,)),
        ("Tried", (report.tried,)),
        ("On whom", (report.on_whom,)),
        ("What came out", report.came_out),
        ("What decides", report.unknown.decides),
        ("How sure", report.how_sure + report.truth),
        ("Resting on", report.resting_on),
    ):
        parts.append(_entry(name, " ".join(sentences)))
    parts += ["", *_primary(report)]
    if report.secondary:
        parts += ["", _head("Secondary results")]
        for result in report.secondary:
            parts += _result(result, report)
    others = [p for p in report.published if p not in {row.published for row in report.key}]
    if others:
        parts += ["", _head("Other published numbers, beside the simulated ones")]
        for one in others:
            parts += _other(one)
    parts += claimed_text(report.claimed, page_width())
    if report.effects:
        parts += ["", *_effects(report)]
    parts += ["", *_harms(report)]
    if report.unknown.asked:
        parts += ["", *_unknown(report)]
    parts += ["", *_flow(report)]
    if report.notes:
        parts += ["", _head("Notes"), *(_wrap(note, "- ") for note in report.notes)]
    parts += ["", _wrap(f"Context of use: {report.context_of_use}")]
    return "\n".join(parts) + "\n"


def table(head: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()) -> list[str]:
    """Return aligned lines no wider than a page; a first column that is too long is wrapped."""
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    room = page_width() - sum(widths[1:]) - 2 * len(widths)
    widths[0] = min(widths[0], max(room, 18))
    lines = []
    for row in [head, *rows]:
        first, *more = textwrap.wrap(row[0], widths[0]) or [""]
        cells = [first, *row[1:]]
        texts = [c.rjust(w) if k in right else c.ljust(w)
                 for k, (c, w) in enumerate(zip(cells, widths, strict=True))]  # fmt: skip
        lines.append(("  " + "  ".join(texts)).rstrip())
        lines += [f"    {rest}" for rest in more]
    return lines


def _wrap(text: str, mark: str = "") -> str:
    return textwrap.fill(text, page_width(), initial_indent=mark, subsequent_indent=" " * len(mark))


def _entry(name: str, text: str) -> str:
    return textwrap.fill(
        text, page_width(), initial_indent=name.ljust(_LEFT), subsequent_indent=" " * _LEFT
    )


def _head(text: str) -> str:
    text = textwrap.fill(text, page_width())
    return f"{text}\n{'-' * max(map(len, text.splitlines()))}"


def estimate(found: Line) -> str:
    """Return '0.51 (-0.34 to 1.37)'."""
    limits = interval(found.lower, found.upper, found.decimals)
    return f"{number(found.estimate, found.decimals)} {limits}".rstrip()


def published(one: Beside) -> str:
    """Return '-2.19 (SE 0.23)' or '0.74 (0.06 to 1.42), p = 0.03'."""
    limits = interval(one.lower, one.upper, one.decimals)
    if not limits and one.se is not None:
        limits = f"(SE {number(one.se, one.decimals)})"
    p = f", {p_value(one.p)}" if one.p is not None else ""
    return f"{number(one.value, one.decimals)} {limits}".rstrip() + p


def _primary(report: TrialReport) -> list[str]:
    result = report.primary
    unit = f", {result.unit}" if result.unit else ""
    parts = [_head(f"Primary result: {result.title}{unit}")]
    if result.plan.failed:
        return [*parts, _wrap(f"  {_failed(result)}")]
    with_published = any(row.published for row in report.key)
    rows = []
    for row in report.key:
        found, one = row.simulated, row.published
        cells = [
            row.label,
            f"{found.n:,}" if found else "",
            estimate(found) if found else "no such quantity",
            p_value(found.p) if found else "",
        ]
        said = with_unit(published(one), one.own_unit) if one else ""
        rows.append([*cells, said] if with_published else cells)
    head = ["", "n", f"virtual ({report.level} interval)", "", *(["published"] * with_published)]
    parts += table(head, rows, right=(1,))
    for row in report.key:
        if row.published:
            parts += _source(row.published)
    if len(result.whens) > 1:
        parts += ["", _wrap("At every visit:"), *_every_visit(result)]
    for note in (result.note, *result.plan.warnings):
        if note:
            parts.append(textwrap.indent(textwrap.fill(note, page_width() - 2), "  "))
    return parts


def _source(one: Beside) -> list[str]:
    words = "; ".join(w for w in (one.what, one.arm, one.mark, f"{one.known}, {one.fact}") if w)
    note = f". {one.note}" if one.note else ""
    text = f"published {number(one.value, one.decimals)}: {words}{note}"
    return [textwrap.fill(text, page_width(), initial_indent="  ", subsequent_indent="    ")]


def _failed(result: Result) -> str:
    return f"This analysis could not be done: {result.plan.failed}"


def _result(result: Result, report: TrialReport) -> list[str]:
    unit = f", {result.unit}" if result.unit else ""
    parts = [_wrap(f"{result.title}{unit}")]
    if result.plan.failed:
        return [*parts, textwrap.indent(textwrap.fill(_failed(result), page_width() - 2), "  "), ""]
    lines, last = list(result.lines), result.whens[-1]
    if len(result.whens) > 1 and (wide := _by_visit(result)):
        parts += wide
        lines = [x for x in result.contrasts if x.when == last]
    rows = []
    for found in lines:
        label = f"{found.when}: {found.label}" if len(result.whens) > 1 else found.label
        own = found.unit if found.contrast and found.unit != result.unit else ""
        rows.append([label, f"{found.n:,}", with_unit(estimate(found), own), p_value(found.p)])
    if rows:
        parts += table(["", "n", f"estimate ({report.level} interval)", ""], rows, right=(1,))
    if result.note:
        parts.append(textwrap.indent(textwrap.fill(result.note, page_width() - 2), "  "))
    return [*parts, ""]


def _by_visit(result: Result) -> list[str]:
    """Return the arms side by side, a line a visit, if the page is wide enough for them."""
    labels = list(dict.fromkeys(line.label for line in result.arms))
    rows = []
    for when in result.whens:
        found = {line.label: estimate(line) for line in result.arms if line.when == when}
        rows.append([when, *(found.get(label, "") for label in labels)])
    widths = [max(len(row[k]) for row in [["", *labels], *rows]) for k in range(len(labels) + 1)]
    return table(["", *labels], rows) if sum(widths) + 2 * len(widths) <= page_width() else []


def _every_visit(result: Result) -> list[str]:
    """Return every visit of an analysis: arms side by side, then each comparison."""
    parts = _by_visit(result)
    lines = list(result.contrasts) if parts else list(result.lines)
    rows = [[f"{x.when}: {x.label}", f"{x.n:,}", estimate(x), p_value(x.p)] for x in lines]
    return [*parts, *(table(["", "n", "", ""], rows, right=(1,)) if rows else [])]


def _other(one: Beside) -> list[str]:
    what = ", ".join(w for w in (one.title, one.what, one.arm, one.when) if w)
    simulated = estimate(one.simulated) if one.simulated else one.how
    p = p_value(one.simulated.p) if one.simulated else ""
    how = f" [{one.how}]" if one.simulated and one.how != PLANNED else ""
    mark = f"; {one.mark}" if one.mark else ""
    note = f" {one.note}" if one.note else ""
    found = f"virtual {', '.join(x for x in (simulated, p) if x)}{how}"
    lines = [
        f"{what} ({one.unit})" if one.unit else what,
        f"  published {published(one)} [{one.known}, {one.fact}{mark}]{note}",
        f"  {found}",
    ]
    return [textwrap.fill(x, page_width(), subsequent_indent="    ") for x in lines]


def _effects(report: TrialReport) -> list[str]:
    several = len({e.label for e in report.effects}) > 1
    planned = {result.endpoint for result in report.results}
    rows = [
        [
            f"{e.title}, {e.when}" + (f": {e.label}" if several else ""),
            with_unit(number(e.mean, e.decimals), e.unit),
            f"{number(e.low, e.decimals)} to {number(e.high, e.decimals)}",
            share_words(e.gain),
        ]
        for e in report.effects
        if e.endpoint in planned
    ]
    head = f"The same people under both arms, without noise: {report.effects[0].label}"
    if several:
        head = "The same people under every arm, without noise"
    columns = ["", "mean of people", "nine in ten people", "better for"]
    return [_head(head), *(table(columns, rows, right=(1, 2, 3)) if rows else [])]


def _harms(report: TrialReport) -> list[str]:
    found = report.harms
    head, rows, blank = ["", *found.head], [], [""] * len(found.head)
    for harm in dict.fromkeys(row.harm for row in found.rows):
        own = [row for row in found.rows if row.harm == harm]
        if own[0].arm:
            rows.append([harm, *blank])
        rows += [[f"  {row.arm}" if row.arm else harm, *row.cells] for row in own]
    told = [_wrap(sentence) for sentence in found.sentences]
    columns = tuple(range(1, len(head)))
    return [_head(found.title), *(table(head, rows, right=columns) if rows else []), *told]


def _unknown(report: TrialReport) -> list[str]:
    found = report.unknown
    head = "Both spreads: between people, and from ignorance"
    if found.pair:
        head = f"{head}: {small(found.pair)}"
    rows = [row.cells for row in found.short]
    columns = tuple(range(1, len(HEAD)))
    told = [_wrap(sentence) for sentence in (found.note, found.method) if sentence]
    return [_head(head), *(table(list(HEAD), rows, right=columns) if rows else []), *told]


def _flow(report: TrialReport) -> list[str]:
    flow = report.flow
    parts = [
        _head("Participants"),
        _wrap(f"{flow.met:,} virtual people met, {flow.enrolled:,} enrolled"),
    ]
    parts += [f"  {n:>7,}  left out: {reason}" for reason, n in flow.left]
    rows = [
        [a.label, f"{a.randomised:,}", f"{a.discontinued:,}", f"{a.died:,}", f"{a.completed:,}"]
        for a in flow.arms
    ]
    head = ["", "enrolled", "left early", "died", "completed"]
    return [*parts, *table(head, rows, right=(1, 2, 3, 4))]
