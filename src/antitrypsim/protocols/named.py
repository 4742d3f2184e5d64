"""What the parts of a protocol call one another by, and that nothing is said twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from antitrypsim.documents.faults import fault, unknown
from antitrypsim.foundations.errors import shown

if TYPE_CHECKING:
    from antitrypsim.protocols.document import ProtocolDocument


def known_arm(protocol: ProtocolDocument, arm: str, *where: str | int) -> None:
    """Raise a fault for an arm that the protocol does not have."""
    arms = [each.id for each in protocol.arms]
    if arm not in arms:
        raise fault(unknown("arm", arm, arms), *where)


def known_visit(protocol: ProtocolDocument, visit: str, *where: str | int) -> None:
    """Raise a fault for a visit that the protocol does not have."""
    visits = [each.id for each in protocol.visits]
    if visit not in visits:
        raise fault(unknown("visit", visit, visits), *where)


def own_ids(ids: Iterable[str], what: str, where: str) -> None:
    """Raise a fault for the second of two parts with one id."""
    seen: set[str] = set()
    for k, name in enumerate(ids):
        if name in seen:
            raise fault(
                f"two of the {where} are named '{name}'; each {what} needs its own id", where, k
            )
        seen.add(name)


def own_titles(titles: Iterable[str | None], where: str) -> None:
    """Raise a fault for a title that a reader could not tell from another; None is no title."""
    seen: set[str] = set()
    for k, title in enumerate(titles):
        if title is None:
            continue
        if (alike := _read(title)) in seen:
            raise fault(
                f"two of the {where} have the title '{shown(title)}', and a reader could not tell "
                "them apart; titles must differ",
                where, k, "title",
            )  # fmt: skip
        seen.add(alike)


def _read(title: str) -> str:
    """Return what a reader sees of a title: without its case, its spaces and marks that do not show."""
    seen = (
        mark for mark in unicodedata.normalize("NFKC", title) if unicodedata.category(mark) != "Cf"
    )
    return " ".join("".join(seen).casefold().split())


def once(entries: Iterable[object], *where: str | int, said: str = "") -> None:
    """Raise a fault for an entry that equals one before it; ``said`` is what it is called."""
    seen: list[object] = []
    for k, entry in enumerate(entries):
        if entry in seen:
            called = said or f"'{shown(entry)}'"
            raise fault(f"{called} is listed twice; delete one", *where, k)
        seen.append(entry)
