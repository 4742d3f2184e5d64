"""Transplant-free survival: it ends with death or a transplantation, whichever comes first."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="transplant_free",
    title="Death or transplantation",
    unit="days",
    output="death_or_transplantation",
    decimals=0,
    better="lower",
    paramcd="TXFREE",
    description="death or transplantation off a list, whichever comes first",
    formal_unit="event",
    kind="event",
    first_of=("death", "lung_transplantation", "liver_transplantation"),
)
