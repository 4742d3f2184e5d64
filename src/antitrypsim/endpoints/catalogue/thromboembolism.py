"""Thrombo-embolism, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="thromboembolism",
    title="Thrombo-embolism",
    unit="per year",
    output="thromboembolism",
    decimals=3,
    better="lower",
    paramcd="THROMB",
    description="thrombo-embolism",
    formal_unit="events",
    kind="count",
)
