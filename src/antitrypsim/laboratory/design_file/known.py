"""Names in a design file that must be those of its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.documents.faults import unknown
from antitrypsim.foundations.errors import ProtocolError

if TYPE_CHECKING:
    from antitrypsim.protocols.protocol import Protocol


def known_arm(arm: str, protocol: Protocol, key: str) -> None:
    """Raise ProtocolError for an arm that the protocol does not have."""
    known = [a.id for a in protocol.arms]
    if arm not in known:
        raise ProtocolError(unknown("arm", arm, known), key=key)


def known_visit(visit: str, protocol: Protocol, key: str) -> None:
    """Raise ProtocolError for a visit that the protocol does not have."""
    known = list(protocol.visit_days())
    if visit not in known:
        raise ProtocolError(unknown("visit", visit, known), key=key)
