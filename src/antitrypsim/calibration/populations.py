"""The virtual populations that stand for the people in whom targets were measured.

One group of people is one population. A further one of the same people is derived from it here, and
differs in genotype (their controls), in age or smoking, or in whom a criterion leaves; a part of them,
such as those who never smoked, is read off the same virtual people.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from antitrypsim.populations.spec import AgeRange, Criterion, Population
from antitrypsim.protocols import load_protocol


@cache
def rapid_population() -> Population:
    """Return the population of the bundled RAPID protocol: one statement of it, not two."""
    return load_protocol("rapid").population


def derived(base: Population, **changed: Any) -> Population:
    """Return a population with some of its keys changed."""
    return Population(**(dict(base) | changed))


REGISTER = Population(
    age=AgeRange(mean=47, sd=17),
    smoking={"never": 0.48, "ex": 0.43, "current": 0.09},
    ascertainment={"lung": 0.43, "liver": 0.07, "screening": 0.24, "family": 0.26},
)
"""The Swedish register as TGT-41 describes it; those found otherwise are taken as found by a relative."""
ADULTS_ZZ = Population(
    age=AgeRange(mean=50, sd=14, min=18, max=80),
    smoking={"never": 0.45, "ex": 0.5, "current": 0.05},
    ascertainment={"lung": 0.5, "family": 0.3, "screening": 0.2},
    eligibility=(Criterion(quantity="fibrosis_stage", max=3.6),),
)
ADULTS_MM = Population(
    genotype={"MM": 1.0},
    age=AgeRange(mean=50, sd=14, min=18, max=80),
    smoking={"never": 0.5, "ex": 0.4, "current": 0.1},
    ascertainment={"screening": 1.0},
)
HEALTHY = Population(
    genotype={"MM": 1.0},
    age=AgeRange(mean=47, sd=6, min=40, max=55),
    smoking={"never": 1.0},
    ascertainment={"screening": 1.0},
)
NORMAL_LUNG = Population(
    age=AgeRange(mean=35, sd=6, min=25, max=45),
    smoking={"never": 1.0},
    ascertainment={"family": 0.6, "screening": 0.4},
    eligibility=(
        Criterion(quantity="fev1_percent", min=80),
        Criterion(quantity="fev1_fvc", min=0.7),
    ),
)
GOOD_LUNG = derived(
    HEALTHY,
    age=AgeRange(mean=35, sd=0),
    eligibility=(Criterion(quantity="fev1_percent", min=90),),
)

POPULATIONS: dict[str, Population] = {
    "register": REGISTER,
    # Everybody of the country of the same ages, with the smoking that is assumed of any adults.
    "register MM": derived(
        REGISTER,
        genotype={"MM": 1.0},
        smoking={"never": 0.5, "ex": 0.3, "current": 0.2},
        ascertainment={"screening": 1.0},
    ),
    "clinic": Population(
        age=AgeRange(mean=51, sd=11, min=25, max=80),
        male=0.55,
        smoking={"never": 0.25, "ex": 0.65, "current": 0.10},
        ascertainment={"lung": 0.8, "family": 0.2},
    ),
    "nhlbi": Population(
        age=AgeRange(mean=46, sd=11, min=30, max=80),
        male=0.55,
        smoking={"never": 0.2, "ex": 0.72, "current": 0.08},
        ascertainment={"lung": 1.0},
        eligibility=(
            Criterion(quantity="serum_aat", max=11),
            Criterion(quantity="fev1_percent", max=63),
        ),
    ),
    "adults ZZ": ADULTS_ZZ,
    "adults ZZ, any liver": derived(ADULTS_ZZ, eligibility=()),
    "adults SZ": derived(ADULTS_MM, genotype={"SZ": 1.0}),
    "adults MZ": derived(ADULTS_MM, genotype={"MZ": 1.0}),
    "adults MM": ADULTS_MM,
    "MM never 40-60": HEALTHY,
    "MM never of 30": derived(HEALTHY, age=AgeRange(mean=30, sd=0)),
    "MM never of 35, good lungs": GOOD_LUNG,
    "MZ never of 35, good lungs": derived(GOOD_LUNG, genotype={"MZ": 1.0}),
    "MM ex men 50-70": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=58, sd=5, min=50, max=68),
        male=1.0,
        smoking={"ex": 1.0},
        ascertainment={"screening": 1.0},
        eligibility=(Criterion(quantity="fev1_fvc", min=0.7),),
    ),
    "MM ex COPD": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=63, sd=8, min=45, max=78),
        male=0.6,
        smoking={"ex": 1.0},
        ascertainment={"lung": 1.0},
        eligibility=(Criterion(quantity="fev1_percent", min=30, max=70),),
    ),
    "liver ZZ": Population(
        age=AgeRange(mean=52, sd=12, min=18, max=75),
        smoking={"never": 0.6, "ex": 0.4},
        ascertainment={"liver": 0.3, "lung": 0.4, "family": 0.3},
        eligibility=(Criterion(quantity="fibrosis_stage", min=0.5, max=3.5),),
    ),
    "ZZ and SZ": Population(
        genotype={"ZZ": 0.8, "SZ": 0.2},
        age=AgeRange(mean=52, sd=12, min=18, max=80),
        smoking={"never": 0.3, "ex": 0.6, "current": 0.1},
        ascertainment={"lung": 0.8, "family": 0.2},
    ),
    "ZZ never 25-45, normal lungs": NORMAL_LUNG,
    "MM never 25-45": derived(
        NORMAL_LUNG,
        genotype={"MM": 1.0},
        ascertainment={"screening": 1.0},
        eligibility=(),
    ),
} | {
    f"general {g}": Population(
        genotype={g: 1.0},
        age=AgeRange(mean=50, sd=12, min=18, max=75),  # type: ignore[dict-item]
        smoking={"never": 0.5, "ex": 0.3, "current": 0.2},
        ascertainment={"screening": 1.0},
    )
    for g in ("MM", "MS", "SS", "MZ", "SZ")
}
"""Populations of the targets. Shares that the source does not state are assumed and said in docs."""
