"""A protocol that a study of others gives: what it says, and what must still be asked."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.loss import LossReport
from antitrypsim.protocols import Protocol, dump_protocol

_WIDTH = 100


@dataclass(frozen=True)
class Draft:
    """What an import gives.

    ``data``: the keys of a protocol that the file says. ``questions``: (key, question) for each gap;
    with none left, ``protocol()`` is the protocol. ``counts``: how many arms, epochs, encounters,
    timings, objectives, administrations and so on the file has. ``loss``: what was carried, what came
    from extensions of ours, what was left out and why.
    """

    data: Plain
    questions: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    loss: LossReport

    def protocol(self) -> Protocol:
        """Return the protocol; raise InputError, the first question, where it has gaps."""
        if self.questions:
            key, question = self.questions[0]
            raise InputError(f"the draft has gaps: {question}", key=key)
        return Protocol.from_dict(self.data)

    def text(self) -> str:
        """Return the draft as the YAML of a protocol file, each gap a '# TODO' line above its key."""
        if not self.questions:
            return dump_protocol(self.protocol())
        blocks = []
        asked = {_top(key) for key, _ in self.questions}
        for key in (*Protocol.keys(), ""):
            if key not in self.data and key not in asked:
                continue
            lines = [_todo(k, text) for k, text in self.questions if _top(k) == key]
            if key in self.data:
                lines.append(_yaml({key: self.data[key]}))
            blocks.append("\n".join(lines))
        return "\n".join(blocks) + "\n"


def _top(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


def _todo(key: str, text: str) -> str:
    return "\n".join(
        textwrap.wrap(
            f"TODO '{key}': {text}", _WIDTH, initial_indent="# ", subsequent_indent="#   ",
            break_long_words=False, break_on_hyphens=False,
        )
    )  # fmt: skip


def _yaml(data: Plain) -> str:
    from ruamel.yaml import YAML

    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.allow_unicode = True
    writer.width = _WIDTH
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue().rstrip("\n")
