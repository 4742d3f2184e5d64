"""Veno-occlusive disease of the liver, counted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="veno_occlusion",
    title="Veno-occlusive disease",
    unit="per year",
    output="veno_occlusion",
    decimals=3,
    better="lower",
    paramcd="VENOOCCL",
    description="veno-occlusive disease of the liver",
    formal_unit="events",
    kind="count",
)
