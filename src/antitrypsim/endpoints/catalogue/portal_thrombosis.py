"""Portal vein thrombosis, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="portal_thrombosis",
    title="Portal vein thrombosis",
    unit="per year",
    output="portal_thrombosis",
    decimals=3,
    better="lower",
    paramcd="PVTHROMB",
    description="portal vein thrombosis",
    formal_unit="events",
    kind="count",
)
