"""A described person in one line of text: ``person:age=48,sex=male,fev1=55``."""

from __future__ import annotations

from dataclasses import fields

from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.matching import DESCRIBED, Description, description_of
from antitrypsim.populations.spec import CONDITIONS

PERSON = "person:"
EXAMPLE = "person:age=48,sex=male,fev1=55"
_WORDS = ("genotype", "sex", "smoking", *CONDITIONS)


def person_text(described: Description) -> str:
    """Return what ``parse_person`` reads back: the age, and whatever else is said of the person."""
    usual = {field.name: field.default for field in fields(Description)}
    said = described.to_dict()
    kept = [
        name for name in DESCRIBED if name == "age" or (name in said and said[name] != usual[name])
    ]
    return PERSON + ",".join(
        f"{name}={said[name] if name in _WORDS else format(said[name], '.12g')}" for name in kept
    )


def parse_person(text: str) -> Description:
    """Return the person that ``text`` describes, in the names and units of ``Description``.

    What is not said is as there. Raises InputError, one sentence, for what cannot be.
    """
    said: dict[str, str | float] = {}
    for part in text.removeprefix(PERSON).split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            raise InputError(
                f"'{part.strip()}' describes nobody; write for example {EXAMPLE}", key="population"
            )
        if name in said:
            raise InputError(f"'{name}' of a person is said twice; say it once", key="population")
        said[name] = value if name in _WORDS else _number(value)
    try:
        return description_of(said)
    except InputError as problem:
        raise InputError(problem.message, key="population") from None


def _number(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        # A description says what is wrong with a word in a number's place, and with an unknown name.
        return value
