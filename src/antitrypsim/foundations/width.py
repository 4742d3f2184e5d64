"""How wide text for a terminal is, and sentences wrapped to that."""

from __future__ import annotations

import shutil
import textwrap

USUAL, LEAST, MOST = 96, 60, 120
"""Columns where there is no terminal, and the fewest and the most that text is laid out in."""


def page_width() -> int:
    """Return the columns of the terminal, between 60 and 120; 96 where there is none."""
    return max(LEAST, min(MOST, shutil.get_terminal_size((USUAL, 24)).columns))


def wrapped(sentence: str, indent: int = 0) -> str:
    """Return a sentence in lines no wider than the page, all as far in as the first."""
    text = sentence.lstrip()
    blanks = " " * (indent + len(sentence) - len(text))
    return textwrap.fill(text, page_width(), initial_indent=blanks, subsequent_indent=blanks)
