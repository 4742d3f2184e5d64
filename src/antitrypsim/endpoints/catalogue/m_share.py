"""M share of serum AAT."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="m_share",
    title="M share of serum AAT",
    unit="%",
    output="circulation.share_m",
    factor=100.0,
    decimals=0,
    paramcd="AATMSH",
    read="before a dose",
    description="M protein, share of serum AAT",
    formal_unit="percent",
    noise="additive",
    noise_size="m_share_sd",
    highest=100.0,
)
