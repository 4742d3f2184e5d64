"""Severe exacerbations, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="exacerbations",
    title="Severe exacerbations",
    unit="per year",
    output="exacerbation",
    decimals=2,
    better="lower",
    paramcd="EXACER",
    description="severe exacerbations",
    formal_unit="events",
    kind="count",
)
