"""The files of a COMBINE archive, of bounded number and size, none of them outside it."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.interchange.omex.write import MANIFEST
from antitrypsim.interchange.text import bytes_of

LARGEST = 50_000_000
"""Bytes of the largest archive, and of the most that all its files may be together."""
_MOST_FILES = 1000


def read_omex(file: str | Path) -> dict[str, bytes]:
    """Return the files of an archive by name; nothing is written anywhere.

    Raises InputError, one sentence, for what is no archive; for one that is too large, or grows too
    large when it is unpacked; for a name that leads out of it, stands twice or is a link; and for one
    without a manifest.
    """
    place = str(file)
    data = bytes_of(Path(file), LARGEST)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _files(archive, place)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as problem:
        raise InputError("this is not a COMBINE archive, or it is damaged", path=place) from problem
    except RuntimeError as problem:
        raise InputError("this archive is locked with a password", path=place) from problem


def _files(archive: zipfile.ZipFile, place: str) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MOST_FILES:
        raise InputError(f"this archive holds more than {_MOST_FILES:,} files", path=place)
    found: dict[str, bytes] = {}
    left = LARGEST
    for entry in entries:
        name = entry.filename.removeprefix("./")
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in name or not name:
            raise InputError(f"'{shown(entry.filename)}' leads out of the archive", path=place)
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise InputError(f"'{shown(name)}' is a link, which is not followed", path=place)
        if name in found:
            raise InputError(f"'{shown(name)}' is there twice", path=place)
        # What an entry says of its own size may be a lie: no more than is left is ever unpacked.
        with archive.open(entry) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InputError(
                f"its files are more than {LARGEST:,} bytes together, the most that is read",
                path=place,
            )
        found[name] = content
    if MANIFEST not in found:
        raise InputError(f"this archive has no {MANIFEST}", path=place)
    return found
