"""Counterfactual outcomes: the same people under several regimens, and under draws of what is unknown.

The same virtual people live every regimen, with the same chance events, at typical values and, if
asked, under every draw of the unknown numbers; what is read off them are each person's own outcomes.
Potential outcomes in the sense of Rubin (1974), J Educ Psychol 66:688, doi:10.1037/h0037350.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.population import Whose, met
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.therapies import build_model, therapies_in
from antitrypsim.uncertainty.draws import Draws, ParameterSet, check_number_of_draws
from antitrypsim.uncertainty.variance_shares import LEAST_DRAWS, Shares

if TYPE_CHECKING:
    from antitrypsim.experiments.rhythm import Reading
    from antitrypsim.modelling import Model
    from antitrypsim.simulation.people import People
    from antitrypsim.simulation.regimen import Regimen

MOST_PEOPLE, MOST_DRAWS, MOST_YEARS = 2000, 2000, 30.0
PER = 100.0
"""Person-years to which events are told."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """What is read off some people under one regimen: ``values`` by reading, shape (people, draws).

    A value is in the endpoint's unit, NaN of the dead. ``events`` are those of ``Results``.
    """

    values: Mapping[Reading, Floats]
    events: Mapping[str, Floats]

    def first(self, people: int) -> Counterfactual:
        """Return what is read off the first people only."""
        return Counterfactual(
            {reading: found[:people] for reading, found in self.values.items()},
            {event: days[:people] for event, days in self.events.items()},
        )

    def lived(self, day: float) -> Floats:
        """Return the years that each person lives up to a day, shape (people, draws)."""
        return np.asarray(self._last(day) / YEAR)

    def counted(self, event: str, day: float) -> Floats:
        """Return each person's events after day 0 up to a day or death, shape (people, draws)."""
        when = self.events[event]
        last = self._last(day)[..., None]
        return np.asarray(np.sum((when > 0) & (when <= last), axis=2), dtype=np.float64)

    def rate(self, event: str, day: float) -> Floats:
        """Return events per 100 person-years up to a day, for each draw."""
        years = self.lived(day).sum(axis=0)
        return np.asarray(PER * self.counted(event, day).sum(axis=0) / years)

    def _last(self, day: float) -> Floats:
        """Return the day of death or ``day``; not by way of years, which would lose some deaths."""
        return np.asarray(np.fmin(self.events["death"][:, :, 0], day))


@dataclass(frozen=True, eq=False)
class Experiment:
    """Some people in a model, who live whatever regimen they are asked to.

    ``draws`` are of what is unknown; the first ``drawn_people`` live every one, from the states in
    which they were enrolled; ``known`` is where they come from. ``parameters`` stand in for typical values.
    """

    model: Model
    people: People
    settings: Settings = DEFAULT
    parameters: ParameterSet | None = None
    draws: Draws | None = None
    drawn_people: int = 0
    known: Knowledge = PRIOR

    @classmethod
    def enrolled(
        cls,
        whose: Whose,
        regimens: Iterable[Regimen],
        people: int,
        *,
        without: Sequence[str] = (),
        settings: Settings = DEFAULT,
    ) -> Experiment:
        """Return an experiment in people of a protocol's population or like a described person, in the model of the regimens.

        ``without`` names mechanisms that are switched off. Raises as ``met``.
        """
        used = therapies_in(name for regimen in regimens for name in regimen.names)
        model = build_model(therapies=used, without=without)
        return cls(model, met(model, whose, people, settings).people, settings)

    @property
    def provenance(self) -> Plain:
        """What every answer rests on, as fields of ``Provenance``."""
        drawn = self.draws is not None
        return {
            "model": self.model.content_hash,
            "people": self.people.content_hash,
            "parameters": "" if self.parameters is None else self.parameters.content_hash,
            "seed": self.settings.key,
            "tolerance": self.settings.tolerance,
            "draws": len(self.draws) if self.draws is not None else 0,
            "drawn_people": self.drawn_people if drawn else None,
            "posterior": self.known.hash_for(self.model) if drawn else "",
        }

    def with_draws(self, draws: int, people: int, known: Knowledge = PRIOR) -> Experiment:
        """Return the same with so many draws of what is ``known``, lived by the first ``people``; none for 0."""
        if not draws:
            return self
        return replace(
            self,
            draws=known.draws(self.model, draws, self.settings.key),
            known=known,
            drawn_people=min(people, len(self.people)),
        )

    def lives(
        self,
        regimen: Regimen,
        *,
        times: Sequence[float],
        outputs: Sequence[str],
        drawn: bool = False,
        stage: str = "living",
    ) -> Iterator[Results]:
        """Yield courses chunk by chunk: at typical values, or of the drawn people under every draw."""
        people = self.people.take(np.arange(self.drawn_people)) if drawn else self.people
        return simulate(
            self.model,
            people,
            regimen,
            times=times,
            outputs=outputs,
            draws=self.draws if drawn else self.parameters,
            as_enrolled=drawn,
            settings=self.settings.during(stage),
        )

    def side_by_side(
        self, regimens: Mapping[str, Regimen], **asked: object
    ) -> Iterator[dict[str, Results]]:
        """Yield the chunks of several regimens together: the same people under each."""
        lives = {name: self.lives(regimen, **asked) for name, regimen in regimens.items()}  # type: ignore[arg-type]
        for chunk in zip(*lives.values(), strict=True):
            yield dict(zip(lives, chunk, strict=True))

    def read(
        self,
        regimen: Regimen,
        readings: Iterable[Reading],
        *,
        drawn: bool = False,
        stage: str = "living",
    ) -> Counterfactual:
        """Let people live a regimen and read it off.

        It is read chunk by chunk, so that the many days of a round need not all be kept.
        """
        wanted = sorted(set(readings))
        times = sorted({0.0, *(day for _, days in wanted for day in days)})
        at = {day: k for k, day in enumerate(times)}
        outputs = sorted({endpoint(id).output for id, _ in wanted})
        values: dict[Reading, list[Floats]] = {reading: [] for reading in wanted}
        chunks = []
        for part in self.lives(regimen, times=times, outputs=outputs, drawn=drawn, stage=stage):
            for (id, days), found in values.items():
                what = endpoint(id)
                read = part[what.output][:, :, [at[day] for day in days]].mean(axis=2)
                found.append(read * what.factor)
            chunks.append(replace(part, values=part.values[..., :0], outputs=()))
        events = Results.join(chunks).events
        return Counterfactual(
            {reading: np.concatenate(found) for reading, found in values.items()}, events
        )

    def shares(self, by_draw: Floats, *, ranks: bool = False) -> Shares | None:
        """Return what an answer's variance over the draws comes from; None where nothing can be said.

        ``by_draw`` is NaN for a draw without an answer. With ``ranks`` the answers' ranks are taken,
        where a few draws are so far out that they would be all the variance.
        """
        there = np.isfinite(by_draw)
        if there.sum() < LEAST_DRAWS or not float(np.std(by_draw[there])) > 0:
            return None
        known = self.known.scores(self.model, by_draw.size, self.settings.key)[there]
        answers = by_draw[there]
        if ranks:
            answers = np.argsort(np.argsort(answers)).astype(np.float64)
        try:
            return self.known.shares(self.model, known, answers)
        except InputError:
            return None


def check_size(people: int, draws: int, years: Sequence[float]) -> None:
    """Raise InputError for numbers of people, draws or years that an experiment cannot have."""
    whole(people, "people")
    whole(draws, "uncertainty")
    if not 2 <= people <= MOST_PEOPLE:
        raise InputError(
            f"{so_many(people, 'person', 'people')} cannot be; between 2 and {MOST_PEOPLE:,} can"
        )
    check_number_of_draws(draws, MOST_DRAWS)
    for year in years:
        if not 0 < year <= MOST_YEARS:
            raise InputError(f"{year:g} years cannot be; above 0 and up to {MOST_YEARS:g} can")


def mean_of_living(values: Floats) -> Floats:
    """Return the mean over those people who are alive to be read, NaN where nobody is."""
    alive = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(alive, values, 0.0).sum(axis=0) / alive.sum(axis=0))


def median_of_living(values: Floats) -> Floats:
    """Return the median over those people who are alive to be read, NaN where nobody is."""
    alive = np.isfinite(values).any(axis=0)
    return np.asarray(np.nanmedian(np.where(alive, values, 0.0), axis=0)) + np.where(
        alive, 0, np.nan
    )


def middle(values: Floats | None) -> float | None:
    """Return the median of what there is; in some draws nobody is left alive."""
    there = _there(values)
    return float(np.median(there)) if there.size else None


def band(values: Floats | None) -> tuple[float, float] | None:
    """Return the 5th and 95th percentile of what there is; in some draws nobody is left alive."""
    there = _there(values)
    if not there.size:
        return None
    low, high = np.quantile(there, [0.05, 0.95])
    return float(low), float(high)


def _there(values: Floats | None) -> Floats:
    return np.empty(0) if values is None else values[np.isfinite(values)]
