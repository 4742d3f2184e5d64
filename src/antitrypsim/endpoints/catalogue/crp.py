"""C-reactive protein."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="crp",
    title="C-reactive protein",
    unit="mg/L",
    output="immunity.crp",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="CRP",
    read="over a round",
    description="C-reactive protein",
    noise="relative",
    noise_size="crp_cv",
)
