"""A request: one question as a value, that a command, a page and a line of code can hold.

A question and its answer are what a run folder keeps and a page sends; how it is computed (seed,
error, threads) is ``Settings`` and no part of it. Command line, page and door are three faces of one
value: ``as_command()`` and ``as_code()`` say what gives the same answer.
"""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from antitrypsim.documents.faults import Part
from antitrypsim.documents.sentences import as_sentence
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.simulation.settings import DEFAULT, TOLERANCE, Settings

NAME = "antitrypsim"
Whole = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True)]
"""Numbers as numbers: no text and no truth value is one."""
Answer = TypeVar("Answer")


class Request(Part, ABC):
    """One question. Fields are the keywords of the door's function and the options of the command.

    ``command`` is what it is called on the command line, and at the door unless ``door`` says
    otherwise. ``lead`` is the field that
    the door's function takes first, without a name, and the command too where it is an ``argument``
    there. ``seeded`` says whether chance plays a part.
    """

    command: ClassVar[str]
    door: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    argument: ClassVar[bool] = True
    seeded: ClassVar[bool] = True

    @abstractmethod
    def answer(self, settings: Settings = DEFAULT) -> Any:
        """Compute the answer; raise InputError for a question that cannot be, before the work."""

    @abstractmethod
    def data(self, answer: Any) -> Any:
        """Return an answer of this question as plain data, as ``--json`` writes it."""

    @classmethod
    def json_schema(cls) -> Plain:
        """Return the JSON Schema of this kind of question."""
        return cls.model_json_schema()

    def to_dict(self) -> Plain:
        """Return plain data; ``request_from`` reads it back."""
        return {"request": self.command, **self.said()}

    def said(self) -> Plain:
        """Return what differs from the defaults, as plain data."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def content_hash(self) -> str:
        """Hash of what is asked."""
        return content_hash(self.to_dict())

    def asks(self, function: Callable[..., Answer], **more: object) -> Answer:
        """Return what a function of the door answers to the fields."""
        said = {name: getattr(self, name) for name in type(self).model_fields}
        first = [said.pop(self.lead)] if self.lead else []
        return function(*first, **said, **more)

    def as_command(self, settings: Settings = DEFAULT) -> str:
        """Return the command line that answers it."""
        words, lead = [NAME, self.command], []
        said = self.said()
        if self.argument and self.lead in said:
            value = said.pop(self.lead)
            lead = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        if not any(word.startswith("-") for word in lead):
            words, lead = words + lead, []
        for field, value in said.items():
            words += _option(type(self).model_fields[field], field, value)
        if self.seeded:
            words += [
                "--meet-anew" if name == "meet_anew" else f"--{name}={value}"
                for name, value in _how(settings)
            ]
        # Behind '--' a word that begins with '-' is no option.
        return shlex.join(words + (["--", *lead] if lead else []))

    def as_code(self, settings: Settings = DEFAULT) -> str:
        """Return the lines of Python that answer it; ``answer`` holds the answer."""
        found = {field: repr(value) for field, value in self.said().items()}
        first = [found.pop(self.lead)] if self.lead in found else []
        said = first + [f"{field}={value}" for field, value in found.items()]
        how = ", ".join(f"{name}={value!r}" for name, value in _how(settings))
        if how and self.seeded:
            said.append(f"settings=ats.Settings({how})")
        call = f"ats.{self.door or self.command}({', '.join(said)})"
        return f"import antitrypsim as ats\n\nanswer = {call}\n"

    @classmethod
    def asked(cls, **said: object) -> Self:
        """Return the request for what was said; None is what was not. Raises InputError."""
        return cls.from_dict({key: value for key, value in said.items() if value is not None})

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return the request that plain data says; raise InputError, one sentence, with the key."""
        try:
            return cls.model_validate(dict(data))
        except ValidationError as problem:
            raise as_sentence(problem, cls.model_json_schema(), None, None) from problem


def _how(settings: Settings) -> list[tuple[str, float]]:
    """Return the settings that can move a result and are not the usual ones."""
    said: list[tuple[str, float]] = [] if settings.seed is None else [("seed", settings.seed)]
    said += [("tolerance", settings.tolerance)] if settings.tolerance != TOLERANCE else []
    return said + ([("meet_anew", True)] if settings.meet_anew and not DEFAULT.meet_anew else [])


def _option(info: FieldInfo, field: str, value: Any) -> list[str]:
    extra = info.json_schema_extra
    known: Mapping[str, Any] = extra if isinstance(extra, dict) else {}
    name = "--" + str(known.get("option", field)).replace("_", "-")
    if isinstance(value, bool):
        return [name if value else name.replace("--", "--no-", 1)]
    if isinstance(value, dict):
        return [word for key, text in value.items() for word in (name, f"{key}: {text}")]
    if isinstance(value, list) and known.get("option"):
        return [word for each in value for word in (name, str(each))]
    if isinstance(value, list):
        return [name, ",".join(_number(each) for each in value)]
    scale = known.get("scale")
    return [name, f"{value * scale:.10g}" if scale else _number(value)]


def _number(value: object) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
