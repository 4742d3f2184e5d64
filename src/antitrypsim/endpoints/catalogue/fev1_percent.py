"""FEV1, per cent predicted."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fev1_percent",
    title="FEV1, per cent predicted",
    unit="%",
    output="lung.fev1_share",
    factor=100.0,
    decimals=1,
    better="higher",
    paramcd="FEV1PP",
    read="over a round",
    description="FEV1 in percent of predicted",
    formal_unit="percent",
    noise="additive",
    noise_size="fev1_percent_sd",
    draw="spirometry",
)
