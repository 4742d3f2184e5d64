"""A therapy in one line of text: ``augmentation:60mg/kg/week``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from antitrypsim.foundations.errors import InputError, UnitError, nearest
from antitrypsim.foundations.units import parse_days
from antitrypsim.protocols.delivery import Delivery, by_name, known_doses
from antitrypsim.protocols.faults import shown
from antitrypsim.protocols.rules import _possible as check_amount
from antitrypsim.protocols.times import LONGEST_DAYS
from antitrypsim.simulation.regimen import DoseRecord, Regimen

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.delivery import AnyDose

YEAR = 365.25
EXAMPLE = "augmentation:60mg/kg/week"

# The interval stands behind the last stroke; '60mg/kg' ends in a weight, which is none.
_INTERVAL = re.compile(r"^(\d+(?:\.\d+)?)?\s*([A-Za-z]+)$")


def parse_therapy(text: str, years: float, *, model: Model | None = None) -> Regimen:
    """Return the regimen that ``text`` says, from day 0 for ``years``.

    ``product[@route]:dose/interval``, several joined with '+': 'augmentation:60mg/kg/week',
    'fazirsiran:200mg@75kg/12weeks' (a fixed dose, shared out by body weight as for 75 kg),
    'augmentation@intravenous:120mg/kg/2weeks', or '/once' for a single dose. ``model`` is needed
    only for therapies from elsewhere. Raises InputError, one sentence with an example.
    """
    if not 0 < years <= LONGEST_DAYS / YEAR:
        raise InputError(f"{years:g} years cannot be; between 0 and 100 can")
    doses = known_doses() if model is None else by_name(model.doses)
    parts = [" ".join(part.split()) for part in text.split("+")]
    records = tuple(_record(part, years * YEAR, doses) for part in parts)
    return Regimen(" + ".join(parts), records)


def _record(text: str, length: float, doses: Mapping[str, AnyDose]) -> DoseRecord:
    name, colon, rest = text.partition(":")
    product, _, route = (word.strip() for word in name.partition("@"))
    if not colon or not product or not rest.strip():
        raise InputError(
            f"'{shown(text)}' is no therapy; write product:dose/interval, for example '{EXAMPLE}'"
        )
    route = _route(product, route, doses.values())
    amount, interval = _split(text, rest)
    dose, _, per_weight = (word.strip() for word in amount.partition("@"))
    data = {"product": product, "route": route, "dose": dose}
    if per_weight:
        data["per_weight"] = per_weight
    try:
        if interval is None:
            delivery = Delivery.model_validate({**data, "at": ["0 days"]})
        else:
            delivery = Delivery.model_validate({**data, "every": interval})
        given = delivery.dose_of(doses)
        check_amount(delivery, given)
        delivery.check_times(length, "the years asked for")
        return DoseRecord(given.name, delivery.amount_in(given), delivery.times(length))
    except ValidationError as problem:
        message = str(problem.errors()[0]["msg"])
    except PydanticCustomError as problem:
        message = str(problem.message())
    # What a protocol file calls 'per_weight: 75 kg' is '@75kg' here.
    message = message.replace("'per_weight: 75 kg'", "'@75kg' behind it")
    raise InputError(f"therapy '{shown(text)}': {message}")


def _route(product: str, route: str, doses: Iterable[AnyDose]) -> str:
    routes: dict[str, list[str]] = {}
    for dose in doses:
        routes.setdefault(dose.product, []).append(dose.route)
    if product not in routes:
        known = sorted(routes)
        hint = nearest(product, known) or f"; there is {', '.join(known)}"
        raise InputError(f"no therapy '{shown(product)}'{hint}")
    if not route and len(routes[product]) == 1:
        return routes[product][0]
    if route not in routes[product]:
        known = sorted(routes[product])
        said = f"is not given by the route '{shown(route)}'" if route else "has several routes"
        raise InputError(
            f"{product} {said}; write {' or '.join(f'{product}@{each}' for each in known)}"
        )
    return route


def _split(text: str, rest: str) -> tuple[str, str | None]:
    """Split '60mg/kg/2weeks' into the amount and the interval, which is None for '/once'."""
    amount, stroke, last = (word.strip() for word in rest.rpartition("/"))
    if stroke and last == "once":
        return amount, None
    match = _INTERVAL.match(last)
    if stroke and match is not None and amount:
        interval = f"{match.group(1) or '1'} {match.group(2)}"
        try:
            parse_days(interval)
            return amount, interval
        except UnitError:
            pass
    raise InputError(
        f"'{shown(text)}' does not say how often; end it with an interval, for example "
        f"'{EXAMPLE}', or with '/once'"
    )
