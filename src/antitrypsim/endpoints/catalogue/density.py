"""Lung density PD15 at TLC."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="density",
    title="Lung density PD15 at TLC",
    unit="g/L",
    output="lung.density",
    factor=1.0,
    decimals=2,
    better="higher",
    paramcd="PD15",
    description="lung density (PD15) at full inspiration, volume corrected",
    noise="additive",
    noise_size="density_sd",
)
