"""Serum AAT, antigenic."""

from antitrypsim.endpoints.endpoint import Endpoint

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
    description="AAT in serum, antigenic",
    noise="relative",
    noise_size="serum_aat_cv",
    limit="serum_aat_limit",
)
