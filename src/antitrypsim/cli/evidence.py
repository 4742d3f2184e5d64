"""``antitrypsim evidence``: what every number rests on."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from antitrypsim.cli.console import Json, check_outputs
from antitrypsim.foundations.width import page_width

if TYPE_CHECKING:
    from antitrypsim.evidence import Claim, Fact, Fixed, Parameter, Registry

Number: TypeAlias = "Parameter | Fixed"
Item: TypeAlias = "Fact | Claim | Number"

_MOST = 40


def evidence(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY|ID]", help="Words to look for, or the id of a fact, claim or number."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List everything found, however much.")
    ] = False,
    json: Json = None,
) -> None:
    """Look up facts, claims and numbers: values, units, spread, uncertainty, grade, sources."""
    from antitrypsim.runs.requests.evidence import EvidenceRequest

    check_outputs([], json=json)
    request = EvidenceRequest.asked(words=query)
    answer = request.answer()
    if json is not None:
        from antitrypsim.foundations.files import write_file
        from antitrypsim.foundations.plain import json_text

        write_file(json, json_text(request.data(answer)))
    if not answer.words:
        _summary(answer.registry, answer.numbers)
        return
    if answer.whole is not None:
        print("\n".join(_whole(answer.whole, answer.registry, answer.numbers)))
        return
    found = answer.found
    shown = found if every else found[:_MOST]
    for item in shown:
        print(line(item))
    if len(shown) < len(found):
        print(f"... and {len(found) - len(shown)} more; use more words, or --all")
    print(f"\n{len(found)} found. One by its id says more: antitrypsim evidence {found[0].id}")


def _summary(registry: Registry, numbers: Mapping[str, Number]) -> None:
    from antitrypsim.evidence import GRADES, Parameter

    parameters = [n for n in numbers.values() if isinstance(n, Parameter)]
    fixed = [n for n in numbers.values() if not isinstance(n, Parameter)]
    known = registry.kind_of_knowledge(registry.facts)
    grades: Counter[str] = Counter(parameter.grade for parameter in parameters)
    print(f"{len(registry.facts)} facts: " + ", ".join(f"{n} {kind}" for kind, n in known.items()))
    print(f"{len(registry.claims)} claims, each with a verdict")
    print(f"{len(parameters)} parameters: " + ", ".join(f"{grades[g]} {g}" for g in GRADES))
    print(f"{len(fixed)} fixed numbers: limits, words and exponents, which are not drawn")
    for title, found in (("parameters", parameters), ("fixed numbers", fixed)):
        print(f"\nThe {title}, by module:")
        for number in found:
            print(line(number))
    print("\nLook for words or an id: antitrypsim evidence desmosine, antitrypsim evidence BIO-B27")


def line(item: Item) -> str:
    """Return a fact, claim or number on one line, wrapped to the page."""
    from antitrypsim.evidence import Claim, Fixed, Parameter

    if isinstance(item, Parameter | Fixed):
        text = f"{item.id} = {item.value:g} {_unit(item.unit)} ({item.grade}): {item.meaning}"
    elif isinstance(item, Claim):
        text = f"{item.id} ({item.verdict}): {item.claim}"
    else:
        known = "recalled" if item.recalled else "computed" if item.computed else "seen"
        text = f"{item.id} ({known}): {item.quantity} = {item.value} {_unit(item.unit)}".rstrip()
    return textwrap.fill(text, page_width(), subsequent_indent="    ", break_on_hyphens=False)


def _unit(unit: str) -> str:
    return "" if unit in ("1", "-") else unit


def _whole(item: Item, registry: Registry, numbers: Mapping[str, Number]) -> list[str]:
    from antitrypsim.evidence import Claim, Fixed, Parameter

    if isinstance(item, Parameter | Fixed):
        return _whole_number(item, registry)
    rows = [(field.name.replace("_", " "), getattr(item, field.name)) for field in fields(item)]
    lines = table([(k, ", ".join(v) if isinstance(v, tuple) else str(v)) for k, v in rows])
    resting = [n for n in numbers.values() if item.id in n.rests_on]
    if resting:
        lines += ["", "Numbers that rest on it:", *(f"  {line(n)}" for n in resting)]
    if isinstance(item, Claim):
        lines += ["", *(line(registry.facts[id]) for id in item.facts if id in registry.facts)]
    return lines


def _whole_number(n: Number, registry: Registry) -> list[str]:
    from antitrypsim.evidence import Parameter

    rows = [
        ("parameter" if isinstance(n, Parameter) else "fixed number", n.id),
        ("meaning", n.meaning),
        ("value", f"{n.value:g} {_unit(n.unit)}".strip()),
        ("unit", n.unit),
        *(_spreads(n) if isinstance(n, Parameter) else ()),
        ("grade", n.grade),
        ("rests on", ", ".join(n.rests_on) or "no fact"),
        *(_ties(n) if isinstance(n, Parameter) else ()),
        ("note", n.note),
    ]
    facts = [line(registry.facts[id]) for id in n.rests_on if id in registry.facts]
    return table(rows) + (["", *facts] if facts else [])


def _spreads(p: Parameter) -> list[tuple[str, str]]:
    reason = f" ({p.uncertainty.reason})" if p.uncertainty.reason else ""
    return [
        ("between patients", p.between_patients.describe()),
        ("uncertainty", p.uncertainty.describe() + reason),
    ]


def _ties(p: Parameter) -> list[tuple[str, str]]:
    return [
        ("fitted to", ", ".join(p.targets)),
        ("correlated with", ", ".join(f"{id} ({r:g})" for id, r in p.correlated_with)),
    ]


def table(rows: list[tuple[str, str]]) -> list[str]:
    """Return names and texts side by side, wrapped to the page; rows without text are left out."""
    width = max(len(name) for name, _ in rows) + 2
    return [
        textwrap.fill(
            text,
            page_width(),
            initial_indent=name.ljust(width),
            subsequent_indent=" " * width,
            break_on_hyphens=False,
        )
        for name, text in rows
        if text
    ]
