"""How much can be given: beside the largest dose on record, and at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from antitrypsim.documents.faults import fault

if TYPE_CHECKING:
    from antitrypsim.protocols.delivery import AnyDose, Delivery
    from antitrypsim.simulation.regimen import Regimen

ABSURD = 10.0
"""An amount above this many times the largest on record is refused."""

MOST: Mapping[str, float] = {
    "mg/kg": 1e5,
    "mg": 1e7,
    "ng/mL": 1e3,
    "cell": 1e13,
    "particle": 1e17,
    "vg": 1e19,
    "vg/kg": 1e17,
}
"""The most that is taken of a product without a record, by unit: more than a body would hold.

Round numbers that catch a slip of the exponent or the prefix of a unit (a trough of µg/mL for ng/mL); they are no evidence of what can be borne.
"""


def check_amount(delivery: Delivery, dose: AnyDose) -> None:
    """Raise the fault of an amount that nobody could be given."""
    amount = delivery.amount_in(dose)
    if said := impossible(amount, dose):
        raise fault(f"'{delivery.dose}' is {said}", "dose")


def check_together(given: Regimen, doses: Mapping[str, AnyDose]) -> None:
    """Raise the fault of amounts that nobody could be given together, one line on another."""
    for name, amount in in_a_day(given, doses).items():
        if said := impossible(amount, doses[name]):
            raise fault(f"what is given of {name} within a day adds up to {said}")


def impossible(amount: float, dose: AnyDose) -> str:
    """Return '<amount>, and why it cannot be given'; nothing for one that can."""
    told = f"{amount:g} {dose.unit}"
    if dose.limit is not None and amount > ABSURD * dose.limit:
        times = amount / dose.limit
        often = f"{times:.3g}" if times < 1e6 else f"{times:.1e}"
        return (
            f"{told}, {often} times the largest dose on record ({dose.limit:g} {dose.unit}, "
            f"{dose.limit_source}); up to {ABSURD:g} times that is taken"
        )
    most = MOST.get(dose.unit, float("inf"))
    if amount > most or not amount < float("inf"):
        return f"{told}, more than a body would hold; up to {most:g} {dose.unit} is taken"
    return ""


def excess(amount: float, dose: AnyDose) -> str:
    """Return what to say of an amount beyond anything reported; nothing for one that is not."""
    if dose.limit is None or amount <= dose.limit * (1 + 1e-9):
        return ""
    return (
        f"{amount:g} {dose.unit} is above the largest dose on record, {dose.limit:g} {dose.unit} "
        f"({dose.limit_source})"
    )


def in_a_day(given: Regimen, doses: Mapping[str, AnyDose]) -> dict[str, float]:
    """Return the most of each dose that is given within a day, and the highest level that is held.

    By 'product/route', of the doses that ``doses`` knows.
    """
    held = {dose.holds.name: name for name, dose in doses.items() if dose.holds is not None}
    levels = {
        held[name]: max(value for _, value in given.held(0.0, name))
        for name in sorted({level.input for level in given.levels})
        if name in held
    }
    return {name: a for name, a in given.within_a_day.items() if name in doses} | levels


def given_in(
    deliveries: Iterable[tuple[Delivery, float, float]], doses: Mapping[str, AnyDose]
) -> Regimen:
    """Return what deliveries give together, each in its epoch; those unknown are passed over."""
    from antitrypsim.simulation.regimen import Regimen

    whole = Regimen()
    for delivery, start, end in deliveries:
        if delivery.name in doses:
            whole += delivery.given(doses[delivery.name], start, end)
    return whole
