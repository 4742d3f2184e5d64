"""Elastase footprint."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="footprint",
    title="Elastase footprint",
    unit="nM",
    output="lung.footprint",
    factor=1.0,
    decimals=2,
    better="lower",
    paramcd="NEFOOT",
    read="over a round",
    description="elastase footprint on fibrinogen",
    noise="relative",
    noise_size="footprint_cv",
)
