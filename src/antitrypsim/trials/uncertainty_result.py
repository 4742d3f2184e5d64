"""What the unknown does to the effects of a trial, beside how people differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.uncertainty.variance_shares import Shares

if TYPE_CHECKING:
    import pandas as pd

KIND = "uncertainty"
Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EffectUncertainty:
    """One effect with its two spreads, in ``unit``.

    ``reference`` is None for an arm's own change from baseline, or own rate of events. ``typical``:
    mean over people at typical values; ``people``: 5th and 95th percentile of their own effects
    there; ``uncertainty``: those of the mean over the draws; ``better``: the share of draws in which
    the effect is a benefit, None where there is no good direction and where no draw tells an effect.
    """

    endpoint: str
    title: str
    unit: str
    arm: str
    reference: str | None
    visit: str | None
    day: float
    typical: float | None
    people: Band | None
    uncertainty: Band | None
    better: float | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What decides the primary answer for one comparison; ``why`` says why ``shares`` is missing."""

    effect: EffectUncertainty
    shares: Shares | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrialUncertainty:
    """A trial's effects with both spreads, and what decides the primary one.

    ``people`` of the ``enrolled`` lived every draw. ``meanings`` says what the deciding parameters
    are, ``source`` from which posterior draws came; nothing where each parameter was drawn by itself.
    """

    draws: int
    people: int
    enrolled: int
    seed: int
    effects: tuple[EffectUncertainty, ...]
    decisions: tuple[Decision, ...]
    meanings: Mapping[str, str]
    source: str = ""

    def rows(self) -> list[Plain]:
        """Return tidy rows with the keys of a trial's, and ``people_lower``, ``_upper``, ``better``."""
        none = (None, None)
        return [
            {
                "arm": effect.arm, "contrast": effect.reference, "endpoint": effect.endpoint,
                "visit": effect.visit, "n": self.people, "estimate": effect.typical, "se": None,
                "lower": (effect.uncertainty or none)[0], "upper": (effect.uncertainty or none)[1],
                "people_lower": (effect.people or none)[0],
                "people_upper": (effect.people or none)[1],
                "better": effect.better, "plan": None, "analysis": KIND, "primary": False,
                "unit": effect.unit or "1", "scale": "absolute",
            }
            for effect in self.effects
        ]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row an effect."""
        import pandas as pd

        return pd.DataFrame([asdict(effect) for effect in self.effects])

    def to_dict(self) -> Plain:
        """Return plain data; ``from_dict`` reads it back."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": KIND,
            "draws": self.draws,
            "people": self.people,
            "enrolled": self.enrolled,
            "seed": self.seed,
            "effects": [_spreads_to(effect) for effect in self.effects],
            "decisions": [
                {
                    "effect": _spreads_to(one.effect),
                    "shares": one.shares.to_dict() if one.shares else None,
                    "why": one.why,
                }
                for one in self.decisions
            ],
            "meanings": dict(self.meanings),
            **({"source": self.source} if self.source else {}),
        }

    @classmethod
    def from_dict(cls, data: Plain) -> TrialUncertainty:
        """Rebuild from ``to_dict``; raise InputError for another kind or schema."""
        if data.get("kind") != KIND or data.get("schema") != SCHEMA_VERSION:
            raise InputError(f"this is no uncertainty of schema {SCHEMA_VERSION}")
        return cls(
            data["draws"], data["people"], data["enrolled"], data["seed"],
            tuple(_spreads_from(one) for one in data["effects"]),
            tuple(
                Decision(
                    _spreads_from(one["effect"]),
                    Shares.from_dict(one["shares"]) if one["shares"] else None,
                    one["why"],
                )
                for one in data["decisions"]
            ),
            data["meanings"],
            str(data.get("source", "")),
        )  # fmt: skip


def _spreads_to(effect: EffectUncertainty) -> Plain:
    bands = {k: list(v) if (v := getattr(effect, k)) else None for k in ("people", "uncertainty")}
    return {**asdict(effect), **bands}


def _spreads_from(data: Plain) -> EffectUncertainty:
    bands = {k: tuple(data[k]) if data[k] else None for k in ("people", "uncertainty")}
    return EffectUncertainty(**{**data, **bands})
