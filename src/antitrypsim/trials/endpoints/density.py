"""Lung density PD15 at TLC."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="density",
    title="Lung density PD15 at TLC",
    unit="g/L",
    output="lung.density",
    factor=1.0,
    decimals=2,
    better="higher",
    paramcd="PD15",
)
