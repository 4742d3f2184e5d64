"""Death from any cause."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="death",
    title="Death",
    unit="days",
    output="death",
    decimals=0,
    better="lower",
    paramcd="DEATH",
    kind="time",
)
