"""Liver stiffness."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="stiffness",
    title="Liver stiffness",
    unit="kPa",
    output="liver.stiffness",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="STIFF",
    description="liver stiffness by elastography",
    noise="relative",
    noise_size="stiffness_cv",
)
