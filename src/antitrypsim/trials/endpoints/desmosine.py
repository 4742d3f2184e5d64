"""Plasma desmosine."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="desmosine",
    title="Plasma desmosine",
    unit="ng/mL",
    output="lung.desmosine",
    factor=1.0,
    decimals=3,
    better="lower",
    paramcd="DESMOS",
    read="over a round",
)
