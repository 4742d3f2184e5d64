"""What an export or import carried, what went into an extension, and what it left out and why."""

from __future__ import annotations

from dataclasses import dataclass

_HEADS = (
    ("carried", "Carried"),
    ("extended", "Carried in an extension, which other tools pass over"),
    ("left_out", "Left out"),
)


@dataclass(frozen=True)
class LossReport:
    """Three lists of lines, one thing a line; a line of ``left_out`` says why."""

    carried: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __add__(self, other: LossReport) -> LossReport:
        """Return both reports as one; a line that both have stands once."""
        return LossReport(
            *(tuple(dict.fromkeys((*getattr(self, n), *getattr(other, n)))) for n, _ in _HEADS)
        )

    def text(self) -> str:
        """Return the report as text, a heading a list; an empty list says 'nothing'."""
        lines: list[str] = []
        for name, head in _HEADS:
            lines.append(f"{head}:")
            lines += [f"  - {line}" for line in getattr(self, name)] or ["  nothing"]
        return "\n".join(lines)
