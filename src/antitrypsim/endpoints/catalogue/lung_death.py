"""Death by the lung."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="lung_death",
    title="Death by the lung",
    unit="days",
    output="death_lung",
    decimals=0,
    better="lower",
    paramcd="DTHLNG",
    description="death by loss of airflow",
    formal_unit="event",
    kind="event",
)
