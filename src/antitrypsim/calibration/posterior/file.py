"""A posterior as a file, and draws from it for a model."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.psis import TRUSTED
from antitrypsim.foundations.errors import InputError, ModelError, reason_of
from antitrypsim.foundations.files import write_bytes
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.therapies import build_model, therapy_modules
from antitrypsim.uncertainty.draws import Draws, draw_uncertainty
from antitrypsim.uncertainty.unknowns import Unknown, put_in, unknowns_of

Floats = NDArray[np.float64]

FORMAT = 2
_KEY = b"antitrypsim posterior"
_OTHER = "make one anew with 'antitrypsim calibrate', or draw from the prior with --prior"


@dataclass(frozen=True)
class Origin:
    """What a posterior was made from: hashes, sizes and the check that it passed.

    ``equations`` is of the model without therapies, ``therapies`` by name of the model with each alone. ``k`` is Pareto's of the truth check, None without one.
    """

    equations: str
    targets: str
    people: int
    seed: int
    waves: int
    runs: int
    k: float | None = None
    therapies: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {**vars(self), "therapies": dict(self.therapies)}


@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """Draws for a model: ``informed`` parameters from the posterior, ``outside`` each from its own prior.

    ``scores`` (draws, parameters) and ``posterior_scores`` are the standard scores of the latter and the former.
    """

    draws: Draws
    informed: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def said(self) -> str:
        """A sentence on what was drawn from where."""
        if not self.outside:
            return "All that is unknown was drawn from the posterior."
        some = ", ".join(self.outside[:5]) + (", ..." if len(self.outside) > 5 else "")
        number = len(self.outside)
        return (
            f"{len(self.informed)} parameters were drawn from the posterior, and {number} that no target "
            f"informs {'each' if number > 1 else ''} from what is known of {'it' if number == 1 else 'them'}: {some}."
        )


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of the standard scores of unknowns, shape (draws, unknowns), with what they rest on.

    ``priors`` are hashes by unknown: a score means the same only under the same prior.
    """

    priors: Mapping[str, str]
    scores: Floats
    origin: Origin
    _misfits: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return int(self.scores.shape[0])

    @classmethod
    def of(cls, unknowns: Sequence[Unknown], scores: Floats, origin: Origin) -> Posterior:
        """Return the posterior of unknowns."""
        return cls({u.id: u.prior_hash for u in unknowns}, scores, origin)

    @property
    def doubt(self) -> str:
        """Why its draws are not to be trusted wholly, as a sentence; nothing where the truth check holds."""
        k = self.origin.k
        if k is None:
            return "No check in the real simulation holds it: it is as good as its emulators."
        if k > TRUSTED:
            return (
                f"It does not pass its own check yet (Pareto's k is {k:.1f}, above {TRUSTED}): it agrees with the targets "
                "better than each number by itself, but less than the targets could teach."
            )
        return ""

    @cached_property
    def content_hash(self) -> str:
        """Hash of draws and origin."""
        return content_hash([dict(self.priors), self.scores, self.origin.to_dict()])

    def save(self, file: str | Path) -> Path:
        """Write it as Parquet, whole or not at all; the same posterior gives the same bytes."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        said = {
            "format": FORMAT,
            "priors": dict(self.priors),
            "origin": self.origin.to_dict(),
            "hash": self.content_hash,
        }
        table = pa.table(
            [pa.array(np.ascontiguousarray(column)) for column in self.scores.T],
            names=list(self.priors),
        ).replace_schema_metadata({_KEY: json.dumps(said, sort_keys=True).encode()})
        stream = io.BytesIO()
        pq.write_table(table, stream, compression="zstd", use_dictionary=False)
        return write_bytes(file, stream.getvalue())

    @classmethod
    def load(cls, file: str | Path) -> Posterior:
        """Read a posterior; raise InputError, one sentence, for anything else."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            # ``read_table`` and ``to_numpy`` would import pandas, a quarter of a second that a command can spare.
            table = pq.ParquetFile(io.BytesIO(Path(file).read_bytes())).read()
            said: dict[str, Any] = json.loads((table.schema.metadata or {})[_KEY])
            if said["format"] != FORMAT:
                raise InputError(f"the posterior has another format; {_OTHER}", path=str(file))
            priors = {name: said["priors"][name] for name in table.column_names}
            columns = [np.from_dlpack(table.column(name).combine_chunks()) for name in priors]
            found = cls(priors, np.stack(columns, axis=1), Origin(**said["origin"]))
        except OSError as problem:
            if isinstance(problem, FileNotFoundError):
                raise InputError("there is no such file", path=str(file)) from None
            if isinstance(problem, pa.ArrowException):
                raise InputError(_no_posterior(), path=str(file)) from None
            raise InputError(f"this cannot be read: {reason_of(problem)}", path=str(file)) from None
        except (pa.ArrowException, KeyError, ValueError, TypeError):
            raise InputError(_no_posterior(), path=str(file)) from None
        if found.content_hash != said["hash"]:
            raise InputError(
                f"the posterior is not the one that was written; {_OTHER}", path=str(file)
            )
        return found

    def misfit(self, model: Model) -> str:
        """Return why a model cannot be drawn for, as 'was made of other equations'; nothing where it can."""
        if model.content_hash not in self._misfits:
            self._misfits[model.content_hash] = self._misfit(model)
        return self._misfits[model.content_hash]

    def _misfit(self, model: Model) -> str:
        if self.origin.equations != base_hash():
            return "was made of other equations"
        for name, made in therapy_hashes((model,)).items():
            if self.origin.therapies.get(name, made) != made:
                return f"was made of other equations of '{name}'"
        for one in self._held(model):
            if one.prior_hash != self.priors[one.id]:
                return f"was made with another value or prior of '{one.id}'"
        return ""

    def check(self, model: Model) -> tuple[Unknown, ...]:
        """Return the unknowns of a model that the posterior holds, in its order.

        Raises:
            ModelError: it was made of other equations, or of another prior of one of them.
        """
        if problem := self.misfit(model):
            raise ModelError(f"the posterior {problem}; {_OTHER}")
        return self._held(model)

    def _held(self, model: Model) -> tuple[Unknown, ...]:
        known = {
            u.id: u
            for u in unknowns_of((model,), widening=numbers.widening(), spread=numbers.of_spreads())
        }
        return tuple(known[id] for id in self.priors if id in known)

    def draws(self, model: Model, count: int, *, seed: int = SEED) -> PosteriorDraws:
        """Return ``count`` draws of all parameters of a model.

        Those that the posterior holds come from its rows, in an order that the seed gives, the others from
        their own uncertainty. Raises InputError for more draws than there are, ModelError as ``check``.
        """
        held = self.check(model)
        rows = self.rows(count, seed)
        column = {id: k for k, id in enumerate(self.priors)}
        at = np.array([column[u.id] for u in held], dtype=np.int64)
        scores = self.scores[rows][:, at]
        apart = draw_uncertainty(model, count, seed=seed)
        values = {u.parameter for u in held if u.part == "value"}
        uncertain = [p.id for p in model.parameters if p.uncertainty.distribution != "none"]
        return PosteriorDraws(
            put_in(apart, held, scores),
            tuple(id for id in uncertain if id in values),
            tuple(id for id in uncertain if id not in values),
        )

    def rows(self, count: int, seed: int) -> NDArray[np.int64]:
        """Return which rows ``count`` draws are; fewer are the first of more. Raises InputError for too many."""
        if not 1 <= count <= len(self):
            raise InputError(
                f"{count:,} draws cannot be: the posterior holds {len(self):,}; take as many or fewer, or --prior"
            )
        return np.asarray(generator(seed, "posterior rows").permutation(len(self))[:count])


def _no_posterior() -> str:
    return "this is no posterior of antitrypsim; name the file that 'antitrypsim calibrate' wrote"


def base_hash() -> str:
    """Return the hash of the equations without any therapy: what every posterior is of."""
    return build_model(therapies=()).content_hash


def therapy_hashes(models: Iterable[Model]) -> dict[str, str]:
    """Return by packaged therapy of some models the hash of the equations with it alone."""
    packaged = {module.name for module in therapy_modules() if not module.needs}
    there = {name for model in models for name, _ in model.modules}
    return {name: build_model(therapies=(name,)).content_hash for name in sorted(there & packaged)}
