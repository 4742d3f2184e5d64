"""Quality-adjusted years."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="qalys",
    title="Quality-adjusted years",
    unit="years",
    output="wellbeing.qalys",
    paramcd="QALY",
    description="quality-adjusted years lived; their change counts those of the trial",
    decimals=2,
)
