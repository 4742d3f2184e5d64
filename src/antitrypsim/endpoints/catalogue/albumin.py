"""Serum albumin."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="albumin",
    title="Serum albumin",
    unit="g/L",
    output="liver.albumin",
    factor=1.0,
    decimals=1,
    better="higher",
    paramcd="ALB",
    description="albumin in serum",
    noise="relative",
    noise_size="albumin_cv",
)
