"""Bayesian logistic regression model with escalation with overdose control (BLRM, EWOC).

The next cohort's dose by how likely each dose is to be too toxic.
Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.escalation._posterior import Posterior, posterior
from antitrypsim.statistics.escalation.base import (
    Escalated,
    EscalationState,
    Stopped,
    numbers,
    whole,
)

Counts = NDArray[np.int64]

TARGET = (0.16, 0.33)
OVERDOSE = 0.25
MEAN = (math.log(0.5), 0.0)
"""Assumption: a risk of one third at the reference dose and a slope of one, at the prior median."""
SD = (2.0, 1.0)
"""Assumption, weakly informative: 95% of the prior risks at the reference dose from 0.01 to 0.96,
and of the slopes from 0.14 to 7.1."""
ENOUGH = 6
"""Assumption: the people at a dose that are enough to recommend it."""


@dataclass(frozen=True, slots=True)
class RiskPrior:
    """What is believed of risk and dose before anybody is given any.

    The model is logit risk = log alpha + beta log(dose / ``reference``), the highest dose where that
    is None, with a bivariate normal prior on (log alpha, log beta) of ``mean``, ``sd`` and
    ``correlation``.
    """

    mean: tuple[float, float] = MEAN
    sd: tuple[float, float] = SD
    correlation: float = 0.0
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class OverdoseControl:
    """When a dose is admissible, recommended, and when there is an end.

    ``target``: the interval of risks that is sought; ``overdose``: the posterior chance of a risk
    above it from which a dose is not admissible; ``enough``: people at a dose that are enough to
    recommend it; ``most``: people who may enter, None for all there are.
    """

    target: tuple[float, float] = TARGET
    overdose: float = OVERDOSE
    enough: int = ENOUGH
    most: int | None = None


def escalate(
    toxic: ArrayLike,
    *,
    doses: Sequence[float],
    cohort: int = 3,
    start: int = 0,
    rule: OverdoseControl = OverdoseControl(),
    prior: RiskPrior = RiskPrior(),
) -> Escalated:
    """Escalate by a Bayesian logistic regression in every replicate.

    ``toxic`` (R, n, D), bool: whether the k-th person to enter would have a dose-limiting toxicity
    under each of ``doses``, which ascend, in any one unit. The first ``cohort`` gets the
    dose of index ``start`` whatever the ``prior`` says of it. After each cohort a dose is admissible
    where the posterior chance of a risk above the target is below ``rule.overdose``, and it lies at
    most one above the highest given so far; the next cohort gets the admissible dose with the largest
    chance of a risk within the target, the lower at a tie.

    A replicate stops with no dose selected where none is admissible; with the next dose selected
    where ``rule.enough`` people already had it; and once ``rule.most`` people (the last cohort
    may be smaller) have entered, with the best admissible of the doses that were given, or none.
    Method: Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420. The prior, the target and
    ``enough`` are assumptions to be set for each trial. Raises ``InputError``.
    """
    course = EscalationState(toxic, cohort, start)
    most = _most(rule, course.people)
    if len(doses) != course.doses:
        raise InputError(f"there are toxicities under {course.doses} doses, not {len(doses)}")
    model = model_of(doses, rule.target, prior)
    highest = np.full(len(course.at), start)
    while course.open.size and course.entered < most:
        course.enter(min(cohort, most - course.entered))
        rows = course.open
        highest[rows] = np.maximum(highest[rows], course.at[rows])
        _decide(course, model, rule, highest[rows], last=course.entered == most)
    course.stop(np.ones(course.open.size, dtype=bool), Stopped.FULL, course.at[course.open])
    return course.result()


def _most(rule: OverdoseControl, people: int) -> int:
    """Return how many of ``people`` may enter; InputError for a rule that cannot be."""
    most = people if rule.most is None else whole(rule.most, "the largest number of people")
    if not 1 <= most <= people:
        raise InputError(f"at most {people} people can enter, and at least 1, not {most}")
    if whole(rule.enough, "the people that are enough") < 1:
        raise InputError(f"a dose is recommended after at least one person, not {rule.enough}")
    if not 0 < numbers(rule.overdose, "the chance of an overdose") <= 1:
        raise InputError(f"the chance of an overdose must lie between 0 and 1, not {rule.overdose}")
    return most


def _decide(
    course: EscalationState, model: Posterior, rule: OverdoseControl, highest: Counts, *, last: bool
) -> None:
    """Choose the next dose of every open replicate, and close those that are done.

    ``highest``: the highest dose given so far; ``last``: whether nobody may enter any more.
    """
    rows = course.open
    given, harmed = course.given[rows], course.harmed[rows]
    inside, above = _of_each(model, given, harmed)
    within = np.where(above < rule.overdose, inside, -1.0)
    if last:
        within = np.where(given > 0, within, -1.0)
    else:
        within[np.arange(course.doses) > highest[:, None] + 1] = -1.0
    best = within.argmax(axis=1)
    none = within.max(axis=1) < 0
    # At the end a dose not given may yet be admissible, so that not all were too toxic.
    lost = none & (above >= rule.overdose).all(axis=1) if last else none
    course.at[rows] = np.where(none, -1, best)
    reached = ~none & (given[np.arange(rows.size), best] >= rule.enough)
    course.stop(lost, Stopped.TOXIC)
    reached = reached[~lost]
    course.stop(reached, Stopped.FOUND, course.at[course.open[reached]])


def chances(
    given: ArrayLike,
    harmed: ArrayLike,
    *,
    doses: Sequence[float],
    target: tuple[float, float] = TARGET,
    prior: RiskPrior = RiskPrior(),
) -> NDArray[np.float64]:
    """Return the posterior chances that the risk at each dose is below, in and above ``target``.

    ``given``, ``harmed`` (T, D): in each of T tables, people, and people with a toxicity, at each
    dose. Result (3, T, D). Errors as ``escalate``.
    """
    n, x = np.asarray(given, dtype=np.int64), np.asarray(harmed, dtype=np.int64)
    if n.ndim != 2 or n.shape != x.shape or n.shape[1] != len(doses):
        raise InputError("the counts of people and of toxicities need a column for each dose")
    if np.any((x < 0) | (x > n)):
        raise InputError("people with a toxicity must be counted among the people at their dose")
    return model_of(doses, target, prior).chances(n, x)


def model_of(doses: Sequence[float], target: tuple[float, float], prior: RiskPrior) -> Posterior:
    """Check the doses, the target and the prior, and build the grid of the posterior."""
    values = numbers(doses, "doses")
    target = _pair(target, "target must be two risks that ascend between 0 and 1")
    mean = _pair(prior.mean, "prior needs the means of two logarithms")
    sd = _pair(prior.sd, "prior needs two standard deviations above 0")
    correlation = float(numbers(prior.correlation, "the prior's correlation"))
    reference = prior.reference
    if values.ndim != 1 or not np.all(np.isfinite(values)) or np.any(values <= 0):
        raise InputError("doses must be numbers above 0")
    if np.any(np.diff(values) <= 0):
        raise InputError("doses must ascend, each above the one before")
    if not 0 < target[0] < target[1] < 1:
        raise InputError(f"the target must be two risks that ascend between 0 and 1, not {target}")
    centre = float(values[-1] if reference is None else numbers(reference, "the reference dose"))
    if not 0 < centre < math.inf:
        raise InputError(f"the reference dose must be above 0, not {reference}")
    if not all(math.isfinite(m) for m in mean):
        raise InputError(f"the prior needs the means of two logarithms, not {mean}")
    if not all(0 < s < math.inf for s in sd):
        raise InputError(f"the prior needs two standard deviations above 0, not {sd}")
    if not -1 < correlation < 1:
        raise InputError(f"the prior's correlation must lie between -1 and 1, not {correlation}")
    return posterior(np.log(values / centre), target, mean, sd, correlation)


def _pair(values: Sequence[float], asked: str) -> tuple[float, float]:
    found = numbers(values, f"the values of '{asked.split()[0]}'").ravel()
    if len(found) != 2:
        raise InputError(f"the {asked}, not {values}")
    return float(found[0]), float(found[1])


def _of_each(
    model: Posterior, given: Counts, harmed: Counts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the chances in and above the target; each table of counts is worked out once."""
    tables, back = np.unique(np.concatenate([given, harmed], axis=1), axis=0, return_inverse=True)
    doses = given.shape[1]
    _, inside, above = model.chances(tables[:, :doses], tables[:, doses:])
    back = back.ravel()
    return inside[back], above[back]
