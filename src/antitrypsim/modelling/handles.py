"""Handles: the symbols of the equations, each with its unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy

from antitrypsim.foundations.units import YEAR

if TYPE_CHECKING:
    from sympy.printing.printer import Printer

NewArguments = tuple[tuple[str, str, str], dict[str, float]]
"""What a handle is made of anew, as when it is unpickled."""


class Handle(sympy.Symbol):
    """A real SymPy symbol that knows its unit and meaning; compared by name, kind and unit."""

    unit: str
    meaning: str

    def __new__(cls, name: str, unit: str, meaning: str) -> Handle:
        """Make a handle; ``name`` is 'module.name', ``unit`` a pint unit ('1' for none)."""
        handle: Handle = sympy.Symbol.__xnew__(cls, name, real=True)
        handle.unit = unit
        handle.meaning = meaning
        return handle

    def __getnewargs_ex__(self) -> NewArguments:
        return (self.name, self.unit, self.meaning), {}

    def _hashable_content(self) -> tuple[object, ...]:
        # SymPy caches products by what is hashed here: without the unit, an amount in cells would
        # come back as one in mg/kg.
        return (*super()._hashable_content(), self.unit)

    @property
    def short(self) -> str:
        """The name without its module."""
        return str(self.name.partition(".")[2] or self.name)

    def _latex(self, printer: Printer) -> str:
        words = self.short.replace("_", r"\ ").replace("[", r"_{").replace("]", "}")
        return rf"\mathrm{{{words}}}"


class State(Handle):
    """A quantity with a rate of change. ``scale`` is its typical size, for error control."""

    scale: float

    def __new__(cls, name: str, unit: str, meaning: str, *, scale: float = 1.0) -> State:
        """Make a state whose error is measured against ``scale`` when it is smaller than that."""
        handle = super().__new__(cls, name, unit, meaning)
        assert isinstance(handle, State)
        handle.scale = scale
        return handle

    def __getnewargs_ex__(self) -> NewArguments:
        return (self.name, self.unit, self.meaning), {"scale": self.scale}


class Quantity(Handle):
    """An algebraic value, open to terms and factors from newer modules."""


class Param(Handle):
    """A number from a module's ``parameters.toml``; its value lives in the evidence room."""


class Covariate(Handle):
    """A fixed property of a person: weight, height, sex, alleles."""


class Input(Handle):
    """A piecewise-constant course that a person or a regimen sets; ``default`` until set."""

    default: float

    def __new__(cls, name: str, unit: str, meaning: str, *, default: float = 0.0) -> Input:
        """Make an input that is ``default``, in ``unit``, until a person or a regimen sets it."""
        handle = super().__new__(cls, name, unit, meaning)
        assert isinstance(handle, Input)
        handle.default = default
        return handle

    def __getnewargs_ex__(self) -> NewArguments:
        return (self.name, self.unit, self.meaning), {"default": self.default}

    def _hashable_content(self) -> tuple[object, ...]:
        return (*super()._hashable_content(), self.default)


class Amount(Handle):
    """The amount of the dose being given, inside a dose's jump."""


class AgeHandle(Handle):
    """Time."""


class Constant(Handle):
    """A conversion between units; the kernel sees its value."""

    value: float

    def __new__(cls, name: str, unit: str, meaning: str, *, value: float = 1.0) -> Constant:
        """Make a constant; ``value`` is its number in ``unit``."""
        handle = super().__new__(cls, name, unit, meaning)
        assert isinstance(handle, Constant)
        handle.value = value
        return handle

    def __getnewargs_ex__(self) -> NewArguments:
        return (self.name, self.unit, self.meaning), {"value": self.value}

    def _hashable_content(self) -> tuple[object, ...]:
        return (*super()._hashable_content(), self.value)


DAYS_PER_YEAR = Constant("days_per_year", "day/year", "days in a year", value=YEAR)
GRAMS_PER_MILLIGRAM = Constant("grams_per_milligram", "g/mg", "grams in a milligram", value=0.001)
AGE = AgeHandle("age", "day", "age, which is time")


class Instance:
    """One member of a family: a name and the attributes that set it apart (numbers or expressions)."""

    def __init__(self, name: str, **attributes: sympy.Expr | float) -> None:
        self.name = name
        self.attributes = {key: sympy.sympify(value) for key, value in attributes.items()}

    def __getattr__(self, key: str) -> sympy.Expr:
        try:
            return self.__dict__["attributes"][key]
        except KeyError:
            raise AttributeError(key) from None

    def __repr__(self) -> str:
        return f"Instance({self.name!r})"


class Family:
    """One set of equations for indexed instances; newer modules may add instances."""

    def __init__(self, name: str, *members: Instance) -> None:
        self.name = name
        self.members = members

    def __repr__(self) -> str:
        return f"Family({self.name!r})"


class Indexed:
    """A state or quantity of each instance of a family: ``plasma['M']`` is a handle."""

    def __init__(
        self,
        family: Family,
        kind: type[Handle],
        name: str,
        unit: str,
        meaning: str,
        **options: float,
    ) -> None:
        self.family = family
        self.kind = kind
        self.name = name
        self.unit = unit
        self.meaning = meaning
        self.options = options

    def __getitem__(self, member: Instance | str) -> Handle:
        label = member if isinstance(member, str) else member.name
        return self.kind(
            f"{self.name}[{label}]", self.unit, f"{self.meaning} ({label})", **self.options
        )
