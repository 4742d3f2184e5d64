"""Which grade of evidence decides a therapy's effect, with all that grades do together.

The same people live with and without the therapy under every point of a Sobol sequence over what is
unknown; the answer of a point is the mean of their own differences. Parameters are drawn each from its
own uncertainty: indices of correlated unknowns are not defined by grade.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.counterfactual import Experiment, check_size, mean_of_living
from antitrypsim.experiments.population import Whose, fewer, whose
from antitrypsim.experiments.rhythm import reading_days
from antitrypsim.foundations.arguments import number, whole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, Provenance
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import BANNER, amounts_told
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.uncertainty.draws import Draws
from antitrypsim.uncertainty.sobol import SobolByGrade, check_points, sobol_by_grade

MOST_POINTS = 1024
PEOPLE, POINTS, YEARS = 20, 64, 5.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sensitivity:
    """Sobol indices by grade of one effect.

    The effect is the mean of ``people``'s own differences in ``endpoint``, in its unit, at ``years``.
    """

    therapy: str
    endpoint: str
    years: float
    people: int
    found: SobolByGrade
    provenance: Provenance
    notices: tuple[str, ...] = (BANNER,)

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "sensitivity",
            "notices": list(self.notices),
            "therapy": self.therapy,
            "endpoint": self.endpoint,
            "years": self.years,
            "people": self.people,
            **self.found.to_dict(),
            "provenance": self.provenance.to_dict(),
        }


def sensitivity(
    therapy: str,
    *,
    endpoint_id: str = "density",
    years: float = YEARS,
    population: str | Path | Whose = "rapid",
    people: int = PEOPLE,
    points: int = POINTS,
    settings: Settings = DEFAULT,
) -> Sensitivity:
    """Return what each grade decides of a therapy's effect on an endpoint, by itself and with others.

    ``points``, a power of two up to 1,024, is how many points each grade's part of the sequence has.
    Raises InputError for what cannot be, without SALib, and where the effect does not vary.
    """
    how(settings)
    years = number(years, "years")
    check_size(people, 0, (years,))
    if whole(points, "points") > MOST_POINTS:
        raise InputError(f"{points:,} points cannot be; up to {MOST_POINTS:,} can", key="points")
    check_points(points)
    what = endpoint(endpoint_id)
    if what.kind != "measurement":
        raise InputError(f"'{what.id}' counts events; name a measured endpoint such as density")
    given = parse_therapy(therapy, years)
    here = Experiment.enrolled(whose(population, years), (given,), people, settings=settings)
    reading = (what.id, reading_days(what, given, years * YEAR))

    def effect(draws: Draws) -> Floats:
        lived = replace(here, draws=draws, drawn_people=len(here.people))
        treated, untreated = (
            lived.read(regimen, [reading], drawn=True, stage=f"living {name} therapy").values[
                reading
            ]
            for name, regimen in (("with", given), ("without", Regimen()))
        )
        return mean_of_living(treated - untreated)

    found = sobol_by_grade(here.model, effect, points, settings.key)
    return Sensitivity(
        given.name, what.id, years, len(here.people), found,
        Provenance(**here.provenance | {"draws": found.runs, "drawn_people": len(here.people)}, regimen=given.content_hash),
        notices=(BANNER, *fewer(len(here.people), people), *amounts_told(given, here.model)),
    )  # fmt: skip
