"""Draw who acts on whom, as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from antitrypsim.modelling.explain.chain import steps
from antitrypsim.modelling.explain.compute import check_module, owners
from antitrypsim.modelling.handles import Handle
from antitrypsim.modelling.model import Model

_MOST_NAMES = 3


def to_diagram(model: Model, name: str | None = None) -> str:
    """Return Mermaid text: of the whole model by module, or of the module ``name`` in full.

    Whole: a solid edge is an effect, a dotted one says what a module reads of another. One module:
    its states (rounded), quantities, doses and events, and what they touch elsewhere.
    """
    if name is None:
        return _whole(model)
    check_module(model, name)
    return _one(model, name)


def _whole(model: Model) -> str:
    owner = owners(model)
    acts: dict[tuple[str, str], list[str]] = {}
    reads: dict[tuple[str, str], list[str]] = {}
    brought: dict[str, set[str]] = {}
    for effect in model.effects:
        target = effect.target
        pair = (effect.module, owner[target.name])
        acts.setdefault(pair, []).append(f"{effect.kind} {target.short}")
        for symbol in effect.expression.free_symbols:
            brought.setdefault(target.name, set()).add(symbol.name)
            if symbol.name in owner:
                reads.setdefault((owner[symbol.name], effect.module), []).append(symbol.short)
    for start, end, how, _, symbol in steps(model):
        if how in ("dose", "level", "event"):
            continue
        # What an effect brought in is the effect's to read, not its target's.
        if start in owner and start not in brought.get(end, ()):
            short = symbol.short if isinstance(symbol, Handle) else start.partition(".")[2]
            reads.setdefault((owner[start], owner[end]), []).append(short)
    moves = [(d.module, d.name, d.jumps) for d in model.doses]
    moves += [(h.module, h.name, h.jumps) for h in model.hazards]
    for module, event, jumps in moves:
        for state, _ in jumps:
            acts.setdefault((module, owner[state.name]), []).append(f"{event} moves {state.short}")
    lines = ["flowchart LR"]
    lines += [f"  {_id(n)}[{_quote(f'{n}: {title}')}]" for n, title in model.modules]
    for table, arrow in ((acts, "-->"), (reads, "-.->")):
        for (start, end), labels in sorted(table.items()):
            if start != end:
                lines.append(f"  {_id(start)} {arrow}|{_quote(_few(labels))}| {_id(end)}")
    return "\n".join(lines) + "\n"


def _one(model: Model, name: str) -> str:
    owner = owners(model)
    doses = [d for d in model.doses if d.module == name]
    hidden = {h.accumulator.name: h.name for h in model.hazards}
    edges = set()
    for start, end, how, _, _ in steps(model):
        of = (owner.get(start), owner.get(end))
        if name in of or any(start == dose.name for dose in doses):
            edges.add((start, end, how))
    names = {n for n, m in owner.items() if m == name} | {e for edge in edges for e in edge[:2]}
    groups: dict[str, list[str]] = {}
    for node in sorted(names):
        groups.setdefault(owner.get(node, node.partition(".")[0]), []).append(node)
    lines = ["flowchart LR"]
    for group, members in groups.items():
        inner = [m for m in members if "/" not in m]
        lines += [f"  {_id(m)}([{_quote(m)}])" for m in members if "/" in m]
        if inner:
            lines.append(f"  subgraph {_id('in_' + group)} [{_quote(group)}]")
            lines += [f"    {_node(m, model, hidden)}" for m in inner]
            lines.append("  end")
    effects = {
        (symbol.name, effect.target.name): effect.kind
        for effect in model.effects
        for symbol in effect.expression.free_symbols
    }
    for start, end, how in sorted(edges):
        label = effects.get((start, end), "" if how in ("rate", "value") else how)
        text = f"|{_quote(label)}|" if label else ""
        lines.append(f"  {_id(start)} -->{text} {_id(end)}")
    return "\n".join(lines) + "\n"


def _node(name: str, model: Model, hidden: dict[str, str]) -> str:
    if name in hidden:
        return f"{_id(name)}{{{{{_quote(hidden[name])}}}}}"
    short = name.partition(".")[2]
    unit = model.units.get(name, "")
    label = _quote(f"{short} ({unit})" if unit not in ("", "1") else short)
    return f"{_id(name)}({label})" if name in model.state_names else f"{_id(name)}[{label}]"


def _id(name: str) -> str:
    """Turn a name into a Mermaid id; other characters become their code, so that none collide."""
    return "n_" + re.sub(r"[^A-Za-z0-9]", lambda m: f"_{ord(m.group()):x}_", name)


def _quote(text: str) -> str:
    escaped = text.replace('"', "#quot;")
    return f'"{escaped}"'


def _few(labels: Iterable[str]) -> str:
    found = sorted(set(labels))
    more = f", and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(found[:_MOST_NAMES]) + more
