"""Z protein in serum."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="z_aat",
    title="Z protein in serum",
    unit="µM",
    output="circulation.serum_z",
    decimals=1,
    better="lower",
    paramcd="AATZ",
    read="before a dose",
    description="Z protein in serum",
    noise="relative",
    noise_size="isoform_cv",
)
