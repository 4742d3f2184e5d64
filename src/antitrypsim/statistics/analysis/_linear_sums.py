"""What a linear model needs to know of more people than memory holds: sums over alike people.

People come part by part. Of each pattern of visits that are known the sums of the products of a
person's numbers are kept: which arm, covariates, values. They are exact, so that they do not depend on
how people were cut into parts; the covariates are then made those of ``_columns.prepare`` by the sums
alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _columns
from antitrypsim.statistics.analysis._pattern_sums import PatternSums
from antitrypsim.statistics.exact import Products

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


class LinearSums:
    """Sums over people of ``arms``, with values at ``visits`` and numbers ``covariates``.

    ``levels``: those of each covariate that is a group, in order; of others the number itself counts.
    """

    def __init__(
        self,
        arms: Sequence[str],
        visits: Sequence[str],
        covariates: Sequence[str],
        levels: Mapping[str, Sequence[str]],
    ) -> None:
        self.arms, self.visits = tuple(arms), tuple(visits)
        self.covariates, self.levels = tuple(covariates), levels
        group: list[int] = []
        for k, name in enumerate(self.covariates):
            group += [k] * len(levels[name]) if name in levels else [-1]
        self.group = tuple(group)
        # Numbers near zero keep their digits in products; the first person's are near enough.
        self._about = np.full(len(group) + len(self.visits), np.nan)
        self._about[[k for k, of in enumerate(group) if of >= 0]] = 0.0
        self._sums: dict[int, Products] = {}

    def add(self, frame: pd.DataFrame, value: Floats) -> None:
        """Count in the people of a frame with one row a person and visit, and each row's ``value``."""
        import pandas as pd

        at = frame["AVISIT"].map({name: k for k, name in enumerate(self.visits)})
        here = (frame["ARM"].isin(self.arms) & at.notna()).to_numpy()
        frame, value = frame[here], value[here]
        if not len(frame):
            return
        person, _ = pd.factorize(frame["USUBJID"], sort=True)
        people = frame.drop_duplicates("USUBJID").sort_values("USUBJID")
        y = np.full((len(people), len(self.visits)), np.nan)
        y[person, at[here].to_numpy(dtype=int)] = value
        numbers = np.hstack([self.numbers(people), y])
        c = len(self.group)
        known = np.isfinite(numbers)
        kept = known[:, :c].all(axis=1) & known[:, c:].any(axis=1)
        arm = (people["ARM"].to_numpy()[:, None] == np.array(self.arms, dtype=object))[kept]
        numbers, known = numbers[kept], known[kept]
        for j in np.flatnonzero(np.isnan(self._about) & known.any(axis=0)):
            self._about[j] = numbers[known[:, j].argmax(), j]
        off = np.where(known, numbers - self._about, 0.0)
        code = (known[:, c:] << np.arange(len(self.visits))).sum(axis=1)
        rows = np.hstack([arm, off])
        for each in np.unique(code):
            self._sums.setdefault(int(each), Products(rows.shape[1])).add(rows[code == each])

    def numbers(self, people: pd.DataFrame) -> Floats:
        """Return the covariates of one row a person as numbers, NaN where unknown, (n, c)."""
        found = [np.empty((len(people), 0))]
        for name in self.covariates:
            if name in self.levels:
                own = people[name].to_numpy(dtype=object)
                unknown = people[name].isna().to_numpy()
                each = (own[:, None] == np.array(self.levels[name], dtype=object)).astype(float)
                each[unknown] = np.nan
                found.append(each)
            else:
                found.append(people[name].to_numpy(dtype=float)[:, None])
        return np.hstack(found)

    def told(self, *, by_visit: bool = True) -> Linear:
        """Return the sums with values about their mean ``by_visit``, or about that of all."""
        A, c, T = len(self.arms), len(self.group), len(self.visits)
        code = np.array(sorted(self._sums), dtype=np.int64)
        there = (code[:, None] >> np.arange(T) & 1).astype(bool)
        n = np.array([self._sums[int(each)].count for each in code], dtype=float)
        S = np.zeros((len(code), A + c + T, A + c + T))
        for k, each in enumerate(code):
            S[k] = self._sums[int(each)].total()
        whole, count = S.sum(axis=0), n @ there
        total, own = whole[:A, A + c :].sum(axis=0), np.diag(whole)[A + c :]
        mean = np.where(count > 0, np.nan_to_num(self._about[c:]) + total / count.clip(1), 0.0)
        centre = mean if by_visit else np.full(T, (mean @ count) / max(count.sum(), 1.0))
        shift = np.nan_to_num(self._about[c:]) - centre
        squares = (own + 2 * shift * total + shift**2 * count).sum()
        size = float(np.sqrt(max(squares, 0.0) / max(count.sum(), 1.0)))
        z, live, fine = self._prepared(whole[: A + c, : A + c], A, n.sum())
        turn = np.zeros((A + c + T, A + c + T))
        turn[:A, :A] = np.eye(A)
        turn[A : A + c, : A + c] = z * np.sqrt(n.sum())
        scale = size if size > 0 else 1.0
        turn[A + c :, :A] = (shift / scale)[:, None]
        turn[A + c :, A + c :] = np.eye(T) / scale
        S = turn @ S @ turn.T
        S[:, A + c :] *= there[:, :, None]
        S[:, :, A + c :] *= there[:, None, :]
        at = np.stack([S[:, k, k] @ there for k in range(A)])
        return Linear(n, there, S, A, size, centre, np.diag(whole)[:A].copy(), at, live, fine)

    def columns(self) -> tuple[Floats, Floats, NDArray[np.bool_], bool]:
        """Return what covariates are about (c,), and rows (c, A + c) that make columns of them.

        The columns are those of ``_columns.prepare`` at unit spread, of arms and of what covariates are
        off; then which of them stay, and whether arms can be told from them.
        """
        A, c = len(self.arms), len(self.group)
        whole = np.sum([each.total() for each in self._sums.values()], axis=0)
        count = float(sum(each.count for each in self._sums.values()))
        z, live, fine = self._prepared(whole[: A + c, : A + c], A, count)
        return self._about[:c], z * np.sqrt(count), live, fine

    def _prepared(self, U: Floats, A: int, N: float) -> tuple[Floats, NDArray[np.bool_], bool]:
        """Return what ``_columns.prepare`` makes of the covariates: rows (c, A + c), live and fine."""
        c = len(self.group)
        people, sums = np.diag(U)[:A], U[:A, A:]
        whole = sums.sum(axis=0)
        within = U[A:, A:] - sums.T @ (sums / people.clip(1)[:, None])
        about = self._about[:c]
        raw = np.diag(U)[A:] + 2 * about * whole + about**2 * N
        spread = U[A:, A:] - np.outer(whole, whole) / max(N, 1.0)
        z, live, fine = np.zeros((c, A + c)), np.ones(c, dtype=bool), True
        for j in range(c):
            row = np.zeros(A + c)
            row[A + j] = 1.0
            level = self.group[j] >= 0
            if level:
                alike = [k for k in range(c) if self.group[k] == self.group[j]]
                row[:A] = -1 / max((whole[alike] > 0).sum(), 1) if whole[j] > 0 else 0.0
            else:
                row[:A] = -whole[j] / max(N, 1.0)
            before = within[j, j]
            flat = before <= _columns.FLAT * raw[j]
            for _ in range(2):
                for i in range(j):
                    row -= (z[i, A:] @ within @ row[A:]) * z[i]
            left = row[A:] @ within @ row[A:]
            told = flat or left <= _columns.DEPENDENT * before
            if told:
                spare = row[A:] @ spread @ row[A:] <= _columns.DEPENDENT * max(raw[j], 1.0)
                fine &= bool(level and spare)
                live[j] = False
            else:
                z[j] = row / np.sqrt(left)
        return z, live, fine


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """The sums as fits take them.

    ``n`` (G,) people of each pattern and ``there`` (G, T) its visits; ``S`` (G, q + T, q + T) sums of
    products of arms, covariates at unit spread and values of unit ``size`` about ``centre`` (T,);
    ``people`` (arms,) and ``at`` (arms, T), of those the people with a value at each visit; ``live``
    (c,) the covariates that stay; ``fine``: whether arms can be told from them.
    """

    n: Floats
    there: NDArray[np.bool_]
    S: Floats
    arms: int
    size: float
    centre: Floats
    people: Floats
    at: Floats
    live: NDArray[np.bool_]
    fine: bool

    def patterns(self, basis: Floats | None) -> PatternSums:
        """Return the sums as one replicate of a model of repeated measures."""
        T = self.there.shape[1]
        q = self.S.shape[1] - T
        empty = np.repeat(np.diag(self.S.sum(axis=0))[:q] == 0, T)[None]
        dead = empty if basis is None else (empty[:, None] & (basis != 0)).any(axis=2)
        return PatternSums(
            self.there, self.n[None], self.S[None, :, :q, :q], self.S[None, :, :q, q:],
            self.S[None, :, q:, q:], basis, dead.astype(float),
        )  # fmt: skip

    def ordinary(self) -> tuple[Floats, Floats, float]:
        """Return of one visit the means of arms, their covariance, and residual degrees of freedom."""
        S = self.S.sum(axis=0)
        A = self.arms
        kept = np.concatenate([np.ones(A, dtype=bool), self.live, [True]])
        S = S[np.ix_(kept, kept)]
        inverse = np.linalg.inv(S[:-1, :-1])
        effects = inverse @ S[:-1, -1]
        free = float(self.n.sum()) - len(effects)
        noise = max(S[-1, -1] - effects @ S[:-1, -1], 0.0) / free
        return (
            effects[:A] * self.size + self.centre[0],
            noise * inverse[:A, :A] * self.size**2,
            free,
        )
