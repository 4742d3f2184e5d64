"""Chronic rejection of a donor's lung, the first."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="chronic_lung_rejection",
    title="Chronic rejection of a donor's lung",
    unit="days",
    output="chronic_lung_rejection",
    decimals=0,
    better="lower",
    paramcd="CLAD",
    description="chronic rejection of a donor's lung",
    formal_unit="event",
    kind="event",
)
