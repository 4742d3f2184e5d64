"""Serious liver injury by a therapy, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="liver_injury",
    title="Serious liver injury by a therapy",
    unit="per year",
    output="liver_injury",
    decimals=2,
    better="lower",
    paramcd="LIVINJ",
    description="serious liver injury by a therapy",
    formal_unit="events",
    kind="count",
)
