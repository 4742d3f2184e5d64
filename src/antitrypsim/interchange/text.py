"""Files of others as text: of bounded size, in UTF-8."""

from __future__ import annotations

from pathlib import Path

from antitrypsim.foundations.errors import InputError


def bytes_of(file: Path, largest: int) -> bytes:
    """Return the bytes of a file; raise InputError where there is none or it is too large."""
    try:
        if not file.is_file():
            what = "this is a folder; name a file" if file.is_dir() else "there is no such file"
            raise InputError(what, path=str(file))
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except (OSError, ValueError) as problem:
        raise InputError("this file cannot be read", path=str(file)) from problem
    if len(data) > largest:
        raise InputError(
            f"this is larger than {largest:,} bytes, the most that is read", path=str(file)
        )
    return data


def text_of(file: Path, largest: int) -> str:
    """Return the text of a file; raise InputError, one sentence, for one that is not UTF-8."""
    return decoded(bytes_of(file, largest), str(file))


def decoded(data: bytes, place: str) -> str:
    """Return bytes as text; raise InputError for what is not UTF-8 or holds marks that text has not."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError("this is not text in UTF-8; save it as that", path=place) from problem
    if "\0" in text:
        raise InputError("this is not text: it holds zero bytes", path=place)
    return text
