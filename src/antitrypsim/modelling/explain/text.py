"""Lay an explanation out as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterator, Mapping, Sequence

from antitrypsim.modelling.explain.chain import Chain
from antitrypsim.modelling.explain.notes import (
    Explanation,
    FixedNote,
    Jump,
    ModuleNote,
    ParameterNote,
)
from antitrypsim.modelling.explain.ways import Way


def chain_to_text(
    chain: Chain, meanings: Mapping[str, str], *, shown: Container[tuple[str, ...]] = ()
) -> str:
    """Lay a chain out as plain text, each step behind its grade; ``meanings`` by name.

    It breaks off where the names that are left are one of the endings ``shown`` before.
    """
    lines = [f"  {'':8}  {chain.start}" + _meaning(meanings, chain.start)]
    for place, link in enumerate(chain.links, 1):
        lines.append(f"  {link.grade or '-':8}  -> {link.end}" + _meaning(meanings, link.end))
        about = [f"by {', '.join(link.parameters)}"] if link.parameters else []
        about += [f"mechanism '{link.mechanism}'"] if link.mechanism else []
        if about:
            lines.append(f"  {'':8}     {'; '.join(about)}")
        if len(chain.links) - place > 1 and chain.names[place:] in shown:
            lines.append(f"  {'':8}  -> and on to {chain.end} as above")
            break
    if chain.grade:
        lines.append(f"  The weakest of these parameters is {chain.grade}.")
    return "\n".join(lines) + "\n"


def ways_to_text(found: Sequence[Way], meanings: Mapping[str, str], own: Sequence[str] = ()) -> str:
    """Lay the ways of a therapy out as plain text, and say how to switch mechanisms off.

    ``own`` are those of the module itself, which need not all stand on a way.
    """
    lines: list[str] = []
    shown: set[tuple[str, ...]] = set()
    for way in found:
        by = f" by {way.mechanism}" if way.mechanism else ""
        lines += [f"From the dose to {way.chain.end}{by}, behind the grade of each step"]
        lines += [*chain_to_text(way.chain, meanings, shown=shown).splitlines(), ""]
        shown |= {way.chain.names[k:] for k in range(len(way.chain.names))}
    links = [link.mechanism for way in found for link in way.chain.links if link.mechanism]
    names = list(dict.fromkeys([*own, *links]))
    if names:
        lines += _wrapped(f"Mechanisms that can be switched off: {', '.join(names)}.", 0)
        lines += [f'In Python: build_model(without=["{names[0]}"]).', ""]
    return "\n".join(lines) + "\n" if lines else ""


def _meaning(meanings: Mapping[str, str], name: str) -> str:
    return f": {meanings[name]}" if name in meanings else ""


def to_text(explanation: Explanation) -> str:
    """Lay an explanation out as plain text."""
    modules = explanation.modules
    states = sum(len(m.states) for m in modules)
    quantities = sum(len(m.quantities) for m in modules)
    counts = ", ".join(f"{n} {grade}" for grade, n in explanation.grades.items())
    lines = [
        f"{len(modules)} module(s), {states} states, {quantities} quantities "
        f"(model {explanation.content_hash})",
        f"Parameters by what they rest on: {counts}.",
        "Names are short: 'p.x' is the parameter x where another thing is called x too.",
        "Spread is how people differ; uncertainty is how well the typical value is known.",
    ]
    for module in modules:
        lines += ["", "", f"{module.name}: {module.title}", "=" * 72, *_module_text(module)]
    return "\n".join(lines) + "\n"


def _module_text(m: ModuleNote) -> Iterator[str]:
    def short(name: str) -> str:
        return name.removeprefix(f"{m.name}.")

    def jumps(found: tuple[Jump, ...]) -> Iterator[str]:
        for jump in found:
            yield from _wrapped(f"adds to {short(jump.state)} [{jump.unit}]: {jump.expression}")

    if m.states:
        yield from ("", "What changes over time")
    for s in m.states:
        yield f"  {short(s.name)} [{s.unit}]: {s.meaning}; starts at {s.initial}"
        yield from _wrapped(f"change per day = {s.change}")
    if m.quantities:
        yield from ("", "What follows at each moment")
    for q in m.quantities:
        yield f"  {short(q.name)} [{q.unit}]: {q.meaning}"
        yield from _wrapped(f"= {q.equals}")
    if m.doses:
        yield from ("", "Doses")
    for d in m.doses:
        known = f"; largest on record {d.limit:g} {d.unit}" if d.limit is not None else ""
        known += f" ({d.limit_source})" if known and d.limit_source else ""
        yield f"  {d.name}, amount in {d.unit}: {d.meaning}{known}"
        yield from jumps(d.jumps)
        if d.holds:
            yield from _wrapped(f"keeps {short(d.holds)} [{d.unit}] at the amount for a time")
    if m.hazards:
        yield from ("", "Events")
    for h in m.hazards:
        yield f"  {h.name}: {h.meaning}{'; ends the course' if h.ends else ''}"
        yield from _wrapped(f"rate [1/day] = {h.rate}")
        yield from jumps(h.jumps)
    for title, notes in (("Courses it reads", m.inputs), ("Of the person it reads", m.covariates)):
        if notes:
            yield from ("", title)
        for note in notes:
            yield f"  {short(note.name)} [{note.unit}]: {note.meaning}"
    for title, acts in (("Acts on", m.acts_on), ("Is acted on by", m.acted_on_by)):
        if acts:
            yield from ("", title)
        for act in acts:
            named = f" (mechanism '{act.mechanism}')" if act.mechanism else ""
            yield f"  {act.module} {act.kind} {act.target} [{act.unit}]: {act.why}{named}"
            yield from _wrapped(act.expression)
    if m.parameters:
        yield from ("", "Parameters", *_parameter_table(m.parameters))
    if m.fixed:
        title = "Fixed numbers: limits, words and exponents, which are not drawn"
        yield from ("", title, *_fixed_table(m.fixed))


def _wrapped(text: str, indent: int = 4) -> list[str]:
    return textwrap.wrap(
        text, 96, initial_indent=" " * indent, subsequent_indent=" " * 2 * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _parameter_table(parameters: tuple[ParameterNote, ...]) -> Iterator[str]:
    head = ("name", "value", "unit", "spread", "uncertainty", "grade", "facts")
    rows = [
        (p.name, f"{p.value:g}", p.unit, p.between_patients, p.uncertainty, p.grade, _facts(p))
        for p in parameters
    ]
    return _table([head, *rows], [p.meaning for p in parameters])


def _fixed_table(fixed: tuple[FixedNote, ...]) -> Iterator[str]:
    rows = [(f.name, f"{f.value:g}", f.unit, f.grade, _facts(f)) for f in fixed]
    return _table([("name", "value", "unit", "grade", "facts"), *rows], [f.meaning for f in fixed])


def _facts(note: ParameterNote | FixedNote) -> str:
    found = [f + (" (recalled)" if f in note.recalled else "") for f in note.rests_on]
    return ", ".join(found) or "none"


def _table(rows: Sequence[tuple[str, ...]], meanings: Sequence[str]) -> Iterator[str]:
    """Lay rows out in columns, the first as their head, each of the others above its meaning."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row, about in zip(rows, ("", *meanings), strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  " + "  ".join([*cells, row[-1]])
        if about:
            yield f"      {about}"
