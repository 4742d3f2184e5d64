"""Parts lived by the workers of a Dask scheduler: a lost worker costs time, and no bit changes.

A task is the protocol, a block of places, the seed and the error, and returns the bytes of a part, so
that workers need no folder in common with whoever asks. This process alone writes.
"""

from __future__ import annotations

from asyncio import CancelledError as AsyncCancelled
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol, dump_protocol, protocol_of, read_protocol
from antitrypsim.runs.ledger import Part, part_from
from antitrypsim.runs.making import LIVES, Made, Maker, make_part
from antitrypsim.runs.plan import LargePlan
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2
"""Blocks that are asked for by worker, so that none waits and few wait to be fetched."""
LOOK = 0.2
"""Seconds between looks at whether to stop."""
PATIENCE = 20
"""Seconds in which a scheduler has to answer."""

LOST = "the Dask scheduler was lost; what is done is kept, and the same command goes on"


def on_cluster(address: str) -> Maker:
    """Return what lives parts on the cluster at an address; raise InputError without the extra."""
    try:
        import distributed
    except ImportError:
        raise InputError(
            "--cluster needs Dask; install it with: pip install 'antitrypsim[cluster]'"
        ) from None
    del distributed

    def live(
        plan: LargePlan, model: Model, blocks: list[tuple[int, int]], settings: Settings
    ) -> Iterator[Made]:
        if blocks:
            with _client(address) as client:
                yield from _live(client, plan, blocks, settings)

    return live


def _client(address: str) -> Client:
    # It has no types.
    client: Any = import_module("distributed").Client
    try:
        found: Client = client(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as problem:
        raise InputError(
            f"no Dask scheduler answers at '{address}' ({type(problem).__name__}); write for example "
            "tcp://localhost:8786"
        ) from problem
    return found


def _live(
    client: Client, plan: LargePlan, blocks: list[tuple[int, int]], settings: Settings
) -> Iterator[Made]:
    # It has no types.
    wait: Any = import_module("distributed").wait

    todo = list(reversed(blocks))
    asked: dict[Any, tuple[int, int]] = {}
    cancel: Any = client.cancel
    text = dump_protocol(plan.protocol)
    try:
        while todo or asked:
            room = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"])) - len(asked)
            for _ in range(min(room, len(todo))):
                first, count = todo.pop()
                future = client.submit(
                    live_block, text, plan.identity(), first, count, settings.threads,
                    pure=False, key=f"antitrypsim-{content_hash(plan.identity())}-{first}",
                )  # fmt: skip
                asked[future] = first, count
            settings.check()
            _check_there(client)
            try:
                done = wait(list(asked), timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            except CancelledError as problem:
                raise RunError(LOST) from problem
            for future in done:
                yield checked_part(*_made(future), *asked.pop(future))
    except OSError as problem:
        # A connection that breaks is one; what is written is written elsewhere.
        raise RunError(LOST) from problem
    finally:
        with suppress(OSError):
            cancel(list(asked))


def _check_there(client: Client) -> None:
    if client.status not in ("running", "newly-created"):
        raise RunError(LOST)


def _made(future: Any) -> Made:
    from distributed import KilledWorker

    try:
        said, data = future.result()
    except (AsyncCancelled, CancelledError) as problem:
        raise RunError(LOST) from problem
    except KilledWorker as problem:
        raise RunError(
            "the same block of people ended several workers; have they enough memory?"
        ) from problem
    return part_from(said), data


def checked_part(part: Part, data: bytes, first: int, count: int) -> Made:
    """Return what a worker sent; raise RunError unless it is the part that was asked for, whole."""
    place = (LIVES, first, count)
    if (part.table, part.first, part.count) != place or part.sha256 != sha256(data).hexdigest():
        raise RunError(
            f"a worker sent something else than the part of {count} people from number {first} on; is "
            "its memory sound?"
        )
    return part, data


def live_block(
    text: str, identity: dict[str, Any], first: int, count: int, threads: int
) -> tuple[dict[str, Any], bytes]:
    """Live a block of the run of this identity, on a worker; return its line and its bytes.

    Raises InputError on a worker of another version of the software, which would make other bits.
    """
    from dataclasses import asdict

    protocol = _protocol(text)
    plan = LargePlan(
        protocol, identity["participants"], identity["seed"], identity["tolerance"],
        _model(protocol.therapies()).content_hash, identity["part_size"], identity["meet_anew"],
    )  # fmt: skip
    for key, mine in plan.identity().items():
        if identity[key] != mine:
            raise InputError(
                f"a worker of the cluster has another {key} than this machine; install the same "
                "version of everything on both"
            )
    settings = Settings(seed=plan.seed, tolerance=plan.tolerance, threads=threads)
    part, data = make_part(plan, _model(protocol.therapies()), first, count, settings)
    return asdict(part), data


@lru_cache(maxsize=4)
def _protocol(text: str) -> Protocol:
    return protocol_of(read_protocol(text))


@lru_cache(maxsize=4)
def _model(therapies: tuple[str, ...]) -> Model:
    return build_model(therapies=therapies)
