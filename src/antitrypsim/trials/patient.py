"""One person's course with and without a therapy, told by people like them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash, versions
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.like import OUTCOMES, Description, meet_like
from antitrypsim.protocols import BANNER, ENDPOINTS, beyond_record
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.draws import ParameterSet
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.simulate import TOLERANCE, simulate
from antitrypsim.therapies import build_model, switched_off, therapies_in
from antitrypsim.trials.endpoint import Endpoint, endpoint

if TYPE_CHECKING:
    import pandas as pd

YEAR = 365.25
PEOPLE = 200
MOST_YEARS = 50.0
OLDEST = 105.0
SHOWN = ("fev1", "fev1_percent", "density", "serum_aat", "sgrq", "stiffness")
"""The endpoints that a course is told in."""

# Serum is drawn before a dose; everything else is read at the end of the year.
_TROUGH = frozenset({"serum_aat"})
Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PatientCourse:
    """The course of people like the described one, without and with a therapy.

    ``rows``: by endpoint, year and way ('without', 'with', and 'difference', paired within each
    person) the number alive, the median and the 5th and 95th percentile. ``survival``: by year and
    way the share alive. ``rates``: by way the severe exacerbations per person and year and the
    deaths. ``met`` is how many people were met to find ``people`` like this one.
    """

    described: Description
    therapy: str | None
    years: float
    people: int
    met: int
    rows: tuple[Mapping[str, Any], ...]
    survival: tuple[Mapping[str, Any], ...]
    rates: Mapping[str, Mapping[str, float]]
    provenance: Mapping[str, Any]
    notices: tuple[str, ...] = (BANNER,)

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

    def to_dict(self) -> dict[str, Any]:
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
            "rows": [dict(r) for r in self.rows],
            "survival": [dict(r) for r in self.survival],
            "rates": {way: dict(found) for way, found in self.rates.items()},
            "provenance": dict(self.provenance),
        }

    @property
    def content_hash(self) -> str:
        """Hash of everything that the course says."""
        return content_hash(self.to_dict())

    def text(self) -> str:
        """Return the course as a table that a clinician can read."""
        return _text(self)


def patient(
    *,
    therapy: str | Regimen | None = None,
    years: float = 10.0,
    people: int = PEOPLE,
    seed: int = SEED,
    without: Sequence[str] = (),
    model: Model | None = None,
    parameters: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    threads: int = 2,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    **described: Any,
) -> PatientCourse:
    """Return the course of a described person with and without a therapy.

    ``described`` is what is known of the person (see Description): genotype, age, sex, smoking,
    quit_age, fev1 (% of predicted), serum (µM), stiffness (kPa), height (m), weight (kg).
    ``people`` like this one are met, each lives ``years`` on without and with ``therapy`` (text as
    'augmentation:60mg/kg/week', or a Regimen), with the same chance events. ``without`` names mechanisms or
    modules whose effects are switched off. Raises InputError for
    what cannot be, ModelError for an unknown mechanism, RunError where nobody like this is met.
    """
    try:
        who = Description(**described)
    except TypeError:
        from antitrypsim.foundations.errors import nearest
        from antitrypsim.populations.like import DESCRIBED

        wrong = next(name for name in described if name not in DESCRIBED)
        hint = nearest(wrong, DESCRIBED) or f"; use {', '.join(DESCRIBED)}"
        raise InputError(f"nothing called '{wrong}' describes a person{hint}") from None
    _check_years(years, who.age)
    given = parse_therapy(therapy, years, model=model) if isinstance(therapy, str) else therapy
    used = () if given is None else therapies_in(given.names)
    model = model or build_model(therapies=used, without=without)
    if given is not None:
        given.check(model)
    tell = progress or (lambda *_: None)
    cohort = meet_like(
        model,
        who,
        people,
        seed=seed,
        parameters=parameters,
        tolerance=tolerance,
        threads=threads,
        progress=lambda done, total: tell("meeting people like this one", done, total),
        cancel=cancel,
    )
    marks, troughs = _days(years, given)
    times = sorted({*marks, *troughs})
    courses: dict[str, Results] = {}
    for way, regimen in (("without", Regimen()), ("with", given)):
        if regimen is not None:
            courses[way] = Results.join(
                simulate(
                    model,
                    cohort.people,
                    regimen,
                    times=times,
                    outputs=[endpoint(id).output for id in SHOWN],
                    draws=parameters,
                    seed=seed,
                    tolerance=tolerance,
                    threads=threads,
                    cancel=cancel,
                    progress=lambda done, total, way=way: tell(
                        f"living {way} therapy", done, total
                    ),  # type: ignore[misc]
                )
            )
    return PatientCourse(
        who,
        None if given is None else given.name,
        float(years),
        len(cohort.people),
        cohort.met,
        tuple(_rows(courses, times, marks, troughs)),
        tuple(_survival(courses, marks)),
        {way: _rates(results, years * YEAR) for way, results in courses.items()},
        {
            "model": model.content_hash,
            "people": cohort.people.content_hash,
            "regimen": (given or Regimen()).content_hash,
            "parameters": (parameters or ParameterSet()).content_hash,
            "seed": seed,
            "tolerance": tolerance,
            "versions": versions(),
        },
        notices=(
            BANNER,
            *switched_off(without),
            *(() if given is None else beyond_record(given, model)),
        ),
    )


def _check_years(years: float, age: float) -> None:
    if not 0 < years <= MOST_YEARS:
        raise InputError(f"{years:g} years cannot be; above 0 and up to {MOST_YEARS:g} can")
    if age + years > OLDEST:
        raise InputError(
            f"{years:g} years from the age of {age:g} lead beyond {OLDEST:g}; ask for fewer years"
        )


def _days(years: float, given: Regimen | None) -> tuple[list[float], list[float]]:
    """Return the days at which years end, and for each the day on which serum is drawn.

    That is the last dose at or before the mark, where there is one within its interval: a sample on
    the day of a dose is taken before it.
    """
    marks = [k * YEAR for k in range(int(np.floor(years + 1e-9)) + 1)]
    if years * YEAR - marks[-1] > 1:
        marks.append(years * YEAR)
    doses = np.array(sorted({t for record in given.doses for t in record.times} if given else ()))
    troughs = []
    for mark in marks:
        k = int(np.searchsorted(doses, mark, side="right")) - 1
        # Beyond the last dose, the usual gap decides whether therapy still goes on.
        gap = doses[k] - doses[k - 1] if k > 0 else 0.0
        troughs.append(float(doses[k]) if k > 0 and mark - doses[k] <= gap else mark)
    return marks, troughs


def _rows(
    courses: Mapping[str, Results], times: list[float], marks: list[float], troughs: list[float]
) -> list[dict[str, Any]]:
    rows = []
    for id in SHOWN:
        what = endpoint(id)
        days = troughs if id in _TROUGH else marks
        at = [times.index(day) for day in days]
        # A questionnaire's scale ends, whatever a person's state.
        scale = ENDPOINTS[id]
        values = {
            w: np.clip(r[what.output][:, 0, at] * what.factor, scale.lowest, scale.highest)
            for w, r in courses.items()
        }
        if "with" in values:
            values["difference"] = values["with"] - values["without"]
        for way, found in values.items():
            for k, mark in enumerate(marks):
                alive = found[:, k][np.isfinite(found[:, k])]
                low, middle, high = (
                    np.quantile(alive, [0.05, 0.5, 0.95]) if alive.size else (None,) * 3
                )
                rows.append(
                    {
                        "endpoint": id,
                        "unit": what.unit,
                        "year": round(mark / YEAR, 3),
                        "day": days[k],
                        "way": way,
                        "n": int(alive.size),
                        "median": _number(middle),
                        "p05": _number(low),
                        "p95": _number(high),
                    }
                )
    return rows


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _survival(courses: Mapping[str, Results], marks: list[float]) -> list[dict[str, Any]]:
    rows = []
    for way, results in courses.items():
        death = results.events["death"][:, 0, 0]
        for mark in marks:
            rows.append(
                {
                    "year": round(mark / YEAR, 3),
                    "way": way,
                    "alive": float(np.mean(~(death <= mark))),
                }
            )
    return rows


def _rates(results: Results, end: float) -> dict[str, float]:
    death = results.events["death"][:, 0, 0]
    last = np.where(death <= end, death, end)
    events = results.events["exacerbation"][:, 0]
    count = int(np.sum((events > 0) & (events <= last[:, None])))
    return {
        "exacerbations_per_year": count / float(np.sum(last) / YEAR),
        "deaths": int(np.sum(death <= end)),
        "people": int(death.size),
    }


def _text(course: PatientCourse) -> str:
    bands = [
        f"{e.title} within {e.band:g} {e.unit}"
        for e in OUTCOMES
        if getattr(course.described, e.name) is not None
    ]
    lines = [
        *course.notices,
        "",
        f"The person: {course.described.words()}.",
        f"{course.people:,} virtual people like this one ({', '.join(bands) or 'no more known'}) "
        f"were found among {course.met:,} met; nobody was altered to fit.",
    ]
    if course.therapy is None:
        lines.append(f"They live {course.years:g} years without therapy.")
    else:
        lines.append(
            f"Each lives {course.years:g} years twice, without and with {course.therapy}, "
            "with the same chance events."
        )
    paired = (
        "; differences are each person's own, of those alive both ways" if course.therapy else ""
    )
    lines += [f"Median of those alive, in brackets the 5th and 95th percentile{paired}.", ""]
    shown = _shown_years(course)
    for id in SHOWN:
        lines += [*_block(course, endpoint(id), shown), ""]
    lines += _survival_block(course, shown)
    return "\n".join(lines)


def _shown_years(course: PatientCourse) -> list[float]:
    """Pick at most six years, the first and the last among them."""
    years = sorted({row["year"] for row in course.survival})
    picks = np.unique(np.round(np.linspace(0, len(years) - 1, min(6, len(years)))).astype(int))
    return [years[k] for k in picks]


def _block(course: PatientCourse, what: Endpoint, shown: list[float]) -> list[str]:
    found = {(r["way"], r["year"]): r for r in course.rows if r["endpoint"] == what.id}
    note = ", before the dose" if what.id in _TROUGH and course.therapy else ""
    ways = [*course.ways, *(["difference"] if "with" in course.ways else [])]
    rows = [["  year", *ways]]
    for year in shown:
        cells = [_cell(found[way, year], what.decimals, way == "difference") for way in ways]
        rows.append([f"  {year:>4g}", *cells])
    return [f"{what.title}, {what.unit}{note}", *_columns(rows)]


def _cell(row: Mapping[str, Any], decimals: int, signed: bool) -> str:
    if row["median"] is None:
        return "nobody alive"
    decimals = min(decimals, 2)
    form = f"{{:{'+' if signed else ''}.{decimals}f}}"
    # Rounded first, so that nothing reads as minus nought.
    numbers = (round(row[k], decimals) + 0.0 for k in ("median", "p05", "p95"))
    middle, low, high = (form.format(x) if x else f"{0:.{decimals}f}" for x in numbers)
    return f"{middle} ({low} to {high})"


def _survival_block(course: PatientCourse, shown: list[float]) -> list[str]:
    alive = {(r["way"], r["year"]): r["alive"] for r in course.survival}
    rows = [["  year", *course.ways]]
    rows += [[f"  {y:>4g}", *(f"{100 * alive[way, y]:.0f}" for way in course.ways)] for y in shown]
    rates = course.rates.items()
    told = "; ".join(f"{way} {rate['exacerbations_per_year']:.2f}" for way, rate in rates)
    deaths = "; ".join(f"{way} {rate['deaths']} of {rate['people']}" for way, rate in rates)
    return [
        "Alive, %",
        *_columns(rows),
        "",
        f"Severe exacerbations per person and year: {told}.",
        f"Deaths within {course.years:g} years: {deaths}.",
    ]


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
