"""A question as it is asked outside the page, and what a protocol check says of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from antitrypsim.web.drafts import as_file, as_yaml, draft_text
from antitrypsim.web.sentence import sentence
from antitrypsim.web.shapes import Part, Remark, Strip

if TYPE_CHECKING:
    from antitrypsim.runs.requests import Request


def strip(request: Request, seed: int | None, own: Mapping[str, Any] | None = None) -> Strip:
    """Return a question as YAML, as a command line and as Python: three faces of one value.

    ``own`` is the protocol of one's own that it calls by the name of its file.
    """
    from antitrypsim.simulation.settings import Settings

    settings = Settings(seed=seed)
    knowledge, said = _told(request, own)
    return Strip(
        yaml=as_yaml(request.to_dict() | ({} if seed is None else {"seed": seed})),
        command=request.as_command(settings),
        python=request.as_code(settings),
        hash=request.content_hash,
        remarks=_remarks(request.protocol) if request.command == "run" and own is None else (),  # type: ignore[attr-defined]
        protocol="" if own is None else draft_text(own),
        knowledge=knowledge,
        sentence=said,
        person=_person(request),
    )


def _person(request: Request) -> str:
    from antitrypsim.populations.persontext import person_text

    described = getattr(request, "described", None)
    return "" if described is None else person_text(described)


def _told(request: Request, own: Mapping[str, Any] | None) -> tuple[str, tuple[Part, ...]]:
    """Return what a question takes for known, and itself as a sentence."""
    from antitrypsim.web.known import known_by

    if own is None:
        return known_by(request), sentence(request)
    with as_file(own) as file:
        return known_by(request, file), sentence(request, file)


@cache
def _remarks(protocol: str) -> tuple[Remark, ...]:
    from antitrypsim.protocols import check_protocol, load_protocol

    return tuple(
        Remark(level=one.level, key=one.key, sentence=one.message)
        for one in check_protocol(load_protocol(protocol))
    )
