"""Join modules into one model: apply effects, order, check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy

from antitrypsim.evidence import Fixed, Parameter
from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.foundations.units import base_units
from antitrypsim.modelling.families import Families
from antitrypsim.modelling.handles import (
    Amount,
    Constant,
    Covariate,
    Handle,
    Input,
    Param,
    Quantity,
    State,
)
from antitrypsim.modelling.model import (
    DoseLine,
    EffectLine,
    HazardLine,
    Model,
    QuantityLine,
    StateLine,
)
from antitrypsim.modelling.unitcheck import check
from antitrypsim.modelling.words import ROUGH, Dose, Module, Term

Said = tuple[sympy.Expr, str]
"""An expression and the module that says it."""


def compose(
    modules: Iterable[Module],
    *,
    without: Iterable[str] = (),
    parameters: Mapping[str, float] | None = None,
) -> Model:
    """Return the model of ``modules``; the order in which they are listed changes nothing.

    ``without`` names modules whose effects on others are left out (their own equations stay), or
    mechanisms, of which the effects of every module are;
    ``parameters`` replaces typical values by id. Raises ModelError for a clash, an unknown target,
    a unit that does not fit, a circle of quantities or a rate that is not smooth.
    """
    ordered = sorted(modules, key=lambda m: m.name)
    names = [m.name for m in ordered]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(f"two modules are called '{name}'")
    switched_off = set(without)
    known = [*names, *sorted({e.mechanism for m in ordered for e in m.effects if e.mechanism})]
    for name in sorted(switched_off - set(known)):
        raise ModelError(f"no module or mechanism '{name}' to switch off{nearest(name, known)}")
    return _Composer(ordered, switched_off, parameters or {}).model()


class _Composer:
    def __init__(
        self, modules: list[Module], switched_off: set[str], replaced: Mapping[str, float]
    ) -> None:
        self.modules = modules
        self.switched_off = switched_off
        self.replaced = replaced
        self.families = Families(modules)
        self.rates: dict[Handle, Said] = {}
        self.initials: dict[Handle, sympy.Expr] = {}
        self.quantities: dict[Handle, Said] = {}
        self.effects: list[EffectLine] = []
        self.sayers: dict[str, str] = {}

    def model(self) -> Model:
        for module in self.modules:
            for target, expression in self.families.pairs(module.changes):
                self._own(self.rates, target, expression, module.name)
            for target, expression in self.families.pairs(module.quantities):
                if not isinstance(target, Quantity):
                    raise ModelError(f"'{target.name}' stands among the quantities and is none")
                self._own(self.quantities, target, expression, module.name)
            for target, expression in self.families.pairs(module.initial):
                if target in self.initials:
                    raise ModelError(f"two modules say the initial value of '{target.name}'")
                self.initials[target] = expression
        for target in self.initials:
            if target not in self.rates:
                raise ModelError(
                    f"'{target.name}' has an initial value and no module says its change"
                    + self._hint(target, self.rates)
                )
        self._apply_effects()
        hazards = self._hazards()
        states = self._states()
        quantities = self._sorted_quantities()
        doses = self._doses()
        used = self._symbols(states, quantities, doses, hazards)
        used |= {d.holds for d in doses if d.holds is not None}
        used |= {a.input for d in doses for a in d.attributes.values()}
        inputs = tuple(sorted({s for s in used if isinstance(s, Input)}, key=lambda s: s.name))
        declared = {i for m in self.modules for i in m.inputs}
        for handle in inputs:
            if handle not in declared:
                raise ModelError(f"the input '{handle.name}' is used and no module declares it")
        covariates = tuple(
            sorted({s for s in used if isinstance(s, Covariate)}, key=lambda s: s.name)
        )
        return Model(
            modules=tuple((m.name, m.title) for m in self.modules),
            states=states,
            quantities=quantities,
            doses=doses,
            hazards=hazards,
            inputs=inputs,
            covariates=covariates,
            parameters=self._parameters(used),
            effects=tuple(self.effects),
            fixed={m.name: m.fixed for m in self.modules},
        )

    def _own(
        self, table: dict[Handle, Said], handle: Handle, expression: sympy.Expr, module: str
    ) -> None:
        if handle.name in self.sayers:
            raise ModelError(
                f"'{handle.name}' is said by '{self.sayers[handle.name]}' and by '{module}'"
            )
        self.sayers[handle.name] = module
        table[handle] = (expression, module)

    @staticmethod
    def _hint(handle: Handle, known: Iterable[Handle]) -> str:
        """Say what is nearest to a handle that is missing: its like in another unit, or a name."""
        by_name = {h.name: h for h in known}
        like = by_name.get(handle.name)
        if like is not None and like.unit != handle.unit:
            return f"; it is in '{like.unit}', not in '{handle.unit}'"
        return nearest(handle.name, [name for name in by_name if name != handle.name])

    def _apply_effects(self) -> None:
        terms: dict[Handle, list[sympy.Expr]] = {}
        factors: dict[Handle, list[sympy.Expr]] = {}
        for module in self.modules:
            for effect in module.effects:
                for target, expression in self.families.pairs({effect.target: effect.expression}):
                    if target not in self.rates and target not in self.quantities:
                        raise ModelError(
                            f"module '{module.name}' acts on '{target.name}', which no module has"
                            + self._hint(target, [*self.rates, *self.quantities])
                        )
                    kind = "adds to" if isinstance(effect, Term) else "multiplies"
                    self.effects.append(
                        EffectLine(
                            module.name, target, kind, expression, effect.why, effect.mechanism
                        )
                    )
                    if self.switched_off & {module.name, effect.mechanism}:
                        continue
                    table = terms if isinstance(effect, Term) else factors
                    table.setdefault(target, []).append(expression)
        for target in {*terms, *factors}:
            table_of = self.rates if target in self.rates else self.quantities
            base, owner = table_of[target]
            total = sympy.Add(base, *terms.get(target, []))
            table_of[target] = (sympy.Mul(total, *factors.get(target, []), evaluate=True), owner)

    def _hazards(self) -> tuple[HazardLine, ...]:
        lines: list[HazardLine] = []
        for module in self.modules:
            for hazard in module.hazards:
                if any(line.name == hazard.name for line in lines):
                    # Its name keys its random stream and its events: two would happen as one.
                    raise ModelError(f"two modules say the hazard '{hazard.name}'")
                rate = self.families.expanded(hazard.rate)
                accumulator = State(
                    f"{module.name}.{hazard.name}_hazard",
                    "1",
                    f"integrated hazard of {hazard.meaning} since the last one",
                )
                assert isinstance(accumulator, State)
                self._own(self.rates, accumulator, rate, module.name)
                self.initials[accumulator] = sympy.Integer(0)
                jumps = []
                for state, expression in self.families.pairs(hazard.jumps):
                    if state not in self.rates or not isinstance(state, State):
                        raise ModelError(
                            f"the hazard '{hazard.name}' moves '{state.name}', which is no state"
                        )
                    check(expression, state.unit, f"{hazard.name} into {state.name}")
                    jumps.append((state, _numbers(expression)))
                lines.append(
                    HazardLine(
                        hazard.name,
                        _numbers(rate),
                        accumulator,
                        tuple(jumps),
                        hazard.ends,
                        module.name,
                        hazard.meaning,
                    )
                )
        return tuple(lines)

    def _states(self) -> tuple[StateLine, ...]:
        lines = []
        for handle, (rate, module) in self.rates.items():
            if not isinstance(handle, State):
                raise ModelError(f"'{handle.name}' has a rate and is not a state")
            if handle not in self.initials:
                raise ModelError(f"the state '{handle.name}' has no initial value")
            if rate.has(*ROUGH):
                raise ModelError(
                    "a rate must be smooth: no Piecewise, Min, Max or Abs", key=handle.name
                )
            check(
                rate,
                f"({handle.unit})/day" if handle.unit != "1" else "1/day",
                f"rate of {handle.name}",
            )
            check(self.initials[handle], handle.unit, f"initial {handle.name}")
            lines.append(StateLine(handle, _numbers(rate), _numbers(self.initials[handle]), module))
        return tuple(sorted(lines, key=lambda line: line.handle.name))

    def _sorted_quantities(self) -> tuple[QuantityLine, ...]:
        done: dict[Handle, QuantityLine] = {}
        visiting: list[Handle] = []

        def visit(handle: Handle) -> None:
            if handle in done:
                return
            if handle in visiting:
                circle = " -> ".join(h.name for h in [*visiting[visiting.index(handle) :], handle])
                raise ModelError(f"the quantities go in a circle: {circle}")
            if handle not in self.quantities:
                raise ModelError(
                    f"the quantity '{handle.name}' is used and no module says it"
                    + self._hint(handle, self.quantities)
                )
            visiting.append(handle)
            expression, module = self.quantities[handle]
            for symbol in sorted(expression.free_symbols, key=str):
                if isinstance(symbol, Quantity):
                    visit(symbol)
            visiting.pop()
            if expression.has(*ROUGH):
                raise ModelError(
                    "a quantity must be smooth: no Piecewise, Min, Max or Abs", key=handle.name
                )
            check(expression, handle.unit, handle.name)
            done[handle] = QuantityLine(handle, _numbers(expression), module)

        for handle in sorted(self.quantities, key=lambda h: h.name):
            visit(handle)
        for rate, _ in self.rates.values():
            for symbol in sorted(rate.free_symbols, key=str):
                if isinstance(symbol, Quantity):
                    visit(symbol)
        return tuple(done.values())

    def _doses(self) -> tuple[DoseLine, ...]:
        lines: dict[str, DoseLine] = {}
        for module in self.modules:
            for dose in module.doses:
                if dose.name in lines:
                    raise ModelError(f"two modules say the dose '{dose.name}'")
                self._check_limit(dose)
                jumps = []
                for state, expression in self.families.pairs(dose.jumps):
                    if state not in self.rates or not isinstance(state, State):
                        raise ModelError(
                            f"the dose '{dose.name}' moves '{state.name}', which is no state"
                        )
                    self._check_amount(dose, expression)
                    check(expression, state.unit, f"dose {dose.name} into {state.name}")
                    jumps.append((state, _numbers(expression)))
                lines[dose.name] = DoseLine(
                    dose.name,
                    dose.product,
                    dose.route,
                    dose.unit,
                    tuple(jumps),
                    module.name,
                    dose.meaning,
                    dose.limit,
                    dose.holds,
                    dose.attributes,
                    dose.usual,
                    dose.example,
                    dose.most,
                )
        return tuple(lines[k] for k in sorted(lines))

    @staticmethod
    def _check_limit(dose: Dose) -> None:
        for limit in (dose.limit, dose.most):
            if limit is None:
                continue
            if not isinstance(limit, Fixed):
                raise ModelError(
                    f"the limit of the dose '{dose.name}' is the bare number {limit}; "
                    "put it into parameters.toml, under [fixed.name]"
                )
            if base_units(limit.unit) != base_units(dose.unit):
                raise ModelError(
                    f"the dose '{dose.name}' is given in '{dose.unit}' and its limit "
                    f"'{limit.id}' is in '{limit.unit}'"
                )

    @staticmethod
    def _check_amount(dose: Dose, expression: sympy.Expr) -> None:
        for symbol in expression.free_symbols:
            if isinstance(symbol, Amount) and base_units(symbol.unit) != base_units(dose.unit):
                raise ModelError(
                    f"the dose '{dose.name}' is given in '{dose.unit}' and reads an amount in "
                    f"'{symbol.unit}'"
                )

    def _symbols(
        self,
        states: Iterable[StateLine],
        quantities: Iterable[QuantityLine],
        doses: Iterable[DoseLine],
        hazards: Iterable[HazardLine],
    ) -> set[Handle]:
        expressions = [e for s in states for e in (s.rate, s.initial)]
        expressions += [q.expression for q in quantities]
        expressions += [e for h in hazards for _, e in h.jumps]
        outside = set().union(*(e.free_symbols for e in expressions))
        inside = set().union(*(e.free_symbols for d in doses for _, e in d.jumps))
        if any(isinstance(symbol, Amount) for symbol in outside):
            raise ModelError("the amount of a dose stands outside of a dose's jumps")
        used = outside | inside
        known_states = {s.handle for s in states}
        known_quantities = {q.handle for q in quantities}
        for symbol in sorted(used, key=str):
            if isinstance(symbol, State) and symbol not in known_states:
                raise ModelError(
                    f"the state '{symbol.name}' is used and no module says its change"
                    + self._hint(symbol, known_states)
                )
            if isinstance(symbol, Quantity) and symbol not in known_quantities:
                raise ModelError(
                    f"the quantity '{symbol.name}' is used and no module says it"
                    + self._hint(symbol, known_quantities)
                )
            if not isinstance(symbol, Handle):
                raise ModelError(f"'{symbol}' is a bare symbol; equations are written over handles")
        return used

    def _parameters(self, used: set[Handle]) -> tuple[Parameter, ...]:
        known = {p.id: p for m in self.modules for p in m.parameters.values()}
        for name in self.replaced:
            if name not in known:
                raise ModelError(f"no parameter '{name}' to replace{nearest(name, list(known))}")
        for symbol in sorted(used, key=str):
            if isinstance(symbol, Param) and symbol.name not in known:
                raise ModelError(
                    f"the parameter '{symbol.name}' is in no parameters.toml"
                    + nearest(symbol.name, list(known))
                )
        return tuple(
            replace(known[k], value=float(self.replaced[k])) if k in self.replaced else known[k]
            for k in sorted(known)
        )


def _numbers(expression: sympy.Expr) -> sympy.Expr:
    """Put the numbers of unit conversions in, once the units have been checked."""
    constants = {
        s: sympy.Float(s.value) for s in expression.free_symbols if isinstance(s, Constant)
    }
    return expression.xreplace(constants) if constants else expression
