"""Serious infection, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="infection",
    title="Serious infection",
    unit="per year",
    output="infection",
    decimals=3,
    better="lower",
    paramcd="INFECT",
    description="serious infection",
    formal_unit="events",
    kind="count",
)
