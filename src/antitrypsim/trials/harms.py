"""Harms by arm, and what of them the same people would not have had under the reference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling.explain.chain import following, shortest
from antitrypsim.simulation.event_times import COMPOSITES
from antitrypsim.therapies import build_model, therapies_in
from antitrypsim.trials.randomisation import leaving_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antitrypsim.modelling import Model
    from antitrypsim.simulation.regimen import Regimen
    from antitrypsim.simulation.results import Results
    from antitrypsim.trials.trial import Trial

DISEASE_EVENTS = (
    "exacerbation", "decompensation", "carcinoma", "death_lung", "death_liver", "death_other",
    "lung_transplantation", "liver_transplantation",
    *COMPOSITES,
)  # fmt: skip
"""Events that are outcomes of the disease and have endpoints of their own, not harms."""


@dataclass(frozen=True)
class Harm:
    """One kind of harm in one arm, until people leave, die or the trial ends.

    ``affected`` of ``people`` had at least one of ``events`` in ``years`` person-years.
    ``expected`` is how many events these same people have under the arm ``reference`` in
    ``expected_years``, with the same chance; None in the reference itself and where there is none.
    """

    event: str
    title: str
    arm: str
    people: int
    affected: int
    events: int
    years: float
    reference: str | None
    expected: int | None
    expected_years: float | None

    @property
    def rate(self) -> float:
        """Events per person-year; NaN where nobody was watched."""
        return self.events / self.years if self.years > 0 else math.nan

    @property
    def attributable(self) -> int | None:
        """Events more than the same people have under the reference; negative for fewer."""
        return None if self.expected is None else self.events - self.expected

    @property
    def attributable_rate(self) -> float | None:
        """Events per person-year more than in the same people under the reference."""
        if self.expected is None or self.expected_years is None:
            return None
        before = self.expected / self.expected_years if self.expected_years > 0 else math.nan
        return self.rate - before


def reference_arm(trial: Trial) -> str | None:
    """Return the arm without any treatment, or else the reference of the primary analysis.

    None where there is one arm.
    """
    arms = trial.protocol.arms
    if len(arms) < 2:
        return None
    untreated = [arm.id for arm in arms if not arm.treatment]
    compared = trial.protocol.endpoints.primary.compare or [arm.id for arm in arms]
    return untreated[0] if untreated else list(compared)[-1]


def harms(trial: Trial) -> tuple[Harm, ...]:
    """Return every kind of harm in every arm, deaths last."""
    processes = [
        name for name in next(iter(trial.truth.values())).events if name not in DISEASE_EVENTS
    ]
    titles = event_titles()
    reference = reference_arm(trial)
    ids, seed = trial.cohort.people.ids, trial.provenance.seed
    leave = np.minimum(
        leaving_days(trial.protocol, ids, trial.arms, seed), trial.protocol.length_days
    )
    found = []
    for process in sorted(processes, key=lambda name: name == "death"):
        for arm in trial.protocol.arms:
            own = trial.arms == arm.id
            counts, years = _lived(trial.truth[arm.id], process, own, leave)
            expected = expected_years = None
            if reference is not None and arm.id != reference:
                others, expected_years = _lived(trial.truth[reference], process, own, leave)
                expected = int(others.sum())
            found.append(
                Harm(
                    event=process,
                    title=titles.get(process, process.replace("_", " ").capitalize()),
                    arm=arm.id,
                    people=int(own.sum()),
                    affected=int((counts > 0).sum()),
                    events=int(counts.sum()),
                    years=years,
                    reference=None if expected is None else reference,
                    expected=expected,
                    expected_years=expected_years,
                )
            )
    return tuple(found)


def harm_events(model: Model) -> tuple[str, ...]:
    """Return the events of a model that are harms, deaths last."""
    own = [line.name for line in model.hazards if line.name not in DISEASE_EVENTS]
    return (*(name for name in own if name != "death"), "death")


def not_modelled(regimen: Regimen, *, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the harms to which nothing in the model leads from what is given, deaths left out.

    Such a harm differs from no treatment in nobody, whatever the truth about the therapy is.
    ``without`` are mechanisms that are switched off.
    """
    # Another therapy's cells would lead on to harms of theirs, were they there.
    model = build_model(therapies=therapies_in(regimen.names), without=without)
    graph = following(model)
    ends = {line.name: line.accumulator.name for line in model.hazards}
    return tuple(
        event
        for event in harm_events(model)[:-1]
        if not any(shortest(graph, name, ends[event]) for name in regimen.names)
    )


def not_modelled_words(events: Sequence[str]) -> str:
    """Return the sentence on harms to which nothing in the model leads; '' where there are none."""
    if not events:
        return ""
    titles = event_titles()
    return (
        "The model holds no way from it to "
        f"{', '.join(titles.get(event, event).lower() for event in events)}: that none is "
        "attributed to it says nothing about whether it causes them, and where rates differ it is for "
        "the years that people live to be at risk."
    )


def event_titles() -> dict[str, str]:
    """Return what each event process is called."""
    return {e.output: e.title for e in ENDPOINTS.values() if e.kind != "measurement"}


def most_if_none(years: float) -> float:
    """Return the rate per person-year at which none in ``years`` would be seen once in twenty."""
    return -math.log(0.05) / years if years > 0 else math.inf


def _lived(
    course: Results, process: str, own: NDArray[np.bool_], leave: NDArray[np.float64]
) -> tuple[NDArray[np.int64], float]:
    """Return the events of each of the ``own`` people under a course, and their person-years."""
    death = course.events["death"][own, 0, 0]
    last = np.fmin(death, leave[own])
    days = course.events[process][own, 0]
    counts = ((days > 0) & (days <= last[:, None])).sum(axis=1)
    return counts, float(last.sum()) / YEAR
