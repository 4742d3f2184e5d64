"""Families: one set of equations for all of their instances, whoever added them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import Family, Handle, Indexed, Instance
from antitrypsim.modelling.words import Expression, Module, SumOver


class Families:
    """The families of some modules with their instances.

    Raises ModelError for an instance of a family that is absent, for two of one name, and wherever a
    family is used that no module brings.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        self._members = {f: list(f.members) for m in modules for f in m.families}
        for module in modules:
            for family, added in module.instances.items():
                if family not in self._members:
                    raise ModelError(
                        f"module '{module.name}' adds to '{family.name}', which is absent"
                    )
                self._members[family].extend(added)
        for family, found in self._members.items():
            labels = [m.name for m in found]
            for label in labels:
                if labels.count(label) > 1:
                    raise ModelError(f"two instances of '{family.name}' are called '{label}'")

    def _of(self, family: Family) -> list[Instance]:
        if family not in self._members:
            raise ModelError(f"the family '{family.name}' is used and no module brings it")
        return self._members[family]

    def expanded(self, expression: Expression, member: Instance | None = None) -> sympy.Expr:
        """Return an expression, of an instance where one is given, with its sums written out."""
        if isinstance(expression, SumOver):
            terms = [self.expanded(expression.term, m) for m in self._of(expression.family)]
            return sympy.Add(*terms)
        if callable(expression) and not isinstance(expression, sympy.Basic):
            if member is None:
                raise ModelError("a function of an instance stands where no family is")
            return self.expanded(expression(member))
        return sympy.sympify(expression)

    def pairs(self, mapping: Mapping[Any, Expression]) -> list[tuple[Handle, sympy.Expr]]:
        """Return handles with their expressions, those of every instance for what is indexed.

        The keys are handles, or indexed ones.
        """
        found: list[tuple[Handle, sympy.Expr]] = []
        for key, expression in mapping.items():
            if isinstance(key, Indexed):
                found += [(key[m], self.expanded(expression, m)) for m in self._of(key.family)]
            else:
                found.append((key, self.expanded(expression)))
        return found
