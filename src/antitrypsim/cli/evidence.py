"""``antitrypsim evidence``: what every number rests on."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from antitrypsim.foundations.width import page_width

if TYPE_CHECKING:
    from antitrypsim.evidence import Claim, Fact, Parameter, Registry

Item: TypeAlias = "Fact | Claim | Parameter"

_MOST = 40


def evidence(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY|ID]", help="Words to look for, or the id of a fact, claim or parameter."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List everything found, however much.")
    ] = False,
) -> None:
    """Look up facts, claims and parameters: values, units, spread, uncertainty, grade, sources."""
    from antitrypsim.evidence import load_registry

    registry = load_registry()
    parameters = _parameters()
    words = " ".join(query or ()).strip()
    if not words:
        _summary(registry, parameters)
        return
    everything: dict[str, Item] = {**registry.facts, **registry.claims, **parameters}
    by_folded = {id.casefold(): item for id, item in everything.items()}
    exact = by_folded.get(words.casefold())
    if exact is not None:
        print("\n".join(_whole(exact, registry, parameters)))
        return
    found = [*_matching(parameters, words), *registry.search(words)]
    if not found:
        from antitrypsim.foundations.errors import EvidenceError, nearest

        hint = nearest(words, list(everything)) or "; try fewer words"
        raise EvidenceError(f"no fact, claim or parameter holds '{words}'{hint}")
    shown = found if every else found[:_MOST]
    for item in shown:
        print(line(item))
    if len(shown) < len(found):
        print(f"... and {len(found) - len(shown)} more; use more words, or --all")
    print(f"\n{len(found)} found. One by its id says more: antitrypsim evidence {_id(found[0])}")


def _parameters() -> dict[str, Parameter]:
    """Return every parameter: of the model, the populations and the measurements."""
    from antitrypsim.populations.people import population_parameters
    from antitrypsim.protocols import assessment_parameters
    from antitrypsim.therapies import build_model

    found = [
        *build_model().parameters,
        *population_parameters().values(),
        *assessment_parameters().values(),
    ]
    return {parameter.id: parameter for parameter in found}


def _summary(registry: Registry, parameters: dict[str, Parameter]) -> None:
    known = registry.kind_of_knowledge(registry.facts)
    grades = Counter(parameter.grade for parameter in parameters.values())
    print(f"{len(registry.facts)} facts: " + ", ".join(f"{n} {kind}" for kind, n in known.items()))
    print(f"{len(registry.claims)} claims, each with a verdict")
    print(
        f"{len(parameters)} parameters: "
        + ", ".join(f"{grades[g]} {g}" for g in ("measured", "fitted", "scaled", "assumed"))
    )
    print("\nThe parameters, by module:")
    for parameter in parameters.values():
        print(line(parameter))
    print("\nLook for words or an id: antitrypsim evidence desmosine, antitrypsim evidence BIO-B27")


def _matching(parameters: dict[str, Parameter], words: str) -> list[Parameter]:
    asked = words.casefold().split()
    found = []
    for parameter in parameters.values():
        text = " ".join(
            [
                parameter.id,
                parameter.meaning,
                parameter.note,
                parameter.grade,
                parameter.unit,
                *parameter.rests_on,
                *parameter.targets,
            ]
        ).casefold()
        if all(word in text for word in asked):
            found.append(parameter)
    return found


def _id(item: Item) -> str:
    return item.id


def line(item: Item) -> str:
    """Return a fact, claim or parameter on one line, wrapped to the page."""
    from antitrypsim.evidence import Claim, Parameter

    if isinstance(item, Parameter):
        text = f"{item.id} = {item.value:g} {_unit(item.unit)} ({item.grade}): {item.meaning}"
    elif isinstance(item, Claim):
        text = f"{item.id} ({item.verdict}): {item.claim}"
    else:
        known = "recalled" if item.recalled else "computed" if item.computed else "seen"
        text = f"{item.id} ({known}): {item.quantity} = {item.value} {_unit(item.unit)}".rstrip()
    return textwrap.fill(text, page_width(), subsequent_indent="    ", break_on_hyphens=False)


def _unit(unit: str) -> str:
    return "" if unit in ("1", "-") else unit


def _whole(item: Item, registry: Registry, parameters: dict[str, Parameter]) -> list[str]:
    from antitrypsim.evidence import Claim, Parameter

    if isinstance(item, Parameter):
        return _whole_parameter(item, registry)
    rows = [(field.name.replace("_", " "), getattr(item, field.name)) for field in fields(item)]
    lines = table([(k, ", ".join(v) if isinstance(v, tuple) else str(v)) for k, v in rows])
    resting = [p for p in parameters.values() if item.id in p.rests_on]
    if resting:
        lines += ["", "Parameters that rest on it:", *(f"  {line(p)}" for p in resting)]
    if isinstance(item, Claim):
        lines += ["", *(line(registry.facts[id]) for id in item.facts if id in registry.facts)]
    return lines


def _whole_parameter(p: Parameter, registry: Registry) -> list[str]:
    reason = f" ({p.uncertainty.reason})" if p.uncertainty.reason else ""
    rows = [
        ("parameter", p.id),
        ("meaning", p.meaning),
        ("value", f"{p.value:g} {_unit(p.unit)}".strip()),
        ("unit", p.unit),
        ("between patients", p.between_patients.describe()),
        ("uncertainty", p.uncertainty.describe() + reason),
        ("grade", p.grade),
        ("rests on", ", ".join(p.rests_on) or "no fact"),
        ("fitted to", ", ".join(p.targets)),
        ("correlated with", ", ".join(f"{id} ({r:g})" for id, r in p.correlated_with)),
        ("note", p.note),
    ]
    facts = [line(registry.facts[id]) for id in p.rests_on if id in registry.facts]
    return table(rows) + (["", *facts] if facts else [])


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
