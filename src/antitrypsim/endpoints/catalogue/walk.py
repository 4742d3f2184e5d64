"""Six-minute walk."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="walk",
    title="Six-minute walk",
    unit="m",
    output="wellbeing.walk",
    factor=1.0,
    decimals=0,
    better="higher",
    paramcd="SIXMW",
    read="over a round",
    description="six-minute walk distance",
    noise="additive",
    noise_size="walk_sd",
)
