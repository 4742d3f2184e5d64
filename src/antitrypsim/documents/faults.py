"""How a rule of the protocol file says what is wrong, and where."""

from __future__ import annotations

from collections.abc import Container, Iterable

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from antitrypsim.foundations.errors import nearest, shown

Where = tuple[str | int, ...]


def fault(sentence: str, *where: str | int) -> PydanticCustomError:
    """Return the error that says ``sentence``; ``where`` leads on from the place it is raised."""
    return PydanticCustomError(
        "protocol", "{sentence}", {"sentence": sentence, "where": tuple(where)}
    )


def placed(problem: PydanticCustomError, *where: str | int) -> PydanticCustomError:
    """Return the same fault, seen from further out."""
    told = problem.context or {}
    return fault(told["sentence"], *where, *told["where"])


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Return ``no <what> 'word'; did you mean …?``, or the list of those that there are."""
    known = tuple(known)
    hint = nearest(word, known)
    return f"no {what} '{shown(word)}'{hint or '; use one of these: ' + ', '.join(known)}"


class Part(BaseModel):
    """A part of a protocol: immutable, without unknown keys; missing keys are sentences."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )

    @classmethod
    def keys(cls) -> dict[str, FieldInfo]:
        """Return the fields by the key that a file uses."""
        return {info.alias or name: info for name, info in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: object) -> object:
        if isinstance(data, cls):
            return data
        keys = cls.keys()
        needed = [key for key, info in keys.items() if info.is_required()]
        if not isinstance(data, dict):
            example = (
                f"; it needs {', '.join(needed)}" if needed else f"; the keys are {', '.join(keys)}"
            )
            raise fault(
                "the entry is empty" + example
                if data is None
                else f"'{shown(data)}' is not a group of 'key: value' lines{example}"
            )
        for key in data:
            if key not in keys and key not in cls.model_fields:
                raise fault(
                    unknown("key", str(key), keys).replace("use one of these", "the keys here are"),
                    str(key),
                )
            if data[key] is None and keys.get(key) is not None:
                raise fault(f"'{key}' is empty; fill it in or leave the key out", key)
        for key in needed:
            if key not in data and not _by_name(cls, key, data):
                meaning = keys[key].description
                raise fault(f"'{key}' is missing" + (f": {meaning}" if meaning else ""))
        return data


def _by_name(part: type[BaseModel], key: str, data: Container[str]) -> bool:
    return any(info.alias == key and name in data for name, info in part.model_fields.items())
