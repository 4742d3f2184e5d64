"""Between which numbers one key of a design file may choose, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass

from antitrypsim.protocols.plannable import MOST_VALUE

MOST_PARTICIPANTS = 100_000
"""The most participants of a trial that is drawn."""


@dataclass(frozen=True, slots=True)
class Limit:
    """From ``low`` to ``high``; ``what`` is counted; why there is nothing ``below`` or ``above``."""

    low: float
    high: float
    what: str
    below: str = ""
    above: str = ""

    def sentence(self, value: float) -> str:
        """Return what is wrong with a value outside."""
        why = self.below if value < self.low else self.above
        return f"{_told(value)} cannot be; {self.words()} can" + (f": {why}" if why else "")

    def words(self) -> str:
        """Return the limits in words."""
        return f"{_told(self.low)} to {_told(self.high)}{' ' if self.what else ''}{self.what}"


UNIT = "in the unit of the endpoint"
BEYOND = "no endpoint reaches beyond"
VALUE = Limit(-MOST_VALUE, MOST_VALUE, UNIT, BEYOND, BEYOND)
"""Of a value, a change or an effect of an endpoint."""
PEOPLE = Limit(
    2, MOST_PARTICIPANTS, "participants", "a comparison takes two",
    "more do not fit into memory, and no trial of a rare disease has them",
)  # fmt: skip
"""Of a number of participants."""


def _told(value: float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return f"{value:g}"
    if not math.isfinite(value) or abs(value) >= 1e12:
        # More digits than anybody counts.
        return f"{float(value):.3g}"
    return f"{int(value):,}"
