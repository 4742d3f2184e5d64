"""Muscle strength."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="strength",
    title="Muscle strength",
    unit="relative to own healthy strength",
    output="wellbeing.strength",
    factor=1.0,
    decimals=2,
    better="higher",
    paramcd="STRENGTH",
    read="over a round",
    description="muscle strength relative to the person's own healthy strength",
    formal_unit="1",
    noise="relative",
    noise_size="strength_cv",
)
