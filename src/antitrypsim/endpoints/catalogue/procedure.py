"""Complication of a procedure, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="procedure",
    title="Complication of a procedure",
    unit="per year",
    output="procedure",
    decimals=3,
    better="lower",
    paramcd="PROCCOMP",
    description="complication of a procedure",
    formal_unit="events",
    kind="count",
)
