"""Elastase activity of blood."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="blood_elastase",
    title="Elastase activity of stimulated blood",
    unit="relative to a healthy count of neutrophils without AAT",
    output="lung.blood_elastase",
    factor=1.0,
    decimals=3,
    better="lower",
    paramcd="NEBLOOD",
    read="before a dose",
    description="elastase activity of stimulated blood, relative to a healthy count without AAT",
    formal_unit="1",
    noise="relative",
    noise_size="blood_elastase_cv",
)
