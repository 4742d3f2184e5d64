"""Fibrosis stage, METAVIR."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="fibrosis_stage",
    title="Fibrosis stage, METAVIR",
    unit="stage",
    output="liver.fibrosis_stage",
    factor=1.0,
    decimals=1,
    better="lower",
    paramcd="FIBST",
)
