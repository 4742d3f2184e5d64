"""Death from any cause."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="death",
    title="Death",
    unit="days",
    output="death",
    decimals=0,
    better="lower",
    paramcd="DEATH",
    description="death",
    formal_unit="event",
    kind="event",
)
