"""What was measured: each published statistic with its error, and what is accepted of the model.

One table, ``targets/measured.csv``, has a row for each; a study only computes the statistics. What
is accepted follows from value and error by one rule (``intervals.py``), but for rows that say
otherwise, and why.
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

from antitrypsim.calibration.intervals import Error, Statistical, error_of
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence.registry import TARGET_COLUMNS, TARGETS
from antitrypsim.evidence.tables import read_lines, read_rows
from antitrypsim.foundations.errors import EvidenceError, UnitError, nearest
from antitrypsim.foundations.units import base_units

MEASURED = TARGETS.with_name("measured.csv")
COLUMNS = (
    "target", "check", "statistic", "value", "unit", "n", "error", "when", "noise", "accept", "why",
)  # fmt: skip

Kind = Literal["within", "reported", "not covered yet"]
"""What is asked of a simulated statistic: to lie within an interval, nothing, or nothing as yet."""

_ACCEPT = re.compile(
    r"at least (?P<least>N)|at most (?P<most>N)|above (?P<above>N)|(?P<low>N) to (?P<high>N)"
    r"|(?P<percent>N) %|within (?P<within>N)|(?P<se>N) SE|factor (?P<factor>N)".replace(
        "N", r"-?\d+(?:\.\d+)?"
    )
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
class Measured:
    """One row: a statistic that was published, and between what the model's is accepted.

    ``value`` is NaN where none was published, ``low`` and ``high`` are infinite where open. ``error``
    is the published error, ``printed`` its words. ``noise`` is the endpoint whose measurement noise
    is in the number, or ``true``. ``why`` says why what is accepted does not follow from the error.
    """

    target: str
    check: str
    statistic: Statistical
    value: float
    unit: str
    n: int | None
    error: Error | None
    printed: str
    when: str
    noise: str
    kind: Kind
    low: float
    high: float
    why: str

    def __str__(self) -> str:
        return f"{self.check} {self.accepted}"

    @property
    def accepted(self) -> str:
        """What is accepted, in words: ``0.4 to 0.9``, ``at least 1.5``, ``reported``."""
        return told(self.low, self.high) if self.kind == "within" else self.kind

    @property
    def published(self) -> str:
        """The published value with its error, in words; nothing where none was published."""
        of = f" of {self.n:,}" if self.error is not None and self.error.needs_n else ""
        error = f"{self.printed}{of}"
        if math.isnan(self.value):
            return error
        return f"{self.value:.4g}" + (f" ({error})" if error else "")

    def distance(self, value: float, error: float) -> float:
        """Return how far a simulated value lies from the published one, in standard errors of both.

        NaN where no value or no standard error was published.
        """
        if self.error is None or math.isnan(self.value):
            return math.nan
        return self.error.distance(self.value, value, error)


def told(low: float, high: float) -> str:
    """Return an interval in words: ``0.4 to 0.9``, ``at least 1.5``, ``at most 0``, ``reported``."""
    if low == -math.inf and high == math.inf:
        return "reported"
    if high == math.inf:
        return f"at least {low:.4g}"
    if low == -math.inf:
        return f"at most {high:.4g}"
    return f"{low:.4g} to {high:.4g}"


@cache
def measured() -> Mapping[str, Mapping[str, Measured]]:
    """Return the packaged rows by target and check."""
    return load_measured(MEASURED, read_rows(TARGETS, TARGET_COLUMNS))


def load_measured(
    path: Path, targets: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Measured]]:
    """Read a table of what was measured; ``targets`` are the rows of ``targets.csv`` by id.

    Raises:
        EvidenceError: a row breaks a rule, names no target, or contradicts what was published; it
            names path, line and check.
    """
    found: dict[str, dict[str, Measured]] = {}
    for line, row in read_lines(path, COLUMNS):
        own = found.setdefault(row["target"], {})
        try:
            if row["target"] not in targets:
                raise ValueError(f"no target '{row['target']}'{nearest(row['target'], [*targets])}")
            if row["check"] in own:
                raise ValueError("the check stands twice; give each a name of its own")
            own[row["check"]] = _row(row, targets[row["target"]])
        except (ValueError, UnitError) as problem:
            key = f"{row['target']} {row['check']}".strip()
            raise EvidenceError(str(problem), path=str(path), line=line, key=key) from None
    return found


def _row(row: Mapping[str, str], target: Mapping[str, str]) -> Measured:
    """Return one row; raise ValueError for one that breaks a rule."""
    if not row["check"].strip():
        raise ValueError("the check has no name")
    known = get_args(Statistical)
    if row["statistic"] not in known:
        hint = nearest(row["statistic"], known) or f"; it is one of {', '.join(known)}"
        raise ValueError(f"no statistic '{row['statistic']}'{hint}")
    statistic = cast(Statistical, row["statistic"])
    base_units(row["unit"])
    if row["noise"] != "true" and row["noise"] not in ENDPOINTS:
        hint = nearest(row["noise"], ["true", *ENDPOINTS]) or "; write 'true' where none is in it"
        raise ValueError(f"no endpoint '{row['noise']}' whose noise could be in it{hint}")
    n = _people(row["n"])
    error = error_of(row["error"], statistic, percent=row["unit"] == "percent")
    words = " ".join(target[column] for column in _WORDS)
    # A rank has no published number: it is how many of the published order hold.
    said = [row["error"]] if statistic == "order" else [row["value"], row["error"]]
    if error is not None and error.needs_n:
        if n is None:
            raise ValueError(f"'{row['error']}' needs to know of how many people, in 'n'")
        said.append(row["n"])
        error = error.of(n)
    for cell in said:
        _said(cell, words)
    value = value_of(row["value"]) if row["value"] else math.nan
    kind, low, high = _accepted(row, statistic, value, error)
    if not low < high:
        raise ValueError(f"what is accepted, {low:g} to {high:g}, holds nothing")
    if math.isfinite(value) and not low <= value <= high:
        raise ValueError(f"the published {value:g} does not lie {told(low, high)}")
    return Measured(
        row["target"], row["check"], statistic, value, row["unit"], n, error, row["error"],
        row["when"], row["noise"], kind, low, high, row["why"],
    )  # fmt: skip


def _people(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[1-9]\d*", cell):
        raise ValueError(f"'{cell}' is no number of people, in 'n'")
    return int(cell)


def _accepted(
    row: Mapping[str, str], statistic: Statistical, value: float, error: Error | None
) -> tuple[Kind, float, float]:
    """Return what is asked, and the interval: by the row's own words, or by the one rule."""
    accept = row["accept"]
    if bool(accept) != bool(row["why"].strip()):
        raise ValueError("'accept' is for exceptions and needs a 'why', which nothing else has")
    if accept in ("reported", "not covered yet"):
        return cast(Kind, accept), -math.inf, math.inf
    if accept:
        return "within", *around(value, accept, error)
    if statistic == "order":
        return "within", value, math.inf
    if error is None:
        raise ValueError("no error is published, so say in 'accept' what is accepted, and why")
    low, high = error.interval(value)
    if math.isnan(low):
        raise ValueError(f"'{row['error']}' is about a value, and there is none")
    return "within", low, high


def _said(cell: str, words: str) -> None:
    """Raise ValueError for a number of a cell that the target's words do not hold, sign apart."""
    known = {float(number) for number in _numbers(words)}
    for number in _numbers(cell.replace("95 % CI", "")):
        if float(number) not in known:
            raise ValueError(f"{number} does not stand in the row of the target in targets.csv")


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))


def around(value: float, accept: str, error: Error | None = None) -> tuple[float, float]:
    """Return the interval that ``accept`` says, about a published value where it speaks of one.

    ``0.28 to 0.84``, ``at least 1.5``, ``at most 0``, ``above 0`` (and not 0), or about the value:
    ``10 %`` of it, ``within 0.15`` in its unit, ``2 SE`` of its error, ``factor 1.6``. To 15 digits,
    so that 0.7 about 4.6 begins at 3.9. Raises ValueError for other words.
    """
    said = _ACCEPT.fullmatch(accept)
    if not said:
        raise ValueError(
            f"'{accept}' does not say what is accepted; write it like '0.3 to 0.8', 'at least 1.5', "
            "'10 %', 'within 0.15', '2 SE', 'factor 1.6', 'reported' or 'not covered yet'"
        )
    number = {key: float(text) for key, text in said.groupdict().items() if text}
    (word,) = {key for key in number if key != "high"}
    if word == "low":
        return number["low"], number["high"]
    if word in ("least", "above"):
        edge = number[word]
        return (edge if word == "least" else math.nextafter(edge, math.inf)), math.inf
    if word == "most":
        return -math.inf, number["most"]
    if math.isnan(value):
        raise ValueError(f"'{accept}' is about a published value, and there is none in 'value'")
    size = number[word]
    if word == "factor":
        low, high = sorted((value / size, value * size))
    else:
        if word == "percent":
            size *= abs(value) / 100
        elif word == "se":
            if error is None or math.isnan(error.se):
                raise ValueError(f"'{accept}' needs a published standard error in 'error'")
            size *= error.se
        low, high = value - size, value + size
    return float(f"{low:.15g}"), float(f"{high:.15g}")


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
