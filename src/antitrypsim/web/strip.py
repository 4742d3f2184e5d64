"""A question as it is asked outside the page, and what a protocol check says of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.plain import Plain
from antitrypsim.web.shapes import Remark, Strip

if TYPE_CHECKING:
    from antitrypsim.runs.requests import Request


def strip(request: Request, seed: int | None) -> Strip:
    """Return a question as YAML, as a command line and as Python: three faces of one value."""
    from antitrypsim.simulation.settings import Settings

    settings = Settings(seed=seed)
    return Strip(
        yaml=as_yaml(request.to_dict() | ({} if seed is None else {"seed": seed})),
        command=request.as_command(settings),
        python=request.as_code(settings),
        hash=request.content_hash,
        remarks=_remarks(request.protocol) if request.command == "run" else (),  # type: ignore[attr-defined]
    )


@cache
def _remarks(protocol: str) -> tuple[Remark, ...]:
    from antitrypsim.protocols import check_protocol, load_protocol

    return tuple(
        Remark(level=one.level, key=one.key, sentence=one.message)
        for one in check_protocol(load_protocol(protocol))
    )


def as_yaml(data: Plain) -> str:
    """Return plain data as YAML text."""
    from io import StringIO

    from ruamel.yaml import YAML

    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.allow_unicode = True
    writer.width = 100
    text = StringIO()
    writer.dump(data, text)
    return text.getvalue()
