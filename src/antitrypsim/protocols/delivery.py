"""What is given in an epoch: a product by a route, an amount, and when."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Self

from pydantic import Field, field_validator, model_validator

from antitrypsim.documents.faults import Part, fault, unknown
from antitrypsim.documents.times import (
    MOST_DOSES,
    Duration,
    count_of,
    days,
    every_times,
    passes,
    reaches,
)  # fmt: skip
from antitrypsim.foundations.errors import InputError, ModelError, UnitError, shown
from antitrypsim.foundations.units import alike, parse_quantity
from antitrypsim.populations.possible import HEAVIEST, LIGHTEST
from antitrypsim.protocols.moments import check_missed, check_order, without
from antitrypsim.simulation.given import AMOUNTS_AT

if TYPE_CHECKING:
    from antitrypsim.modelling import Attribute, Dose
    from antitrypsim.modelling.model import DoseLine
    from antitrypsim.simulation.regimen import Regimen

    AnyDose = Dose | DoseLine

REPORTED = (
    "identity", "potency_assay", "donor", "passage", "manufacture", "storage", "hla_typing", "isolation",
    "size", "markers", "purity", "counting", "note",
)  # fmt: skip
"""Details that reports of cell and vesicle trials ask for and that no equation reads."""

_COUNTED = ("cell", "particle")
OWN = "own"
"""Under ``per_weight``: each person's own body weight."""

_HAIR = 1e-9


@cache
def known_doses() -> Mapping[str, AnyDose]:
    """Return every dose of the packaged therapies by 'product/route'."""
    # Here, not above: the therapies bring the symbolic model with them.
    from antitrypsim.therapies import therapy_modules

    return by_name(dose for module in therapy_modules() for dose in module.doses)


def by_name(doses: Iterable[AnyDose]) -> dict[str, AnyDose]:
    """Return doses by 'product/route'."""
    return {dose.name: dose for dose in doses}


class Delivery(Part):
    """One product by one route, how much, and when; times count from the start of the epoch.

    Either ``every`` (from ``start``, ``for`` some time or up to the end of the epoch), or ``at``
    stated times, after the last of which ``then_every`` may go on. ``over`` some time each dose runs in;
    ``before`` randomisation the same was given for so long.
    """

    product: str = Field(description="what is given, such as augmentation or fazirsiran")
    route: str = Field(description="how it is given, such as intravenous or subcutaneous")
    dose: str = Field(
        max_length=60, description="the amount of one dose with its unit, such as '60 mg/kg'"
    )
    per_weight: str | None = Field(
        default=None,
        max_length=60,
        description="for a fixed dose such as '200 mg': 'own' gives everybody that amount, whatever they "
        "weigh; a weight such as '75 kg' is the one that it stands for, and each person is given dose / "
        "per_weight for each kg of their own weight",
    )
    every: Duration | None = Field(default=None, description="the interval, such as '1 week'")
    start: Duration | None = Field(
        default=None, description="the first dose, with 'every'; the start of the epoch if left out"
    )
    at: tuple[Duration, ...] | None = Field(
        default=None, description="the times of the doses, such as [0 weeks, 4 weeks, 16 weeks]"
    )
    then_every: Duration | None = Field(
        default=None, description="the interval after the last time under 'at'"
    )
    duration: Duration | None = Field(
        default=None,
        alias="for",
        description="how long it goes on, counted from the first dose; to the end of the epoch if "
        "left out",
    )
    over: Duration | None = Field(
        default=None,
        description="the time over which each dose runs in evenly, such as '30 minutes'; at once if left out",
    )
    before: Duration | None = Field(
        default=None,
        description="with 'every', in the first epoch: how long the same had been given before "
        "randomisation, such as '1 year' for people who are in a steady state",
    )
    missed: tuple[Duration, ...] | None = Field(
        default=None,
        description="doses of the schedule that are not given, by their times: [8 weeks]",
    )
    held: bool = Field(
        default=False,
        description="true for a level that is held, such as a trough of tacrolimus, from 'start' "
        "'for' some time",
    )
    details: dict[str, float | str] = Field(
        default={},
        description="what is known of the product: source, tissue, viability, potency, "
        "hla_mismatches, corrected enter the model; identity, donor, passage and other words for "
        "the reader do not",
    )

    @property
    def name(self) -> str:
        """'product/route', as regimens address it."""
        return f"{self.product}/{self.route}"

    @field_validator("dose", "per_weight", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        # A number alone is kept: what it lacks is told with the unit of what is given.
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{value:g}" if number else value

    @field_validator("dose", "per_weight")
    @classmethod
    def _amount(cls, text: str | None) -> str | None:
        if text is None:
            return None
        text = " ".join(text.split())
        if text == OWN:
            return text
        try:
            number, _ = parse_quantity(text)
        except InputError as problem:
            # Here the product is not known yet, so both kinds of amount are shown.
            both = problem.message.replace("'60 mg/kg'", "'60 mg/kg' or '2e8 cells'")
            raise fault(both) from problem
        if number < 0:
            raise fault(f"'{text}' is negative; nothing less than nothing can be given")
        if not number < float("inf"):
            raise fault(f"'{shown(text)}' is not a finite amount")
        return text

    @model_validator(mode="after")
    def _schedule(self) -> Self:
        if self.held:
            return self._held()
        if self.every is not None and self.at is not None:
            raise fault("both 'every' and 'at' say when; keep one of the two", "at")
        if self.every is None and self.at is None:
            raise fault(
                "nothing says when it is given; write 'every: 1 week', or 'at: [0 weeks]' for one "
                "dose"
            )
        if self.at is None:
            if self.then_every is not None:
                raise fault("'then_every' goes on after 'at', and there is no 'at'", "then_every")
        else:
            self._stated_times(self.at)
        for key, interval in (("every", self.every), ("then_every", self.then_every)):
            if interval is not None and not days(interval) > 0:
                raise fault(f"an interval of {interval} cannot be; it must be above 0", key)
        for key, length in (("for", self.duration), ("over", self.over), ("before", self.before)):
            if length is not None and not days(length) > 0:
                raise fault(f"a length of {length} cannot be; it must be above 0", key)
        if self.before is not None and (self.every is None or self.start is not None):
            raise fault(
                "'before' goes on backwards from a first dose at randomisation; say 'every', without "
                "'start'",
                "before",
            )
        return self

    def _held(self) -> Self:
        for key in ("every", "at", "then_every", "missed", "over", "before"):
            if getattr(self, key) is not None:
                raise fault(f"a level that is held has no '{key}'; say 'start' and 'for'", key)
        if self.duration is not None and not days(self.duration) > 0:
            raise fault(f"a length of {self.duration} cannot be; it must be above 0", "for")
        return self

    def _stated_times(self, at: tuple[str, ...]) -> None:
        if not at:
            raise fault("the list of times is empty; write for example 'at: [0 weeks]'", "at")
        if self.start is not None:
            raise fault(
                "'start' belongs to 'every'; with 'at' the times say when it starts", "start"
            )
        if self.duration is not None and self.then_every is None:
            raise fault("'for' bounds a repeated dose, and these times are all stated", "for")
        check_order(at)

    def times(self, length: float) -> tuple[float, ...]:
        """Return the days of the doses since the start of an epoch of ``length`` days.

        For a level that is held: the day from which it is, and the day from which it is not.
        """
        return without(self._scheduled(length), self.missed or ())

    def _scheduled(self, length: float) -> tuple[float, ...]:
        if self.at is None:
            first = days(self.start or "0 days")
            if self.held:
                return (first, self._until(first, length))
            assert self.every is not None
            return (
                *self._earlier(), *every_times(first, days(self.every), self._until(first, length))
            )  # fmt: skip
        stated = tuple(days(text) for text in self.at)
        if self.then_every is None:
            return stated
        again = stated[-1] + days(self.then_every)
        return stated + every_times(again, days(self.then_every), self._until(stated[0], length))

    def _earlier(self) -> tuple[float, ...]:
        """Return the days of the doses before randomisation, earliest first."""
        if self.before is None or self.every is None:
            return ()
        every = days(self.every)
        count = math.floor(days(self.before) / every + _HAIR)
        return tuple(-every * k for k in range(count, 0, -1))

    def check_times(self, length: float, epoch: str, begins: float = 0.0) -> None:
        """Raise a fault unless every dose falls into an epoch of ``length`` days, but for those ``before``."""
        if self.before is not None and begins > 0:
            raise fault("'before' is of the first epoch, which begins at randomisation", "before")
        if self.before is not None and self.every is not None:
            count = count_of(0.0, days(self.every), days(self.before))
            if count > MOST_DOSES:
                raise fault(
                    f"once in '{self.every}' for {self.before} is {count:,} doses, and at most "
                    f"{MOST_DOSES:,} can be",
                    "before",
                )
            if not self._earlier():
                raise fault(
                    f"in {self.before} nothing is given once in '{self.every}'; leave 'before' out",
                    "before",
                )
        ends = f"the end of epoch '{epoch}', which is {length:g} days long"
        for k, text in enumerate(self.at or ()):
            if reaches(days(text), length):
                raise fault(f"a dose at '{text}' is not before {ends}", "at", k)
        first = days(self.at[0]) if self.at else days(self.start or "0 days")
        if reaches(first, length):
            raise fault(f"a start at '{self.start}' is not before {ends}", "start")
        if self.duration is not None and passes(first + days(self.duration), length):
            raise fault(f"'for: {self.duration}' goes on after {ends}", "for")
        repeat = self.every or self.then_every
        if repeat is not None:
            count = count_of(first, days(repeat), self._until(first, length))
            if count > MOST_DOSES:
                raise fault(
                    f"once in '{repeat}' is {count:,} doses, and at most {MOST_DOSES:,} can be",
                    "every" if self.every else "then_every",
                )
        if self.missed is not None:
            check_missed(self.missed, self._scheduled(length))

    def _until(self, first: float, length: float) -> float:
        return length if self.duration is None else min(length, first + days(self.duration))

    def dose_of(self, doses: Mapping[str, AnyDose]) -> AnyDose:
        """Return the model's dose that this gives; raise a fault for one that does not exist."""
        found = doses.get(self.name)
        if found is not None:
            return found
        routes = sorted(d.route for d in doses.values() if d.product == self.product)
        why = refused(self.name)
        if why:
            raise fault(
                f"'{self.product}' is not given by the route '{self.route}': {why}", "route"
            )
        if routes:
            pairs = ", ".join(f"{self.product}/{route}" for route in routes)
            raise fault(
                f"'{self.product}' is not given by the route '{self.route}'; there is {pairs}",
                "route",
            )
        raise fault(
            unknown("product", self.product, sorted({d.product for d in doses.values()})), "product"
        )

    def weighed(self, dose: AnyDose) -> tuple[float, int]:
        """Return the amount, and the power of each person's own weight (kg) by which it is multiplied.

        Their product is in the unit of ``dose``. Raises a fault for another kind of unit.
        """
        if self.per_weight != OWN:
            return self.amount_in(dose), 0
        number, unit = parse_quantity(self.dose)
        if _is_fixed(unit, dose.unit):
            return parse_quantity(self.dose, expected=dose.unit.removesuffix("/kg"))[0], -1
        if unit.endswith("/kg") and _is_fixed(dose.unit, unit):
            return number, 1
        raise fault(
            f"'{self.dose}' of {self.name}, which is dosed in {_unit(dose)}, does not hang on weight; leave "
            "'per_weight' out",
            "per_weight",
        )

    def amount_in(self, dose: AnyDose) -> float:
        """Return the amount in the unit of ``dose``; raise a fault for another kind of unit.

        Of what hangs on each person's own weight, the amount at ``given.AMOUNTS_AT``.
        """
        if self.per_weight == OWN:
            amount, power = self.weighed(dose)
            return amount * AMOUNTS_AT**power
        number, unit = parse_quantity(self.dose)
        if not unit:
            raise fault(
                f"'{self.dose}' has no unit; write for example '{_example(number, dose)}'", "dose"
            )
        if unit.endswith("/kg") and _is_fixed(dose.unit, unit):
            return self._for_weight(number, unit, dose)
        if self.per_weight is None:
            try:
                return parse_quantity(self.dose, expected=dose.unit)[0]
            except UnitError as problem:
                fixed = _is_fixed(unit, dose.unit)
                remedy = (
                    ", or add 'per_weight: 75 kg' to share out a fixed dose, or 'per_weight: own' to give it "
                    "to everybody"
                    if fixed
                    else ""
                )
                raise fault(
                    f"{self.name} is dosed in {_unit(dose)}, and '{self.dose}' is not; write for "
                    f"example '{_example(number, dose)}'{remedy}",
                    "dose",
                ) from problem
        kilograms = self._kilograms(self.per_weight)
        if not _is_fixed(unit, dose.unit):
            raise fault(
                "'per_weight' shares out a fixed dose such as '200 mg' of a product dosed in "
                f"mg/kg; '{self.dose}' of {self.name} needs none",
                "per_weight",
            )
        fixed_unit = dose.unit.removesuffix("/kg")
        amount, _ = parse_quantity(self.dose, expected=fixed_unit)
        return amount / kilograms

    def _for_weight(self, number: float, unit: str, dose: AnyDose) -> float:
        if self.per_weight is None:
            raise fault(
                f"{self.name} is dosed in {_unit(dose)}, the same for everybody; add 'per_weight: 70 "
                f"kg' to give everybody '{self.dose}' for that weight, or 'per_weight: own' for their own",
                "dose",
            )
        return number * self._kilograms(self.per_weight)

    @staticmethod
    def _kilograms(text: str) -> float:
        mass = alike(parse_quantity(text)[1], "kg")
        kilograms = parse_quantity(text, expected="kg")[0] if mass else 0
        if not LIGHTEST <= kilograms <= HEAVIEST:
            raise fault(
                f"'{text}' is not the weight of a person; write for example '75 kg', or 'own'",
                "per_weight",
            )
        return kilograms

    def check_details(self, dose: AnyDose) -> None:
        """Raise a fault for a detail that cannot be, or one that is missing and decides."""
        if self.held != (dose.holds is not None):
            raise fault(
                f"a level of {self.product} is held; write 'held: true' in place of 'every' or 'at'"
                if dose.holds is not None
                else f"{self.product} is given in doses; leave out 'held' and say 'every' or 'at'",
                "held",
            )
        if self.over is not None:
            from antitrypsim.modelling.infusions import check_runs_in

            try:
                check_runs_in(_in_a_model(dose))
            except ModelError as problem:
                raise fault(problem.message, "over") from problem
        for key, value in self.details.items():
            attribute = dose.attributes.get(key)
            if attribute is not None:
                _value(attribute, key, value)
            elif key not in REPORTED:
                known = (*dose.attributes, *REPORTED)
                raise fault(unknown("detail", key, known), "details", key)
        for key, attribute in dose.attributes.items():
            if not attribute.needed or key in self.details:
                continue
            other, word = attribute.needed_with or (key, "")
            said = self.details.get(other, _default_word(dose.attributes[other]))
            if attribute.needed_with is None or said == word:
                raise fault(
                    f"{self.product} need '{key}' ({attribute.low:g} to {attribute.high:g}: "
                    f"{attribute.meaning}), because {attribute.needed}",
                    "details",
                )

    def given(self, dose: AnyDose, start: float, end: float) -> Regimen:
        """Return what this gives in an epoch from ``start`` to ``end``, days since randomisation."""
        from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
        from antitrypsim.simulation.regimen import Regimen

        times = tuple(start + time for time in self.times(end - start))
        amount, by_weight = self.weighed(dose)
        if dose.holds is not None:
            return Regimen(dose.name, levels=(HeldLevel(dose.holds.name, amount, *times),))
        # What is not said of a product is its default, so that two products of a kind are seen.
        said = tuple(
            InputRecord(
                a.input.name,
                times[:1],
                (
                    _value(a, key, self.details[key])
                    if key in self.details
                    else float(a.input.default),
                ),
            )
            for key, a in dose.attributes.items()
        )
        over = 0.0 if self.over is None else days(self.over)
        return Regimen(dose.name, (DoseRecord(dose.name, amount, times, over, by_weight),), said)


def _value(attribute: Attribute, key: str, value: float | str) -> float:
    """Return the number that a detail stands for; raise a fault for one that cannot be."""
    if attribute.words:
        if value not in attribute.words:
            raise fault(unknown(key, str(value), tuple(attribute.words)), "details", key)
        return attribute.words[str(value)]
    fits = not isinstance(value, str) and attribute.low <= value <= attribute.high
    if not fits or (attribute.whole and value != int(value)):
        raise fault(
            f"'{shown(str(value))}' cannot be; {attribute.meaning} is a "
            f"{'whole ' if attribute.whole else ''}number from "
            f"{attribute.low:g} to {attribute.high:g}",
            "details",
            key,
        )
    return float(value)  # type: ignore[arg-type]


def _in_a_model(dose: AnyDose) -> DoseLine:
    """Return a dose as a model has it: what it does hangs on the modules that read it."""
    from antitrypsim.modelling.model import DoseLine

    if isinstance(dose, DoseLine):
        return dose
    from antitrypsim.therapies import build_model, therapies_in

    return build_model(therapies=therapies_in((dose.name,))).dose(dose.name)


def _default_word(attribute: Attribute) -> str:
    default = attribute.input.default
    return next((word for word, value in attribute.words.items() if value == default), "")


@cache
def refused(name: str) -> str:
    """Return why 'product/route' makes no sense; empty where nothing says so."""
    from antitrypsim.therapies import refusals

    return refusals().get(name, "")


def _is_fixed(unit: str, dose_unit: str) -> bool:
    return dose_unit.endswith("/kg") and alike(unit, dose_unit.removesuffix("/kg"))


def _example(number: float, dose: AnyDose) -> str:
    """Return an amount of this dose as a file says it: the number meant, if it can be that."""
    # Sixty of something is no number of cells: then the largest dose on record shows the size.
    most = None if dose.limit is None else dose.limit.value
    if most is not None and (number > most or dose.unit in _COUNTED):
        number = most
    amount = f"{number:g}".replace("e+0", "e").replace("e+", "e")
    return f"{amount} {_unit(dose)}"


def _unit(dose: AnyDose) -> str:
    return f"{dose.unit}s" if dose.unit in _COUNTED else dose.unit
