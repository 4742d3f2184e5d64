"""Lining-fluid AAT."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="lining_aat",
    title="Lining-fluid AAT",
    unit="µM",
    output="lung.lining_aat_total",
    factor=1.0,
    decimals=2,
    better="higher",
    paramcd="AATELF",
    read="over a round",
    description="AAT in lining fluid, antigenic",
    noise="relative",
    noise_size="lining_aat_cv",
)
