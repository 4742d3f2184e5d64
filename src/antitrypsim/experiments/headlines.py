"""What of a comparison is worth telling first: decided here, said in reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison, TherapyEffect

MEASURED = ("serum_aat", "density", "fev1", "stiffness", "sgrq")
EVENTS = ("infection", "death")
TELLING = 0.05
"""An event is told from this effect per 100 person-years on: half its last decimal."""

EXPLAINED = ("serum_aat", "density", "fev1", "stiffness")
"""The outcomes of which one is told what decides it."""

_MOST_DECIMALS = 2


def decimals(outcome: str) -> int:
    """Return how many decimals an effect is told with: of a measurement up to 2, of an event 1."""
    what = ENDPOINTS.get(outcome)
    return min(what.decimals, _MOST_DECIMALS) if what and what.kind == "measurement" else 1


def headlines(found: Comparison, therapy: str) -> tuple[TherapyEffect, ...]:
    """Return a therapy's effects of the last year that lead: events only if it moves them."""
    last = found.years[-1]
    events = [found.of(therapy, outcome, last) for outcome in EVENTS]
    return (
        *(found.of(therapy, outcome, last) for outcome in MEASURED),
        *(effect for effect in events if abs(effect.told) >= TELLING),
    )


def headline_outcomes(found: Comparison) -> tuple[str, ...]:
    """Return the outcomes that lead for any of the therapies."""
    told = {e.outcome for name in found.therapies for e in headlines(found, name)}
    return tuple(outcome for outcome in (*MEASURED, *EVENTS) if outcome in told)


def clearest(found: Comparison, therapy: str) -> str | None:
    """Return the outcome on which the last year's effect stands out most from what is unknown of it.

    None where no share of variance is known or nothing has an effect.
    """
    best, most = None, 0.0
    for outcome in EXPLAINED:
        effect = found.of(therapy, outcome, found.years[-1])
        if (therapy, outcome) not in found.shares or effect.uncertainty is None:
            continue
        width = max(effect.uncertainty[1] - effect.uncertainty[0], 0.5 * 10 ** -decimals(outcome))
        if abs(effect.told) / width > most:
            best, most = outcome, abs(effect.told) / width
    return best
