"""Transplantation of a lung or a liver off a list."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="transplantation",
    title="Transplantation",
    unit="days",
    output="transplantation",
    decimals=0,
    better="lower",
    paramcd="TRANSPL",
    description="transplantation of a lung or a liver off a list, not as a treatment of the arm",
    formal_unit="event",
    kind="event",
    first_of=("lung_transplantation", "liver_transplantation"),
)
