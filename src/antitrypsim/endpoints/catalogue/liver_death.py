"""Death by the liver."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="liver_death",
    title="Death by the liver",
    unit="days",
    output="death_liver",
    decimals=0,
    better="lower",
    paramcd="DTHLIV",
    description="death by a decompensated liver or its carcinoma",
    formal_unit="event",
    kind="event",
)
