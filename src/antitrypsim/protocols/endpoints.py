"""What a protocol may measure and how it may be analysed: stable ids, titles and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from antitrypsim.populations.possible import POSSIBLE

Kind = Literal["measurement", "count", "event"]
NoiseKind = Literal["additive", "relative", "staging", "none"]


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """What one endpoint id means.

    ``kind``: a measurement at visits, a count of events, or the time to one event. ``noise``: an
    SD in ``unit`` (additive), a CV (relative), a chance of being read one stage off (staging), or
    none. ``lowest`` and ``highest`` bound what the instrument can show. ``draw`` names the stream
    of noise: endpoints of one instrument share it, so that one blow into the spirometer gives both.
    """

    title: str
    unit: str
    kind: Kind = "measurement"
    noise: NoiseKind = "none"
    lowest: float | None = 0.0
    highest: float | None = None
    draw: str = ""


ENDPOINTS: Mapping[str, EndpointInfo] = MappingProxyType(
    {
        "serum_aat": EndpointInfo("AAT in serum, antigenic", "µM", noise="relative"),
        "functional_aat": EndpointInfo(
            "AAT in serum that inhibits elastase", "µM", noise="relative"
        ),
        "lining_aat": EndpointInfo("AAT in lining fluid, antigenic", "µM", noise="relative"),
        "free_elastase": EndpointInfo(
            "free elastase in the lung, relative to a healthy lung's release", "1", noise="relative"
        ),
        "footprint": EndpointInfo("elastase footprint on fibrinogen", "nM", noise="relative"),
        "desmosine": EndpointInfo("desmosine in plasma", "ng/mL", noise="relative"),
        "density": EndpointInfo(
            "lung density (PD15) at full inspiration, volume corrected", "g/L", noise="additive"
        ),
        "fev1": EndpointInfo("FEV1", "L", noise="additive", draw="spirometry"),
        "fev1_percent": EndpointInfo(
            "FEV1 in percent of predicted", "percent", noise="additive", draw="spirometry"
        ),
        "fvc": EndpointInfo("FVC", "L", noise="additive", draw="spirometry"),
        "kco": EndpointInfo("gas transfer (KCO)", "mmol/min/kPa/L", noise="relative"),
        "spo2": EndpointInfo("oxygen saturation at rest", "percent", noise="additive", highest=100),
        "walk": EndpointInfo("six-minute walk distance", "m", noise="additive"),
        "sgrq": EndpointInfo(
            "St George's Respiratory Questionnaire, total", "points", noise="additive", highest=100
        ),
        "fatigue": EndpointInfo("fatigue, 0 none to 10 worst", "1", noise="additive", highest=10),
        "strength": EndpointInfo(
            "muscle strength relative to the person's own healthy strength", "1", noise="relative"
        ),
        "exacerbations": EndpointInfo("severe exacerbations", "events", kind="count"),
        "alt": EndpointInfo("ALT over its upper limit of normal", "1", noise="relative"),
        "stiffness": EndpointInfo("liver stiffness by elastography", "kPa", noise="relative"),
        "fibrosis_stage": EndpointInfo(
            "fibrosis stage by biopsy, METAVIR 0 to 4", "stage", noise="staging", highest=4
        ),
        "polymer": EndpointInfo("Z polymer in the liver, by biopsy", "µM", noise="relative"),
        "albumin": EndpointInfo("albumin in serum", "g/L", noise="relative"),
        "detoxification": EndpointInfo(
            "detoxification, functional reserve of the liver in percent of normal",
            "percent",
            noise="relative",
        ),
        "portal_pressure": EndpointInfo("portal pressure", "mmHg", noise="additive"),
        "crp": EndpointInfo("C-reactive protein", "mg/L", noise="relative"),
        "fever": EndpointInfo("fever", "events", kind="count"),
        "thromboembolism": EndpointInfo("thrombo-embolism", "events", kind="count"),
        "portal_thrombosis": EndpointInfo("portal vein thrombosis", "events", kind="count"),
        "infection": EndpointInfo("serious infection", "events", kind="count"),
        "tumour": EndpointInfo("tumour", "events", kind="count"),
        "procedure": EndpointInfo("complication of a procedure", "events", kind="count"),
        "donor_antibodies": EndpointInfo("donor-specific antibodies", "event", kind="event"),
        "death": EndpointInfo("death", "event", kind="event"),
    }
)
"""Every endpoint id: a contract with the trials room."""

MOST_VALUE = 10_000.0
"""Beyond any value or change that an endpoint has in its unit."""


def bounds_of(endpoint: str) -> tuple[float, float]:
    """Return between which values an endpoint lies: those of the instrument and of living people."""
    info = ENDPOINTS[endpoint]
    low, high, _ = POSSIBLE.get(endpoint, (None, None, ""))
    most = [limit for limit in (info.highest, high) if limit is not None]
    least = [limit for limit in (info.lowest, low) if limit is not None]
    return max(least, default=-MOST_VALUE), min(most, default=MOST_VALUE)


ANALYSES: Mapping[str, tuple[str, tuple[Kind, ...]]] = MappingProxyType(
    {
        "random-slope": ("slope per year (random intercept and slope)", ("measurement",)),
        "ancova": ("change from baseline at one visit, adjusted for baseline", ("measurement",)),
        "negative-binomial": ("events per year", ("count",)),
        "kaplan-meier": ("survival at given times", ("event",)),
        "log-rank": ("time to event", ("event",)),
        "describe": ("means by visit", ("measurement",)),
        "t-test": ("change from baseline at one visit, by t test", ("measurement",)),
        "mmrm": ("change from baseline at every visit (repeated measures)", ("measurement",)),
        "bayesian": ("change from baseline at one visit, with prior knowledge", ("measurement",)),
        "multiple-imputation": (
            "change from baseline at one visit, missing values imputed",
            ("measurement",),
        ),
        "responder": ("share of responders at one visit", ("measurement",)),
        "crossover": ("treatment difference within people", ("measurement",)),
        "cox": ("hazard ratio", ("event",)),
        "rmst": ("mean time without the event up to a horizon", ("event",)),
    }
)
"""Every analysis id: what it is, and the kinds of endpoint that it fits."""

AT_VISIT = ("ancova", "t-test", "mmrm", "bayesian", "multiple-imputation", "responder")
"""The analyses of change from baseline at one visit."""

SLOPE_VISITS = 3
"""Visits that a slope of each person needs, to be told from the scatter around it."""

LEAST_PEOPLE: Mapping[str, int] = MappingProxyType(
    {"random-slope": 2, "ancova": 2, "t-test": 2, "mmrm": 2, "bayesian": 2,
     "multiple-imputation": 2, "responder": 2, "crossover": 2, "describe": 2}
)  # fmt: skip
"""How many people with values an analysis needs in each arm; 1 where it is not listed."""

ONE_ARM_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"responder": "null_value", "crossover": "cycles"}
)
"""The option that an analysis needs where one arm stands by itself."""

MEASURES = (
    "slope", "slope difference", "mean", "median", "change", "difference", "rate", "rate ratio",
    "hazard ratio", "share", "share difference",
)  # fmt: skip
"""What a published number may be."""

MEASURE_UNITS: Mapping[str, str] = MappingProxyType(
    {"rate": "events/year", "rate ratio": "1", "hazard ratio": "1", "share": "percent",
     "share difference": "percent"}
)  # fmt: skip
"""The units of measures that are not in the unit of their endpoint."""

MEASURE_KINDS: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {"slope": ("measurement",), "slope difference": ("measurement",), "mean": ("measurement",),
     "median": ("measurement",), "change": ("measurement",), "difference": ("measurement",),
     "rate": ("count",), "rate ratio": ("count",), "hazard ratio": ("event",)}
)  # fmt: skip
"""The kinds of endpoint that a measure can be of; any kind where it is not listed."""

CLAIM_MEASURES = ("relative change", "change", "level")
"""What a claimed number may be."""

STRATA = ("genotype", "sex", "smoking", "found_by")
"""What randomisation may be stratified by."""

COVARIATES: Mapping[str, str] = MappingProxyType(
    {
        "baseline": "BASE",
        "site": "SITEID",
        "genotype": "GENOTYPE",
        "smoking": "SMOKING",
        "sex": "SEX",
        "found_by": "FOUND_BY",
        "age": "AGE",
        "weight": "WEIGHT",
        "height": "HEIGHT",
        "fev1": "FEV1BL",
    }
)
"""What an analysis may adjust for, and the column of a trial's frame that holds it."""

FACTORS = ("site", *STRATA)
"""Those of ``COVARIATES`` that are groups."""
