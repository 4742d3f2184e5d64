"""Oxygen saturation at rest."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="spo2",
    title="Oxygen saturation at rest",
    unit="%",
    output="lung.saturation",
    factor=1.0,
    decimals=1,
    better="higher",
    paramcd="SPO2",
    read="over a round",
    description="oxygen saturation at rest",
    formal_unit="percent",
    noise="additive",
    noise_size="spo2_sd",
    highest=100,
)
