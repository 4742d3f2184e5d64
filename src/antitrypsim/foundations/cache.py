"""Object code and other small things on disk, by content; a cache that cannot be read or written is skipped."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs

from antitrypsim.foundations.errors import InputError

_MARK = b"antitrypsim-object-1\n"


def folder() -> Path:
    """Return where object code is kept: ANTITRYPSIM_CACHE, or the user's cache folder.

    Raises InputError where ANTITRYPSIM_CACHE names something that is no folder.
    """
    override = os.environ.get("ANTITRYPSIM_CACHE")
    if override and os.path.lexists(override) and not os.path.isdir(override):
        raise InputError("ANTITRYPSIM_CACHE names this, which is no folder", path=override)
    return Path(override) if override else Path(platformdirs.user_cache_dir("antitrypsim"))


def digest(*parts: str) -> str:
    """Return a key of all parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


def read(key: str) -> bytes | None:
    """Return what is stored, or None when it is absent, unreadable or damaged."""
    try:
        data = (folder() / f"{key}.o").read_bytes()
    except OSError:
        return None
    head = len(_MARK) + 32
    body = data[head:]
    if data[: len(_MARK)] != _MARK or hashlib.sha256(body).digest() != data[len(_MARK) : head]:
        return None
    return body


def write(key: str, code: bytes) -> None:
    """Store bytes, whole or not at all."""
    with contextlib.suppress(OSError):
        where = folder()
        where.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=where, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + hashlib.sha256(code).digest() + code)
            os.replace(name, where / f"{key}.o")
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
