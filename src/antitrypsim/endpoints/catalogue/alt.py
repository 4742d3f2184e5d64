"""ALT."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="alt",
    title="ALT",
    unit="times upper limit",
    output="liver.alt",
    factor=1.0,
    decimals=2,
    better="lower",
    paramcd="ALT",
    description="ALT over its upper limit of normal",
    formal_unit="1",
    noise="relative",
    noise_size="alt_cv",
)
