"""FVC."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fvc",
    title="FVC",
    unit="L",
    output="lung.fvc",
    factor=1.0,
    decimals=3,
    better="higher",
    paramcd="FVC",
    read="over a round",
    description="FVC",
    noise="additive",
    noise_size="fvc_sd",
    draw="spirometry",
)
