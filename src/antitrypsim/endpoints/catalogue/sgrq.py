"""SGRQ total."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="sgrq",
    title="SGRQ total",
    unit="points",
    output="wellbeing.sgrq",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="SGRQ",
    read="over a round",
    description="St George's Respiratory Questionnaire, total",
    noise="additive",
    noise_size="sgrq_sd",
    highest=100,
)
