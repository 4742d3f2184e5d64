"""Group-sequential bounds.

Where a trial with looks stops for efficacy, and where for futility.
Jennison and Turnbull 2000, Group Sequential Methods with Applications to Clinical Trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array
from antitrypsim.statistics.sequential._walk import FARTHEST, Walk, crossing
from antitrypsim.statistics.sequential.futility import (
    BetaSpending,
    ConditionalPower,
    Futility,
)
from antitrypsim.statistics.sequential.spending import FAMILIES, check_parameter, spent

SHAPES = {"obrien-fleming": 0.0, "pocock": 0.5}
# What is missed, where a drift spends beta so freely that nothing is left for the last look.
TOO_LARGE = -1.0
KINDS = (*SHAPES, "wang-tsiatis", *FAMILIES, "none")


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds at K looks; arrays have shape (K,).

    ``efficacy``: stop and reject at or above this z (inf where never), with two sides at or below
    its negative too. ``futility``: stop without rejecting at or below this z, -inf where never and
    at the last look; with two sides that is a lack of benefit, and rejecting goes first.
    ``nominal``: p of the efficacy bound, of as many sides as the test. ``spent``, ``cumulative``:
    type I error at each look and up to it, counting stops for futility only if ``binding``.
    ``drift``: where beta was spent, the drift of the wanted power, else None.
    """

    fractions: Array
    efficacy: Array
    futility: Array
    nominal: Array
    spent: Array
    cumulative: Array
    alpha: float
    sides: int
    kind: str
    binding: bool
    drift: float | None = None

    @property
    def lower(self) -> Array:
        """Below it the trial stops, for whatever reason."""
        return floor(self.futility, self.efficacy, self.sides)


def boundaries(
    fractions: ArrayLike,
    alpha: float = 0.025,
    *,
    sides: int = 1,
    kind: str = "lan-demets-obrien-fleming",
    parameter: float | None = None,
    futility: Futility | None = None,
    binding: bool = False,
) -> Bounds:
    """Bounds for looks at ``fractions`` (ascending, the last 1) at level ``alpha`` in all.

    ``kind``: ``obrien-fleming`` c / sqrt t and ``pocock`` c, with the constant that these very
    fractions need (O'Brien & Fleming 1979, Biometrics 35, 549; Pocock 1977, Biometrika 64, 191);
    ``wang-tsiatis`` c t^(parameter - 1/2) (Wang & Tsiatis 1987, Biometrics 43, 193); the spending
    functions of ``spent``; ``none``, rejecting at the last look only. ``binding``: a stop for
    futility is always obeyed, so that the efficacy bounds may be lower. Raises ``InputError`` for
    looks, levels, names or parameters that cannot be, and for futility bounds that meet those of
    efficacy.
    """
    t = _checks.looks(fractions)
    _checks.level(alpha, sides)
    _checks.one_of(kind, KINDS, "kind of bounds")
    check_parameter(kind, parameter)
    plan = _Plan(t, alpha, sides, kind, parameter)
    never = np.full(len(t), -np.inf)
    drift = None
    if isinstance(futility, BetaSpending):
        efficacy, lower, drift = _beta_spent(plan, futility, binding)
    else:
        lower = never
        if isinstance(futility, ConditionalPower):
            lower = _settled(plan, futility, binding)
        elif futility is not None:
            lower = futility.lower(t)
        efficacy = plan.efficacy(lower if binding else never)
    _apart(lower, efficacy)
    each = plan.rejections(efficacy, lower if binding else never)
    return Bounds(
        fractions=t,
        efficacy=efficacy,
        futility=lower,
        nominal=nominal(efficacy, sides),
        spent=each,
        cumulative=np.cumsum(each),
        alpha=alpha,
        sides=sides,
        kind=kind,
        binding=binding,
        drift=drift,
    )


def nominal(z: Array, sides: int) -> Array:
    """The p of each z."""
    from scipy.special import ndtr

    return np.asarray(sides * ndtr(-z))


def floor(futility: Array, efficacy: Array, sides: int) -> Array:
    """The lower end of going on."""
    return np.maximum(futility, -efficacy) if sides == 2 else futility


@dataclass(frozen=True, slots=True)
class _Plan:
    fractions: Array
    alpha: float
    sides: int
    kind: str
    parameter: float | None

    @property
    def spends(self) -> bool:
        return self.kind in (*FAMILIES, "none")

    def increments(self) -> Array:
        if self.kind == "none":
            return np.append(np.zeros(len(self.fractions) - 1), self.alpha)
        total = spent(
            self.kind, self.fractions, self.alpha, sides=self.sides, parameter=self.parameter
        )
        return np.diff(total, prepend=0.0)

    def efficacy(self, futility: Array) -> Array:
        """Bounds that hold alpha when stops for ``futility`` are obeyed."""
        if not self.spends:
            return self._shaped(futility)
        walk = Walk(self.fractions)
        found = np.empty(len(self.fractions))
        for look, amount in enumerate(self.increments()):
            found[look] = spend(walk, amount, self.sides)
            if look < len(found) - 1:
                if futility[look] >= found[look]:
                    _apart(futility, found[: look + 1])
                walk.go_on(lowest(futility[look], found[look], self.sides), found[look])
        return found

    def _shaped(self, futility: Array) -> Array:
        from scipy.special import ndtri

        t = self.fractions
        delta = SHAPES.get(self.kind, self.parameter)
        assert delta is not None
        shape = t ** (delta - 0.5)
        # By Bonferroni's inequality the constant lies below; at 0 every other trial rejects.
        highest = -ndtri(self.alpha / (self.sides * len(t))) / min(1.0, shape[0]) + 1e-6
        constant = crossing(
            lambda c: float(self.rejections(c * shape, futility).sum()), self.alpha, 0.0, highest
        )
        return constant * shape

    def rejections(self, efficacy: Array, futility: Array) -> Array:
        """The chance of rejecting at each look without any effect."""
        walk = Walk(self.fractions)
        found = np.empty(len(self.fractions))
        for look, bound in enumerate(efficacy):
            found[look] = walk.beyond(bound, self.sides)
            if look < len(found) - 1:
                walk.go_on(lowest(futility[look], bound, self.sides), bound)
        return found


def lowest(futility: float, efficacy: float, sides: int) -> float:
    """As ``floor``, at one look."""
    return max(futility, -efficacy) if sides == 2 else futility


def spend(walk: Walk, amount: float, sides: int) -> float:
    """The efficacy bound that spends ``amount`` at the look where ``walk`` stands."""
    if walk.beyond(FARTHEST, sides) >= amount:
        return np.inf
    if walk.beyond(0.0, sides) <= amount:
        raise InputError("the futility bounds stop too many trials to spend alpha")
    return crossing(lambda z: walk.beyond(z, sides), amount, 0.0, FARTHEST)


def _apart(futility: Array, efficacy: Array) -> None:
    for look, (low, high) in enumerate(zip(futility, efficacy, strict=False), start=1):
        if low >= high:
            raise InputError(
                f"at look {look} the futility bound {low:.4g} is not below "
                f"the efficacy bound {high:.4g}"
            )


def _settled(plan: _Plan, rule: ConditionalPower, binding: bool) -> Array:
    """The futility bounds that agree with the last efficacy bound, which may depend on them."""
    from scipy.optimize import brentq

    t = plan.fractions
    highest = float(plan.efficacy(np.full(len(t), -np.inf))[-1])
    if highest == np.inf:
        raise InputError("alpha is spent before the last look, and no power is left to lack")
    if not binding or len(t) == 1:
        return rule.lower(t, highest)

    def gap(last: float) -> float:
        try:
            return float(plan.efficacy(rule.lower(t, last))[-1]) - last
        except InputError:
            # So many stops that alpha cannot be spent: the bound is below any tried.
            return -1.0

    if gap(0.0) < 0:
        plan.efficacy(rule.lower(t, 0.0))
    # Obeying futility can only lower the bound.
    last = float(brentq(gap, 0.0, highest + 1e-9, xtol=1e-12))
    if abs(gap(last)) > 1e-6:
        raise InputError("no futility bounds agree with the efficacy bounds they lead to")
    return rule.lower(t, last)


def _beta_spent(plan: _Plan, rule: BetaSpending, binding: bool) -> tuple[Array, Array, float]:
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if binding and not plan.spends:
        raise InputError("binding beta spending needs efficacy bounds by alpha spending")
    t = plan.fractions
    if rule.power <= plan.alpha:
        raise InputError(f"the power must be above alpha, not {rule.power}")
    beta = 1 - rule.power
    betas = np.diff(spent(rule.family, t, beta, parameter=rule.parameter), prepend=0.0)
    fixed = None if binding else plan.efficacy(np.full(len(t), -np.inf))
    alphas = plan.increments() if binding else None

    def walked(drift: float) -> tuple[Array, Array, float]:
        null, effect = Walk(t), Walk(t, drift)
        efficacy = np.empty(len(t)) if fixed is None else fixed
        lower = np.full(len(t), -np.inf)
        for look in range(len(t)):
            if alphas is not None:
                if null.beyond(0.0, plan.sides) <= alphas[look]:
                    return efficacy, lower, TOO_LARGE
                efficacy[look] = spend(null, alphas[look], plan.sides)
            high = float(efficacy[look])
            if look == len(t) - 1:
                break
            lower[look] = _give_up(effect, betas[look], high)
            stay = lowest(lower[look], high, plan.sides)
            if lower[look] >= high:
                return efficacy, lower, TOO_LARGE
            effect.go_on(stay, high)
            if alphas is not None:
                null.go_on(stay, high)
        return efficacy, lower, effect.below(float(efficacy[-1])) - betas[-1]

    # No test of this level and information has more power than the fixed one.
    least = max(-ndtri(plan.alpha) - ndtri(beta) - 1e-9, 0.0)
    most = least + 1.0
    while not walked(most)[2] <= 0:
        most += 1.0
        if most > least + FARTHEST:
            raise InputError(f"with these bounds no effect has a power of {rule.power}")
    drift = least
    if walked(least)[2] > 0:
        drift = float(brentq(lambda d: walked(d)[2], least, most, xtol=1e-12))
    efficacy, lower, miss = walked(drift)
    if abs(miss) > 1e-6:
        raise InputError("beta is spent too early for any drift to reach the power")
    return efficacy, lower, drift


def _give_up(walk: Walk, amount: float, efficacy: float) -> float:
    """The futility bound that spends ``amount``; the efficacy bound where that is not enough."""
    if amount <= 0 or walk.below(-FARTHEST) >= amount:
        return -np.inf
    high = min(efficacy, FARTHEST)
    if walk.below(high) <= amount:
        return efficacy
    return crossing(walk.below, amount, -FARTHEST, high)
