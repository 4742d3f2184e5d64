"""The groups that people are in at the start of a trial: who they are, and bands of numbers.

What is measured with noise is sorted as it was read on day 0, which is what a trial has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.documents.faults import Where, fault
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.arrays import Ints
from antitrypsim.populations.possible import nobody_has
from antitrypsim.populations.spec import airflow_edges
from antitrypsim.protocols.plannable import BANDED, BODY, GROUPED, KINDS, MEASURED

if TYPE_CHECKING:
    from antitrypsim.protocols.document import ProtocolDocument


@dataclass(frozen=True)
class Bands:
    """Groups of a number: ``edges``, rising, each the first value of the group above it; their ``unit``."""

    edges: tuple[float, ...]
    unit: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the groups are called, the lowest first."""
        unit = f" {self.unit}".removesuffix(" 1").rstrip()
        between = zip(self.edges[:-1], self.edges[1:], strict=True)
        return (
            f"below {self.edges[0]:g}{unit}",
            *(f"{low:g} to {high:g}{unit}" for low, high in between),
            f"{self.edges[-1]:g}{unit} or more",
        )

    def places(self, values: ArrayLike) -> Ints:
        """Return the number of the group of each value, from 0, and -1 of what is not known."""
        known = np.asarray(values, dtype=np.float64)
        return np.where(np.isnan(known), -1, np.digitize(known, self.edges)).astype(np.int64)


def bands_of(protocol: ProtocolDocument, word: str) -> Bands | None:
    """Return the bands of a stratum; None for one that is not a number, or whose bands nobody states."""
    if word == "airflow":
        return Bands(airflow_edges(), ENDPOINTS[MEASURED[word]].unit)
    edges = (protocol.bands or {}).get(word)
    if edges is None:
        return None
    return Bands(edges, BODY[word] if word in BODY else ENDPOINTS[word].unit)


def groups_of(protocol: ProtocolDocument, word: str) -> tuple[str, ...]:
    """Return the groups that there can be by a stratum, ``site`` excepted.

    Of a number every band: what is read may lie beyond the limits of eligibility, which are of the truth.
    """
    if word in KINDS:
        return protocol.population.kinds(word)
    bands = bands_of(protocol, word)
    return () if bands is None else bands.names


def one_kind(protocol: ProtocolDocument, word: str) -> str:
    """Return the group that everybody of the population is in, or nothing where groups differ."""
    groups = groups_of(protocol, word)
    return groups[0] if len(groups) == 1 else ""


def effects_of(protocol: ProtocolDocument, word: str) -> int:
    """Return how many numbers an analysis estimates for a covariate, ``site`` excepted."""
    return len(groups_of(protocol, word)) - 1 if word in GROUPED else 1


def check_bands(protocol: ProtocolDocument) -> None:
    """Raise the fault of bands that make no groups."""
    for word, edges in (protocol.bands or {}).items():
        if not edges:
            raise fault("no number is listed; say where one group ends and the next begins", "bands",
                        word)  # fmt: skip
        for k, edge in enumerate(edges):
            if k and not edge > edges[k - 1]:
                raise fault(
                    f"{edge:g} does not lie above {edges[k - 1]:g}; list rising numbers",
                    "bands", word, k,
                )  # fmt: skip
            if said := nobody_has(word, (edge, None)) or nobody_has(word, (None, edge)):
                raise fault(said, "bands", word, k)


def check_stratum(protocol: ProtocolDocument, word: str, *where: str | int) -> None:
    """Raise the fault of a stratum that this protocol does not say, or does not measure in time."""
    if word in BANDED and bands_of(protocol, word) is None:
        unit = BODY[word] if word in BODY else ENDPOINTS[word].formal_unit
        raise fault(
            f"'{word}' is a number and makes no groups by itself; say under 'bands', as in "
            f"'bands: {{{word}: [...]}}', where one ends and the next begins"
            + ("" if unit == "1" else f" ({unit})"),
            *where,
        )  # fmt: skip
    check_read(protocol, word, *where)


def check_read(protocol: ProtocolDocument, word: str, *where: str | int) -> None:
    """Raise the fault of a stratum or covariate that is measured, and not on day 0."""
    if word not in MEASURED:
        return
    id = MEASURED[word]
    visits = protocol.assessment_visits(id)
    if not visits or protocol.visit_days()[visits[0]] != 0:
        what = f"'{word}'" if word == id else f"'{word}' is '{id}' in bands: it"
        raise fault(
            f"{what} is taken as measured on day 0, and '{id}' is not assessed then; add it under "
            "'assessments'" + (f", or leave '{word}' out" if visits else ""),
            *where,
        )


def check_stratified(protocol: ProtocolDocument) -> None:
    """Raise the fault of strata within which nobody can be randomised."""
    for k, word in enumerate(protocol.stratify_by):
        where: Where = ("stratify_by", k)
        check_stratum(protocol, word, *where)
        if word in MEASURED and len({_given_before(protocol, arm.id) for arm in protocol.arms}) > 1:
            raise fault(
                f"'{word}' is measured on day 0, and what arms are given 'before' it differs, so that "
                "nobody has one value to be randomised by; stratify by who people are, or give all "
                "arms the same before",
                *where,
            )


def _given_before(protocol: ProtocolDocument, arm: str) -> tuple[str, ...]:
    (own,) = (each for each in protocol.arms if each.id == arm)
    given = own.treatment.get(protocol.epochs[0].id, ())
    return tuple(sorted(repr(each) for each in given if each.before is not None))
