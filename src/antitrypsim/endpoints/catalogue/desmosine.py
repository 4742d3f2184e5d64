"""Plasma desmosine."""

from antitrypsim.endpoints.endpoint import Endpoint

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
    description="desmosine in plasma",
    noise="relative",
    noise_size="desmosine_cv",
)
