"""Serum AAT, functional."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="functional_aat",
    title="Serum AAT, functional",
    unit="µM",
    output="circulation.functional_aat",
    factor=1.0,
    decimals=1,
    better="higher",
    paramcd="AATFUN",
    read="before a dose",
    description="AAT in serum that inhibits elastase",
    noise="relative",
    noise_size="functional_aat_cv",
)
