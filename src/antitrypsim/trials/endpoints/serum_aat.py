"""Serum AAT, antigenic."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="serum_aat",
    title="Serum AAT, antigenic",
    unit="µM",
    output="circulation.serum_aat",
    factor=1.0,
    decimals=1,
    better="higher",
    paramcd="AATSER",
    read="before a dose",
)
