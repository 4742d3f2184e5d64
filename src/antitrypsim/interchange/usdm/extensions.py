"""What a protocol says and USDM has no place for, as extension attributes of the object it is about.

Two urls. ``says#<place>``: a value that the standard's own attributes do not give. ``spelled#<place>``:
a value that they give in other words; it holds as long as they still say what they said. A place is a
path below the part of the protocol that the object stands for, its keys joined by '/'; a value is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.interchange.usdm.codes import Numbers
from antitrypsim.interchange.usdm.model import ExtensionAttribute, Thing

Path = tuple[str | int, ...]
Homes = Mapping[Path, Thing]
"""The object that stands for a part of the protocol, by the path of the part."""

PREFIX = "antitrypsim:usdm/"
SAYS, SPELLED = PREFIX + "says#", PREFIX + "spelled#"
_NONE: Any = object()


def attach(said: Any, read: Any, whole: Any, homes: Homes, numbers: Numbers) -> dict[str, bool]:
    """Hang on the objects whatever turns ``read`` into ``said``; return whether it is read at all, by path.

    ``said`` is the protocol without defaults, ``whole`` with them, ``read`` what the standard's
    attributes give. A value of ``read`` that is a default needs nothing.
    """
    paths: dict[str, bool] = {}
    for path, before, value in _missing(said, read, whole, ()):
        home = max((each for each in homes if path[: len(each)] == each), key=len)
        thing = homes[home]
        place = "/".join(map(str, path[len(home) :]))
        url = (SAYS if before is _NONE else SPELLED) + place
        held = value if before is _NONE else [before, value]
        paths[words(path)] = before is not _NONE
        # What two arms are given alike is one object, and says it once.
        if all(one.url != url for one in thing.extension_attributes):
            thing.extension_attributes.append(
                ExtensionAttribute(
                    id=numbers.next("ExtensionAttribute"),
                    url=url,
                    value_string=json.dumps(held, ensure_ascii=False),
                )
            )
    return paths


def extended(homes: Homes) -> bool:
    """Whether the objects hold extensions of ours."""
    return any(one.url.startswith(PREFIX) for t in homes.values() for one in t.extension_attributes)


def apply(data: dict[str, Any], homes: Homes) -> tuple[str, ...]:
    """Put what extensions of ours say into ``data``; return a line for each that no longer holds."""
    stale = []
    for path, thing in homes.items():
        for one in thing.extension_attributes:
            if not one.url.startswith((SAYS, SPELLED)):
                continue
            place = tuple(part for part in one.url.partition("#")[2].split("/") if part)
            target = (*path, *place)
            held = _held(one)
            before = _NONE
            if one.url.startswith(SPELLED):
                if not isinstance(held, list) or len(held) != 2:
                    raise _broken(one)
                before, held = held
            line = _put(data, target, before, held)
            if line:
                stale.append(line)
    return tuple(stale)


def _held(one: ExtensionAttribute) -> Any:
    try:
        return json.loads(one.value_string or "")
    except (ValueError, RecursionError) as problem:
        raise _broken(one) from problem


def _broken(one: ExtensionAttribute) -> InputError:
    return InputError(
        f"the extension '{shown(one.id)}' holds no value that this software wrote; delete it"
    )


def _put(data: Any, path: Sequence[str | int], before: Any, value: Any) -> str:
    """Put a value in its place; return why not, if not."""
    node = data
    *above, last = path
    for part in above:
        below = _step(node, part)
        if below is _NONE and isinstance(node, dict):
            below = node[str(part)] = {}
        node = below
    now = _step(node, last)
    if isinstance(node, list):
        last = int(last) if str(last).isdigit() else last
    if not isinstance(node, dict) and now is _NONE:
        return f"{words(path)}: what it belonged to is gone, and the extension is left out"
    if before is _NONE and now is _NONE:
        node[last] = value
    elif now == before:
        if value is None:
            del node[last]
        else:
            node[last] = value
    elif now != value:
        return f"{words(path)}: it was changed since the export, and stays as the file now says it"
    return ""


def _step(node: Any, part: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(str(part), _NONE)
    if isinstance(node, list) and str(part).isdigit() and int(part) < len(node):
        return node[int(part)]
    return _NONE


def _missing(said: Any, read: Any, whole: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Yield (path, what is read or nothing, what is said) wherever the two differ."""
    if isinstance(said, dict) and isinstance(read, dict):
        for key, value in said.items():
            if key not in read:
                yield (*path, key), _NONE, value
            else:
                yield from _missing(value, read[key], _of(whole, key), (*path, key))
        for key, value in read.items():
            if key not in said and _of(whole, key) != value:
                yield (*path, key), value, None
    elif (
        isinstance(said, list)
        and isinstance(read, list)
        and len(said) == len(read)
        and all(isinstance(each, dict) for each in (*said, *read))
    ):
        for k, (one, other) in enumerate(zip(said, read, strict=True)):
            yield from _missing(one, other, _of(whole, k), (*path, k))
    elif said != read:
        yield path, read, said


def _of(whole: Any, key: str | int) -> Any:
    if isinstance(whole, dict):
        return whole.get(str(key))
    return whole[key] if isinstance(whole, list) and isinstance(key, int) else None


def words(path: Sequence[str | int]) -> str:
    """Return a path as a reader of a protocol says it: 'arms[0].treatment'."""
    out = ""
    for part in path:
        index = isinstance(part, int) or part.isdigit()
        out += f"[{part}]" if index else f".{part}" if out else str(part)
    return out
