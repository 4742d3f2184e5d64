"""How much can be given: beside the largest dose on record, and at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from antitrypsim.documents.faults import fault
from antitrypsim.simulation.given import not_givable

if TYPE_CHECKING:
    from antitrypsim.protocols.delivery import AnyDose, Delivery
    from antitrypsim.simulation.regimen import Regimen

ABSURD = 10.0
"""An amount above this many times the largest on record is refused, where no more is known."""

TRIFLE = 1e-4
"""An amount below this part of the largest on record is told of."""


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
    if dose.most is not None:
        if amount <= dose.most.value:
            return ""
        return not_givable(amount, dose.unit) or (
            f"{told}, more than can be given at once; up to {dose.most.value:g} {dose.unit} is taken"
        )
    if dose.limit is not None and amount > ABSURD * dose.limit.value:
        times = amount / dose.limit.value
        often = f"{times:.3g}" if times < 1e6 else f"{times:.1e}"
        return (
            f"{told}, {often} times the largest dose on record ({dose.limit.value:g} {dose.unit}, "
            f"{dose.limit.source}); up to {ABSURD:g} times that is taken"
        )
    return not_givable(amount, dose.unit)


def excess(amount: float, dose: AnyDose) -> str:
    """Return what to say of an amount beyond anything reported; nothing for one that is not."""
    if dose.limit is None or amount <= dose.limit.value * (1 + 1e-9):
        return ""
    return (
        f"{amount:g} {dose.unit} is above the largest dose on record, {dose.limit.value:g} {dose.unit} "
        f"({dose.limit.source})"
    )


def trifle(amount: float, dose: AnyDose) -> str:
    """Return what to say of an amount that is as good as none; nothing for another."""
    if amount == 0:
        return f"the amount is 0 {dose.unit}: the same as no treatment"
    if dose.limit is not None and amount < TRIFLE * dose.limit.value:
        return (
            f"{amount:g} {dose.unit} is less than a {1 / TRIFLE:,.0f}th of the largest dose on record, "
            f"{dose.limit.value:g} {dose.unit} ({dose.limit.source}): hardly a treatment"
        )
    return ""


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
