"""Working backwards: what would have to be true for a claimed result, and how far that is.

The result is the true mean of the same people, without noise or regression to the mean. ``gain`` is
what the arm adds to what these people do untreated, and is what has to reach the claim; ``change``
is what they show from their baseline, untreated course included, and is told at typical values
only: under other values people drift from the states that they were enrolled in. A level is the people's untreated
mean at typical values plus what the arm adds; events are the expected rate against the untreated.
Every draw starts from the people as they were enrolled.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.endpoints import endpoint
from antitrypsim.evidence import load_registry
from antitrypsim.experiments.claim_simulation import ClaimSimulation
from antitrypsim.experiments.counterfactual import Experiment
from antitrypsim.modelling import Model
from antitrypsim.populations.cohorts import cohort as cohort_of
from antitrypsim.populations.enrol import Cohort
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.trials.claim_result import ClaimResult, Needed
from antitrypsim.uncertainty.reliability import (
    INNER,
    OUTER,
    alone,
    corner,
    movers,
    one_at_a_time,
    together,
)

PEOPLE = 40
DRAWS = 200
CARRIERS = 3
"""How many unknowns of the most plausible combination are named."""

CANNOT = "cannot happen in this model whatever the unknowns"
_VERDICTS = (
    (1.0, "within what is assumed"),
    (2.0, "possible"),
    (3.0, "unlikely"),
    (np.inf, "would contradict what is known"),
)
_NINETY_FIVE = np.array([-1.959964, 1.959964])

Floats = NDArray[np.float64]


def verdict_of(distance: float | None) -> str:
    """Return the verdict on a claim whose nearest combination lies so many prior SDs away."""
    if distance is None:
        return CANNOT
    return next(words for limit, words in _VERDICTS if distance <= limit)


def analyse_claims(
    protocol: Protocol,
    model: Model,
    people: People,
    *,
    draws: int = DRAWS,
    known: Knowledge = PRIOR,
    settings: Settings = DEFAULT,
) -> tuple[ClaimResult, ...]:
    """Return each claimed result of a protocol worked backwards, in the protocol's order.

    ``people`` have lived to day 0 in ``model`` with this tolerance; a few dozen suffice. Their
    seed keys the draws, which come from what is ``known``. Raises InputError for people who have not, Cancelled when the settings say so.
    """
    if not protocol.claimed:
        return ()
    here = Experiment(model, people, replace(settings, seed=people.seed, progress=None))
    bench = ClaimSimulation(protocol, here)
    stage, stages = "working backwards", len(protocol.claimed) + 1
    settings.tell(stage, 0, stages)
    count = len(bench.unknown)
    every = np.arange(count)
    start = bench.gaps(np.zeros((1, count)))[0]
    outer = bench.gaps(one_at_a_time(count, OUTER, every)).reshape(len(OUTER), count, -1)
    moving = np.stack([movers(start[c], outer[:, :, c]) for c in range(start.size)], axis=1)
    some = np.flatnonzero(moving.any(axis=1))
    inner = np.full((len(INNER), count, start.size), np.nan)
    if some.size:
        inner[:, some] = bench.gaps(one_at_a_time(count, INNER, some)).reshape(
            len(INNER), some.size, -1
        )
    prior = bench.results(known.draws(model, draws, people.seed))
    scores = np.array([*OUTER, *INNER])
    order = np.argsort(scores)
    scanned = np.concatenate([outer, inner])[order]
    found = []
    for c in range(start.size):
        settings.tell(stage, c + 1, stages)
        found.append(
            _answer(
                bench,
                c,
                start[c],
                scores[order],
                scanned[:, :, c],
                outer[:, :, c],
                moving[:, c],
                prior[:, c],
            )
        )
    settings.tell(stage, stages, stages)
    (said,) = known.said(model, draws)
    return tuple(replace(one, source=said) for one in found)


def analyse_trial_claims(
    protocol: Protocol,
    model: Model,
    cohort: Cohort,
    *,
    draws: int = DRAWS,
    known: Knowledge = PRIOR,
    settings: Settings = DEFAULT,
) -> tuple[ClaimResult, ...]:
    """Return a trial's claims worked backwards: in its first people, or in as many as it takes.

    A place's person does not depend on how many places there are, so that a small trial's people
    are among them. Cohort, seed and tolerance belong together. Raises as
    ``analyse_claims``, and RunError where nobody eligible is met.
    """
    if not protocol.claimed:
        return ()
    if len(cohort.people) < PEOPLE:
        cohort = cohort_of(model, protocol.population, PEOPLE, settings=settings.silent())
    people = cohort.people.take(np.arange(PEOPLE))
    return analyse_claims(protocol, model, people, draws=draws, known=known, settings=settings)


def _answer(
    bench: ClaimSimulation,
    c: int,
    typical: float,
    scores: Floats,
    scanned: Floats,
    outer: Floats,
    moving: NDArray[np.bool_],
    prior: Floats,
) -> ClaimResult:
    one = bench.claimed[c]
    found: tuple[Needed, ...] = ()
    carriers: tuple[Needed, ...] = ()
    distance: float | None = 0.0
    # Where nothing could be computed nothing is reached.
    if not typical >= 0:
        found, carriers, distance = _nearest(bench, c, typical, scores, scanned, outer, moving)
    gains = prior[:, 0]
    at_rest = bench.typical[c]
    toward = bench.toward[c]
    what = endpoint(one.endpoint)
    low, high = np.nanquantile(gains, [0.025, 0.975])
    return ClaimResult(
        claim=one.claim,
        claim_text=load_registry().claim(one.claim).claim,
        words=one.words,
        stated=one.stated,
        arm=one.arm,
        endpoint=one.endpoint,
        title=what.title,
        measure=one.measure,
        unit=one.unit,
        visit=one.visit,
        day=bench.day(one),
        value=one.value,
        people=len(bench.here.people),
        gain=float(at_rest[0]),
        change=float(at_rest[1]),
        span=(float(low), float(high)),
        draws=int(np.sum(np.isfinite(gains))),
        hits=int(np.sum(toward * (gains - one.value) >= 0)),
        unknowns=len(bench.unknown),
        moving=int(np.sum(moving)),
        alone=found,
        distance=distance,
        chance=_tail(distance),
        together=carriers,
        verdict=verdict_of(distance),
    )


def _nearest(
    bench: ClaimSimulation,
    c: int,
    typical: float,
    scores: Floats,
    scanned: Floats,
    outer: Floats,
    moving: NDArray[np.bool_],
) -> tuple[tuple[Needed, ...], tuple[Needed, ...], float | None]:
    """Return the unknowns that reach a claim alone, the chief ones of the nearest combination, its distance."""
    count = len(bench.unknown)

    def probe(rows: Floats) -> Floats:
        return np.asarray(bench.gaps(rows)[:, c])

    single = alone(probe, typical, scores, np.where(moving, scanned, np.nan))
    reach = np.flatnonzero(np.isfinite(single))
    nearest = reach[np.argsort(np.abs(single[reach]))]
    found = tuple(_needed(bench, k, single[k]) for k in nearest)
    starts = [np.zeros(count), corner(probe, typical, outer)]
    if nearest.size:
        starts = [np.zeros(count)]
        starts[0][nearest[0]] = single[nearest[0]]
    ends = [together(probe, start, moving) for start in starts]
    if nearest.size:
        ends.append(starts[0])
    point = min((end for end in ends if end is not None), key=np.linalg.norm, default=None)
    distance = None if point is None else float(np.linalg.norm(point))
    if point is None or not distance:
        return found, (), distance
    chief = np.argsort(-np.abs(point))[:CARRIERS]
    carriers = tuple(
        _needed(bench, k, point[k], float(point[k] ** 2 / distance**2)) for k in chief if point[k]
    )
    return found, carriers, distance


def _tail(distance: float | None) -> float:
    from scipy.special import ndtr

    return 0.0 if distance is None else float(ndtr(-distance))


def _needed(bench: ClaimSimulation, k: int, score: float, part: float = 1.0) -> Needed:
    """Return an unknown at a score, beside its prior."""
    p = bench.parameter(k)
    low, high = p.uncertainty.transform(p.value, _NINETY_FIVE)
    value = float(p.uncertainty.transform(p.value, np.array([score]))[0])
    return Needed(
        p.id, p.meaning, p.unit, p.grade, p.value, float(low), float(high), float(score),
        value, part,
    )  # fmt: skip
