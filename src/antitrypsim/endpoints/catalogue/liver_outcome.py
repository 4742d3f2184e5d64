"""The first of decompensation, carcinoma, transplantation of the liver and death by the liver."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="liver_outcome",
    title="Major liver event",
    unit="days",
    output="liver_outcome",
    decimals=0,
    better="lower",
    paramcd="LIVEVENT",
    description="first of decompensation, carcinoma, transplantation of the liver and death by the liver",
    formal_unit="event",
    kind="event",
    first_of=("decompensation", "carcinoma", "liver_transplantation", "death_liver"),
)
