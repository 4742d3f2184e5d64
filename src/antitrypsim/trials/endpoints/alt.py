"""ALT."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="alt",
    title="ALT",
    unit="times upper limit",
    output="liver.alt",
    factor=1.0,
    decimals=2,
    better="lower",
    paramcd="ALT",
)
