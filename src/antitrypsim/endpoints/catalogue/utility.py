"""Utility, EQ-5D."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="utility",
    title="Utility, EQ-5D",
    unit="1",
    output="wellbeing.utility",
    paramcd="EQ5D",
    description="utility by EQ-5D from the SGRQ and the liver",
    decimals=2,
    lowest=-0.6,
    highest=1.0,
)
