"""A therapy in one line of text: ``augmentation:60mg/kg/week``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from antitrypsim.documents.times import LONGEST_DAYS
from antitrypsim.foundations.errors import InputError, UnitError, nearest, shown
from antitrypsim.foundations.units import YEAR, parse_days
from antitrypsim.protocols.amounts import check_amount, check_together
from antitrypsim.protocols.delivery import Delivery, by_name, known_doses, refused
from antitrypsim.simulation.regimen import Regimen

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.delivery import AnyDose

HELD = "held"
EXAMPLE = "augmentation:60mg/kg/week"

_PAST = re.compile(r"^(?P<therapy>.+?)\s+from\s+(?P<start>[\d.]+)\s+to\s+(?P<end>[\d.]+|now)$")

# A plus joins therapies, but for the one in a number such as 2e+8.
_PLUS = re.compile(r"(?<![\d.][eE])\+|\+(?!\s*\d)")

# The interval stands behind the last stroke; '60mg/kg' ends in a weight, which is none.
_INTERVAL = re.compile(r"^(\d+(?:\.\d+)?)?\s*([A-Za-z]+)$")


def parse_therapy(text: str, years: float, *, model: Model | None = None) -> Regimen:
    """Return the regimen that ``text`` says, from day 0 for ``years``.

    ``product[@route]:dose/interval``, several joined with '+': 'augmentation:60mg/kg/week',
    'fazirsiran:200mg@75kg/12weeks' (a fixed dose, shared out by body weight as for 75 kg),
    'augmentation@intravenous:120mg/kg/2weeks', or '/once' for a single dose and '/held' for a
    level; 'msc@intravenous[source=autologous]:200e6cells/3months' says more of the product. ``model`` is needed
    only for therapies from elsewhere. Raises InputError, one sentence with an example.
    """
    if not 0 < years <= LONGEST_DAYS / YEAR:
        raise InputError(f"{years:g} years cannot be; between 0 and 100 can")
    doses = known_doses() if model is None else by_name(model.doses)
    parts = parts_of(text)
    given = [_given(part, years * YEAR, doses) for part in parts]
    return joined(given, " + ".join(parts), model=model)


def past_therapy(texts: Sequence[str], age: float, *, model: Model | None = None) -> Regimen:
    """Return what a person of ``age`` years has been given, on days before today.

    Each text is a therapy and between which ages: 'augmentation:60mg/kg/week from 45 to 48', or 'to now'.
    Raises InputError, one sentence with an example.
    """
    given = [_past(text, age, model) for text in texts]
    return joined(given, " + ".join(texts), model=model) if given else Regimen()


def _past(text: str, age: float, model: Model | None) -> Regimen:
    found = _PAST.match(text.strip())
    try:
        start = float(found["start"]) if found else math.nan
        end = math.nan if not found else age if found["end"] == "now" else float(found["end"])
    except ValueError:
        start = end = math.nan
    if not found or math.isnan(start) or math.isnan(end):
        raise InputError(
            f"'{shown(text)}' is no past therapy; write for example '{EXAMPLE} from 45 to 48', with ages "
            "in years, or 'to now'"
        )
    if not start < end <= age:
        raise InputError(
            f"past therapy '{shown(text)}': from {start:g} to {end:g} cannot be at an age of {age:g}; it begins "
            "before it ends and ends by today"
        )
    return parse_therapy(found["therapy"], end - start, model=model).later((start - age) * YEAR)


def joined(therapies: Sequence[Regimen], name: str, *, model: Model | None = None) -> Regimen:
    """Return what therapies are together, as ``name``; raise InputError where that cannot be.

    Products of a kind that differ cannot, nor doses that add up to an absurd one.
    """
    doses = known_doses() if model is None else by_name(model.doses)
    try:
        whole = sum(therapies[1:], therapies[0])
        check_together(whole, doses)
    except PydanticCustomError as problem:
        raise InputError(f"therapy '{shown(name)}': {problem.message()}") from problem
    except InputError as problem:
        raise InputError(
            f"therapy '{shown(name)}': {problem}; a person is given one product of a kind"
        ) from problem
    return replace(whole, name=name)


def each_once(therapies: Mapping[str, Regimen]) -> None:
    """Raise InputError for a therapy that is another one in other words; by what each is called."""
    seen: dict[Regimen, str] = {}
    for name, regimen in therapies.items():
        if regimen in seen:
            raise InputError(
                f"'{shown(seen[regimen])}' and '{shown(name)}' are the same therapy; name each once"
            )
        seen[regimen] = name


class Written(NamedTuple):
    """One therapy as it is written; ``interval`` is None for a single dose, HELD for a level."""

    product: str
    route: str
    details: dict[str, float | str]
    dose: str
    per_weight: str
    interval: str | None

    @property
    def text(self) -> str:
        """The therapy as text, as short as it can be said; ``written`` reads it back."""
        details = ",".join(
            f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"
            for key, value in self.details.items()
        )
        name = f"{self.product}{f'@{self.route}' if self.route else ''}{f'[{details}]' if details else ''}"
        weight = f"@{_close(self.per_weight)}" if self.per_weight else ""
        every = _close(self.interval or "once")
        often = every[1:] if every[0] == "1" and every[1:2].isalpha() else every
        return f"{name}:{_close(self.dose)}{weight}/{often}"


def parts_of(text: str) -> list[str]:
    """Return the therapies that a plus joins, each with single spaces."""
    return [" ".join(part.split()) for part in _PLUS.split(text)]


def written(text: str) -> Written:
    """Take one therapy's text apart; raise InputError for text that is none."""
    name, colon, rest = text.partition(":")
    name, details = _details(text, name.strip())
    product, _, route = (word.strip() for word in name.partition("@"))
    if not colon or not product or not rest.strip():
        raise InputError(
            f"'{shown(text)}' is no therapy; write product:dose/interval, for example '{EXAMPLE}'"
        )
    amount, interval = _split(text, rest)
    dose, _, per_weight = (word.strip() for word in amount.partition("@"))
    return Written(product, route, details, dose, per_weight, interval)


def _given(text: str, length: float, doses: Mapping[str, AnyDose]) -> Regimen:
    found = written(text)
    route = _route(found.product, found.route, doses.values())
    data: dict[str, object] = {
        "product": found.product,
        "route": route,
        "dose": found.dose,
        "details": found.details,
    }
    if found.per_weight:
        data["per_weight"] = found.per_weight
    try:
        if found.interval is None:
            delivery = Delivery.model_validate({**data, "at": ["0 days"]})
        elif found.interval == HELD:
            delivery = Delivery.model_validate({**data, "held": True})
        else:
            delivery = Delivery.model_validate({**data, "every": found.interval})
        given = delivery.dose_of(doses)
        check_amount(delivery, given)
        delivery.check_details(given)
        delivery.check_times(length, "the years asked for")
        return delivery.given(given, 0.0, length)
    except ValidationError as problem:
        message = str(problem.errors()[0]["msg"])
    except PydanticCustomError as problem:
        message = str(problem.message())
    # What a protocol file calls 'per_weight: 75 kg' is '@75kg' here.
    message = message.replace("'per_weight: 75 kg'", "'@75kg' behind it")
    message = message.replace("'per_weight: 70 kg'", "'@70kg' behind it")
    message = message.replace("'held: true' in place of 'every' or 'at'", "'/held' at the end")
    raise InputError(f"therapy '{shown(text)}': {message}")


def _route(product: str, route: str, doses: Iterable[AnyDose]) -> str:
    # The usual route of a product stands first, and is meant where none is named.
    ordered = sorted(doses, key=lambda dose: (not dose.usual, dose.route))
    usual = {dose.product for dose in ordered if dose.usual}
    routes: dict[str, list[str]] = {}
    for dose in ordered:
        routes.setdefault(dose.product, []).append(dose.route)
    if product not in routes:
        known = sorted(routes)
        hint = nearest(product, known) or f"; there is {', '.join(known)}"
        raise InputError(f"no therapy '{shown(product)}'{hint}")
    if not route and (product in usual or len(routes[product]) == 1):
        return routes[product][0]
    why = refused(f"{product}/{route}")
    if why:
        raise InputError(f"{product} is not given by the route '{route}': {why}")
    if route not in routes[product]:
        said = f"is not given by the route '{shown(route)}'" if route else "has several routes"
        raise InputError(
            f"{product} {said}; write {' or '.join(f'{product}@{each}' for each in routes[product])}"
        )
    return route


def _details(text: str, name: str) -> tuple[str, dict[str, float | str]]:
    """Split 'msc@intravenous[source=autologous]' into the name and its details."""
    if not name.endswith("]"):
        return name, {}
    name, _, inside = name[:-1].partition("[")
    found: dict[str, float | str] = {}
    for pair in inside.split(","):
        key, equals, value = (word.strip() for word in pair.partition("="))
        if not equals or not key or not value:
            raise InputError(
                f"therapy '{shown(text)}': '{shown(pair)}' says nothing of the product; write "
                "for example [source=autologous, viability=0.9]"
            )
        if key in found:
            raise InputError(
                f"therapy '{shown(text)}': '{shown(key)}' is said twice, and one hides the other; keep one"
            )
        try:
            found[key] = float(value)
        except ValueError:
            found[key] = value
    return name.strip(), found


def _close(text: str) -> str:
    return "".join(text.split())


def _split(text: str, rest: str) -> tuple[str, str | None]:
    """Split '60mg/kg/2weeks' into the amount and the interval, which is None for '/once'."""
    amount, stroke, last = (word.strip() for word in rest.rpartition("/"))
    if stroke and last == "once":
        return amount, None
    if stroke and last == HELD:
        return amount, HELD
    match = _INTERVAL.match(last)
    if stroke and match is not None and amount:
        interval = f"{match.group(1) or '1'} {match.group(2)}"
        try:
            parse_days(interval)
            return amount, interval
        except UnitError:
            pass
    raise InputError(
        f"'{shown(text)}' does not say how often; end it with an interval, such as '/week' or "
        "'/3months', or with '/once' for one dose, or '/held' for a level"
    )
