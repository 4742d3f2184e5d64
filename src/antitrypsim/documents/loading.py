"""How a document is read: its text, what it is, and the model that it must fit, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from antitrypsim.documents.faults import Part
from antitrypsim.documents.kindred import FIRST_KEYS, begins, foreign
from antitrypsim.documents.sentences import as_sentence
from antitrypsim.documents.yamltext import LARGEST_BYTES, YamlText
from antitrypsim.foundations.errors import ProtocolError, reason_of

Document = TypeVar("Document", bound=Part)


def load(model: type[Document], file: Path, first: str) -> Document:
    """Return the document in a YAML file.

    ``first`` is the key that such a document begins with. Raises ProtocolError, one sentence with
    file, line and key, for a file that cannot be read or does not make sense.
    """
    text = YamlText(text_of(file, first), str(file), begins(first))
    return document_from(model, text.data, first, path=str(file), text=text)


def document_from(
    model: type[Document],
    data: object,
    first: str,
    *,
    path: str | None = None,
    text: YamlText | None = None,
    context: Mapping[str, object] | None = None,
) -> Document:
    """Return the document that plain data says; raise ProtocolError with the key that is wrong."""
    if other := foreign(data, first, model.keys()):
        raise ProtocolError(other, path=path, line=None if text is None else 1)
    try:
        return model.model_validate(data, context=dict(context or {}))
    except ValidationError as problem:
        raise as_sentence(problem, model.model_json_schema(by_alias=True), path, text) from problem


def text_of(file: Path, first: str) -> str:
    """Return the text of a document's file; raise ProtocolError for one that cannot be one."""
    place, kind = str(file), FIRST_KEYS[first]
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise ProtocolError(
            f"the file cannot be read: {reason_of(problem)}", path=place
        ) from problem
    if len(raw) > LARGEST_BYTES:
        raise ProtocolError(
            f"the file is larger than {LARGEST_BYTES:,} bytes; that is not {kind}", path=place
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ProtocolError(
            f"the file is not text in UTF-8; {kind} is YAML text", path=place
        ) from problem
    if "\x00" in text:
        raise ProtocolError(f"the file is binary; {kind} is YAML text", path=place)
    return text
