"""Fibrosis stage, Ishak."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="ishak_stage",
    title="Fibrosis stage, Ishak",
    unit="stage",
    output="liver.ishak_stage",
    decimals=1,
    better="lower",
    paramcd="ISHAK",
    description="fibrosis stage by biopsy, Ishak 0 to 6",
    noise="staging",
    noise_size="ishak_misread",
    highest=6,
)
