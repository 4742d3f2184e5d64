"""From one's own data to a posterior: runs of the protocol's arms, emulators, sampling, and draws that are lived."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.file import Origin, Posterior, base_hash, therapy_hashes
from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.calibration.posterior.normal import Normal, standard
from antitrypsim.calibration.posterior.psis import smoothed
from antitrypsim.calibration.posterior.smc import effective, sample
from antitrypsim.calibration.posterior.surface import shrunk_covariance
from antitrypsim.calibration.posterior.waves import Wave, open_runs, run_wave
from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.fitting.data import TrialData, read_trial
from antitrypsim.experiments.fitting.found import NOBODYS, Change, Check, Fit, Seen, Used, middle_of
from antitrypsim.experiments.fitting.likelihood import (
    PeopleLikelihood,
    likelihood_on,
    lived_likelihood,
)
from antitrypsim.experiments.fitting.lived import PERCENTILES, REPLICAS, Adjusted, Evaluation, Scene
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.random import generator, normals
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.unknowns import Unknown, unknowns_of

POSTERIOR = "posterior.parquet"
PARTICLES, MOVES, LAST_MOVES = 1000, 20, 150
LEAST_RUNS, LEAST_PEOPLE, LEAST_CHECKED = 40, 50, 25
_BAND = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class Plan:
    """How much is run: ``waves`` of ``runs`` in ``people`` an arm, then ``checked`` draws in as many; ``draws`` are kept.

    Raises InputError for what cannot be.
    """

    waves: int = 2
    runs: int = 120
    people: int = 300
    checked: int = 60
    draws: int = 1000

    def __post_init__(self) -> None:
        whole(self.waves, "waves", 1)
        for name, least in (
            ("runs", LEAST_RUNS), ("people", LEAST_PEOPLE), ("checked", LEAST_CHECKED), ("draws", 20),
        ):  # fmt: skip
            if whole(getattr(self, name), name) < least:
                raise InputError(f"{getattr(self, name)} {name} are too few; take {least} or more")
        if self.draws > PARTICLES:
            raise InputError(f"{self.draws:,} draws cannot be kept; up to {PARTICLES:,} can")
        if self.checked > self.draws:
            raise InputError(f"{self.checked} draws cannot be checked of {self.draws}; check as many or fewer")  # fmt: skip

    @property
    def cost(self) -> str:
        """What it will cost, in words."""
        return (
            f"{so_many(self.waves, 'wave')} of {self.runs:,} runs in {self.people:,} people, then {self.checked:,} draws "
            "of the posterior in as many"
        )

    @property
    def lives(self) -> int:
        """How often the arms are lived."""
        return self.waves * self.runs + self.checked


@dataclass(frozen=True, eq=False)
class Known:
    """What is known before the data: scores of ``names`` as a normal, and those of them that a model has, ``unknowns`` by place.

    Of a posterior ``start`` is the hash, ``therapies`` those of its equations, ``bent`` the score whose draws lie
    farthest from a normal, with the largest distance of the distribution functions; ``words`` name it.
    """

    names: tuple[str, ...]
    unknowns: tuple[Unknown, ...]
    places: np.ndarray
    before: Normal
    priors: dict[str, str]
    start: str = ""
    therapies: Mapping[str, str] = field(default_factory=dict)
    bent: tuple[str, float] | None = None
    words: str = "the prior"


def known_before(unknowns: tuple[Unknown, ...], posterior: Posterior | None) -> Known:
    """Return what is known before: each unknown by itself, or a posterior's draws as a normal.

    Correlations of its draws are shrunk as far as so few of them know them; what it does not hold is drawn from the prior.
    """
    own = {u.id: u.prior_hash for u in unknowns}
    held = {} if posterior is None else dict(posterior.priors)
    priors = held | {id: each for id, each in own.items() if id not in held}
    names = tuple(priors)
    before = standard(len(names))
    if posterior is not None:
        k = len(held)
        middle = posterior.scores.mean(axis=0)
        covariance = before.covariance.copy()
        covariance[:k, :k] = shrunk_covariance(posterior.scores - middle)
        before = Normal(np.concatenate([middle, np.zeros(len(names) - k)]), covariance)
    column = {name: k for k, name in enumerate(names)}
    places = np.array([column[u.id] for u in unknowns], dtype=np.int64)
    if posterior is None:
        return Known(names, unknowns, places, before, priors)
    return Known(
        names, unknowns, places, before, priors, posterior.content_hash, posterior.origin.therapies, bent(posterior)
    )  # fmt: skip


def bent(posterior: Posterior) -> tuple[str, float]:
    """Return the unknown whose draws lie farthest from a normal of their mean and SD, and by how much.

    The distance is the largest one of the two distribution functions.
    """
    from scipy.special import ndtr

    n = len(posterior)
    sd = posterior.scores.std(axis=0, ddof=1)
    z = np.sort(
        (posterior.scores - posterior.scores.mean(axis=0)) / np.where(sd > 0, sd, 1.0), axis=0
    )
    normal = ndtr(z)
    steps = np.arange(n + 1)[:, None] / n
    far = np.maximum(steps[1:] - normal, normal - steps[:-1]).max(axis=0)
    # What does not vary is no distribution.
    worst = int(np.argmax(np.where(sd > 0, far, 0.0)))
    return list(posterior.priors)[worst], float(far[worst])


def _start(asked: str | Path | Posterior | None, model: Model) -> tuple[Posterior | None, str]:
    """Return the posterior that a fit begins with, and where it is from in words."""
    if isinstance(asked, Posterior):
        return asked, "the posterior that you gave"
    known = Knowledge.read(asked).fitting(model)
    if known.posterior is None:
        return None, "the prior"
    return (
        known.posterior,
        "the packaged posterior" if known.packaged else "the posterior that you gave",
    )


def fit(
    data: str | Path | TrialData,
    protocol: str | Path | Protocol,
    *,
    posterior: str | Path | Posterior | None = None,
    subjects: str | Path | None = None,
    out: str | Path | None = None,
    plan: Plan | None = None,
    settings: Settings = DEFAULT,
    first: Callable[[float], None] = lambda seconds: None,
) -> Fit:
    """Return what one's own trial or cohort teaches of what is unknown of the population.

    ``data`` is a file as ``read_trial`` reads it (``subjects`` an ADSL beside it); ``protocol`` says who was enrolled and what the arms were given.
    What was known before is the packaged posterior, another ``posterior`` (taken as a normal of its draws), or for 'prior' the prior. ``out`` is a folder of the runs, which goes on after a stop with the same bytes,
    and of ``posterior.parquet``; without it nothing is kept. ``first`` is told how many seconds a run takes. Raises InputError for
    data, a protocol or a folder that do not go together, RunError where the data are like nobody's in the model or nothing can be lived.
    """
    how(settings)
    plan = plan or Plan()
    plan_of = protocol if isinstance(protocol, Protocol) else load_protocol(protocol)
    whole_data = data if isinstance(data, TrialData) else read_trial(data, plan_of, subjects)
    if any(plan_of.by_person(arm.id) for arm in plan_of.arms):
        raise InputError("single participants of the protocol are given otherwise; leave out 'persons' and 'records'")  # fmt: skip
    model = build_model(therapies=plan_of.therapies())
    start, words = _start(posterior, model)
    if start is not None:
        start.check(model)
    unknowns = unknowns_of((model,), widening=numbers.widening(), spread=numbers.of_spreads())
    known = replace(known_before(unknowns, start), words=words)
    scene = Scene(plan_of, model, whole_data, plan.people)
    if out is None:
        with tempfile.TemporaryDirectory() as place:
            return _found(Path(place), plan, scene, known, settings, first)
    return _found(Path(out), plan, scene, known, settings, first)


def _found(
    folder: Path, plan: Plan, scene: Scene, known: Known, settings: Settings, first: Callable[[float], None]
) -> Fit:  # fmt: skip
    data, seed = scene.data, settings.key
    open_runs(folder, {
        "kind": "fit",
        "data": data.content_hash,
        "protocol": scene.protocol.content_hash,
        "equations": scene.model.content_hash,
        "posterior": known.start,
        "people": plan.people,
        "seed": seed,
        "tolerance": settings.tolerance,
    })  # fmt: skip
    begun = monotonic()
    settings.tell("living the arms at typical values", 0, 1)
    adjusted = scene.adjusting(scene.live(None, replace(settings.silent(), seed=seed)))
    first(monotonic() - begun)
    common: dict[str, Any] = {
        "unknowns": known.unknowns, "people": plan.people, "seed": seed, "settings": settings,
    }  # fmt: skip
    asked = asked_of(scene, settings, adjusted)
    count = len(known.names)
    about, scores, waves = standard(count), [], []
    likelihood: PeopleLikelihood | None = None
    drawn = np.zeros((0, count))
    for number in range(1, plan.waves + 1):
        rows = np.arange(plan.runs, dtype=np.int64)
        streams = [normals(seed, f"fit wave {number} {name}", rows)[:, 0] for name in known.names]
        own = about.draws(np.stack(streams, axis=1))
        wave = run_wave(
            folder / f"wave-{number}", known.before.draws(own)[:, known.places], data=scene.labels(),
            evaluate=Evaluation(scene, adjusted), equations=asked, stage=f"wave {number} of {plan.waves}", **common,
        )  # fmt: skip
        scores.append(own)
        waves.append(wave)
        settings.tell(f"emulating wave {number}", 0, 1)
        likelihood = likelihood_on(data, scene, adjusted, scores, waves)
        settings.tell("weighing", 0, 1)
        last = number == plan.waves
        drawn = sample(
            likelihood, seed, particles=PARTICLES, moves=MOVES, last_moves=LAST_MOVES if last else MOVES,
            check=settings.check,
        ).draws  # fmt: skip
        about = _about(likelihood, drawn, count).widened()
    assert likelihood is not None
    kept_rows = generator(seed, "fit kept").permutation(len(drawn))[: plan.draws]
    kept = known.before.draws(drawn[kept_rows, :count])
    lived = run_wave(
        folder / "lived", kept[: plan.checked][:, known.places], data=(*scene.labels(), *scene.replicated()),
        evaluate=Evaluation(scene, adjusted, replicate=True),
        equations=content_hash([asked, data.content_hash]), stage="living the posterior", **common,
    )  # fmt: skip
    check = _check(scene, likelihood, drawn[kept_rows][: plan.checked], lived)
    nobodys = [e for e, p in check.by_endpoint if p * len(check.by_endpoint) < NOBODYS]
    if check.p < NOBODYS or nobodys:
        which = ", ".join(endpoint(e).title for e in nobodys) or "all endpoints together"
        if check.by_endpoint and not nobodys:
            farthest, _ = min(check.by_endpoint, key=lambda one: one[1])
            which += f", most of all {endpoint(farthest).title}"
        raise RunError(
            f"nobody in the model lives such data: trials of the people that come nearest lie as far from their own "
            f"course in fewer than {max(100 * min([check.p, *(p for _, p in check.by_endpoint)]), 0.01):.2g} % of cases ({which}); check "
            "units, arms, who was enrolled, and what was given"
        )
    origin = Origin(
        base_hash(), data.content_hash, plan.people, seed, plan.waves, plan.runs,
        check.k if np.isfinite(check.k) else None,
        {**known.therapies, **therapy_hashes((scene.model,))},
    )  # fmt: skip
    found = Posterior(known.priors, kept, origin)
    found.save(folder / POSTERIOR)
    every = (*waves, lived)
    return Fit(
        found, scene.protocol.id, known.start, used(data), _changes(known, drawn, likelihood, count),
        _seen(scene, lived), check, _emulated(scene, likelihood), sum(len(w.failed) for w in every), known.words, known.bent,
    )  # fmt: skip


def _about(likelihood: PeopleLikelihood, drawn: Floats, count: int) -> Normal:
    """Return a normal of draws; of scores that play no part it is the prior."""
    found = standard(count)
    active = likelihood.surface.active
    mean, covariance = found.mean.copy(), found.covariance.copy()
    mean[active] = drawn[:, active].mean(axis=0)
    covariance[np.ix_(active, active)] = np.atleast_2d(np.cov(drawn[:, active].T))
    return Normal(mean, covariance)


def _check(
    scene: Scene, likelihood: PeopleLikelihood, drawn: Floats, lived: Wave
) -> Check:  # fmt: skip
    """Return how the draws fare with people who really live them."""
    ok = lived.lived
    real = lived_likelihood(likelihood, scene, lived, drawn)[ok]
    weights, k = smoothed(real - likelihood.loglik(drawn[ok]))
    spread = drawn[ok].std(axis=0)
    moved = weights @ drawn[ok] - drawn[ok].mean(axis=0)
    shift = float(np.max(np.abs(moved[spread > 0]) / spread[spread > 0]))
    at = {d.check: j for j, d in enumerate(lived.data)}

    def p(name: str) -> float:
        return float((1 + lived.values[ok, at[f"as far {name}"]].sum()) / (1 + REPLICAS * len(ok)))

    return Check(
        len(ok), scene.people, k, effective(weights), shift, p(""), tuple((e, p(e)) for e in scene.endpoints)
    )  # fmt: skip


def _changes(known: Known, drawn: Floats, likelihood: PeopleLikelihood, count: int) -> tuple[Change, ...]:  # fmt: skip
    """Return what changed of every unknown of the model, what was learned most of first."""
    before, after = (
        known.before.draws(np.zeros((1, count)))[0],
        known.before.draws(drawn[:, :count]),
    )
    sd = np.sqrt(np.diag(known.before.covariance))
    grid = np.linspace(-4, 4, 801)
    weights = np.exp(-0.5 * grid**2) / np.exp(-0.5 * grid**2).sum()
    idle = np.isin(np.arange(count), likelihood.surface.active, invert=True)
    idle &= known.start == ""
    found = []
    for one, k in zip(known.unknowns, known.places, strict=True):
        old = one.values(before[k] + sd[k] * grid)
        old_mean = float(weights @ old)
        old_sd = float(np.sqrt(weights @ (old - old_mean) ** 2))
        new = one.values(after[:, k])
        low, middle, high = (float(x) for x in np.percentile(new, _BAND))
        mean, own = middle_of(new)
        moved, left = (
            float((after[:, k].mean() - before[k]) / sd[k]),
            float(after[:, k].std(ddof=1) / sd[k]),
        )
        if idle[k]:
            # Nothing that was seen depends on it: what draws differ by is chance.
            moved, left, mean, own = 0.0, 1.0, old_mean, old_sd
        found.append(
            Change(one.id, one.meaning, one.grade, one.unit, old_mean, old_sd, mean, own, low, middle, high, moved, left)
        )  # fmt: skip
    return tuple(sorted(found, key=lambda row: (row.left - abs(row.moved), row.id)))


def used(data: TrialData) -> Used:
    """Return who takes part with what."""
    seen = np.isfinite(data.values)
    ends = dict.fromkeys((c.endpoint for c in data.columns), 0)
    for j, column in enumerate(data.columns):
        ends[column.endpoint] += int(seen[:, j].sum())
    possible = sum(data.of(k)[0].size * data.of(k)[1].size for k in range(len(data.arms)))
    return Used(
        tuple((arm, int((data.arm == k).sum())) for k, arm in enumerate(data.arms)), tuple(ends.items()),
        int(data.below.sum()), possible - int(seen.sum()),
        None if data.died is None else int(data.died.sum()), tuple(data.covariates), data.left,
    )  # fmt: skip


def _seen(scene: Scene, lived: Wave) -> tuple[Seen, ...]:
    data = scene.data
    ok = lived.lived
    at = {d.check: j for j, d in enumerate(lived.data)}
    found = []
    for arm, name in enumerate(data.arms):
        who, columns = data.of(arm)
        for j, column in enumerate(columns):
            own = data.values[who, column]
            own = own[np.isfinite(own)]
            what = data.columns[column]
            parts = [lived.values[ok, at[f"{arm} {p:g} {j}"]] for p in PERCENTILES]
            bands = np.stack([np.nanpercentile(part, _BAND) for part in parts], axis=1)
            low, middle, high = (tuple(map(float, what.plain(row))) for row in bands)
            seen = tuple(map(float, what.plain(np.percentile(own, PERCENTILES))))
            found.append(Seen(name, what.endpoint, what.day, own.size, seen, low, middle, high))
    return tuple(found)


def _emulated(scene: Scene, likelihood: PeopleLikelihood) -> tuple[tuple[str, float, float], ...]:
    """Return by endpoint the largest error of an emulated mean and what the people of that arm leave open, in SDs between people."""
    error = likelihood.shared @ likelihood.shared.T
    found: dict[str, tuple[float, float]] = {}
    first = 0
    for arm, group in enumerate(likelihood.groups):
        own = (
            group.root
            @ error[first : first + group.size, first : first + group.size]
            @ group.root.T
        )
        whole = group.root @ group.root.T
        first += group.size
        for j, column in enumerate(scene.columns(arm)):
            people = sum(p.count for p in group.patterns if j in (*p.seen, *p.below))
            share = float(np.sqrt(own[j, j] / whole[j, j])), float(people**-0.5)
            found[column.endpoint] = max(found.get(column.endpoint, share), share)
    return tuple((e, *both) for e, both in sorted(found.items()))


def asked_of(scene: Scene, settings: Settings, adjusted: Adjusted) -> str:
    """Return a hash of what runs depend on but the values that they are lived with: of the data who is where, and not what was seen."""
    data = scene.data
    return content_hash([
        scene.model.content_hash, scene.protocol.content_hash, settings.key, settings.tolerance, data.arms,
        [[[c.endpoint, c.day] for c in scene.columns(k)] for k in range(len(data.arms))], data.followed,
        [*data.covariates], adjusted.middle, *adjusted.slopes,
    ])  # fmt: skip
