"""Free elastase at elastin."""

from antitrypsim.endpoints.endpoint import Endpoint

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
    description="free elastase in the lung, relative to a healthy lung's release",
    formal_unit="1",
    noise="relative",
    noise_size="free_elastase_cv",
)
