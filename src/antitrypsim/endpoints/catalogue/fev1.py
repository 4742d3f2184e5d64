"""FEV1."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fev1",
    title="FEV1",
    unit="L",
    output="lung.fev1",
    factor=1.0,
    decimals=3,
    better="higher",
    paramcd="FEV1",
    read="over a round",
    description="FEV1",
    noise="additive",
    noise_size="fev1_sd",
    draw="spirometry",
)
