"""The words physiology is written in. A module is made of them; ``compose`` joins modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TypeAlias

import sympy

from antitrypsim.evidence import (
    Fixed,
    FixedNumbers,
    Parameter,
    Refusal,
    load_fixed,
    load_parameters,
    load_refusals,
)
from antitrypsim.modelling.handles import (
    Amount,
    Family,
    Handle,
    Indexed,
    Input,
    Instance,
    Param,
    State,
)

ROUGH = (sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs, sympy.Heaviside)
"""What a rate cannot hold, since its derivative would jump; a jump may."""

Number: TypeAlias = sympy.Expr | float
"""A SymPy expression or a number."""


@dataclass(frozen=True)
class SumOver:
    """The sum of an expression over all instances of a family, whoever added them."""

    family: Family
    term: Callable[[Instance], Number]


Expression: TypeAlias = Number | Callable[[Instance], Number | SumOver] | SumOver
"""A SymPy expression, a number, a function of an instance, or a ``SumOver``."""


Jumps: TypeAlias = Mapping[State, Expression] | Mapping[State | Indexed, Expression]
"""What is added to states at a moment; to an indexed one in every instance."""


@dataclass(frozen=True)
class Term:
    """An effect that is added to a quantity or to the rate of a state."""

    target: Handle | Indexed
    expression: Expression
    why: str
    mechanism: str = ""


@dataclass(frozen=True)
class Factor:
    """An effect that multiplies a quantity or the rate of a state.

    Effects of one ``mechanism`` (a name such as 'il-10') can be switched off together.
    """

    target: Handle | Indexed
    expression: Expression
    why: str
    mechanism: str = ""


@dataclass(frozen=True)
class Attribute:
    """What a protocol may say of a product beside its dose: viability, source, match.

    ``input`` carries it into the equations. It is a number from ``low`` to ``high``, or one of
    ``words``, each of which stands for a number; of what is counted only ``whole`` numbers can be.
    ``needed`` is the reason why it must be said, where it must; ``needed_with`` the attribute and
    word that it then goes with.
    """

    input: Input
    meaning: str
    low: float = 0.0
    high: float = 1.0
    words: Mapping[str, float] = field(default_factory=dict)
    needed: str = ""
    needed_with: tuple[str, str] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Dose:
    """A jump at a moment, written in the state just before it and ``amount``.

    ``unit`` is the unit of ``amount`` (what a regimen must give); ``jumps`` maps states to what is
    added to them, an indexed one in every instance; ``limit`` is the largest amount on record, in
    that unit, beyond which a protocol is warned. ``most`` is what cannot be given at all, where the
    largest on record is no word on that because want of effect, of money or of people set it; left
    out, ten times the record is.
    A dose that ``holds`` an input has no jumps: it keeps the input at the amount for a time.
    ``attributes`` are what may be said of the product, by name. Of a product with several routes,
    the ``usual`` one is meant where a therapy's text names none. ``example`` is the therapy as it is
    mostly given or was tried, in the words of the command line: 'augmentation:60mg/kg/week'.
    """

    product: str
    route: str
    unit: str
    jumps: Jumps
    meaning: str
    limit: Fixed | None = None
    holds: Input | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    usual: bool = False
    example: str = ""
    most: Fixed | None = None

    @property
    def name(self) -> str:
        """'product/route', as regimens address it."""
        return f"{self.product}/{self.route}"

    @property
    def amount(self) -> Amount:
        """The symbol of the given amount."""
        return dose_amount(self.unit)


def dose_amount(unit: str) -> Amount:
    """Return the symbol that stands for the given amount in a dose's jumps."""
    handle = Amount("amount", unit, "the amount given")
    assert isinstance(handle, Amount)
    return handle


@dataclass(frozen=True)
class Hazard:
    """An integrated hazard; when it crosses a stored unit exponential, the consequence happens.

    ``rate`` is per day. ``jumps`` are added to states; ``ends`` ends the course (death).
    """

    name: str
    rate: Expression
    meaning: str
    jumps: Jumps = field(default_factory=dict)
    ends: bool = False


@dataclass(frozen=True)
class Module:
    """What one folder says: equations over handles, and what it does to older modules' handles.

    ``fixed`` are the numbers that it reads beside its parameters, its own and those it shares.
    ``refuses`` gives, by 'product/route', the reason why the two make no sense together; ``needs``
    names the therapies that an interaction is between.
    """

    name: str
    title: str
    parameters: Mapping[str, Parameter]
    fixed: tuple[Fixed, ...] = ()
    changes: Mapping[Handle | Indexed, Expression] = field(default_factory=dict)
    initial: Mapping[Handle | Indexed, Expression] = field(default_factory=dict)
    quantities: Mapping[Handle | Indexed, Expression] = field(default_factory=dict)
    families: tuple[Family, ...] = ()
    instances: Mapping[Family, tuple[Instance, ...]] = field(default_factory=dict)
    effects: tuple[Term | Factor, ...] = ()
    doses: tuple[Dose, ...] = ()
    inputs: tuple[Input, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    refuses: Mapping[str, Refusal] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def parameters_of(file: str, name: str) -> tuple[dict[str, Parameter], SimpleNamespace]:
    """Read ``parameters.toml`` beside ``file``: the parameters, and their handles by name."""
    found = load_parameters(Path(file).parent / "parameters.toml", name)
    handles = SimpleNamespace(**{key: Param(p.id, p.unit, p.meaning) for key, p in found.items()})
    return found, handles


def fixed_of(file: str, name: str) -> FixedNumbers:
    """Read the fixed numbers of ``parameters.toml`` beside ``file``, its tables ``[fixed.…]``."""
    return load_fixed(Path(file).parent / "parameters.toml", name)


def refused_of(file: str, name: str, *products: str) -> dict[str, Refusal]:
    """Read the table ``[refused]`` of ``parameters.toml`` beside ``file``, by 'product/route'.

    Each of ``products`` is refused by every route that stands there; without any it is ``name``.
    """
    found = load_refusals(Path(file).parent / "parameters.toml", name)
    return {f"{product}/{r.route}": r for product in products or (name,) for r in found}


def hill(x: sympy.Expr, half: sympy.Expr, steepness: Number = 1) -> sympy.Expr:
    """Return x^n / (half^n + x^n), a saturating share in [0, 1); x must not be negative."""
    if steepness == 1:
        return x / (half + x)
    ratio = (x / half) ** steepness
    return ratio / (1 + ratio)


def log10(x: sympy.Expr) -> sympy.Expr:
    """Return the decimal logarithm; x must be positive."""
    return sympy.log(x) / sympy.log(10)


def share_of(part: sympy.Expr, whole: sympy.Expr) -> sympy.Expr:
    """Return part / whole, and zero of nothing; both are at least zero; in a jump only."""
    # Far below one cell of a liver, or one molecule: it only keeps zero from dividing zero.
    return part / sympy.Max(whole, sympy.Float(1e-30))


def logistic(x: sympy.Expr) -> sympy.Expr:
    """Return a smooth step from 0 to 1, for switches inside rates."""
    return 1 / (1 + sympy.exp(-x))


_ROUNDED = 1e-4


def softplus(x: Number, width: Number) -> Number:
    """Return ``x`` where it is above zero and nothing below, its corner rounded over ``width``."""
    # width ln(1 + exp(x / width)), so written that hundreds of widths on either side overflow nothing. The size of x
    # has its own corner rounded, which moves the whole by a billionth of the width at most.
    size = sympy.sqrt(x**2 + (_ROUNDED * width) ** 2)
    return (x + size) / 2 + width * sympy.log(1 + sympy.exp(-size / width))
