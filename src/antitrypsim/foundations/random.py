"""Random numbers by name: one counter-based stream for each decision about each person.

A stream is keyed by the seed and by what it is for. Person ``i`` owns a fixed block of its counter,
so a person's numbers do not depend on who else is simulated, in what order, chunk or process.
Generator: Philox 4x64 (Salmon et al. 2011, doi:10.1145/2063384.2063405), as numpy ships it.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NEAR = 256


def _key(seed: int, purpose: str) -> int:
    digest = hashlib.blake2b(f"{seed}|{purpose}".encode(), digest_size=16).digest()
    return int.from_bytes(digest, "little")


def uniforms(seed: int, purpose: str, ids: NDArray[np.int64], per_person: int = 1) -> Floats:
    """Return numbers in (0, 1), shape (len(ids), per_person), fixed by seed, purpose and id alone."""
    block = -(-per_person // 4)
    ids = np.asarray(ids, dtype=np.int64)
    out = np.empty((ids.size, per_person))
    if ids.size == 0:
        return out
    order = np.argsort(ids, kind="stable")
    # Ids that lie close are drawn in one go, which is cheaper than one by one; the numbers are the same.
    breaks = np.flatnonzero(np.diff(ids[order]) > _NEAR) + 1
    bits, at = np.random.Philox(key=_key(seed, purpose)), 0
    for run in np.split(order, breaks):
        first = int(ids[run[0]])
        bits.advance((first - at) * block)
        span = int(ids[run[-1]]) - first + 1
        at = first + span
        raw = bits.random_raw(span * block * 4).reshape(span, block * 4)[ids[run] - first]
        out[run] = _open_unit(raw[:, :per_person])
    return out


def _open_unit(raw: NDArray[np.uint64]) -> Floats:
    """Turn 64 random bits into a number in (0, 1).

    52 of them are used: with 53, adding the half would round the largest up to 1.
    """
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def normals(seed: int, purpose: str, ids: NDArray[np.int64], per_person: int = 1) -> Floats:
    """Return standard normals, shape (len(ids), per_person), by inversion."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(seed, purpose, ids, per_person)))


def exponentials(seed: int, purpose: str, ids: NDArray[np.int64], per_person: int = 1) -> Floats:
    """Return unit exponentials, shape (len(ids), per_person)."""
    return -np.log(uniforms(seed, purpose, ids, per_person))


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a whole generator for a decision that is not about one person (an allocation list)."""
    return np.random.Generator(np.random.Philox(key=_key(seed, purpose)))
