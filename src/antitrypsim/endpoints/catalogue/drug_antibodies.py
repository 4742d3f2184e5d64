"""The first antibodies against a given protein."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="drug_antibodies",
    title="Antibodies against the drug",
    unit="days",
    output="drug_antibodies",
    decimals=0,
    better="lower",
    paramcd="ADA",
    description="antibodies against a given protein",
    formal_unit="event",
    kind="event",
)
