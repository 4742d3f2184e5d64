"""Days above 11 µM."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="days_above",
    title="Days above 11 µM",
    unit="days",
    output="circulation.days_above",
    decimals=0,
    paramcd="AATDAY",
    read="over a round",
    description="days lived with serum AAT above 11 µM; its change counts those of the trial",
)
