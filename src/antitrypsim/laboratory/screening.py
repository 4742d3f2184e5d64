"""Who is taken: people come until every place has one who meets the criteria as measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.documents.times import days as days_of
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.arrays import Mask, Reals, Wholes
from antitrypsim.foundations.errors import RunError
from antitrypsim.protocols import noise_of
from antitrypsim.simulation.people import column

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Screen
    from antitrypsim.laboratory.replicates import Source, Truth

MOST_SCREENS = 400
ENOUGH = 5_000


def screen(
    sampler: Source, chunk: int, truth: Truth, person: Wholes, z: dict[str, Reals]
) -> tuple[Wholes, dict[str, Reals], Wholes]:
    """Return people who pass, their readings' noise, and how many failed for each place (R, n).

    Whoever fails is left and another comes, until every place is taken. Raises RunError where
    hardly anybody passes.
    """
    left = np.zeros(person.shape, dtype=np.int32)
    screens = list(sampler.screens)
    if not screens:
        return person, z, left
    rng = sampler.stream(chunk, "screening")
    bad = ~passes(sampler, screens, person, z)
    words = {noise_of(s.endpoint).draw for s in screens if s.endpoint is not None}
    looked = bad.size
    for _ in range(MOST_SCREENS):
        if not bad.any():
            return person, z, left
        if bad.all() and looked >= ENOUGH:
            raise RunError(f"nobody passes the screening; {_shares(sampler, screens)}")
        left += bad
        again = rng.integers(sampler.courses(truth).people, size=int(bad.sum()), dtype=np.int32)
        looked += len(again)
        person[bad] = again
        for word in sorted(words):
            z[word][bad] = rng.standard_normal(
                (len(again), len(sampler.library.days)), dtype=np.float32
            )
        where = np.nonzero(bad)
        held = {word: z[word][where][None] for word in words}
        passed = passes(sampler, screens, again[None], held)[0]
        bad[where] = ~passed
    if not bad.any():
        return person, z, left
    raise RunError(
        f"hardly anybody passes the screening: {bad.sum():,} of {bad.size:,} places are open after "
        f"{MOST_SCREENS} people were screened for each; {_shares(sampler, screens)}"
    )


def _shares(sampler: Source, screens: Sequence[Screen]) -> str:
    """Return the share of readings that meets each criterion by itself, the smallest first."""
    people = len(sampler.library.people)
    person = np.arange(max(1, ENOUGH // people) * people).reshape(1, -1) % people
    rng = sampler.stream(0, "screening told")
    z = {
        noise_of(said.endpoint).draw: rng.standard_normal(
            (*person.shape, len(sampler.library.days)), dtype=np.float32
        )
        for said in screens
        if said.endpoint is not None
    }
    found = {}
    for said in screens:
        for name, one in _parts(said).items():
            found[name] = float(passes(sampler, [one], person, z).mean())
    order = sorted(found, key=lambda name: found[name])
    each = ", ".join(f"{name} {100 * found[name]:.2g} %" for name in order)
    return f"of readings of the library's {people:,} people pass, each criterion by itself: {each}"


def _parts(said: Screen) -> dict[str, Screen]:
    """Return the single conditions of one criterion by what they say."""
    alone: dict[str, object] = {"only": {}, "min": None, "max": None}
    found = {
        f"{name} {' or '.join(taken)}": said.model_copy(
            update={"endpoint": None, **alone, "only": {name: taken}}
        )
        for name, taken in said.only.items()
    }
    if said.endpoint is None:
        return found
    what = ENDPOINTS[said.endpoint]
    unit = "percent" if said.percent else what.formal_unit
    change = "" if said.change_over is None else f" change over {said.change_over}"
    for key in ("min", "max"):
        limit = getattr(said, key)
        if limit is not None:
            name = f"{said.endpoint}{change} {key} {limit:g} {unit}".removesuffix(" 1")
            found[name] = said.model_copy(update={**alone, key: limit})
    return found


def passes(
    sampler: Source, screens: Sequence[Screen], person: Wholes, z: Mapping[str, Reals]
) -> Mask:
    """Return who meets every criterion, by who they are and what is read of their typical course."""
    fine = np.ones(person.shape, dtype=bool)
    untreated = sampler.library.untreated
    now = sampler.library.column(0.0)
    for said in screens:
        for name, taken in said.only.items():
            labels = sampler.library.people[column(name)].astype(str).isin(taken).to_numpy()
            fine &= labels[person]
        if said.endpoint is None:
            continue
        past = sampler.library.typical.values[said.endpoint][0, untreated]
        noise = z[noise_of(said.endpoint).draw]
        value = sampler.read(said.endpoint, past[person, now], noise[..., now])
        if said.change_over is not None:
            then = sampler.library.column(-days_of(said.change_over))
            earlier = sampler.read(said.endpoint, past[person, then], noise[..., then])
            value = value - earlier
            if said.percent:
                value = 100 * value / earlier
        if said.min is not None:
            fine &= value >= said.min
        if said.max is not None:
            fine &= value <= said.max
    return fine
