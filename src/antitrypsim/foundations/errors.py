"""The one tree of errors: every failure that a user can cause is a sentence."""

from __future__ import annotations

from typing import Any


class AntitrypsimError(Exception):
    """A failure told in one sentence.

    Attributes: ``code`` (stable, for programs), ``path`` and ``line`` (where in a file, if in one),
    ``key`` (which entry of it), ``exit_code`` (of the command line: 2 bad input, 1 failed run).
    """

    code = "error"
    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.key = key

    def __str__(self) -> str:
        place = self.path or ""
        if self.line is not None:
            place += f":{self.line}" if place else f"line {self.line}"
        parts = [
            part for part in (place, f"'{self.key}'" if self.key else "", self.message) if part
        ]
        return ": ".join(parts)


class InputError(AntitrypsimError):
    """An argument, option or value that cannot be used."""

    code = "input"


class UnitError(InputError):
    """A unit that is unknown or does not fit where it stands."""

    code = "unit"


class ProtocolError(InputError):
    """A protocol file that cannot be read or does not make sense."""

    code = "protocol"


class EvidenceError(InputError):
    """A fact, parameter or claim that is missing or incomplete."""

    code = "evidence"


class ModelError(InputError):
    """A model that cannot be composed: a clash, a missing handle, an incomplete folder."""

    code = "model"


class RunError(AntitrypsimError):
    """A run that began and could not finish: a failed patient, a full disk, an interruption."""

    code = "run"
    exit_code = 1


class Cancelled(RunError):
    """A run that its caller stopped."""

    code = "cancelled"


class Remade(UserWarning):
    """What lay on the disk was not as it was written, and is made anew; no result differs by it."""


RENAMED = {"found_by": "ascertainment"}
"""Words of version 0.1.0 that have another name; files are read by either, programs are told the new one."""


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """`` ; did you mean 'x'?`` for the known word nearest to ``word``, or an empty string."""
    from difflib import get_close_matches

    if RENAMED.get(word) in known:
        return f"; it is called '{RENAMED[word]}' now"
    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else ""


def shown(value: Any) -> str:
    """Return a value as a message quotes it: short, and with nothing that moves a terminal."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)
    return text if len(text) <= 40 else text[:37] + "..."


def reason_of(problem: BaseException) -> str:
    """Return why the system refused something, in its own words and in lower case."""
    return (getattr(problem, "strerror", None) or str(problem)).lower()
