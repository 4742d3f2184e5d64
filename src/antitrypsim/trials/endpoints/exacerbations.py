"""Severe exacerbations, counted."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="exacerbations",
    title="Severe exacerbations",
    unit="per year",
    output="exacerbation",
    decimals=2,
    better="lower",
    paramcd="EXACER",
    kind="count",
)
