"""KCO."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="kco",
    title="KCO",
    unit="mmol/min/kPa/L",
    output="lung.kco",
    factor=1.0,
    decimals=3,
    better="higher",
    paramcd="KCO",
    description="gas transfer (KCO)",
    noise="relative",
    noise_size="kco_cv",
)
