"""Free elastase at elastin."""

from antitrypsim.trials.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="free_elastase",
    title="Free elastase at elastin",
    unit="relative to a healthy release",
    output="lung.free_elastase",
    factor=1.0,
    decimals=2,
    better="lower",
    paramcd="NEFREE",
    read="over a round",
)
