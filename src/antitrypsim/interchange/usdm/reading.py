"""What is read of a study so far, and words of others made fit for a protocol."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.usdm.extensions import Path
from antitrypsim.interchange.usdm.model import Thing

_NOT_AN_ID = re.compile(r"[^A-Za-z0-9_]*[^A-Za-z0-9_-][^A-Za-z0-9_]*")
_TAG = re.compile(r"<[^<>]{0,1000}>")
_NAMED_TAG = re.compile(r"<usdm:tag name=\"([^\"<>]{1,100})\"\s*/?>")


@dataclass
class Reading:
    """What is read so far: data, the object of each part, questions by key, and what is left out.

    Both in the order of asking, each once.
    """

    data: Plain = field(default_factory=dict)
    homes: dict[Path, Thing] = field(default_factory=dict)
    questions: dict[tuple[str, str], None] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)

    def ask(self, key: str, text: str) -> None:
        """Keep a question about a key of the protocol."""
        self.questions[key, text] = None

    def pass_over(self, text: str) -> None:
        """Keep a line of what a protocol has no place for."""
        self.left_out[text] = None


def ids_of(names: list[str]) -> list[str]:
    """Return names as ids of a protocol: letters, digits, '-' and '_', each its own."""
    found: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for name in names:
        word = _NOT_AN_ID.sub("-", name[:200]).strip("-")[:40] or "x"
        word = word if word[0].isalpha() and word[0].isascii() else f"x-{word}"[:40]
        made = word
        while made in found:
            seen[word] += 1
            made = f"{word[:34]}-{seen[word] + 1}"
        found[made] = None
    return list(found)


def plain_text(text: str) -> str:
    """Return text without marks of HTML and USDM, on one line, with nothing that cannot be shown."""
    text = _NAMED_TAG.sub(r"[\1]", text[:20_000])
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join("".join(m if m.isprintable() else " " for m in text).split())
