"""A design on its library: how its data are analysed, what counts as a benefit, and what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Mask, Numbers, Reals
from antitrypsim.foundations.once import Once
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory import readings
from antitrypsim.laboratory.adjusting import people_of
from antitrypsim.laboratory.design_file.in_force import (
    alpha_of,
    columns_of,
    options_of,
    visits_used,
)
from antitrypsim.laboratory.effect import (
    better_sign,
    effect_unit,
    is_ratio,
    no_effect,
)
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.laboratory.replicates import Replicates, Truth
from antitrypsim.laboratory.sampler import Sampler
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block, Estimates

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.library import Library
    from antitrypsim.protocols import Protocol
    from antitrypsim.statistics.analysis._responders import Rule

_LOOKS = 24
_READINGS = 20_000
_SETTLED = 20_000
# A chunk of its own, so that what is true rests on nobody's trial.
_TRUTH_CHUNK = 1 << 40


class DesignSimulation:
    """One design, its library and its analysis.

    ``arms``: ids of the compared arms, the reference first. ``visits``: of the primary endpoint, by
    id, in days. ``end``: the day of the last reading that counts. ``alpha``: the two-sided type I
    error. ``drawn_from``: sentences on where draws of what is unknown came from.
    """

    def __init__(
        self,
        design: TrialDesign,
        protocol: Protocol,
        library: Library,
        drawn_from: tuple[str, ...] = (),
    ) -> None:
        self.design = design
        self.drawn_from = drawn_from
        self._known = Once()
        self.protocol = protocol
        self.library = library
        self.sampler = Sampler(library, design, protocol)
        self.plan = self.sampler.plan
        compared = self.sampler.compared
        self.arms = (compared[-1], *compared[:-1])
        self.visits = visits_used(design, protocol)
        self.analysis = ANALYSES[self.plan.analysis]
        self.participants = design.participants or protocol.participants
        self.alpha = alpha_of(design, protocol)
        if self.plan.visit is not None:
            last = self.visits[self.plan.visit]
            self.visits = {v: d for v, d in self.visits.items() if d <= last}
        what = endpoint(self.plan.endpoint)
        known = protocol.visit_days()
        whole = known[design.until] if design.until else protocol.length_days
        self.end = list(self.visits.values())[-1] if what.kind == "measurement" else whole

    @property
    def options(self) -> Plain:
        """The options of the primary analysis."""
        return options_of(self.design, self.protocol)

    @property
    def ratio(self) -> bool:
        """Whether the effect is a quotient."""
        return is_ratio(self.plan)

    @property
    def sign(self) -> float:
        """1 where a larger effect is better, -1 where a smaller one is."""
        return better_sign(self.plan)

    @property
    def nothing(self) -> float:
        """The effect of a treatment without effect."""
        return no_effect(self.plan)

    @property
    def held_against(self) -> float:
        """What a single arm's estimate is held against: its stated history, or the option's value."""
        return self.design.design.null_value(self.plan.options)

    @property
    def unit(self) -> str:
        """The unit of the effect."""
        return effect_unit(self.plan)

    def block(self, drawn: Replicates, *, until: Reals | None = None) -> Block:
        """Return the primary endpoint for analysis; ``until`` (R,) is the calendar day of a look."""
        found = readings.block(drawn, self.arms, self.plan.endpoint, self.visits, self.end, until)
        named = columns_of(self.options)
        if not named:
            return found
        covariates, factors = people_of(drawn, named)
        return replace(found, covariates=covariates, factors=factors)

    def analyse(self, block: Block, **options: Any) -> Estimates:
        """Return the primary analysis of each replicate; ``options`` replace the plan's."""
        said = {**self.options, **options}
        with np.errstate(all="ignore"):
            return self.analysis.many(block, level=1 - self.alpha, **said)

    def better(self, found: Estimates) -> Mask:
        """Return whether estimates point to a benefit."""
        return np.asarray(self.sign * (found.estimate - self.nothing) > 0)

    def claims(self, found: Estimates) -> tuple[Mask, Mask]:
        """Return which comparisons claim a benefit and which a harm."""
        with np.errstate(invalid="ignore"):
            significant = found.p <= self.alpha
        better = self.better(found)
        return significant & better, significant & ~better

    def matters(self, true: Reals) -> Mask:
        """Return whether true effects are at least the relevant one; any benefit if none is set."""
        relevant = self.design.relevant
        if relevant is None:
            return np.asarray(self.sign * (true - self.nothing) > 1e-9)
        return np.asarray(self.sign * (true - relevant) >= 0)

    def true_effects(self, drawn: Replicates) -> Reals:
        """Return the true effect in each replicate, (R, comparisons): over those who may take part.

        The mean over the library's people, or, after a screening, over those who passed it. NaN for
        analyses whose effect has no simple truth (a hazard ratio, an excess of events).
        """
        if self._changed:
            return self._settled(drawn.truth)[drawn.draw]
        own = self._own[drawn.truth.uncertain]
        if own is None:
            return np.full((len(drawn.draw), max(1, len(self.arms) - 1)), np.nan)
        places = [self.library.arms.index(a) for a in self.arms]
        if len(places) == 1:
            places = [self.library.untreated, *places]
        if drawn.truth.null:
            places = [places[0]] * len(places)
        screened = bool(self.sampler.screens)
        out = []
        for arm in places[1:]:
            out.append(self._effect(own, drawn, arm, places[0], screened))
        return np.stack(out, axis=1)

    @property
    def _changed(self) -> bool:
        """Whether what comes between changes what is asked."""
        return any(
            e.then is not None if e.strategy == "treatment-policy" else e.strategy != "hypothetical"
            for e in self.design.intercurrent
        )

    def _settled(self, truth: Truth) -> Reals:
        """Return the true effect by draw, (draws, comparisons), as the strategies ask for it.

        From many people who took part in each arm with the same chances, nobody leaving, read without
        noise (responders with it, since the noise makes some). NaN for events and counts.
        """
        return self._known.get(("settled", truth), lambda: self._settle(truth))

    def _settle(self, truth: Truth) -> Reals:
        courses = self.library.courses(uncertain=truth.uncertain)
        arms = self.arms if len(self.arms) > 1 else (self.sampler.reference, *self.arms)
        rows = courses.draws
        if endpoint(self.plan.endpoint).kind != "measurement":
            return np.full((rows, len(arms) - 1), np.nan)
        drawn = self.sampler.draw(_TRUTH_CHUNK, rows, _SETTLED if rows == 1 else 400, truth)
        noise = self.analysis.unit == "share"
        own = []
        for arm in arms:
            here = drawn.with_arms(np.full_like(drawn.arm, self.library.arms.index(arm)))
            # As if a hypothetical event did not come: what it hides in a trial is part of the truth.
            asked = tuple(b for b in here.between if b.said.strategy != "hypothetical")
            here = replace(here, leaves=np.full(here.shape, np.inf), between=asked)
            values = readings.values(here, self.plan.endpoint, self.visits, noise=noise)
            for one in here.between:
                if one.said.strategy == "principal-stratum":
                    values[one.ever] = np.nan
            if self.sampler.sloping:
                # A slope may rest on part of the visits where the strategy says so, not where
                # somebody dies.
                values[here.death <= self.end] = np.nan
            read = self.reading(values.astype(float), measured=noise)
            if read is None:
                return np.full((rows, len(arms) - 1), np.nan)
            own.append(np.stack([read, np.ones_like(read)], axis=-1))
        found = [self._contrast(np.stack([each, own[0]], axis=1)) for each in own[1:]]
        order = np.argsort(drawn.draw, kind="stable")
        return np.stack(found, axis=1)[order]

    def _effect(
        self, own: Reals, drawn: Replicates, arm: int, reference: int, chosen: bool
    ) -> Reals:
        if not chosen:
            # Everybody may take part, so a draw has one true effect, whoever came.
            whole = self._known.get(
                ("effect", drawn.truth.uncertain, arm, reference),
                lambda: self._contrast(own[:, [arm, reference]]),
            )
            return whole[drawn.draw]
        index = drawn.draw[:, None]
        return self._contrast(
            np.stack([own[index, a, drawn.person] for a in (arm, reference)], axis=1)
        )

    def _contrast(self, pair: Reals) -> Reals:
        """Return the effect in each row of (rows, 2 arms, people, numerator and denominator)."""
        # Sums first, so that rates are quotients of sums.
        there = np.asarray(np.isfinite(pair).all(axis=(1, 3)))[:, None, :, None]
        total = np.where(there, pair, 0.0).sum(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = total[..., 0] / total[..., 1]
            if self.ratio and self.analysis.unit == "share":
                mean = mean / (1 - mean)
            found = mean[:, 0] / mean[:, 1] if self.ratio else mean[:, 0] - mean[:, 1]
        return np.asarray(found)

    @property
    def _own(self) -> dict[bool, Reals | None]:
        """Everybody's own reading by arm, (draws, arms, people, 2), at typical values and draws."""
        return self._known.get("own", self._everybody)

    def _everybody(self) -> dict[bool, Reals | None]:
        found: dict[bool, Reals | None] = {False: self._readings(uncertain=False), True: None}
        if self.library.drawn is not None:
            found[True] = self._readings(uncertain=True)
        return found

    def _readings(self, *, uncertain: bool) -> Reals | None:
        courses = self.library.courses(uncertain=uncertain)
        what = endpoint(self.plan.endpoint)
        if what.kind == "count":
            when = courses.events[what.output]
            last = np.minimum(courses.death, self.end)
            count = ((when > 0) & (when <= last[..., None])).sum(axis=-1)
            return np.stack([count, last / YEAR], axis=-1)
        if what.kind == "event":
            if "horizon" not in self.plan.options:
                return None
            first = np.nan_to_num(courses.events[what.output][..., 0], nan=np.inf)
            value = np.minimum(first, float(self.plan.options["horizon"]))
            return np.stack([value, np.ones_like(value)], axis=-1)
        columns = [self.library.column(d) for d in self.visits.values()]
        values = np.asarray(courses.values[self.plan.endpoint][..., columns], dtype=float)
        if self.sampler.sloping:
            values[np.isnan(values).any(axis=-1)] = np.nan
        own = self.reading(values)
        return None if own is None else np.stack([own, np.ones_like(own)], axis=-1)

    def reading(self, values: Reals, *, measured: bool = False) -> Reals | None:
        """Return each person's reading from values (..., visits): a slope, a change, a response.

        Of true values the response is its chance, of ``measured`` ones what it was. None for an
        analysis that has no such reading.
        """
        if self.analysis.per_year:
            return slopes(values, np.array(list(self.visits.values())) / YEAR)
        if self.analysis.within_people:
            return self.design.design.paired(values, list(self.visits))
        if self.analysis.unit == "share":
            return (
                self._met(values[..., 0], values[..., -1]) if measured else self._responds(values)
            )
        change = values[..., -1] - values[..., 0]
        if self.plan.options.get("measure") == "percent":
            change = 100 * change / values[..., 0]
        return np.asarray(change)

    def _responds(self, values: Reals) -> Reals:
        """Return each person's chance of responding as measured."""
        from antitrypsim.foundations.random import generator

        id = self.plan.endpoint
        rng = generator(self.design.seed, "laboratory responders")
        total = np.zeros(values.shape[:-1])
        looks = max(_LOOKS, _READINGS // values.shape[2])
        for _ in range(looks):
            noise = rng.standard_normal((2, values.shape[2]))
            first = self.sampler.read(id, values[..., 0], noise[0])
            last = self.sampler.read(id, values[..., -1], noise[1])
            total += self._met(first, last)
        return total / looks

    def _met(self, first: Reals, last: Reals) -> Reals:
        """Return who responds by what was measured, 0 where nothing was."""
        from antitrypsim.statistics.analysis.responder import responded

        return responded(first, last, self._response).astype(float)

    @cached_property
    def _response(self) -> Rule:
        """Who responds by the primary analysis, a responder analysis; read once, asked at every look."""
        from antitrypsim.statistics.analysis.responder import rule_of

        return rule_of(self.options)

    def outcome(
        self,
        drawn: Replicates,
        found: Estimates,
        details: Mapping[str, Numbers | Mask] | None = None,
    ) -> Outcome:
        """Return the outcome of trials with one analysis at the end, with what else the kind tells."""
        win, lose = self.claims(found)
        trues = self.true_effects(drawn)
        usable = np.any(np.isfinite(found.p), axis=1)
        return Outcome(
            win=np.any(win, axis=1), lose=np.any(lose, axis=1), usable=usable, wins=win,
            estimate=found.estimate[:, 0], lower=found.lower[:, 0], upper=found.upper[:, 0],
            true=trues[:, 0], trues=trues,
            enrolled=np.full(drawn.shape[0], drawn.shape[1]), screened=drawn.screened,
            days=drawn.entry[:, -1] + self.end, stage=np.ones(drawn.shape[0], dtype=int),
            futile=np.zeros(drawn.shape[0], dtype=bool), draw=drawn.draw, details=details or {},
        )  # fmt: skip

    def draw(self, chunk: int, replicates: int, places: int, truth: Truth) -> Replicates:
        """Return trials; see ``Sampler.draw``."""
        return self.sampler.draw(chunk, replicates, places, truth)


def slopes(values: Reals, years: Reals) -> Reals:
    """Return the least-squares slope a year of what there is of values (..., visits); NaN below two."""
    there = np.isfinite(values)
    count = there.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = years - (there * years).sum(axis=-1, keepdims=True) / count[..., None]
        t = np.where(there, t, 0.0)
        found = (np.where(there, values, 0.0) * t).sum(axis=-1) / (t * t).sum(axis=-1)
    return np.where(count >= 2, found, np.nan)
