"""First decompensation of the liver."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="decompensation",
    title="First decompensation of the liver",
    unit="days",
    output="decompensation",
    decimals=0,
    better="lower",
    paramcd="DECOMP",
    description="first ascites, bleeding or encephalopathy",
    formal_unit="event",
    kind="event",
)
