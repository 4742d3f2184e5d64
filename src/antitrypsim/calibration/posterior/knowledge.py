"""What is known of what is unknown: a posterior, or each parameter's own uncertainty by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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

PACKAGED = Path(__file__).parents[1] / "packaged" / "posterior.parquet"
"""The posterior that comes with the package; there may be none."""
ASKED_PRIOR = "prior"
"""Said in place of a file, it asks for each parameter's own uncertainty by itself."""
_BY_ITSELF = "what is unknown was drawn for each parameter from its own uncertainty by itself"


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Where draws of what is unknown come from: ``posterior``, or the prior without one, and ``why`` that.

    A ``packaged`` posterior stands aside for a model that it does not fit, and ``said`` says so; another is refused.
    """

    posterior: Posterior | None = None
    why: str = f"{_BY_ITSELF[0].upper()}{_BY_ITSELF[1:]}."
    packaged: bool = False

    @classmethod
    def read(cls, asked: str | Path | None, draws: int = 1) -> Knowledge:
        """Return the knowledge of a posterior's file, of the packaged one for None, the prior for 'prior'.

        Where there are no ``draws`` nothing of it is told, and the packaged one is not read. Raises InputError as
        ``Posterior.load``.
        """
        if asked == ASKED_PRIOR or (asked is None and not draws):
            return PRIOR
        if asked is not None:
            return cls(Posterior.load(asked))
        if not PACKAGED.is_file():
            return cls(None, f"No posterior comes with this version: {_BY_ITSELF}.")
        return cls(_packaged(PACKAGED, PACKAGED.stat().st_mtime_ns), packaged=True)

    @property
    def name(self) -> str:
        """What draws are from, in a few words, whatever the model."""
        if self.posterior is None:
            return "each parameter's own uncertainty by itself, without a posterior"
        return f"{'the packaged ' if self.packaged else ''}posterior {self.posterior.content_hash}"

    def fitting(self, model: Model) -> Knowledge:
        """Return the same for a model: of a packaged posterior that does not fit it, the prior, and why."""
        if self.posterior is None or not self.packaged:
            return self
        problem = self.posterior.misfit(model)
        return (
            Knowledge(None, f"The packaged posterior {problem}: {_BY_ITSELF}.") if problem else self
        )

    def hash_for(self, model: Model) -> str:
        """Return the hash of the posterior that a model's draws come from; nothing for the prior."""
        found = self.fitting(model).posterior
        return "" if found is None else found.content_hash

    def check(self, model: Model, count: int) -> None:
        """Raise InputError or ModelError where so many draws for a model cannot be had."""
        found = self.fitting(model).posterior if count else None
        if found is not None:
            found.check(model)
            found.rows(count, 0)

    def said(self, model: Model, count: int) -> tuple[str, ...]:
        """Return the sentences that a report says of the draws; none without draws."""
        if not count:
            return ()
        known = self.fitting(model)
        if known.posterior is None:
            return (known.why,)
        which = "The packaged posterior" if known.packaged else "Posterior"
        said = f"{known.posterior.draws(model, 1).said} {which} {known.posterior.content_hash}."
        return (" ".join(filter(None, (said, known.posterior.doubt))),)

    def draws(self, model: Model, count: int, seed: int) -> Draws:
        """Return draws of what is unknown; raises as ``Posterior.draws``."""
        found = self.fitting(model).posterior
        if found is None:
            return draw_uncertainty(model, count, seed=seed)
        return found.draws(model, count, seed=seed).draws

    def scores(self, model: Model, count: int, seed: int) -> Floats:
        """Return the standard normal scores behind these draws, shape (draws, parameters)."""
        apart = scores(model, count, seed)
        found = self.fitting(model).posterior
        if found is None:
            return apart
        column = {id: k for k, id in enumerate(found.priors)}
        rows = found.rows(count, seed)
        for k, parameter in enumerate(model.parameters):
            if parameter.id in column:
                apart[:, k] = found.scores[rows, column[parameter.id]]
        return apart

    def shares(self, model: Model, known: Floats, y: Floats, *, noise: float = 0.0) -> Shares:
        """Return where the variance of an answer comes from, ``known`` scores as ``scores`` gives them.

        First-order shares of independent scores under the prior, allotted shares of correlated ones under a
        posterior. Raises InputError as ``variance_shares``.
        """
        if self.fitting(model).posterior is None:
            return variance_shares(model, known, y, noise=noise)
        return correlated_shares(model, known, y, noise=noise)


PRIOR = Knowledge()


@lru_cache(maxsize=1)
def _packaged(file: Path, changed: int) -> Posterior:
    """Return the posterior of a file as it was at a time."""
    return Posterior.load(file)


def chosen(posterior: str | Path | None, prior: bool) -> str | None:
    """Return what is asked for: a posterior's file, 'prior', or None for the packaged posterior.

    Raises InputError where a file and the prior are asked for.
    """
    if posterior is not None and prior:
        raise InputError("--posterior and --prior contradict each other; keep one of the two")
    return ASKED_PRIOR if prior else None if posterior is None else str(posterior)
