"""Fibrosis stage, METAVIR."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fibrosis_stage",
    title="Fibrosis stage, METAVIR",
    unit="stage",
    output="liver.fibrosis_stage",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="FIBST",
    description="fibrosis stage by biopsy, METAVIR 0 to 4",
    noise="staging",
    noise_size="fibrosis_stage_misread",
    highest=4,
)
