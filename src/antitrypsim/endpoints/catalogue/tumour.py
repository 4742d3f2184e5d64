"""Tumour, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="tumour",
    title="Tumour",
    unit="per year",
    output="tumour",
    decimals=3,
    better="lower",
    paramcd="TUMOUR",
    description="tumour",
    formal_unit="events",
    kind="count",
)
