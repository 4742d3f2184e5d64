"""Rises of liver enzymes by a drug, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="enzyme_rise",
    title="Rise of liver enzymes by a drug",
    unit="per year",
    output="enzyme_rise",
    decimals=2,
    better="lower",
    paramcd="ENZRISE",
    description="rise of liver enzymes by a drug",
    formal_unit="events",
    kind="count",
)
