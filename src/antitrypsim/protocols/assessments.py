"""Measurement: what an instrument shows of the truth.

Conventions. An additive noise has an SD in the unit of the endpoint. A relative noise is lognormal
around the truth as its median, so that a noisy value is never negative. A biopsy is read to the
nearest whole stage, and with a stated chance one stage off. A value below the limit of an assay is
reported as half the limit, as trials commonly do; ``below="missing"`` gives NaN and
``below="as measured"`` leaves it. Values are then cut to the range of the instrument. What is NaN
stays NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.documents.faults import unknown
from antitrypsim.endpoints import ENDPOINTS, Endpoint, NoiseKind, assessment_parameter
from antitrypsim.evidence import Parameter
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import convert

if TYPE_CHECKING:
    from antitrypsim.protocols.parts import Noise

Below = Literal["half the limit", "missing", "as measured"]


@dataclass(frozen=True, slots=True)
class MeasurementNoise:
    """The noise of one endpoint.

    ``kind``: additive (``size`` is an SD in ``unit``), relative (a CV), staging (the chance of
    being read one stage off) or none. ``limit``: lower limit of the assay in ``unit``, 0 for none.
    ``lowest``, ``highest``: what the instrument can show. ``draw``: endpoints with the same word
    come from one instrument and are to be given the same ``z``. ``parameter``: what ``size`` rests
    on; None where a protocol states it.
    """

    endpoint: str
    kind: NoiseKind
    size: float
    unit: str
    limit: float
    lowest: float | None
    highest: float | None
    draw: str
    parameter: Parameter | None

    @property
    def assumed(self) -> bool:
        """Whether the size rests on no measurement."""
        return self.parameter is not None and self.parameter.grade == "assumed"

    def describe(self) -> str:
        """Say the noise in a few words: ``SD 2.6 g/L``, ``CV 18.7 %``, ``none``."""
        said = {
            "additive": f"SD {self.size:.3g} {self.unit}".removesuffix(" 1"),
            "relative": f"CV {100 * self.size:.3g} %",
            "staging": f"{100 * self.size:.3g} % read one stage off",
        }.get(self.kind, "none")
        return said + (f", limit {self.limit:.3g} {self.unit}" if self.limit else "")


def noise_of(endpoint: str, override: Noise | None = None) -> MeasurementNoise:
    """Return the noise of an endpoint, with what a protocol's ``noise`` replaces.

    Raises InputError for an unknown endpoint.
    """
    own = _own_noise(endpoint)
    if override is None:
        return own
    stated = {"additive": override.sd, "relative": override.cv, "staging": override.misread}.get(
        own.kind
    )
    if stated is not None:
        own = replace(own, size=stated, parameter=None)
    return own if override.limit is None else replace(own, limit=override.limit)


@cache
def _own_noise(endpoint: str) -> MeasurementNoise:
    if endpoint not in ENDPOINTS:
        raise InputError(unknown("endpoint", endpoint, ENDPOINTS))
    info = ENDPOINTS[endpoint]
    parameter = assessment_parameter(info.noise_size) if info.noise_size else None
    return MeasurementNoise(
        endpoint=endpoint,
        kind=info.noise,
        size=0.0 if parameter is None else parameter.value,
        unit=info.formal_unit,
        limit=_limit(info),
        lowest=info.lowest,
        highest=info.highest,
        draw=info.draw or endpoint,
        parameter=parameter,
    )


def _limit(endpoint: Endpoint) -> float:
    """Return the lower limit of the assay in the endpoint's unit of files, 0 for none."""
    if not endpoint.limit:
        return 0.0
    parameter = assessment_parameter(endpoint.limit)
    if (parameter.unit, endpoint.formal_unit) == ("g/L", "µM"):
        return parameter.value / grams_per_micromole()
    return convert(parameter.value, parameter.unit, endpoint.formal_unit)


def measure(
    endpoint: str,
    truth: ArrayLike,
    z: ArrayLike,
    *,
    noise: Noise | None = None,
    below: Below = "half the limit",
) -> NDArray[np.float64]:
    """Return what is measured of ``truth``, in the endpoint's unit, with standard normal ``z``.

    The arrays broadcast. ``noise`` is a protocol's own; ``below`` says what becomes of values under
    the limit of the assay. Rises with ``z``. Raises InputError for an unknown endpoint, and for one
    that is not a measurement.
    """
    own = noise_of(endpoint, noise)
    if ENDPOINTS[endpoint].kind != "measurement":
        raise InputError(f"'{endpoint}' is an event, which is seen and not measured")
    if below not in get_args(Below):
        raise InputError(unknown("way to report values below the limit", below, get_args(Below)))
    true, score = np.broadcast_arrays(
        np.asarray(truth, dtype=np.float64), np.asarray(z, dtype=np.float64)
    )
    if own.kind == "additive":
        seen = true + own.size * score
    elif own.kind == "relative":
        seen = true * np.exp(math.sqrt(math.log1p(own.size**2)) * score)
    elif own.kind == "staging":
        seen = _read_stage(true, score, own.size)
    else:
        seen = true.copy()
    if own.limit > 0:
        under = seen < own.limit
        if below == "half the limit":
            seen = np.where(under, own.limit / 2, seen)
        elif below == "missing":
            seen = np.where(under, np.nan, seen)
    if own.lowest is not None or own.highest is not None:
        seen = np.clip(seen, own.lowest, own.highest)
    return np.asarray(seen, dtype=np.float64)


def log_likelihood(endpoint: str, truth: ArrayLike, seen: float) -> NDArray[np.float64]:
    """Return how likely a measured value is at each true one, as a logarithm without its constant.

    ``truth`` has any shape and ``seen`` is in the endpoint's unit; a value below the limit of the assay,
    or at an end of what the instrument shows, says only that it lies there or beyond. NaN of a truth
    (nobody alive) gives minus infinity. Raises InputError for an unknown endpoint, for one that is not a
    measurement, and for one that is measured without noise.
    """
    own = noise_of(endpoint)
    true = np.asarray(truth, dtype=np.float64)
    if ENDPOINTS[endpoint].kind != "measurement":
        raise InputError(f"'{endpoint}' is an event, which is seen and not measured")
    if own.kind == "none":
        raise InputError(
            f"'{endpoint}' has no noise of measurement, so that nobody's can be weighed"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _log_likelihood(own, true, float(seen))
    return np.where(np.isfinite(true) & ~np.isnan(found), found, -np.inf)


def _log_likelihood(
    own: MeasurementNoise, true: NDArray[np.float64], seen: float
) -> NDArray[np.float64]:
    from scipy.special import log_ndtr

    if own.kind == "staging":
        off = np.abs(np.floor(true + 0.5) - round(seen))
        return np.log(np.select([off == 0, off == 1], [1 - own.size, own.size / 2], 0.0))

    def score(value: float) -> NDArray[np.float64]:
        if own.kind == "additive":
            return (value - true) / own.size
        return np.asarray(np.log(value / true) / math.sqrt(math.log1p(own.size**2)))

    if own.limit > 0 and seen < own.limit:
        return np.asarray(log_ndtr(score(own.limit)))
    if own.lowest is not None and seen <= own.lowest:
        return np.asarray(log_ndtr(score(own.lowest)))
    if own.highest is not None and seen >= own.highest:
        return np.asarray(log_ndtr(-score(own.highest)))
    return np.asarray(-0.5 * score(seen) ** 2)


def _read_stage(
    truth: NDArray[np.float64], z: NDArray[np.float64], misread: float
) -> NDArray[np.float64]:
    from scipy.special import ndtri

    stage = np.floor(truth + 0.5)
    if misread <= 0:
        return stage
    # Half of the misread biopsies are read too low and half too high; z beyond this is misread.
    edge = -ndtri(misread / 2)
    return np.asarray(stage + (z > edge) - (z < -edge), dtype=np.float64)
