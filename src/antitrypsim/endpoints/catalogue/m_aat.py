"""M protein in serum."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="m_aat",
    title="M protein in serum",
    unit="µM",
    output="circulation.serum_m",
    decimals=1,
    paramcd="AATM",
    read="before a dose",
    description="M protein in serum, infused protein included",
    noise="relative",
    noise_size="isoform_cv",
)
