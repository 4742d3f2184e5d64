"""Tumour, counted."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="tumour",
    title="Tumour",
    unit="per year",
    output="tumour",
    decimals=3,
    better="lower",
    paramcd="TUMOUR",
    kind="count",
)
