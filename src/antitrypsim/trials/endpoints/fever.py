"""Fever, counted."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fever",
    title="Fever",
    unit="per year",
    output="fever",
    decimals=2,
    better="lower",
    paramcd="FEVER",
    kind="count",
)
