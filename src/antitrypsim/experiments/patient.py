"""One person's course with and without a therapy, told by people like them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.endpoints import endpoint
from antitrypsim.evidence.grade import GRADES
from antitrypsim.experiments.compare import DRAWN_PEOPLE
from antitrypsim.experiments.counterfactual import (
    MOST_DRAWS,
    PER,
    Counterfactual,
    Experiment,
    band,
    mean_of_living,
    median_of_living,
)
from antitrypsim.experiments.history import PARTICLES, Remembered, people_with_history
from antitrypsim.experiments.population import check_ahead
from antitrypsim.experiments.rhythm import Reading, reading_days
from antitrypsim.experiments.visits import History, read_visits, visits_of
from antitrypsim.foundations.arguments import different, number, several, whole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, Provenance, content_hash
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.organs.circulation.module import PLASMA, terminal_half_life
from antitrypsim.populations.cohorts import cohort_like
from antitrypsim.populations.matching import (
    LIKENESS,
    Description,
    check_count,
    conditions,
    description_of,
)
from antitrypsim.protocols import BANNER, amounts_told
from antitrypsim.protocols.therapytext import parse_therapy, past_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model, switched_off, therapies_in
from antitrypsim.trials.harms import DISEASE_EVENTS as OF_THE_DISEASE
from antitrypsim.trials.harms import not_modelled
from antitrypsim.uncertainty.draws import ParameterSet, check_number_of_draws
from antitrypsim.uncertainty.variance_shares import Shares

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.simulation.people import People

PEOPLE = 200
MOST_YEARS = 50.0
SHOWN = ("fev1", "fev1_percent", "density", "serum_aat", "sgrq", "stiffness")
"""The endpoints that a course is told in."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Lives:
    """The lives of which a course is told, person by person.

    ``values``: by endpoint and way an array (people, years) at ``years``, in the endpoint's unit, NaN
    of the dead. ``events``: by way and process the days since day 0, (people, events), NaN padded.
    ``age`` in years at day 0 and ``labels`` (sex, smoking, ...) are each person's own; ``given`` is
    the therapy, None without one.
    """

    years: tuple[float, ...]
    values: Mapping[tuple[str, str], Floats]
    events: Mapping[str, Mapping[str, Floats]]
    age: Floats
    labels: Mapping[str, Any]
    given: Regimen | None

    def __len__(self) -> int:
        return len(self.age)

    def last(self, way: str, year: float) -> Floats:
        """Return the day of each person's death, or that at which a year ends where it comes first."""
        return np.asarray(np.fmin(self.events[way]["death"][:, 0], year * YEAR))

    def counted(self, way: str, processes: Sequence[str], year: float) -> Floats:
        """Return each person's events of some processes after day 0, up to a year or death."""
        last = self.last(way, year)[:, None]
        found = [self.events[way][one] for one in processes]
        return np.asarray(sum(((d > 0) & (d <= last)).sum(axis=1) for d in found), dtype=np.float64)

    @property
    def harms(self) -> tuple[str, ...]:
        """The event processes that are no outcome of the disease."""
        return tuple(e for e in self.events["without"] if e not in (*OF_THE_DISEASE, "death"))


@dataclass(frozen=True)
class PatientCourse:
    """The course of people like the described one, without and with a therapy.

    ``rows``: by endpoint, year and way ('without', 'with', and 'difference', paired within each
    person) the number alive, the median and the 5th and 95th percentile; where what is unknown was
    drawn, between which ``unknown_low`` and ``unknown_high`` nine draws of ten have the median. ``survival``: by year and
    way the share alive. ``rates``: by way the severe exacerbations per person and year, the deaths,
    and each harm per 100 person-years. ``met`` is how many people were met to find ``people`` like
    this one, and ``drawn`` a sentence on the library of lives that they are from. ``grades``: how many parameters of the model, and of the therapy alone, are of which
    grade. ``harmless``: the harms that nothing in the model leads to from the therapy. ``half_life``: of infused AAT,
    terminal, in a typical person (days), where any is infused. ``shares``: by endpoint where the variance of the mean own
    difference in the last year comes from, over the draws of what is unknown; where it cannot be said there is none.
    """

    described: Description
    therapy: str | None
    years: float
    people: int
    met: int
    rows: tuple[Mapping[str, Any], ...]
    survival: tuple[Mapping[str, Any], ...]
    rates: Mapping[str, Mapping[str, float]]
    grades: Mapping[str, Mapping[str, int]]
    harmless: tuple[str, ...]
    provenance: Provenance
    notices: tuple[str, ...] = (BANNER,)
    asked: str | None = None
    history: History | None = None
    remembered: Remembered | None = None
    past: tuple[str, ...] = ()
    drawn: str = ""
    half_life: float | None = None
    shares: Mapping[str, Shares] = field(default_factory=dict)
    lives: Lives | None = field(default=None, compare=False, repr=False)

    @property
    def ways(self) -> tuple[str, ...]:
        """'without', and 'with' where there is a therapy."""
        return tuple(self.rates)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an endpoint, year and way: n, median, p05, p95."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows])

    def series(
        self, endpoint_id: str, way: str
    ) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return years, medians, 5th and 95th percentiles of one endpoint."""
        rows = [r for r in self.rows if r["endpoint"] == endpoint_id and r["way"] == way]
        return (
            [r["year"] for r in rows],
            [r["median"] for r in rows],
            [r["p05"] for r in rows],
            [r["p95"] for r in rows],
        )

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "patient course",
            "notices": list(self.notices),
            "described": self.described.to_dict(),
            "therapy": self.therapy,
            "years": self.years,
            "people": self.people,
            "met": self.met,
            **({"drawn": self.drawn} if self.drawn else {}),
            "rows": [dict(r) for r in self.rows],
            "survival": [dict(r) for r in self.survival],
            "rates": {way: dict(found) for way, found in self.rates.items()},
            "rests_on": {what: dict(found) for what, found in self.grades.items()},
            "harms_not_in_the_model": list(self.harmless),
            **({"half_life": self.half_life} if self.half_life else {}),
            **(
                {
                    "what_decides": [
                        {"endpoint": id, **found.to_dict()} for id, found in self.shares.items()
                    ]
                }
                if self.shares
                else {}
            ),
            **self._history(),
            "provenance": self.provenance.to_dict(),
        }

    def _history(self) -> Plain:
        """Return what was measured, and what of it was learned of the person, where there is any."""
        if self.history is None or self.remembered is None:
            return {}
        return {
            **self.history.to_dict(),
            "past": list(self.past),
            "predictive_p": self.remembered.p,
            "seldom": self.remembered.seldom,
            "learned": [asdict(one) for one in self.remembered.learned],
        }

    @property
    def content_hash(self) -> str:
        """Hash of everything that the course says."""
        return content_hash(self.to_dict())


class _Asked(NamedTuple):
    """A question of a person, as values: what is asked before anybody lives."""

    who: Description
    given: Regimen | None
    without: tuple[str, ...]
    past: Regimen
    history: History | None
    known: Knowledge


def patient(
    *,
    therapy: str | Regimen | None = None,
    years: float = 10.0,
    people: int = PEOPLE,
    uncertainty: int = 0,
    without: Sequence[str] = (),
    visits: str | Path | History | None = None,
    measured: Sequence[str] = (),
    past: Sequence[str] = (),
    posterior: str | Path | None = None,
    model: Model | None = None,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
    **described: Any,
) -> PatientCourse:
    """Return the course of a described person with and without a therapy.

    ``described`` is what is known of the person (see Description): genotype, age, sex, smoking,
    quit_age, fev1 (% of predicted), serum (µM), stiffness (kPa), height (m), weight (kg),
    bmi (kg/m²), and 'yes' or 'no' of alcohol, metabolic and bronchiectasis.
    ``people`` like this one are met, each lives ``years`` on without and with ``therapy`` (text as
    'augmentation:60mg/kg/week', or a Regimen), with the same chance events. ``without`` names mechanisms or
    modules whose effects are switched off. ``uncertainty`` draws that often from what is unknown, which
    some of the people live from the day on (of the ``posterior`` of a file if one is given): by how much
    a draw moves their median is taken for how much it moves everybody's.

    With ``visits`` (a file as ``read_visits`` reads it, or a History) or ``measured`` (texts as
    'FEV1 2.31 L at 44') people are weighed by what was measured of the person, who has been given
    ``past`` (see ``past_therapy``) in both courses. Raises InputError for what cannot be, ModelError for
    an unknown mechanism, RunError where nobody like this is met.
    """
    how(settings)
    who, given, without, before, history, known = check_patient(
        therapy=therapy, years=years, people=people, uncertainty=uncertainty, without=without,
        visits=visits, measured=measured, past=past, posterior=posterior, model=model, **described,
    )  # fmt: skip
    used = therapies_in((*(() if given is None else given.names), *before.names))
    model = model or build_model(therapies=used, without=without)
    for regimen in (before, *(() if given is None else (given,))):
        regimen.check(model)
    remembered, drawn_from = None, ""
    if history is None:
        cohort = cohort_like(model, who, people, parameters=parameters, settings=settings)
        alike, met, drawn_from = cohort.people, cohort.met, cohort.told()
    else:
        remembered = people_with_history(
            model, who, history, people, past=before, parameters=parameters, settings=settings
        )
        alike, met = remembered.people, remembered.lived
    here = Experiment(model, alike, settings, parameters)
    here = here.with_draws(uncertainty, DRAWN_PEOPLE, known)
    marks = _marks(years)
    plan, courses, drawn = _lived(here, before, given, marks)
    return PatientCourse(
        who,
        None if given is None else given.name,
        float(years),
        len(alike),
        met,
        tuple(_rows(courses, drawn, plan)),
        tuple(_survival(courses, marks)),
        {way: _rates(course, years * YEAR) for way, course in courses.items()},
        _grades(model, used),
        () if given is None else not_modelled(given, without=without),
        Provenance(**here.provenance, regimen=(before + (given or Regimen())).content_hash),
        notices=(
            BANNER,
            *switched_off(without),
            *known.said(model, uncertainty),
            *(() if given is None else amounts_told(given, model)),
        ),
        asked=therapy if isinstance(therapy, str) else None,
        history=history,
        remembered=remembered,
        past=tuple(past),
        drawn=drawn_from,
        half_life=_half_life(model, given),
        shares=_shares(here, drawn, plan),
        lives=_lives(courses, plan, alike, given),
    )


def _half_life(model: Model, given: Regimen | None) -> float | None:
    """Return the terminal half-life of infused AAT in a typical person, where any is infused."""
    doses = {} if given is None else {one.dose: model.dose(one.dose) for one in given.doses}
    infused = {state for dose in doses.values() for state, _ in dose.jumps}
    if PLASMA["infused"] not in infused:
        return None
    return terminal_half_life(model)


def check_patient(
    *,
    therapy: str | Regimen | None = None,
    years: float = 10.0,
    people: int = PEOPLE,
    uncertainty: int = 0,
    without: Sequence[str] = (),
    visits: str | Path | History | None = None,
    measured: Sequence[str] = (),
    past: Sequence[str] = (),
    posterior: str | Path | None = None,
    model: Model | None = None,
    **described: Any,
) -> _Asked:
    """Return what is asked of a person, before anybody lives.

    The keywords are those of ``patient``. Raises InputError for what cannot be.
    """
    who = description_of(described)
    years, without = number(years, "years"), different(without, "without")
    check_count(whole(people, "people"))
    check_number_of_draws(whole(uncertainty, "uncertainty"), MOST_DRAWS)
    known = Knowledge.read(posterior, uncertainty)
    if not 0 < years <= MOST_YEARS:
        raise InputError(f"{years:g} years cannot be; above 0 and up to {MOST_YEARS:g} can")
    check_ahead(years, who.age)
    given = parse_therapy(therapy, years, model=model) if isinstance(therapy, str) else therapy
    before = past_therapy(several(past, "past"), who.age, model=model)
    history = _measured(visits, several(measured, "measured"), who.age)
    if before.names and history is None:
        raise InputError(
            "past therapy is told with what was measured then, which it explains; give that too"
        )
    if history is not None:
        for name in conditions(who):
            raise InputError(
                f"'{name}' cannot be said beside what was measured at visits: people are weighed by that "
                "alone; leave it out"
            )
        for one in LIKENESS:
            if getattr(who, one.name) is not None:
                raise InputError(
                    f"{one.title} is given beside what was measured at visits; say it there, as of today"
                )
        if people > PARTICLES:
            raise InputError(
                f"{people:,} people cannot be with visits; up to {PARTICLES} are weighed by them"
            )
        if before.names and uncertainty:
            raise InputError(
                "what is unknown cannot be drawn of a person who has been treated; leave out the draws or the past"
            )
    return _Asked(who, given, without, before, history, known)


def _measured(
    visits: str | Path | History | None, measured: Sequence[str], age: float
) -> History | None:
    if visits is not None and measured:
        raise InputError(
            "what was measured is in a file or said in words; not both", key="measured"
        )
    if measured:
        return visits_of(measured, age)
    return visits if isinstance(visits, History | None) else read_visits(visits, age)


def _lived(
    here: Experiment, before: Regimen, given: Regimen | None, marks: Sequence[float]
) -> tuple[dict[tuple[str, float], Reading], dict[str, Counterfactual], dict[str, Counterfactual]]:
    """Return what is read of each endpoint at each mark, both ways as read, and under every draw."""
    plan = {
        (id, mark): (id, reading_days(endpoint(id), given or Regimen(), mark))
        for id in SHOWN
        for mark in marks
    }
    ways = {"without": before, **({} if given is None else {"with": before + given})}
    courses = {
        way: here.read(regimen, plan.values(), stage=f"living {way} therapy")
        for way, regimen in ways.items()
    }
    if here.draws is None:
        return plan, courses, {}
    drawn = {
        way: here.read(regimen, plan.values(), drawn=True, stage=f"what is unknown, {way} therapy")
        for way, regimen in ways.items()
    }
    return plan, courses, drawn


def _shares(
    here: Experiment,
    drawn: Mapping[str, Counterfactual],
    plan: Mapping[tuple[str, float], Reading],
) -> dict[str, Shares]:
    """Return by endpoint what the mean own difference in the last year hangs on, where that can be said."""
    if "with" not in drawn:
        return {}
    last = max(mark for _, mark in plan)
    means = {id: mean_of_living(_by_way(drawn, plan[id, last])["difference"]) for id in SHOWN}
    found = {id: here.shares(by_draw) for id, by_draw in means.items()}
    return {id: shares for id, shares in found.items() if shares is not None}


def _lives(
    courses: Mapping[str, Counterfactual],
    plan: Mapping[tuple[str, float], Reading],
    people: People,
    given: Regimen | None,
) -> Lives:
    """Return the lives behind courses, person by person."""
    marks = sorted({mark for _, mark in plan})
    values = {
        (id, way): np.stack([course.values[plan[id, mark]][:, 0] for mark in marks], axis=1)
        for id in SHOWN
        for way, course in courses.items()
    }
    events = {
        way: {process: days[:, 0] for process, days in course.events.items()}
        for way, course in courses.items()
    }
    years = tuple(round(mark / YEAR, 3) for mark in marks)
    return Lives(years, values, events, people.age / YEAR, people.labels, given)


def _grades(model: Model, therapies: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many parameters are of which grade: of the model, and of the therapies alone."""
    own = [p for p in model.parameters if p.id.partition(".")[0] in therapies]
    groups = {"model": list(model.parameters), **({"therapy": own} if own else {})}
    return {
        what: {grade: sum(p.grade == grade for p in group) for grade in GRADES}
        for what, group in groups.items()
    }


def _marks(years: float) -> list[float]:
    """Return the days at which years end, and the last day."""
    marks = [k * YEAR for k in range(int(np.floor(years + 1e-9)) + 1)]
    if years * YEAR - marks[-1] > 1:
        marks.append(years * YEAR)
    return marks


def _rows(
    courses: Mapping[str, Counterfactual],
    drawn: Mapping[str, Counterfactual],
    plan: Mapping[tuple[str, float], Reading],
) -> list[Plain]:
    rows = []
    for (id, mark), at in plan.items():
        values = _by_way(courses, at)
        draws = _by_way(drawn, at)
        for way, by_person in values.items():
            found = by_person[:, 0]
            alive = found[np.isfinite(found)]
            low, middle, high = np.quantile(alive, [0.05, 0.5, 0.95]) if alive.size else (None,) * 3
            rows.append(
                {
                    "endpoint": id,
                    "unit": endpoint(id).unit,
                    "year": round(mark / YEAR, 3),
                    "day": at[1][-1],
                    "way": way,
                    "n": int(alive.size),
                    "median": _number(middle),
                    "p05": _number(low),
                    "p95": _number(high),
                    **(_unknown(by_person, draws[way]) if drawn else {}),
                }
            )
    return rows


def _by_way(courses: Mapping[str, Counterfactual], at: Reading) -> dict[str, Floats]:
    """Return what is read by way, shape (people, draws), and each person's own difference."""
    values = {way: course.values[at] for way, course in courses.items()}
    if "with" in values:
        values["difference"] = values["with"] - values["without"]
    return values


def _unknown(values: Floats, draws: Floats) -> Plain:
    """Return between which values nine draws of ten have the median of those alive."""
    moved = median_of_living(draws) - median_of_living(values[: len(draws)])
    low, high = band(median_of_living(values) + moved) or (None, None)
    return {"unknown_low": low, "unknown_high": high}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _survival(courses: Mapping[str, Counterfactual], marks: list[float]) -> list[Plain]:
    rows = []
    for way, course in courses.items():
        death = course.events["death"][:, 0, 0]
        for mark in marks:
            rows.append(
                {
                    "year": round(mark / YEAR, 3),
                    "way": way,
                    "alive": float(np.mean(~(death <= mark))),
                }
            )
    return rows


def _rates(course: Counterfactual, end: float) -> dict[str, float]:
    """Return by way what happens until the end: harms per 100 person-years, deaths, exacerbations."""
    death = course.events["death"][:, 0, 0]
    return {
        "exacerbations_per_year": float(course.rate("exacerbation", end)[0]) / PER,
        "deaths": int(np.sum(death <= end)),
        "people": int(death.size),
        **{
            f"{event}_per_100_years": float(course.rate(event, end)[0])
            for event in course.events
            if event not in (*OF_THE_DISEASE, "death")
        },
    }
