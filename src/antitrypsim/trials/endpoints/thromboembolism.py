"""Thrombo-embolism, counted."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="thromboembolism",
    title="Thrombo-embolism",
    unit="per year",
    output="thromboembolism",
    decimals=3,
    better="lower",
    paramcd="THROMB",
    kind="count",
)
