"""Count the tests by room and kind.

    python tests/count.py

writes the table of tests/README.md anew.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE / "README.md"
KINDS = ("independent", "law", "contract", "regression")
BEGIN, END = "<!-- counted -->\n", "<!-- end -->\n"
ELSEWHERE = "(no room)"

Counts = Counter[tuple[str, str]]
COUNTED = pytest.StashKey[tuple[Counts, list[str]]]()


def room_of(file: Path) -> str:
    """Return the folder in ``tests`` that a file is in."""
    parts = file.relative_to(HERE).parts
    return parts[0] if len(parts) > 1 else ELSEWHERE


def kinds_of(item: pytest.Item) -> set[str]:
    """Return the kinds of a test: its own, or those of the nearest thing around it that has any."""
    for node in reversed(item.listchain()):
        found = {mark.name for mark in node.own_markers} & set(KINDS)
        if found:
            return found
    return set()


def counted(items: Iterable[pytest.Item]) -> tuple[Counts, list[str]]:
    """Return how many tests there are by room and kind, and those that have not exactly one kind."""
    counts: Counts = Counter()
    wrong = []
    for item in items:
        kinds = kinds_of(item)
        if any(mark.name == "corpus" for node in item.listchain() for mark in node.own_markers):
            continue
        if len(kinds) == 1:
            counts[room_of(item.path), *kinds] += 1
        else:
            wrong.append(f"{item.nodeid} is {' and '.join(sorted(kinds)) or 'of no kind'}")
    return counts, wrong


def table(counts: Counts) -> str:
    """Return the table of the page."""
    rooms = sorted({room for room, _ in counts}, key=lambda room: (room == ELSEWHERE, room))
    lines = [f"| | {' | '.join(KINDS)} |", f"|---|{'---:|' * len(KINDS)}"]
    for room in rooms:
        told = " | ".join(str(counts[room, kind]) for kind in KINDS)
        lines.append(f"| {room} | {told} |")
    told = " | ".join(f"{sum(counts[room, kind] for room in rooms):,}" for kind in KINDS)
    return "\n".join([*lines, f"| **all** | {told} |"]) + "\n"


def on_page() -> Counts:
    """Return what the page says."""
    told = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    counts: Counts = Counter()
    for line in told.splitlines()[2:-1]:
        room, *numbers = (cell.strip() for cell in line.strip("|").split("|"))
        counts.update(
            {(room, kind): int(n) for kind, n in zip(KINDS, numbers, strict=True) if int(n)}
        )
    return counts


class _Counting:
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.found = counted(session.items)


def main() -> None:
    """Collect all tests and write the table."""
    counting = _Counting()
    with contextlib.redirect_stdout(io.StringIO()) as listed:
        code = pytest.main(["--collect-only", str(HERE)], plugins=[counting])
    if code:
        sys.exit(listed.getvalue())
    counts, wrong = counting.found
    if wrong:
        sys.exit("\n".join(wrong))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(counts) + END + rest.partition(END)[2], encoding="utf-8")
    print(table(counts))


if __name__ == "__main__":
    main()
