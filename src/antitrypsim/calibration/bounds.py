"""Acceptance bounds: between what each statistic of a target must lie, and what that rests on.

One table, ``targets/bounds.csv``, holds them; a study only computes the statistics.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from antitrypsim.evidence.registry import TARGET_COLUMNS, TARGETS
from antitrypsim.evidence.tables import read_lines, read_rows
from antitrypsim.foundations.errors import EvidenceError, UnitError, nearest
from antitrypsim.foundations.units import parse_unit

BOUNDS = TARGETS.with_name("bounds.csv")
COLUMNS = (
    "target", "check", "basis", "published", "se", "within", "low", "high", "unit", "note",
)  # fmt: skip

Basis = Literal["published", "tolerance", "chosen", "reported"]
"""What bounds rest on: an interval that was published, a tolerance about a published value, the
judgement of whoever set the target, or nothing, where the number is only reported."""

_WITHIN = re.compile(
    r"(?:(?P<number>[\d.]+)(?P<unit> %| SE)?|factor (?P<factor>[\d.]+))( below| above)?"
)
_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
# Of a published number's words, the columns of a target that may hold it.
_WORDS = ("quantity", "population", "value", "uncertainty", "conditions")


@dataclass(frozen=True)
class Bound:
    """One row: a statistic of a target passes between ``low`` and ``high``, infinite where open."""

    target: str
    check: str
    basis: Basis
    low: float
    high: float
    unit: str
    note: str

    def __str__(self) -> str:
        return f"{self.check} {told(self.low, self.high)}"


def told(low: float, high: float) -> str:
    """Return bounds in words: ``0.4 to 0.9``, ``at least 1.5``, ``at most 0``, ``reported``."""
    if low == -math.inf and high == math.inf:
        return "reported"
    if high == math.inf:
        return f"at least {low:.4g}"
    if low == -math.inf:
        return f"at most {high:.4g}"
    return f"{low:.4g} to {high:.4g}"


@cache
def bounds() -> Mapping[str, Mapping[str, Bound]]:
    """Return the packaged bounds by target and check."""
    return load_bounds(BOUNDS, read_rows(TARGETS, TARGET_COLUMNS))


def load_bounds(
    path: Path, targets: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Bound]]:
    """Read a table of bounds; ``targets`` are the rows of ``targets.csv`` by id.

    Raises:
        EvidenceError: a row breaks a rule, names no target, or contradicts what was published; it
            names path, line and check.
    """
    found: dict[str, dict[str, Bound]] = {}
    for line, row in read_lines(path, COLUMNS):
        own = found.setdefault(row["target"], {})
        try:
            if row["target"] not in targets:
                raise ValueError(f"no target '{row['target']}'{nearest(row['target'], [*targets])}")
            if row["check"] in own:
                raise ValueError("the check stands twice; give each a name of its own")
            own[row["check"]] = _bound(row, targets[row["target"]])
        except (ValueError, UnitError) as problem:
            key = f"{row['target']} {row['check']}".strip()
            raise EvidenceError(str(problem), path=str(path), line=line, key=key) from None
    return found


def _bound(row: Mapping[str, str], target: Mapping[str, str]) -> Bound:
    """Return the bound of a row; raise ValueError for one that breaks a rule."""
    if not row["check"].strip():
        raise ValueError("the check has no name")
    if row["basis"] not in get_args(Basis):
        raise ValueError(f"no basis '{row['basis']}'; it is one of {', '.join(get_args(Basis))}")
    basis = cast(Basis, row["basis"])
    parse_unit(row["unit"])
    words = " ".join(target[column] for column in _WORDS)
    _said(row["published"], words)
    _said(row["se"], words)
    published = value_of(row["published"]) if row["published"] else None
    if (basis == "tolerance") != bool(row["within"]):
        raise ValueError("'within' is for the basis 'tolerance', which needs it")
    if basis == "tolerance":
        if published is None or row["low"] or row["high"]:
            raise ValueError("a tolerance needs 'published', and neither 'low' nor 'high'")
        low, high = around(published, row["within"], float(row["se"]) if row["se"] else None)
    else:
        low = float(row["low"]) if row["low"] else -math.inf
        high = float(row["high"]) if row["high"] else math.inf
    if (basis == "reported") != (low == -math.inf and high == math.inf):
        raise ValueError("bounds that are open on both sides are 'reported', and no others")
    if basis == "published":
        _said(row["low"], words)
        _said(row["high"], words)
    if not low < high:
        raise ValueError(f"the bounds {low:g} and {high:g} hold nothing between them")
    if published is not None and not low <= published <= high:
        raise ValueError(f"the published {published:g} does not lie {told(low, high)}")
    return Bound(row["target"], row["check"], basis, low, high, row["unit"], row["note"])


def _said(cell: str, words: str) -> None:
    """Raise ValueError for a number of a cell that the target's words do not hold, sign apart."""
    known = {float(number) for number in _numbers(words)}
    for number in _numbers(cell):
        if float(number) not in known:
            raise ValueError(f"{number} does not stand in the row of the target in targets.csv")


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def around(value: float, within: str, se: float | None = None) -> tuple[float, float]:
    """Return the bounds about a published value; ``se`` is its published standard error.

    ``within``: ``10 %`` of the value, ``0.15`` in its unit, ``2 SE`` or ``factor 1.6``; with
    ``below`` behind it the bounds are open above, with ``above`` they are open below. To 15 digits,
    so that 0.7 about 4.6 begins at 3.9. Raises ValueError for another word.
    """
    said = _WITHIN.fullmatch(within)
    if not said:
        raise ValueError(
            f"'{within}' is no tolerance; write it like '10 %', '0.15', '2 SE' or 'factor 1.6'"
        )
    if said["factor"]:
        low, high = sorted((value / float(said["factor"]), value * float(said["factor"])))
    else:
        size = float(said["number"])
        if said["unit"] == " %":
            size *= abs(value) / 100
        elif said["unit"] == " SE":
            if se is None:
                raise ValueError(f"'{within}' needs the published standard error in 'se'")
            size *= se
        low, high = value - size, value + size
    low, high = (float(f"{bound:.15g}") for bound in (low, high))
    if within.endswith(" below"):
        return low, math.inf
    return (-math.inf, high) if within.endswith(" above") else (low, high)


def value_of(text: str) -> float:
    """Return a number, or what is reckoned from numbers by + - * / ^ and brackets.

    Raises ValueError for anything else.
    """
    try:
        return _reckon(ast.parse(text.replace("^", "**"), mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"'{text}' is no number and nothing that can be reckoned") from None


def _reckon(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(cast(float, node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_reckon(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_reckon(node.left), _reckon(node.right))
    raise ValueError(f"'{ast.unparse(node)}' is no number")
