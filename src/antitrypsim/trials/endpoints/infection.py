"""Serious infection, counted."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="infection",
    title="Serious infection",
    unit="per year",
    output="infection",
    decimals=3,
    better="lower",
    paramcd="INFECT",
    kind="count",
)
