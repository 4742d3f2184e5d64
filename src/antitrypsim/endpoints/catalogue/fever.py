"""Fever, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fever",
    title="Fever",
    unit="per year",
    output="fever",
    decimals=2,
    better="lower",
    paramcd="FEVER",
    description="fever",
    formal_unit="events",
    kind="count",
)
