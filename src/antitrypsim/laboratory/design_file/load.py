"""Read design files; every failure is one sentence with file, line and key."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from antitrypsim.documents.kindred import begins
from antitrypsim.documents.loading import document_from, text_of
from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import InputError, ProtocolError, nearest
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import VERSION, TrialDesign
from antitrypsim.laboratory.effect import check_effects
from antitrypsim.protocols.load import load_protocol
from antitrypsim.protocols.protocol import Protocol

FIRST = "trial_design"
_BUNDLED = Path(__file__).resolve().parent / "bundled"


def load_design(source: str | Path) -> tuple[TrialDesign, Protocol]:
    """Return the design that a YAML file says, or a bundled one, and its protocol.

    A protocol's own id or file is taken as a parallel design of that protocol. A protocol named in a
    file is looked for beside it. Raises ProtocolError, one sentence with file, line and key.
    """
    bundled = tuple(f.stem for f in sorted(_BUNDLED.glob("*.yaml")))
    file = _BUNDLED / f"{source}.yaml" if str(source) in bundled else Path(source)
    if file.suffix.lower() not in (".yaml", ".yml"):
        try:
            plain = load_protocol(source)
        except ProtocolError as problem:
            raise _neither(str(source), bundled, problem) from problem
        return _plain(plain)
    parsed = YamlText(text_of(file, FIRST), str(file), begins(FIRST))
    if isinstance(parsed.data, dict) and "antitrypsim" in parsed.data:
        return _plain(load_protocol(source))
    design = document_from(TrialDesign, parsed.data, FIRST, path=str(file), text=parsed)
    try:
        protocol = load_protocol(beside(file, design.protocol))
    except ProtocolError as problem:
        if problem.path is None:
            problem.path, problem.key = str(file), "protocol"
            problem.line = parsed.line_of(("protocol",))
        raise
    try:
        check_design(design, protocol)
        check_effects(design, protocol)
    except InputError as problem:
        problem.path = problem.path or str(file)
        if problem.line is None and problem.key is not None:
            problem.line = parsed.line_of(_where(problem.key))
        raise
    return design, protocol


def beside(file: Path, name: str) -> str | Path:
    """Return the file of a protocol beside a design, or the name as it stands."""
    beside = file.parent / name
    try:
        return beside if beside.is_file() else name
    except (OSError, ValueError):
        # A name that no file can have is no file.
        return name


def _where(key: str) -> tuple[str | int, ...]:
    parts = key.replace("[", ".[").split(".")
    return tuple(int(p[1:-1]) if p.startswith("[") else p for p in parts)


def bundled_designs() -> dict[str, str]:
    """Return the titles of the designs that come with the package, by id."""
    return {id: str(said["title"]) for id, said in _bundled().items()}


def bundled_kinds() -> dict[str, str]:
    """Return the kinds of the designs that come with the package, by id."""
    usual = TrialDesign.model_fields["design"].default.kind
    return {id: said.get("design", {}).get("kind", usual) for id, said in _bundled().items()}


@cache
def _bundled() -> dict[str, Any]:
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    files = sorted(_BUNDLED.glob("*.yaml"))
    return {f.stem: reader.load(f.read_text(encoding="utf-8")) for f in files}


def _plain(protocol: Protocol) -> tuple[TrialDesign, Protocol]:
    said: dict[str, str | int] = {
        "trial_design": VERSION, "id": protocol.id, "title": protocol.title,
        "question": protocol.question, "context_of_use": protocol.context_of_use,
        "protocol": protocol.id,
    }  # fmt: skip
    design = TrialDesign.model_validate(said)
    check_design(design, protocol)
    return design, protocol


def _neither(source: str, bundled: tuple[str, ...], problem: ProtocolError) -> ProtocolError:
    from antitrypsim.protocols.load import bundled_protocols

    hint = nearest(source, (*bundled, *bundled_protocols()))
    if not hint:
        return problem
    return ProtocolError(f"no design or protocol '{source}'{hint}")
