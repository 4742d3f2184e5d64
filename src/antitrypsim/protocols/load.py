"""Read and write protocol files; every failure is one sentence with file, line and key."""

from __future__ import annotations

import io
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.documents.loading import text_of
from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import InputError, ProtocolError, nearest, shown
from antitrypsim.protocols.protocol import Protocol, protocol_from

if TYPE_CHECKING:
    from antitrypsim.modelling import Model

FIRST = "antitrypsim"
_BUNDLED = Path(__file__).resolve().parent / "bundled"
_SUFFIXES = (".yaml", ".yml")


def load_protocol(source: str | Path, *, model: Model | None = None) -> Protocol:
    """Return the protocol in a YAML file, or the bundled one with this id.

    ``model`` is needed only for therapies from elsewhere; by default the packaged ones are known.
    Raises ProtocolError, one sentence with file, line and key, for a file that cannot be read or
    does not make sense.
    """
    file = _file_of(source)
    return read_protocol(text_of(file, FIRST), path=str(file), model=model)


def protocol_of(source: str | Path | Protocol, *, model: Model | None = None) -> Protocol:
    """Return a protocol as it is, or load it; raise InputError for what is neither."""
    if isinstance(source, Protocol):
        return source
    if not isinstance(source, str | Path):
        raise InputError(f"'{shown(source)}' is no protocol; name a file or a bundled one")
    return load_protocol(source, model=model)


def read_protocol(text: str, *, path: str | None = None, model: Model | None = None) -> Protocol:
    """Return the protocol that a YAML text says; ``path`` is what errors call it.

    Raises ProtocolError as ``load_protocol``.
    """
    if model is None:
        return _read(text, path)
    parsed = YamlText(text, path)
    return protocol_from(parsed.data, model=model, path=path, text=parsed)


def protocol_source(source: str | Path) -> str:
    """Return the text of a protocol file, or of the bundled one with this id, remarks and all.

    Raises ProtocolError, one sentence, for a file that cannot be read; what it says is not checked.
    """
    return text_of(_file_of(source), FIRST)


def is_bundled(name: str) -> bool:
    """Return whether a protocol of this name comes with the package; none is read for it."""
    return name in _bundled_files()


def bundled_protocols() -> dict[str, str]:
    """Return the titles of the protocols that come with the package, by id."""
    return {str(data["id"]): str(data["title"]) for data in _bundled().values()}


def claims_tested() -> dict[str, tuple[str, ...]]:
    """Return the ids of the bundled protocols that work a claim backwards, by the claim's id."""
    found: dict[str, tuple[str, ...]] = {}
    for name, data in _bundled().items():
        for claim in dict.fromkeys(str(one["claim"]) for one in data.get("claimed", ())):
            found[claim] = (*found.get(claim, ()), name)
    return found


@cache
def _bundled() -> dict[str, Any]:
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    return {
        name: reader.load(file.read_text(encoding="utf-8"))
        for name, file in _bundled_files().items()
    }


def dump_protocol(protocol: Protocol) -> str:
    """Return the protocol as YAML; ``read_protocol`` gives an equal protocol back."""
    from ruamel.yaml import YAML

    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.allow_unicode = True
    writer.width = 100
    stream = io.StringIO()
    writer.dump(_without_blanks(protocol.to_dict()), stream)
    return stream.getvalue()


@lru_cache(maxsize=16)
def _read(text: str, path: str | None) -> Protocol:
    """Return what ``read_protocol`` does with the packaged therapies: a command asks for it several times."""
    parsed = YamlText(text, path)
    return protocol_from(parsed.data, path=path, text=parsed)


def _bundled_files() -> dict[str, Path]:
    return {file.stem: file for file in sorted(_BUNDLED.glob("*.yaml"))}


def _file_of(source: str | Path) -> Path:
    bundled = _bundled_files()
    if isinstance(source, str) and source in bundled:
        return bundled[source]
    file = Path(source)
    named = bool(str(source).strip())
    if named and (
        file.suffix.lower() in _SUFFIXES or len(file.parts) > 1 or os.path.exists(source)
    ):
        return file
    known = tuple(bundled)
    hint = nearest(str(source), known) if named else ""
    raise ProtocolError(
        f"no protocol '{shown(str(source))}'"
        + (hint or f"; there is {', '.join(known)}; a file of your own ends in .yaml")
    )


def _without_blanks(value: object) -> object:
    # Empty lists and groups are defaults everywhere, and clutter for a reader.
    if isinstance(value, dict):
        kept = {key: _without_blanks(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in ([], {})}
    if isinstance(value, list):
        return [_without_blanks(each) for each in value]
    return value
