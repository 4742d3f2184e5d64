"""Urinary desmosine."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="urinary_desmosine",
    title="Urinary desmosine",
    unit="µg/g creatinine",
    output="lung.urinary_desmosine",
    decimals=1,
    better="lower",
    paramcd="UDESMOS",
    read="over a round",
    description="desmosine in urine over creatinine",
    noise="relative",
    noise_size="desmosine_urine_cv",
)
