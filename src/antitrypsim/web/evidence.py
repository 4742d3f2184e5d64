"""What was looked up, as a document: the shortfalls first, then each number with what it rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from antitrypsim.calibration.validate import known_shortfalls
from antitrypsim.evidence import GRADES, Claim, Fact, Fixed, Parameter
from antitrypsim.reports.document import Cell, Document, Row, Section, Table, cell, pairs
from antitrypsim.reports.style import GRADE_COLOURS
from antitrypsim.web.shapes import Link

if TYPE_CHECKING:
    from antitrypsim.evidence import Registry
    from antitrypsim.runs.requests.evidence import Lookup

MOST = 200
TESTED = "What would have to be true"
"""The column of the trials that work a claim backwards."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+")


def evidence_document(found: Lookup) -> Document:
    """Return what was found; without words the shortfalls, and how many numbers are of which grade."""
    if not found.words:
        return _summary(found)
    shown = found.found[:MOST]
    more = len(found.found) - len(shown)
    told = f"{len(found.found)} found" + (
        f"; the first {MOST} are shown, use more words" if more else ""
    )
    numbers = [n for n in shown if isinstance(n, Parameter | Fixed)]
    facts = [n for n in shown if isinstance(n, Fact)]
    claims = [n for n in shown if isinstance(n, Claim)]
    if found.whole is not None:
        # Of one, all that it rests on and all that rests on it.
        ids = {*getattr(found.whole, "rests_on", ()), *getattr(found.whole, "facts", ())}
        facts += [found.registry.facts[id] for id in sorted(ids) if id in found.registry.facts]
        numbers += [n for n in found.numbers.values() if found.whole.id in n.rests_on]
    sections = (
        Section("Shortfalls", tables=_shortfalls(numbers)),
        Section("Numbers", tables=_numbers(numbers, found.registry)),
        Section("Facts", tables=_facts(facts)),
        Section("Claims", tables=_claims(claims)),
    )
    return Document(
        f"Evidence: {found.words}", (), (Section(sentences=(f"{told}.",), look="lead"),),
        # Who asks for a claim reads it before what it cites.
        tuple(sorted(sections, key=lambda one: one.title != "Claims")) if isinstance(found.whole, Claim) else sections,
    )  # fmt: skip


def _summary(found: Lookup) -> Document:
    parameters = [n for n in found.numbers.values() if isinstance(n, Parameter)]
    known = found.registry.kind_of_knowledge(found.registry.facts)
    rows: list[Row] = [
        (Cell(grade, colour=GRADE_COLOURS[grade]), f"{sum(p.grade == grade for p in parameters)}")
        for grade in GRADES
    ]
    lead = (
        f"{len(found.registry.facts)} facts ("
        + ", ".join(f"{n} {kind}" for kind, n in known.items())
        + f"), {len(found.registry.claims)} claims, {len(parameters)} parameters. Look for words or an id."
    )
    return Document(
        "Evidence", (), (Section(sentences=(lead,), look="lead"),),
        (
            Section("What the model does not meet", tables=(_missed(known_shortfalls()),)),
            Section("Parameters by grade", tables=(Table("How many", ("Grade", "Parameters"), tuple(rows), align="wn"),)),
            Section("What is claimed of these therapies", tables=_claims(list(found.registry.claims.values()))),
        ),
    )  # fmt: skip


def _missed(reasons: dict[str, str]) -> Table:
    together: dict[str, list[str]] = {}
    for id, reason in reasons.items():
        together.setdefault(reason, []).append(id)
    return pairs("Published numbers that are known to be missed, and why.",
                 [(", ".join(ids), reason) for reason, ids in together.items()])  # fmt: skip


def _shortfalls(numbers: list[Parameter | Fixed]) -> tuple[Table, ...]:
    """Return the targets that these numbers were fitted to and that are missed."""
    fitted = {id for n in numbers for id in getattr(n, "targets", ())}
    reasons = {id: reason for id, reason in known_shortfalls().items() if id in fitted}
    return (_missed(reasons),) if reasons else ()


def _numbers(numbers: list[Parameter | Fixed], registry: Registry) -> tuple[Table, ...]:
    rows = tuple(_number(n, registry) for n in numbers)
    head = ("Number", "Value", "Between people", "How well known", "Grade", "Source")
    return (Table("Value, spread, grade and source.", head, rows, align="wvwwww"),) if rows else ()


def _number(n: Parameter | Fixed, registry: Registry) -> Row:
    unit = "" if n.unit in ("1", "-") else f" {n.unit}"
    spread = uncertain = "not drawn"
    if isinstance(n, Parameter):
        spread, uncertain = n.between_patients.describe(), n.uncertainty.describe()
    sources = [f"{id}: {registry.facts[id].source}" for id in n.rests_on if id in registry.facts]
    return (
        Cell(n.meaning, mark=n.id), f"{n.value:g}{unit}", spread, uncertain,
        Cell(n.grade, colour=GRADE_COLOURS[n.grade]),
        Cell("; ".join(sources) or "no fact", mark=n.note),
    )  # fmt: skip


def _facts(facts: list[Fact]) -> tuple[Table, ...]:
    rows: tuple[Row, ...] = tuple(
        (Cell(f.quantity, mark=f.id), f"{f.value} {f.unit}".strip(" -"), f.uncertainty,
         f.population, Cell(f.source, mark=f"{f.identifier} ({f.known})"))
        for f in facts
    )  # fmt: skip
    head = ("Fact", "Value", "Uncertainty", "In whom", "Source")
    return (Table("What was published.", head, rows, align="wwwww"),) if rows else ()


def _claims(claims: list[Claim]) -> tuple[Table, ...]:
    """Return claims with what is known of each, and the trial that says what would have to be true."""
    from antitrypsim.protocols import claims_tested

    tested = claims_tested()
    rows: tuple[Row, ...] = tuple(
        (Cell(c.claim, mark=c.id), c.verdict, c.nearest_evidence, ", ".join(c.facts),
         ", ".join(tested.get(c.id, ())) or "no bundled trial")
        for c in claims
    )  # fmt: skip
    head = ("Claim", "Verdict", "Nearest evidence", "Facts", TESTED)
    return (Table("What is claimed, and the verdict.", head, rows, align="wwwww"),) if rows else ()


def beyond_measured(row: Row, heads: Sequence[str]) -> bool:
    """Return whether a row of such a head rests on more than what is measured.

    A number does whose grade is another, a fact that was not read in a published text, and a claim
    that cites no fact or one such.
    """
    from antitrypsim.evidence import load_registry

    registry = load_registry()
    if "Grade" in heads:
        return cell(row[heads.index("Grade")]).text != GRADES[0]
    id = cell(row[0]).small_print if row else ""
    if id in registry.facts:
        return not registry.facts[id].seen
    if id in registry.claims:
        cited = registry.claims[id].facts
        return not cited or not all(f in registry.facts and registry.facts[f].seen for f in cited)
    return False


def links_of(text: str, head: str) -> tuple[Link, ...]:
    """Return where a cell of such a head leads: facts and claims to themselves, trials to their run."""
    from antitrypsim.evidence import load_registry
    from antitrypsim.protocols import bundled_protocols

    registry = load_registry()
    found = []
    for word in dict.fromkeys(_WORD.findall(text)):
        if word in registry.facts or word in registry.claims:
            found.append(Link(text=word, href=f"#/evidence?words={quote(word)}&asked=1"))
        elif head == TESTED and word in bundled_protocols():
            found.append(Link(text=word, href=f"#/trial?protocol={quote(word)}&asked=1"))
    return tuple(found)
