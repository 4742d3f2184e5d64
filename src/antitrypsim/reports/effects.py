"""Compute: the same person under every arm, from the trial's true courses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import endpoint
from antitrypsim.reports.numbers import decimals_for
from antitrypsim.reports.results import arm_labels, contrast_label, visit_labels

if TYPE_CHECKING:
    from antitrypsim.trials.trial import Trial


@dataclass(frozen=True)
class TrialEffect:
    """How an endpoint differs in the same people under two arms, at the last visit it is read.

    ``sd``, ``low`` and ``high`` (5th and 95th percentile) tell how people differ, not how well the
    mean is known. ``gain`` is the share of people for whom ``arm`` is the better of the two.
    """

    endpoint: str
    title: str
    unit: str
    arm: str
    reference: str
    label: str
    when: str
    day: float
    n: int
    mean: float
    sd: float
    low: float
    high: float
    gain: float
    decimals: int
    values: NDArray[np.float64]


def pairs(trial: Trial) -> list[tuple[str, str]]:
    """Return the arms that the primary analysis compares, the reference second."""
    protocol = trial.protocol
    arms = list(protocol.endpoints.primary.compare or [arm.id for arm in protocol.arms])
    return [(arm, arms[-1]) for arm in arms[:-1]]


def true_effects(trial: Trial) -> tuple[TrialEffect, ...]:
    """Return the true effect on every measured endpoint, the primary endpoint first."""
    protocol = trial.protocol
    labels, visits, days = arm_labels(protocol), visit_labels(protocol), protocol.visit_days()
    ids = [protocol.endpoints.primary.endpoint, *(a.endpoint for a in protocol.assessments)]
    found = []
    for id in dict.fromkeys(ids):
        what = endpoint(id)
        at = protocol.assessment_visits(id)
        if what.kind != "measurement" or not at:
            continue
        for arm, reference in pairs(trial):
            times = trial.truth[arm].times
            index = int(np.argmin(np.abs(times - days[at[-1]])))
            values = trial.true_effect(id, arm, reference)[:, index]
            values = values[np.isfinite(values)]
            if not values.size:
                continue
            sign = 1 if what.better == "higher" else -1
            low, high = np.percentile(values, [5, 95])
            sd = float(values.std(ddof=1)) if values.size > 1 else 0.0
            found.append(
                TrialEffect(
                    endpoint=id, title=what.title, unit=what.unit, arm=arm, reference=reference,
                    label=contrast_label(arm, reference, labels, "absolute"),
                    when=visits[at[-1]], day=days[at[-1]], n=int(values.size),
                    mean=float(values.mean()), sd=sd, low=float(low), high=float(high),
                    gain=float((sign * values > 0).mean()),
                    decimals=decimals_for(what.decimals, sd), values=values,
                )
            )  # fmt: skip
    return tuple(found)
