"""AST."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="ast",
    title="AST",
    unit="times upper limit",
    output="liver.ast",
    decimals=2,
    better="lower",
    paramcd="AST",
    description="AST over its upper limit of normal",
    formal_unit="1",
    noise="relative",
    noise_size="alt_cv",
)
