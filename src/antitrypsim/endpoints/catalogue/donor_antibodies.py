"""The first donor-specific antibodies."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="donor_antibodies",
    title="Donor-specific antibodies",
    unit="days",
    output="donor_antibodies",
    decimals=0,
    better="lower",
    paramcd="DSA",
    description="donor-specific antibodies",
    formal_unit="event",
    kind="event",
)
