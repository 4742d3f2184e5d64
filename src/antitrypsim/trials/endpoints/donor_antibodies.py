"""The first donor-specific antibodies."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="donor_antibodies",
    title="Donor-specific antibodies",
    unit="days",
    output="donor_antibodies",
    decimals=0,
    better="lower",
    paramcd="DSA",
    kind="time",
)
