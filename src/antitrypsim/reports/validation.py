"""The model held against published targets, as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.calibration.bounds import told
from antitrypsim.protocols import BANNER
from antitrypsim.reports.document import Document, Section, Table

if TYPE_CHECKING:
    from antitrypsim.calibration.target import Check, TargetRow
    from antitrypsim.calibration.validate import Validation

_ROLES = (
    ("Used to choose parameter values (agreement proves nothing)", "calibrate"),
    ("Not used to choose any value", "validate"),
    ("Arithmetic to verify", "verify"),
)


def validation_document(found: Validation) -> Document:
    """Return every target with its checks: listed shortfalls first, calibration apart from the rest."""
    known = tuple(f"{id}: {reason}" for id, reason in found.known.items()) or ("none",)
    sections = [Section(f"Known shortfalls ({len(found.known)})", items=known)]
    for title, role in _ROLES:
        chosen = [row for row in found.rows if row.published.role.startswith(role)]
        if chosen:
            passed = sum(row.passed for row in chosen)
            parts = tuple(_target(found, row) for row in chosen)
            sections.append(Section(f"{title}: {passed} of {len(chosen)} met", parts=parts))
    size = f"{found.people:,} people a population, seed {found.seed}."
    return Document(
        "The model against published numbers", (BANNER,), (Section(sentences=(size,)),),
        tuple(sections),
    )  # fmt: skip


def _target(found: Validation, row: TargetRow) -> Section:
    p = row.published
    verdict = "met" if row.passed else "KNOWN SHORTFALL" if p.id in found.known else "FAILED"
    table = Table("", ("", "", "", ""), tuple(_check(one) for one in row.checks), align="wnww")
    return Section(
        f"{p.id}  {verdict}  {p.quantity}; published {p.value} {p.unit}".rstrip(),
        (p.role,) if " " in p.role else (), (table,),
    )  # fmt: skip


def _check(one: Check) -> tuple[str, ...]:
    noise = "" if one.settled else f"Monte Carlo error {one.error:.2g} too large to judge"
    note = "; ".join(part for part in (noise, one.detail) if part)
    mark = "" if one.passed else "x "
    return f"{mark}{one.label}", f"{one.value:.4g}", f"({told(one.low, one.high)})", note
