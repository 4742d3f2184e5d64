"""Files and folders that are there whole or not at all, and a sentence where they cannot be."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from antitrypsim.foundations.errors import InputError, RunError, reason_of
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_file(file: str | Path, text: str) -> Path:
    """Write a text file whole or not at all; raise InputError or RunError, one sentence."""
    return write_bytes(file, text.encode("utf-8"))


def write_bytes(file: str | Path, data: bytes) -> Path:
    """Write a file whole or not at all; raise InputError or RunError, one sentence."""
    target = Path(os.path.realpath(file))
    try:
        if target.exists() and not target.is_file():
            # A device or a pipe is written to; it must not be replaced.
            with target.open("wb") as stream:
                stream.write(data)
            return Path(file)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name[:40]}-", suffix=".partial", dir=target.parent
        )
        os.close(handle)
        try:
            Path(name).write_bytes(data)
            synced_hash(Path(name))
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as problem:
        raise as_sentence(problem, Path(file)) from problem
    return Path(file)


def check_file(file: str | Path) -> Path:
    """Return the file if it can be written; raise InputError, one sentence, if not."""
    if not str(file) or "\0" in str(file):
        raise InputError("the name of the file is empty")
    target = Path(os.path.realpath(file))
    try:
        if target.is_dir():
            raise InputError("this is a folder; name a file in it", path=str(file))
        if not target.parent.is_dir():
            missing = Path(file).parent if not os.path.islink(file) else target.parent
            raise InputError(f"there is no folder '{missing}'; make it first", path=str(file))
        # A file is replaced by a new one, so that its folder is what must be writable.
        device = target.exists() and not target.is_file()
    except OSError as problem:
        raise as_sentence(problem, Path(file)) from problem
    if not os.access(target if device else target.parent, os.W_OK):
        raise InputError(
            "there is no permission to write here; choose another file", path=str(file)
        )
    return Path(file)


def put_text(file: Path, text: str) -> None:
    """Write text as UTF-8 with plain line ends."""
    file.write_text(text, encoding="utf-8", newline="\n")


def sealed(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as JSON text with a hash of all that it says, under 'seal'."""
    whole = {**manifest, "seal": content_hash(json.loads(json.dumps(manifest)))}
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def unsealed(text: str) -> Plain:
    """Return a manifest without its seal; raise ValueError where it has none or is not what was written."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("a manifest is a mapping")
    if found.pop("seal", None) != content_hash(found):
        raise ValueError("the manifest is not the one that was written")
    return found


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def synced_hash(file: Path) -> str:
    """Bring a file to the disk and return its SHA-256."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
    return hash_of(file)


def sync(folder: Path) -> None:
    """Bring the entries of a folder to the disk."""
    # Windows does not open folders; there a rename is enough.
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``target``; whatever is left of it afterwards is removed."""
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(
            tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".partial", dir=target.parent)
        )
        try:
            os.chmod(place, 0o777 & ~_umask())
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        for parent in made:
            # Only where it stayed empty.
            with contextlib.suppress(OSError):
                parent.rmdir()


def put(workplace: Path, target: Path) -> None:
    """Rename the finished folder into its place, an older run out of the way before."""
    if not target.is_dir() or not any(target.iterdir()):
        if target.is_dir():
            target.rmdir()
        os.replace(workplace, target)
        sync(target.parent)
        return
    aside = workplace.with_name(workplace.name + ".old")
    os.replace(target, aside)
    try:
        os.replace(workplace, target)
    except BaseException:
        os.replace(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    sync(target.parent)


def put_under_a_free_name(workplace: Path, target: Path) -> Path:
    """Rename the finished folder to ``target``, or with the first free number behind it.

    Two that finish at one moment get two names: of renamings to one name the system does one.
    """
    place, number = target, 1
    while True:
        if not os.path.lexists(place):
            try:
                # A folder is never renamed onto one that holds anything.
                os.rename(workplace, place)
            except OSError as problem:
                if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
            else:
                sync(place.parent)
                return place
        number += 1
        place = target.with_name(f"{target.name}-{number}")


def as_sentence(problem: OSError, place: Path) -> InputError | RunError:
    """Return the sentence for a failure of the file system."""
    if problem.errno in _FULL or "No space left" in str(problem):
        return RunError(
            "the disk is full, and this was not written; free some space or choose another place",
            path=str(place),
        )
    if problem.errno in _FORBIDDEN:
        return InputError(
            "there is no permission to write here; choose another place",
            path=str(place),
        )
    if problem.errno in (
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.EINVAL,
    ):
        return InputError(f"this cannot be written: {reason_of(problem)}", path=str(place))
    return RunError(
        f"writing failed, and this was not written: {reason_of(problem)}", path=str(place)
    )
