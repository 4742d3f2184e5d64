"""Formulas of PEtab, read by libSBML and computed here; nothing in them is ever executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.interchange.extras import needed

_LONGEST = 10_000
_DEEPEST = 100


class Formula:
    """A formula of numbers, names, + - * / ^, exp, ln, log (natural), log10 and sqrt.

    Raises InputError for text that is none, or that has another function in it.
    """

    def __init__(self, text: str) -> None:
        libsbml = needed("libsbml", "petab")
        self._text = text
        settings = libsbml.L3ParserSettings()
        settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_LN)
        self._tree = (
            libsbml.parseL3FormulaWithSettings(text.replace("**", "^"), settings)
            if len(text) < _LONGEST
            else None
        )
        if self._tree is None:
            raise InputError(f"'{shown(text)}' is not a formula that can be read")
        self.names: frozenset[str] = frozenset(self._names(self._tree))

    def _names(self, node: Any, depth: int = 0) -> set[str]:
        if depth > _DEEPEST:
            raise InputError(f"the formula '{shown(self._text)}' is nested too deeply")
        found = {node.getName()} if node.isName() else set()
        self._known(node)
        for k in range(node.getNumChildren()):
            found |= self._names(node.getChild(k), depth + 1)
        return found

    def _known(self, node: Any) -> None:
        if not (node.isNumber() or node.isName() or _word(node) in _WORDS):
            raise InputError(
                f"the formula '{shown(self._text)}' uses '{shown(node.getName() or 'an operator')}', which "
                "is not supported"
            )

    def value(self, known: Mapping[str, float]) -> float:
        """Return its value; NaN where there is none. Raises InputError for an unknown name."""
        try:
            return self._value(self._tree, known)
        except (ArithmeticError, ValueError):
            return math.nan

    def _value(self, node: Any, known: Mapping[str, float]) -> float:
        if node.isNumber():
            return float(node.getValue())
        if node.isName():
            if node.getName() not in known:
                raise InputError(
                    f"the formula '{shown(self._text)}' reads '{shown(node.getName())}', which nothing says"
                )
            return known[node.getName()]
        word = _word(node)
        parts = [self._value(node.getChild(k), known) for k in range(node.getNumChildren())]
        if word == "+":
            return math.fsum(parts)
        if word == "*":
            return math.prod(parts)
        if word == "-":
            return -parts[0] if len(parts) == 1 else parts[0] - parts[1]
        if word == "/":
            return parts[0] / parts[1]
        if word in ("^", "pow", "power"):
            return float(parts[0] ** parts[1])
        if word == "exp":
            return math.exp(parts[0])
        if word == "ln" or (word == "log" and len(parts) == 1):
            return math.log(parts[0])
        if word.startswith("log"):
            return math.log(parts[1]) / math.log(parts[0])
        return float(parts[1] ** (1 / parts[0]))


_WORDS = frozenset(
    ["+", "-", "*", "/", "^", "pow", "power", "exp", "ln", "log", "log10", "sqrt", "root"]
)


def _word(node: Any) -> str:
    """Return what stands for a node in a formula.

    Not its type: where a second library of the same makers is loaded, that is no number any more.
    """
    return str(node.getCharacter() if node.isOperator() else node.getName() or "")
