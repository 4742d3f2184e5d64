"""Compute the explanation of a model: plain data, nothing laid out."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from antitrypsim.evidence import Fixed, Parameter, load_registry
from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.modelling.explain.notes import (
    ActNote,
    DoseNote,
    Explanation,
    FixedNote,
    HazardNote,
    Jump,
    ModuleNote,
    ParameterNote,
    QuantityNote,
    ReadNote,
    StateNote,
)
from antitrypsim.modelling.explain.shorts import Words, per_day
from antitrypsim.modelling.handles import Covariate, Handle, Input
from antitrypsim.modelling.model import Model


def explain_model(model: Model) -> Explanation:
    """Say every module of a model as plain data."""
    acts = _acts(model)
    return Explanation(
        model.content_hash, tuple(_module_note(model, m, acts) for m in module_names(model))
    )


def explain_module(model: Model, name: str) -> Explanation:
    """Say one module of a model; raise ModelError with the nearest name for one it lacks."""
    check_module(model, name)
    return Explanation(model.content_hash, (_module_note(model, name, _acts(model)),))


def module_names(model: Model) -> tuple[str, ...]:
    """Return the names of the modules."""
    return tuple(name for name, _ in model.modules)


def check_module(model: Model, name: str) -> None:
    """Raise ModelError with the nearest name unless the model has the module."""
    if name not in module_names(model):
        raise ModelError(f"no module '{name}'{nearest(name, module_names(model))}")


def _module_note(model: Model, name: str, acts: tuple[ActNote, ...]) -> ModuleNote:
    words = Words(model, name)
    hidden = {h.accumulator for h in model.hazards}
    states = [s for s in model.states if s.module == name and s.handle not in hidden]
    quantities = [q for q in model.quantities if q.module == name]
    doses = [d for d in model.doses if d.module == name]
    hazards = [h for h in model.hazards if h.module == name]
    owner = owners(model)

    def jumps(found: Iterable[tuple[Handle, sympy.Expr]]) -> tuple[Jump, ...]:
        return tuple(Jump(s.name, s.unit, words.text(e)) for s, e in found)

    expressions = [e for s in states for e in (s.rate, s.initial)]
    expressions += [q.expression for q in quantities] + [h.rate for h in hazards]
    expressions += [e for d in doses for _, e in d.jumps] + [e for h in hazards for _, e in h.jumps]
    expressions += [e.expression for e in model.effects if e.module == name]
    read = sorted(set().union(*(e.free_symbols for e in expressions)), key=str)
    return ModuleNote(
        name=name,
        title=dict(model.modules)[name],
        states=tuple(
            StateNote(*_about(s.handle), words.text(s.rate), words.text(s.initial)) for s in states
        ),
        quantities=tuple(
            QuantityNote(*_about(q.handle), words.text(q.expression)) for q in quantities
        ),
        parameters=tuple(_parameter_note(p) for p in model.parameters if p.module == name),
        fixed=tuple(_fixed_note(f, name) for f in model.fixed.get(name, ())),
        doses=tuple(
            DoseNote(
                d.name,
                d.unit,
                d.meaning,
                jumps(d.jumps),
                d.limit.value if d.limit is not None else None,
                d.limit.source if d.limit is not None else "",
                d.holds.name if d.holds is not None else "",
            )
            for d in doses
        ),
        inputs=tuple(ReadNote(*_about(h)) for h in read if isinstance(h, Input)),
        covariates=tuple(ReadNote(*_about(h)) for h in read if isinstance(h, Covariate)),
        hazards=tuple(
            HazardNote(h.name, h.meaning, words.text(h.rate), jumps(h.jumps), h.ends)
            for h in hazards
        ),
        acts_on=tuple(act for act in acts if act.module == name),
        acted_on_by=tuple(a for a in acts if owner[a.target] == name and a.module != name),
    )


def _about(handle: Handle) -> tuple[str, str, str]:
    return handle.name, handle.unit, handle.meaning


def _parameter_note(p: Parameter) -> ParameterNote:
    return ParameterNote(
        p.name, p.value, p.unit, p.meaning, p.between_patients.describe(), p.uncertainty.describe(),
        p.grade, p.rests_on, _recalled(p), p.note,
    )  # fmt: skip


def _fixed_note(f: Fixed, module: str) -> FixedNote:
    name = f.name if f.module == module else f.id
    return FixedNote(
        name, f.value, f.unit, f.meaning, f.grade, f.rests_on, _recalled(f), f.note
    )  # fmt: skip


def _recalled(number: Parameter | Fixed) -> tuple[str, ...]:
    facts = load_registry().facts
    return tuple(id for id in number.rests_on if id in facts and facts[id].recalled)


def owners(model: Model) -> dict[str, str]:
    """Return the module that says each state and quantity."""
    found = {line.handle.name: line.module for line in model.states}
    return found | {line.handle.name: line.module for line in model.quantities}


def _acts(model: Model) -> tuple[ActNote, ...]:
    """List all effects; a term on a state's rate is in the state's unit per day."""
    owner = owners(model)
    words = {module: Words(model, module) for module in {e.module for e in model.effects}}
    found = []
    for effect in model.effects:
        unit = "1"
        if effect.kind == "adds to":
            rate = effect.target.name in model.state_names
            unit = per_day(effect.target.unit) if rate else effect.target.unit
        text = words[effect.module].text(effect.expression)
        name = effect.target.name
        found.append(
            ActNote(
                effect.module, name, owner[name], unit, effect.kind, text, effect.why,
                effect.mechanism,
            )
        )  # fmt: skip
    return tuple(found)
