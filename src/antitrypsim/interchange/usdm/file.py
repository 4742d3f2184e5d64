"""A USDM file as a study: bytes, JSON, the model, each failure one sentence in bounded time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from antitrypsim.documents.kindred import FIRST_KEYS
from antitrypsim.foundations.errors import InputError, reason_of, shown
from antitrypsim.interchange.usdm.model import Wrapper

LARGEST_BYTES = 10_000_000
"""The largest file that is read; published studies have about one million."""

_DEEPEST = 100
_MOST_PARTS = 500_000
_LONGEST_NUMBER = 30
# A string whole, so that brackets in it are not taken for parts; possessive, so that time is linear.
_MARKS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_KEYS = "a USDM file holds 'study' and 'usdmVersion'"
_PACKED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZ": "bzip2", b"\xfd7": "xz"}


def read_study(file: str | Path) -> Wrapper:
    """Return the study of a USDM v4 JSON file.

    Raises InputError, one sentence with the file and the place in it, for what cannot be read.
    """
    place = str(file)
    return study_of(_text(Path(file), place), place)


def study_of(text: str, path: str | None = None) -> Wrapper:
    """Return the study that USDM JSON text says; ``path`` is what errors call it."""
    data = _json(text, path)
    _first_look(data, path)
    try:
        # Of the text, not of the data: only so are a whole number and a number with a point alike.
        return Wrapper.model_validate_json(text.lstrip("\ufeff"))
    except ValidationError as problem:
        key, sentence = _told(problem)
        raise InputError(sentence, path=path, key=key) from problem


def _text(file: Path, place: str) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise InputError(f"the file cannot be read: {reason_of(problem)}", path=place) from problem
    if len(raw) > LARGEST_BYTES:
        raise InputError(
            f"the file is larger than {LARGEST_BYTES:,} bytes; a study definition is smaller",
            path=place,
        )
    packed = _PACKED.get(raw[:2])
    if packed:
        raise InputError(f"the file is packed by {packed}; unpack it first", path=place)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(
            f"byte {problem.start + 1:,} is not UTF-8; save the file as JSON in UTF-8", path=place
        ) from problem
    if "\x00" in text:
        raise InputError("the file is binary or UTF-16; save it as JSON in UTF-8", path=place)
    return text


def _json(text: str, path: str | None) -> Any:
    _shallow(text, path)
    try:
        return json.loads(
            text.lstrip("\ufeff"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_whole,
        )
    except json.JSONDecodeError as problem:
        end = problem.pos >= len(text.rstrip()) or problem.msg.startswith("Unterminated")
        sentence = (
            "the file breaks off before its end; fetch it again"
            if end and text.strip()
            else "the file is empty; " + _KEYS
            if not text.strip()
            else f"this is not JSON ({problem.msg.lower()}); {_KEYS}"
        )
        raise InputError(sentence, path=path, line=problem.lineno) from problem
    except RecursionError as problem:
        raise InputError("parts are nested too deeply for a study", path=path) from problem
    except ValueError as problem:
        raise InputError(str(problem), path=path) from problem


def _shallow(text: str, path: str | None) -> None:
    # Reading recurses with the depth, in C too, and a part takes hundreds of bytes, so that both are
    # bounded before.
    if text.count("[") + text.count("{") > _MOST_PARTS:
        raise InputError(f"the file has more than {_MOST_PARTS:,} parts; no study has", path=path)
    depth = 0
    for found in _MARKS.finditer(text):
        mark = found.group()
        depth += 1 if mark in "[{" else -1 if mark in "]}" else 0
        if depth > _DEEPEST:
            raise InputError(
                "parts are nested too deeply for a study",
                path=path, line=text.count("\n", 0, found.start()) + 1,
            )  # fmt: skip


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        key = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise ValueError(
            f"the key '{shown(key)}' is given twice in one object; keep one of the two"
        )
    return found


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits):,} digits is none that a study has")
    return int(digits)


def _no_number(word: str) -> float:
    raise ValueError(f"'{word}' is no number of JSON; write a number that has an end")


def _first_look(data: Any, path: str | None) -> None:
    """Raise InputError for JSON that is something else, or another version."""
    if not isinstance(data, dict):
        raise InputError(f"this is not a study definition; {_KEYS}", path=path)
    for key, what in FIRST_KEYS.items():
        if key in data:
            raise InputError(f"this is {what}, not a USDM study definition", path=path)
    if "study" not in data or "usdmVersion" not in data:
        if "clinicalStudy" in data:
            raise InputError("this is a study of USDM 1; versions 4.x are read", path=path)
        raise InputError(f"this is not a study definition; {_KEYS}", path=path)
    version = data["usdmVersion"]
    if not isinstance(version, str) or not version.startswith("4."):
        raise InputError(
            f"this is USDM version {shown(version)}; versions 4.x are read",
            path=path, key="usdmVersion",
        )  # fmt: skip


def _told(problem: ValidationError) -> tuple[str, str]:
    """Return the place and the sentence of the first failure."""
    errors = problem.errors(include_url=False)
    # Where one of several classes fits none, the one that comes nearest fails deepest.
    error = errors[0]
    key = ""
    for part in error["loc"]:
        if isinstance(part, int):
            key += f"[{part}]"
        elif not part[:1].isupper():
            key += f".{part}" if key else part
    given, kind = error.get("input"), error["type"]
    if given is None:
        return key, "it is null; fill it in or take the entry out"
    if kind == "json_invalid":
        return key, "it holds half a character (a lone surrogate); save the file as UTF-8 again"
    if kind == "missing":
        return key, "it is missing, and a study definition needs it"
    if kind in ("too_short", "string_too_short"):
        return key, "it is empty; a study definition needs one or more"
    wanted = {
        "string_type": "text", "list_type": "a list", "float_type": "a number",
        "finite_number": "a number", "bool_type": "true or false", "model_type": "an object",
        "literal_error": f"one of {(error.get('ctx') or {}).get('expected', '')}",
    }.get(kind, "what stands here in USDM")  # fmt: skip
    return key, f"'{shown(given)}' is not {wanted}"
