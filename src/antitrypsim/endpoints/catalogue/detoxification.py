"""Detoxification, per cent of normal."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="detoxification",
    title="Detoxification, per cent of normal",
    unit="%",
    output="liver.reserve",
    factor=100.0,
    decimals=1,
    better="higher",
    paramcd="DETOX",
    description="detoxification, functional reserve of the liver in percent of normal",
    formal_unit="percent",
    noise="relative",
    noise_size="detoxification_cv",
)
