"""Fatigue, 0 to 10."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fatigue",
    title="Fatigue, 0 to 10",
    unit="points",
    output="wellbeing.fatigue",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="FATIGUE",
    read="over a round",
    description="fatigue, 0 none to 10 worst",
    formal_unit="1",
    noise="additive",
    noise_size="fatigue_sd",
    highest=10,
)
