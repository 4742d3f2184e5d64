"""The model held against published targets, as a document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from antitrypsim.calibration.measured import told
from antitrypsim.protocols import BANNER
from antitrypsim.reports.document import Document, Section, Table

if TYPE_CHECKING:
    from antitrypsim.calibration.target import Check, TargetRow
    from antitrypsim.calibration.validate import Validation

_HEAD = ("statistic", "simulated", "published", "accepted", "SE apart", "")
_READ = (
    "Simulated values are with their Monte Carlo error. What is accepted is the 95 % interval of the "
    "published value; * marks an exception, told below its table. SE apart: the distance from the "
    "published value in standard errors of both together, '-' where none is published."
)
_ROLES = (
    ("Used to choose parameter values (agreement proves nothing)", "calibrate"),
    ("Not used to choose any value", "validate"),
    ("Arithmetic to verify", "verify"),
)


def validation_document(found: Validation) -> Document:
    """Return every target with its checks: listed shortfalls first, calibration apart from the rest."""
    reasons: dict[str, list[str]] = {}
    for id, reason in found.known.items():
        reasons.setdefault(reason, []).append(id)
    known = tuple(f"{', '.join(ids)}: {reason}" for reason, ids in reasons.items()) or ("none",)
    sections = [Section(f"Known shortfalls ({len(found.known)})", items=known)]
    for title, role in _ROLES:
        chosen = [row for row in found.rows if row.published.role.startswith(role)]
        if chosen:
            passed = sum(row.passed and row.settled for row in chosen)
            parts = tuple(_target(found, row) for row in chosen)
            sections.append(Section(f"{title}: {passed} of {len(chosen)} met", parts=parts))
    sections.append(_same_people(found.rows))
    size = f"{found.people:,} people a population, seed {found.seed}."
    return Document(
        "The model against published numbers", (BANNER,),
        (Section(sentences=(size, _READ)),), tuple(sections),
    )  # fmt: skip


def _target(found: Validation, row: TargetRow) -> Section:
    p = row.published
    verdict = "KNOWN SHORTFALL" if p.id in found.known else "FAILED"
    if row.passed:
        verdict = "met" if row.settled else "not judged"
    notes = [p.role] if " " in p.role else []
    notes += [f"{one.label}: {one.detail}" for one in row.checks if one.detail]
    if unsettled := [one.label for one in row.checks if not one.settled]:
        notes.append(f"{', '.join(unsettled)}: Monte Carlo error too large to judge")
    reasons: dict[str, list[str]] = {}
    for one in row.checks:
        if said := _exception(one):
            reasons.setdefault(said, []).append(one.label)
    notes += [f"* {', '.join(labels)}: {said}" for said, labels in reasons.items()]
    notes += [f"{one.check}: not covered yet; {one.why}" for one in row.uncovered]
    checks = tuple(_check(one) for one in row.checks)
    return Section(
        f"{p.id}  {verdict}  {p.quantity}; published {p.value} {p.unit}".rstrip(),
        tables=(Table("", _HEAD, checks, align="wvvvnw", notes=tuple(notes)),),
    )


def _exception(one: Check) -> str:
    """Return why what is accepted does not follow from the published error; nothing where it does."""
    return one.measured.why if one.bounded and one.measured is not None else ""


def _check(one: Check) -> tuple[str, ...]:
    row = one.measured
    mark = "x " if one.verdict == "missed" else ""
    error = f" ± {one.error:.2g}" if 0 < one.error < math.inf else ""
    accepted = told(one.low, one.high) + (" *" if _exception(one) else "")
    return (
        f"{mark}{one.label}" + (f" ({row.statistic})" if row else ""),
        f"{one.value:.4g}{error}",
        (row.published if row else "") or "-",
        accepted if one.bounded else "-",
        "-" if math.isnan(one.distance) else f"{one.distance:+.1f}",
        one.verdict,
    )


def _same_people(rows: tuple[TargetRow, ...]) -> Section:
    """Return which targets were measured in the same people, and so are no independent evidence."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(row.published.people, []).append(row.published.id)
    items = tuple(f"{name}: {', '.join(ids)}" for name, ids in groups.items() if len(ids) > 1)
    return Section("Measured in the same people", items=items or ("none",))
