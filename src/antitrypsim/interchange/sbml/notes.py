"""What stands in the notes of SBML: id, unit, meaning, grade and source of each number."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from antitrypsim.evidence import Parameter, Registry
from antitrypsim.foundations.errors import RunError

_XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def put_notes(element: Any, lines: Iterable[str]) -> None:
    """Set the notes of an SBML element, a paragraph a line."""
    paragraphs = "".join(f"<p>{escape(_plain(line))}</p>" for line in lines if line)
    if element.setNotes(f"<body {_XHTML}>{paragraphs}</body>") != 0:
        raise RunError(f"the notes of '{element.getId()}' could not be written")


def told(name: str, unit: str, meaning: str) -> str:
    """Return one line on a state, quantity, input or covariate."""
    return f"{name}: {meaning}; unit {unit}"


def parameter_lines(parameter: Parameter, own: bool, registry: Registry) -> list[str]:
    """Return the lines on a parameter; ``own`` where the value is one person's and not typical."""
    lines = [
        told(parameter.id, parameter.unit, parameter.meaning),
        f"grade: {parameter.grade}; between patients: {parameter.between_patients.describe()}; "
        f"uncertainty: {parameter.uncertainty.describe()}",
    ]
    if own:
        lines.append(f"of this person; typical: {parameter.value!r}")
    for id in parameter.rests_on:
        fact = registry.facts.get(id)
        if fact is None:
            lines.append(f"rests on {id}")
            continue
        where = f", {fact.identifier}" if fact.identifier else ""
        lines.append(f"rests on {id}: {fact.quantity}. {fact.source}{where} ({fact.known})")
    if parameter.targets:
        lines.append(f"fitted to {', '.join(parameter.targets)}")
    lines.append(parameter.note)
    return lines


def _plain(text: str) -> str:
    """Return text without marks that XML cannot hold."""
    return "".join(mark for mark in text if mark.isprintable())
