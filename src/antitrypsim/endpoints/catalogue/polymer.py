"""Z polymer in the liver."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="polymer",
    title="Z polymer in the liver",
    unit="µM of plasma volume",
    output="liver.polymer_total",
    factor=1.0,
    decimals=2,
    better="lower",
    paramcd="ZPOLY",
    description="Z polymer in the liver, by biopsy",
    formal_unit="µM",
    noise="relative",
    noise_size="polymer_cv",
)
