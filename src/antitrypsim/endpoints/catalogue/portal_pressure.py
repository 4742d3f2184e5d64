"""Portal pressure."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="portal_pressure",
    title="Portal pressure",
    unit="mmHg",
    output="portal.pressure",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="PORTP",
    description="portal pressure",
    noise="additive",
    noise_size="portal_pressure_sd",
)
