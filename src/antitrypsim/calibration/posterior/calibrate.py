"""From targets to a posterior: waves, emulators, two samplers, the truth check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.calibration import (
    Calibration,
    apart,
    best_known_first,
    checked,
    learned,
    predicted_by,
    predicted_in,
)
from antitrypsim.calibration.posterior.data import CALIBRATE, VALIDATE, Datum, data_hash, data_of
from antitrypsim.calibration.posterior.emulate import Fit, emulate
from antitrypsim.calibration.posterior.evaluate import (
    Evaluate,
    equations_hash,
    evaluate,
    models_of,
)
from antitrypsim.calibration.posterior.file import Origin, Posterior, base_hash, therapy_hashes
from antitrypsim.calibration.posterior.gaussian import linear_update
from antitrypsim.calibration.posterior.hmc import sample_along_slopes
from antitrypsim.calibration.posterior.normal import FIRST, standard
from antitrypsim.calibration.posterior.profile import profile
from antitrypsim.calibration.posterior.smc import PARTICLES, sample
from antitrypsim.calibration.posterior.trades import trades
from antitrypsim.calibration.posterior.truth import truth_of
from antitrypsim.calibration.posterior.waves import (
    Wave,
    kept_scores,
    open_runs,
    run_wave,
    scores_of,
    wave_scores,
)
from antitrypsim.foundations.arguments import different, whole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.random import generator
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.uncertainty.unknowns import Unknown, unknowns_of

Floats = NDArray[np.float64]

LEAST_RUNS = 40
PROFILES = 5
POSTERIOR = "posterior.parquet"


@dataclass(frozen=True)
class Plan:
    """How much is run: ``waves`` of ``runs`` in ``people``, then ``checked`` draws in ``checked_people``, twice.

    ``draws`` are kept; ``only`` names targets that may choose values, all if empty; without ``spreads``
    how far people differ is taken as the model has it. Raises InputError for what cannot be.
    """

    waves: int = 3
    runs: int = 150
    people: int = 500
    checked: int = 100
    checked_people: int = 2000
    draws: int = 1000
    only: tuple[str, ...] = ()
    spreads: bool = True

    def __post_init__(self) -> None:
        whole(self.waves, "waves", 1)
        if whole(self.runs, "runs") < LEAST_RUNS:
            raise InputError(
                f"{so_many(self.runs, 'run')} cannot carry an emulator; take {LEAST_RUNS} or more"
            )
        for name in ("people", "checked_people"):
            if whole(getattr(self, name), name) < 20:
                raise InputError(
                    f"{getattr(self, name)} people are too few to read targets from; take 20 or more"
                )
        whole(self.checked, "checked", 0)
        if not 20 <= whole(self.draws, "draws") <= PARTICLES:
            raise InputError(f"{self.draws} draws cannot be kept; between 20 and {PARTICLES:,} can")
        if self.checked > self.draws:
            raise InputError(
                f"{self.checked} draws cannot be checked of {self.draws}; check as many or fewer"
            )
        object.__setattr__(self, "only", tuple(different(self.only, "only")) if self.only else ())

    @property
    def cost(self) -> str:
        """What it will cost, in words."""
        words = f"{so_many(self.waves, 'wave')} of {self.runs:,} runs in {self.people:,} people"
        if self.checked:
            words += (
                f", then {self.checked:,} draws of the posterior in {self.checked_people:,} others, once to put the "
                "emulators right and once to check them"
            )
        return words


@dataclass(frozen=True)
class Problem:
    """What is asked of which unknowns: data, those of validation apart, and hashes."""

    unknowns: tuple[Unknown, ...]
    data: tuple[Datum, ...]
    validated: tuple[Datum, ...]
    equations: str
    base: str
    therapies: Mapping[str, str] = field(default_factory=dict)


def problem_of(plan: Plan) -> Problem:
    """Return the packaged problem; raise InputError as ``data_of``."""
    data = data_of(CALIBRATE, plan.only)
    models = models_of({d.target for d in data})
    spread = numbers.of_spreads() if plan.spreads else None
    unknowns = unknowns_of(models, widening=numbers.widening(), spread=spread)
    validated = () if plan.only else data_of(VALIDATE)
    return Problem(
        unknowns, data, validated, equations_hash(models), base_hash(), therapy_hashes(models)
    )


def calibrate(
    folder: str | Path,
    plan: Plan | None = None,
    *,
    problem: Problem | None = None,
    evaluate: Evaluate = evaluate,
    settings: Settings = DEFAULT,
    first: Callable[[float], None] = lambda seconds: None,
) -> Calibration:
    """Return the joint posterior of what is unknown, and write it to ``posterior.parquet`` in a folder.

    Runs that the folder holds are taken as they are, so that the same call goes on after a stop and
    gives the same bytes. ``problem`` and ``evaluate`` stand in for the packaged targets and their simulation;
    ``first`` is told how many seconds a run took. Raises InputError for a folder of another calibration,
    RunError where nothing can be emulated, Cancelled where ``settings`` say so.
    """
    how(settings)
    plan = plan or Plan()
    problem = problem or problem_of(plan)
    place = Path(folder)
    open_runs(place, {
        "kind": "calibration",
        "equations": problem.equations,
        "people": plan.people,
        "seed": settings.key,
        "tolerance": settings.tolerance,
        "targets": sorted({d.target for d in problem.data}),
        "unknowns": len(problem.unknowns),
    })  # fmt: skip
    common: dict[str, Any] = {
        "unknowns": problem.unknowns, "seed": settings.key, "evaluate": evaluate,
        "settings": settings, "first": first, "equations": problem.equations,
        "data": problem.data, "people": plan.people,
    }  # fmt: skip
    waves: list[Wave] = []
    groups = [u.group for u in problem.unknowns]
    count = len(groups)

    def drawn_for_wave() -> Floats:
        about = standard(count, FIRST)
        if waves:
            settings.tell(f"emulating wave {len(waves)}", 0, 1)
            about = linear_update(emulate(waves, groups).likelihood).widened()
        return wave_scores(problem.unknowns, len(waves) + 1, plan.runs, settings.key, about)

    def live(name: str, runs: int, draw: Callable[[], Floats], **options: Any) -> Wave:
        scores = kept_scores(scores_of(place / name), runs, count, draw)
        return run_wave(place / name, scores, **common | options)

    for number in range(1, plan.waves + 1):
        stage = f"wave {number} of {plan.waves}"
        waves.append(live(f"wave-{number}", plan.runs, drawn_for_wave, stage=stage))
    settings.tell("emulating", 0, 1)
    fit, check = Fit.to(waves, groups), settings.check
    # Particles are of one weight and in no order that matters; the first of these are kept.
    order = generator(settings.key, "posterior kept").permutation(PARTICLES)

    def drawn_for_others() -> Floats:
        settings.tell("sampling, for other people to live", 0, 1)
        found = sample(fit.emulated().likelihood, settings.key, check=check)
        return found.draws[order[: plan.checked]]

    elsewhere = None
    if plan.checked:
        elsewhere = live(
            f"others-{_tag(waves)}", plan.checked, drawn_for_others, own="run",
            people=plan.checked_people, stage="other people live the posterior",
        )  # fmt: skip
        fit = fit.put_right(elsewhere)
    emulated = fit.emulated()
    settings.tell("sampling", 0, 4)
    likelihood = emulated.likelihood
    drawn = sample(likelihood, settings.key, check=check).draws
    settings.tell("sampling", 1, 4)
    again = sample(likelihood, settings.key + 1, check=check).draws
    settings.tell("sampling", 2, 4)
    others = sample_along_slopes(likelihood, settings.key, check=check)
    settings.tell("sampling", 3, 4)
    best = np.argsort(drawn.std(axis=0), kind="stable")[:PROFILES]
    active = set(likelihood.surface.active.tolist())
    profiles = {int(k): profile(likelihood, int(k)).sd for k in best if int(k) in active}
    kept = drawn[order[: plan.draws]]
    truth, lived = None, None
    if elsewhere is not None:
        # Draws of the same posterior on another machine would do as well: those that were begun with are kept.
        lived = live(
            f"truth-{_tag([*waves, elsewhere])}", plan.checked, lambda: kept[: plan.checked],
            own="checked run", data=(*problem.data, *problem.validated),
            people=plan.checked_people, stage="living the posterior",
        )  # fmt: skip
        truth = truth_of(emulated, _of(lived, len(problem.data)), plan.checked_people)
    origin = Origin(
        problem.base, data_hash(problem.data), plan.people, settings.key, plan.waves, plan.runs,
        truth.k if truth is not None and np.isfinite(truth.k) else None, problem.therapies,
    )  # fmt: skip
    posterior = Posterior.of(problem.unknowns, kept, origin)
    posterior.save(place / POSTERIOR)
    told = best_known_first(checked(learned(problem.unknowns, drawn), others, again, profiles))
    noise = generator(settings.key, "emulator error").standard_normal(
        (len(kept), len(emulated.used))
    )
    every = [w for w in (*waves, lived) if w is not None]
    return Calibration(
        posterior=posterior,
        learned=told,
        trades=trades(problem.unknowns, drawn),
        predicted=predicted_in(problem.data, lived)
        if lived
        else predicted_by(emulated, kept, noise),
        validated=predicted_in(problem.validated, lived) if lived else (),
        quality=emulated.quality,
        truth=truth,
        samplers=apart(told, [problem.unknowns[k].id for k in sorted(active)]),
        failed=sum(len(w.failed) for w in every),
        failure=next((said for w in every for said in w.failed.values()), ""),
    )


def _tag(waves: Sequence[Wave]) -> str:
    """Return a name for what is drawn from the runs of some waves: other runs, other draws."""
    return content_hash([wave.scores for wave in waves])


def _of(wave: Wave, count: int) -> Wave:
    """Return the first data of a wave: those of validation play no part in what is decided."""
    return replace(
        wave, data=wave.data[:count], values=wave.values[:, :count], errors=wave.errors[:, :count]
    )
