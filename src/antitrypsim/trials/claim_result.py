"""What comes of a claimed result that is worked backwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from antitrypsim.foundations.plain import Plain, plain


@dataclass(frozen=True, slots=True)
class Needed:
    """The value that an unknown would have to have: ``score`` is in prior standard deviations.

    ``low`` and ``high`` bound 95 % of its prior, ``median`` is its typical value; ``part`` is its
    share of the squared distance of a combination, 1 for an unknown alone.
    """

    parameter: str
    meaning: str
    unit: str
    grade: str
    median: float
    low: float
    high: float
    score: float
    value: float
    part: float


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claimed result worked backwards.

    ``gain`` and ``change`` are the true means at typical values, ``span`` the middle 95 % of the
    gain over ``draws`` from what is unknown, of which ``hits`` reach the claim. ``alone``: each unknown that reaches it by itself within 8
    prior SDs, nearest first; ``moving`` is how many move the result at all, of ``unknowns``.
    ``distance`` is that of the most plausible combination (0 where the typical values reach, None
    where none was found), ``chance`` its tail probability, ``together`` what carries it. ``source`` says
    where the draws came from.
    """

    claim: str
    claim_text: str
    words: str
    stated: bool
    arm: str
    endpoint: str
    title: str
    measure: str
    unit: str
    visit: str | None
    day: float
    value: float
    people: int
    gain: float
    change: float
    span: tuple[float, float]
    draws: int
    hits: int
    unknowns: int
    moving: int
    alone: tuple[Needed, ...]
    distance: float | None
    chance: float
    together: tuple[Needed, ...]
    verdict: str
    evidence: bool = False
    source: str = ""

    def to_dict(self) -> Plain:
        """Return plain data, None for what is no number."""
        return dict(plain(asdict(self)))

    def row(self) -> Plain:
        """Return it as a tidy row of results: the gain, its span, and all else under one key."""
        return {
            "arm": self.arm,
            "endpoint": self.endpoint,
            "visit": self.visit,
            "n": self.people,
            "estimate": self.gain,
            "se": None,
            "lower": self.span[0],
            "upper": self.span[1],
            "plan": None,
            "analysis": "backwards",
            "primary": False,
            "unit": self.unit,
            "scale": "absolute",
            "backwards": self.to_dict(),
        }
