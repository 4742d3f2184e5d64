"""GGT."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="ggt",
    title="GGT",
    unit="times upper limit",
    output="liver.ggt",
    decimals=2,
    better="lower",
    paramcd="GGT",
    description="GGT over its upper limit of normal",
    formal_unit="1",
    noise="relative",
    noise_size="ggt_cv",
)
