"""The virtual populations that stand for the people in whom targets were measured.

One group of people is one population. A further one of the same people is derived from it here, and
differs in genotype (their controls), in age or smoking, or in whom a criterion leaves; a part of them,
such as those who never smoked, is read off the same virtual people.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
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


# Found by respiratory symptoms: 43 % of the register (BIO-C31), 27 % of its never-smokers (BIO-C42).
_LUNG, _LUNG_NEVER = 0.43, 0.27
_NEVER = 0.48


def found(never: float, **shares: float) -> dict[str, Any]:
    """Return keys of a population of whom a share ``never`` smoked, found in ways of given shares.

    People who smoked are found by their lungs more often, by the odds ratio of the Swedish register.
    The other ways share what is left as they do in all.
    """

    def odds(share: float) -> float:
        return share / (1 - share)

    ratio = odds((_LUNG - _NEVER * _LUNG_NEVER) / (1 - _NEVER)) / odds(_LUNG_NEVER)

    # Of never-smokers p, of others r p / (1 - p + r p), of all 'lung': a quadratic in p.
    lung = shares["lung"]
    square, half = never * (ratio - 1), (never + (1 - never) * ratio - lung * (ratio - 1)) / 2
    own = (sqrt(half**2 + square * lung) - half) / square
    ever = ratio * own / (1 - own + ratio * own)

    def ways(by_lung: float) -> dict[str, float]:
        left = (1 - by_lung) / (1 - lung)
        return {way: by_lung if way == "lung" else left * share for way, share in shares.items()}

    return {
        "ascertainment": ways(ever),
        "ascertainment_by_smoking": {"never": ways(own)},
    }


REGISTER = Population(
    age=AgeRange(mean=47, sd=17),
    smoking={"never": _NEVER, "ex": 0.43, "current": 0.09},
    **found(_NEVER, lung=_LUNG, liver=0.07, screening=0.24, family=0.26),
)
"""The Swedish register as TGT-41 describes it; those found otherwise are taken as found by a relative."""
ADULTS_ZZ = Population(
    age=AgeRange(mean=50, sd=14, min=18, max=80),
    smoking={"never": 0.45, "ex": 0.5, "current": 0.05},
    **found(0.45, lung=0.5, family=0.3, screening=0.2),
)
"""Cirrhosis is not left out: a stiffness of 6.7 kPa with an SD of 5.8 is not met without (TGT-17)."""
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
    # A correlation of 0.218 with P below 0.025 in those without COPD (BIO-C10's article) is of about 105
    # of the 482: so many are found by a relative that 22 % are without it.
    "clinic": Population(
        age=AgeRange(mean=51, sd=11, min=25, max=80),
        male=0.55,
        smoking={"never": 0.25, "ex": 0.65, "current": 0.10},
        **found(0.25, lung=0.7, family=0.3),
    ),
    # Nobody was left out for good lungs; with these ways of being found, which are assumed, the mean
    # FEV1 is the 49 % that was reported.
    "nhlbi": Population(
        age=AgeRange(mean=46, sd=11, min=18, max=80),
        male=0.55,
        smoking={"never": 0.2, "ex": 0.72, "current": 0.08},
        **found(0.2, lung=0.92, family=0.08),
        eligibility=(Criterion(quantity="serum_aat", max=11),),
    ),
    "adults ZZ": ADULTS_ZZ,
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
    "MM COPD of any stage": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=63, sd=7, min=40, max=75),
        male=0.65,
        smoking={"ex": 0.65, "current": 0.35},
        ascertainment={"lung": 1.0},
        eligibility=(Criterion(quantity="fev1_percent", max=80),),
    ),
    "liver ZZ": Population(
        age=AgeRange(mean=52, sd=12, min=18, max=75),
        smoking={"never": 0.6, "ex": 0.4},
        **found(0.6, lung=0.4, liver=0.3, family=0.3),
        eligibility=(Criterion(quantity="fibrosis_stage", min=0.5, max=3.5),),
    ),
    "ZZ and SZ": Population(
        genotype={"ZZ": 0.8, "SZ": 0.2},
        age=AgeRange(mean=52, sd=12, min=18, max=80),
        smoking={"never": 0.3, "ex": 0.6, "current": 0.1},
        **found(0.3, lung=0.8, family=0.2),
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
