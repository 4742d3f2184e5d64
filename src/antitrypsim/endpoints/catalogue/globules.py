"""PAS-D globule score."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="globules",
    title="PAS-D globule score",
    unit="points",
    output="liver.globule_score",
    decimals=1,
    better="lower",
    paramcd="PASD",
    description="globules of Z protein in a biopsy, score 0 to 9",
    formal_unit="1",
    noise="additive",
    noise_size="globules_sd",
    highest=9.0,
)
