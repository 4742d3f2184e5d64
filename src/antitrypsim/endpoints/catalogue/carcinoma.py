"""Hepatocellular carcinoma."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="carcinoma",
    title="Hepatocellular carcinoma",
    unit="days",
    output="carcinoma",
    decimals=0,
    better="lower",
    paramcd="HCC",
    description="hepatocellular carcinoma",
    formal_unit="event",
    kind="event",
)
