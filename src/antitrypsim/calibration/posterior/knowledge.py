"""What is known of what is unknown: a posterior, or each parameter's own uncertainty by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.foundations.errors import InputError
from antitrypsim.modelling import Model
from antitrypsim.uncertainty.conditional_shares import correlated_shares
from antitrypsim.uncertainty.draws import Draws, draw_uncertainty
from antitrypsim.uncertainty.variance_shares import Shares, scores, variance_shares

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Where draws of what is unknown come from: ``posterior``, or the prior without one."""

    posterior: Posterior | None = None

    @classmethod
    def read(cls, file: str | Path | None) -> Knowledge:
        """Return the knowledge of a posterior's file, the prior for None; raise InputError as ``Posterior.load``."""
        return PRIOR if file is None else cls(Posterior.load(file))

    @property
    def content_hash(self) -> str:
        """Hash of the posterior; nothing for the prior."""
        return "" if self.posterior is None else self.posterior.content_hash

    def check(self, model: Model, count: int) -> None:
        """Raise InputError or ModelError where so many draws for a model cannot be had."""
        if self.posterior is not None and count:
            self.posterior.check(model)
            self.posterior.rows(count, 0)

    def said(self, model: Model, count: int) -> tuple[str, ...]:
        """Return the sentences that a report says of the draws; none for the prior."""
        if self.posterior is None or not count:
            return ()
        return (f"{self.posterior.draws(model, 1).said} Posterior {self.content_hash}.",)

    def draws(self, model: Model, count: int, seed: int) -> Draws:
        """Return draws of what is unknown; raises as ``Posterior.draws``."""
        if self.posterior is None:
            return draw_uncertainty(model, count, seed=seed)
        return self.posterior.draws(model, count, seed=seed).draws

    def scores(self, model: Model, count: int, seed: int) -> Floats:
        """Return the standard normal scores behind these draws, shape (draws, parameters)."""
        apart = scores(model, count, seed)
        if self.posterior is None:
            return apart
        column = {id: k for k, id in enumerate(self.posterior.priors)}
        rows = self.posterior.rows(count, seed)
        for k, parameter in enumerate(model.parameters):
            if parameter.id in column:
                apart[:, k] = self.posterior.scores[rows, column[parameter.id]]
        return apart

    def shares(self, model: Model, known: Floats, y: Floats, *, noise: float = 0.0) -> Shares:
        """Return where the variance of an answer comes from, ``known`` scores as ``scores`` gives them.

        First-order shares of independent scores under the prior, allotted shares of correlated ones under a
        posterior. Raises InputError as ``variance_shares``.
        """
        if self.posterior is None:
            return variance_shares(model, known, y, noise=noise)
        return correlated_shares(model, known, y, noise=noise)


PRIOR = Knowledge()


def chosen(posterior: str | Path | None, prior: bool) -> str | None:
    """Return the file of the posterior that is asked for, None for the prior.

    Raises InputError where both are asked for.
    """
    if posterior is not None and prior:
        raise InputError("--posterior and --prior contradict each other; keep one of the two")
    return None if posterior is None else str(posterior)
