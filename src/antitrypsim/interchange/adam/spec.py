"""What a data set is: its variables with label and origin, and its values; ASCII, short, in range."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from antitrypsim.foundations.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.interchange.loss import LossReport

MOMENT = "1960-01-01T00:00:00"
"""What stands for the time of writing: a run has no clock, and the same run gives the same bytes."""

Kind = Literal["text", "integer", "float"]
Origin = Literal["Assigned", "Derived"]

LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 8, 40, 200
LARGEST, SMALLEST = 4.5e74, 1e-78
"""The ends of the numbers that an XPT file holds and its readers give back: IBM's have a first digit
below 16**62 and above 16**-65; beyond, infinity or 0 is written without a word."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_ASCII = str.maketrans(
    {
        "µ": "u", "μ": "u", "²": "2", "³": "3", "·": "*", "×": "x", "–": "-", "—": "-", "−": "-",
        "’": "'", "‘": "'", "“": '"', "”": '"', "≤": "<=", "≥": ">=", "±": "+/-", "°": " deg",
        "…": "...", "→": "->", "α": "alpha", "β": "beta", "γ": "gamma", "ß": "ss", "æ": "ae",
        "ø": "o",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """One variable: ``how`` says in words how it is derived; ``listed`` whether its values are few words."""

    name: str
    label: str
    kind: Kind = "text"
    how: str = ""
    listed: bool = False

    @property
    def origin(self) -> Origin:
        """Derived where ``how`` says how, assigned by the simulation otherwise."""
        return "Derived" if self.how else "Assigned"


Column = tuple[Variable, Any]
"""A variable and its values, one a row; text '' and numbers NaN where there is none."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """One data set: ``frame`` holds ``variables`` as columns in their order.

    ``kind`` is its class in Define-XML, ``structure`` what a row is, ``keys`` what tells rows apart.
    """

    name: str
    label: str
    kind: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    frame: pd.DataFrame

    def values(self, name: str) -> list[str | int | float | None]:
        """Return the values of a variable as plain ones, None where there is none."""
        kind = next(v.kind for v in self.variables if v.name == name)
        found = self.frame[name].tolist()
        if kind == "text":
            return [value or None for value in found]
        whole = kind == "integer"
        return [None if v != v else int(v) if whole else v for v in found]


@dataclass(frozen=True, eq=False)
class Study:
    """The data sets of a trial and what every file of them says.

    ``arms`` are the title of each arm by id, ``oid`` tells this run from any other.
    """

    id: str
    title: str
    oid: str
    notices: tuple[str, ...]
    arms: dict[str, str]
    datasets: tuple[Dataset, ...]
    report: LossReport


def dataset(
    name: str, label: str, kind: str, structure: str, keys: Sequence[str], columns: Sequence[Column]
) -> Dataset:
    """Return a checked data set; raise InputError for what an XPT file would spoil without a word."""
    import numpy as np
    import pandas as pd

    _named(name, name, label)
    values: dict[str, Any] = {}
    for variable, given in columns:
        _named(name, variable.name, variable.label)
        if variable.kind == "text":
            texts = [_text(name, variable.name, k, v) for k, v in enumerate(given)]
            values[variable.name] = pd.Series(texts, dtype=object)
            continue
        # 0.0 is added so that no negative zero is written, which not every reader gives back.
        numbers = np.asarray(given, dtype=np.float64) + 0.0
        _in_range(name, variable, numbers)
        values[variable.name] = numbers
    frame = pd.DataFrame(values)
    frame = frame.sort_values(list(keys), kind="stable", ignore_index=True)
    return Dataset(name, label, kind, structure, tuple(keys), tuple(v for v, _ in columns), frame)


def ascii_of(text: str) -> str:
    """Return text in pure ASCII, 'µ' as 'u'; raise InputError for a letter that has no such form."""
    found = unicodedata.normalize("NFKD", text.translate(_ASCII))
    found = "".join(mark for mark in found if not unicodedata.combining(mark))
    bad = next((mark for mark in found if not " " <= mark <= "~"), None)
    if bad is not None:
        raise InputError(
            f"'{shown(text)}' holds {bad!a}, which has no form in ASCII, and data sets are "
            "written in ASCII; write it in Latin letters"
        )
    return found.strip()


def short(text: str, most: int = LONGEST_LABEL) -> str:
    """Return ASCII text of at most so many bytes, its end cut off."""
    found = ascii_of(text)
    return found if len(found) <= most else found[: most - 3].rstrip() + "..."


def _named(dataset: str, name: str, label: str) -> None:
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise InputError(
            f"'{shown(name)}' cannot be a name in an XPT file; up to {LONGEST_NAME} capital letters "
            "and digits can",
            key=dataset,
        )
    if len(label) > LONGEST_LABEL or ascii_of(label) != label:
        raise InputError(
            f"the label '{shown(label)}' is not ASCII of at most {LONGEST_LABEL} bytes", key=dataset
        )


def _text(dataset: str, name: str, row: int, value: object) -> str:
    if value is None or value != value:
        return ""
    found = ascii_of(str(value))
    if len(found) > LONGEST_TEXT:
        raise InputError(
            f"row {row + 1}: the text of '{name}' has {len(found)} bytes; up to {LONGEST_TEXT} can be",
            key=dataset,
        )
    return found


def _in_range(dataset: str, variable: Variable, numbers: Any) -> None:
    import numpy as np

    size = np.abs(numbers)
    bad = ~np.isnan(numbers) & (numbers != 0) & ~((size >= SMALLEST) & (size <= LARGEST))
    if variable.kind == "integer":
        bad |= ~np.isnan(numbers) & (numbers != np.round(numbers))
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"row {row + 1}: {numbers[row]:g} of '{variable.name}' cannot stand in an XPT file; "
            + (
                "a whole number can"
                if variable.kind == "integer"
                else f"numbers from {SMALLEST:.2g} to {LARGEST:.2g} and 0 can"
            ),
            key=dataset,
        )
