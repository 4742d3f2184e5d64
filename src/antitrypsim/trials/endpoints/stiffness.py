"""Liver stiffness."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="stiffness",
    title="Liver stiffness",
    unit="kPa",
    output="liver.stiffness",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="STIFF",
)
