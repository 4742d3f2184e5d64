"""How a protocol may analyse what it measures: stable ids, titles and units."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from antitrypsim.endpoints import ENDPOINTS, Kind
from antitrypsim.populations.possible import possible
from antitrypsim.populations.spec import CONDITIONS, Stratum
from antitrypsim.simulation.people import column
from antitrypsim.statistics.analysis import ANALYSES as PROGRAMS

MOST_VALUE = 10_000.0
"""Beyond any value or change that an endpoint has in its unit."""


def bounds_of(endpoint: str) -> tuple[float, float]:
    """Return between which values an endpoint lies: those of the instrument and of living people."""
    least, most = (end.value for end in possible(endpoint))
    return -MOST_VALUE if least is None else least, MOST_VALUE if most is None else most


ANALYSES: Mapping[str, tuple[str, tuple[Kind, ...]]] = MappingProxyType(
    {name: (program.estimates, program.kinds) for name, program in PROGRAMS.items()}
)
"""Every analysis id: what it is, and the kinds of endpoint that it fits."""

AT_VISIT = tuple(name for name, program in PROGRAMS.items() if program.at_visit)
"""The analyses of change from baseline at one visit."""

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

KINDS: tuple[str, ...] = (*get_args(Stratum), *CONDITIONS)
"""What sorts people into groups without a measurement."""

MEASURED: Mapping[str, str] = MappingProxyType(
    {"airflow": "fev1_percent"} | {id: id for id, e in ENDPOINTS.items() if e.kind == "measurement"}
)
"""What is read on day 0, and the endpoint that it is read as."""

BODY: Mapping[str, str] = MappingProxyType(
    {"age": "years", "weight": "kg", "height": "m", "bmi": "kg/m²"}
)
"""Numbers that are known of everybody exactly, and their units."""

BANDED = (*BODY, *(word for word, id in MEASURED.items() if word == id))
"""Numbers, which make strata by bands that the protocol states."""

COVARIATES: Mapping[str, str] = MappingProxyType(
    {
        "baseline": "BASE",
        "site": "SITEID",
        **{name: column(name) for name in (*KINDS, "airflow", *BODY)},
        **{id: f"{ENDPOINTS[id].paramcd}BL" for id in BANDED if id not in BODY},
    }
)
"""What an analysis may adjust for, and the column of a trial's frame that holds it."""

GROUPED = ("site", *get_args(Stratum), "airflow")
"""Those of ``COVARIATES`` that are groups and not numbers."""

STRATA: Mapping[str, str] = MappingProxyType(
    {
        **{name: column(name) for name in (*KINDS, "airflow")},
        **{name: f"{column(name)}GR" for name in BODY},
        **{id: f"{ENDPOINTS[id].paramcd}GR" for id in BANDED if id not in BODY},
    }
)
"""What makes strata, and the column of a trial's frame that holds them; of a number those of its bands."""

FACTORS: Mapping[str, str] = MappingProxyType({"site": COVARIATES["site"], **STRATA})
"""What makes strata, with the sites of a design."""
