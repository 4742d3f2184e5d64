"""A large run: its people live part by part, each kept as it is done, and any command goes on from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.files import as_sentence, sync, write_file
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.sizes import size_of
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol, dump_protocol, protocol_of
from antitrypsim.runs.finish import MOST_JOINED, finish
from antitrypsim.runs.folder import check_name
from antitrypsim.runs.large_result import (
    MANIFEST,
    RESULTS,
    STRAY,
    SUMMARY,
    LargeRun,
    read_large,
    stated_content,
)
from antitrypsim.runs.ledger import LINES, TABLES, Ledger, Part
from antitrypsim.runs.lock import LOCK, held
from antitrypsim.runs.making import LIVES, Maker, here
from antitrypsim.runs.plan import (
    PART_SIZE,
    PROTOCOL,
    REQUEST,
    LargePlan,
    is_large,
    read_request,
)
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import check_participants
from antitrypsim.trials.part import strata_columns
from antitrypsim.trials.plans import needs_everybody

MOST_BYTES = 2_000_000_000
"""What an analysis that needs everybody at once may take."""
MOST_FAILED = 0.001
"""The share of people whose course cannot be integrated at which a run fails."""


def plan_large(
    protocol: str | Path | Protocol,
    *,
    participants: int | None = None,
    part_size: int = PART_SIZE,
    settings: Settings = DEFAULT,
) -> tuple[LargePlan, Model]:
    """Return what a large run is of and the model that it needs; raise InputError for what cannot be."""
    how(settings)
    known = protocol_of(protocol)
    count = known.participants if participants is None else participants
    check_participants(known, count)
    _check_memory(known, count)
    model = build_model(therapies=known.therapies())
    size = whole(part_size, "part_size", 1)
    return LargePlan(
        known, count, settings.key, settings.tolerance, model.content_hash, size, settings.meet_anew
    ), model


def _check_memory(protocol: Protocol, count: int) -> None:
    """Raise InputError for an analysis that needs more people at once than memory is to hold."""
    for plan in protocol.endpoints.all if count > MOST_JOINED else ():
        each = ANALYSES[plan.analysis].bytes_each
        if count * each > MOST_BYTES and needs_everybody(protocol, plan):
            raise InputError(
                f"the analysis '{plan.analysis}' of '{plan.id}' needs everybody at once, {each:,} bytes of each, "
                f"and may take {size_of(MOST_BYTES)}: it can be of up to {MOST_BYTES // each:,} participants, "
                f"not {count:,}"
            )


def run_large(
    protocol: str | Path | Protocol,
    out: str | Path,
    *,
    participants: int | None = None,
    part_size: int = PART_SIZE,
    force: bool = False,
    cluster: str | None = None,
    settings: Settings = DEFAULT,
) -> LargeRun:
    """Conduct a protocol in as many virtual people as wanted, in parts kept in the folder ``out``.

    The same call goes on where another was stopped or killed; of a finished run it checks every part
    and makes a damaged one anew. The numbers are those of ``run`` and do not depend on ``part_size``,
    threads or processes. ``cluster`` is the address of a Dask scheduler whose workers live the parts
    (the extra 'cluster'). ``force`` begins anew where the folder holds a finished run in parts, or
    another; an unfinished one of the same plan goes on. ``remade`` names what was damaged.

    Raises InputError for what cannot be, for a folder of anything else and while another process
    writes there; RunError where more than one person in a thousand cannot be computed, a part that is
    made anew comes out otherwise, or the disk is full; Cancelled when the settings say so. What
    was done by then is kept.
    """
    check_name(out)
    plan, model = plan_large(
        protocol, participants=participants, part_size=part_size, settings=settings
    )
    return conduct_large(plan, model, Path(out), force=force, cluster=cluster, settings=settings)


def conduct_large(
    plan: LargePlan,
    model: Model,
    folder: Path,
    *,
    force: bool = False,
    cluster: str | None = None,
    settings: Settings = DEFAULT,
    begun: Callable[[], object] | None = None,
) -> LargeRun:
    """Begin, go on with or check the run of a plan; as ``run_large``.

    ``begun`` is called once the folder is there and held.
    """
    maker: Maker = here
    if cluster is not None:
        from antitrypsim.runs.cluster import on_cluster

        maker = on_cluster(cluster)
    check_large(plan, folder, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder, plan.id(folder)):
            if begun is not None:
                begun()
            if force and is_large(folder) and not _goes_on(plan, folder):
                _clear(folder)
            made = _begin(plan, folder)
            found = _conduct(plan, model, folder, maker, settings)
            return replace(found, remade=(*made, *found.remade))
    except OSError as problem:
        raise as_sentence(problem, folder) from problem


def check_large(plan: LargePlan, folder: Path, *, force: bool = False) -> None:
    """Raise InputError unless the run of a plan can begin or go on in the folder."""
    if not os.path.lexists(folder):
        return
    if not os.path.exists(folder):
        raise InputError(
            "this is a link to a folder that has gone; mend it, or choose another --out",
            path=str(folder),
        )
    if not os.path.isdir(folder):
        raise InputError("this is a file, not a folder; choose another --out", path=str(folder))
    if is_large(folder):
        if not force:
            _asked(plan, folder)
        return
    try:
        there = os.listdir(folder)
    except OSError as problem:
        raise as_sentence(problem, folder) from problem
    # What a run leaves that was killed before it had said what it is of.
    if any(name not in (LOCK, PROTOCOL) and not name.endswith(".partial") for name in there):
        raise InputError(
            "the folder holds other files; choose another --out, or an empty one", path=str(folder)
        )


def _asked(plan: LargePlan, folder: Path) -> bool:
    """Whether the request of a run is whole; raise InputError for a run of another plan."""
    try:
        said = read_request(folder)
    except InputError:
        # Every line says of which run it is.
        if len(Ledger(folder, plan.hash)):
            return False
        raise
    plan.check(said, folder)
    return True


def _goes_on(plan: LargePlan, folder: Path) -> bool:
    """Whether a folder holds an unfinished run of this plan."""
    if os.path.lexists(folder / MANIFEST):
        return False
    with suppress(InputError):
        _asked(plan, folder)
        return True
    return False


def _begin(plan: LargePlan, folder: Path) -> tuple[str, ...]:
    """Write what a run is of, unless it is there; return the request's name where it had been lost."""
    known = is_large(folder)
    begun = known and _asked(plan, folder)
    text = "".join(f"# {line}\n" for line in plan.protocol.notices) + dump_protocol(plan.protocol)
    if not _says(folder / PROTOCOL, text):
        write_file(folder / PROTOCOL, text)
    if begun:
        return ()
    write_file(folder / REQUEST, plan.request_text())
    sync(folder)
    return (REQUEST,) if known else ()


def _says(file: Path, text: str) -> bool:
    try:
        return file.read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False


def _clear(folder: Path) -> None:
    # What says that this is a run goes last: killed before, it is still one that can be replaced.
    (folder / MANIFEST).unlink(missing_ok=True)
    # Lines before their parts, which are lost otherwise.
    (folder / LINES).unlink(missing_ok=True)
    for name in TABLES:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (RESULTS, SUMMARY, PROTOCOL, REQUEST):
        (folder / name).unlink(missing_ok=True)
    sync(folder)


def _conduct(
    plan: LargePlan, model: Model, folder: Path, maker: Maker, settings: Settings
) -> LargeRun:
    ledger = Ledger(folder, plan.hash)
    settings = replace(settings, seed=plan.seed)
    damaged = _checked(ledger, settings)
    strays = ledger.strays()
    for file in strays:
        if not file.name.startswith("part-"):
            raise InputError(STRAY, path=str(file))
    stated = stated_content(folder)
    if stated is not None and not damaged and not strays:
        with suppress(InputError):
            return read_large(folder)
    (folder / MANIFEST).unlink(missing_ok=True)
    doubtful = _made_from(plan, ledger, damaged)
    before = {(part.table, part.first): part for part in damaged if part not in doubtful}
    ledger.forget((*damaged, *doubtful))
    ledger.sweep()
    told = Told(settings, plan.participants, sum(part.count for part in ledger.of(LIVES)))
    missing = [block for block in plan.blocks() if ledger.get(LIVES, block[0]) is None]
    for part, data in maker(plan, model, missing, told.settings()):
        _same_again(before.get((LIVES, part.first)), part)
        ledger.add(part, data)
        told.more(part.count)
        check_failed(plan, ledger)
    check_failed(plan, ledger)
    finish(
        plan,
        folder,
        ledger,
        settings,
        lambda part: _same_again(before.get((part.table, part.first)), part),
    )
    found = read_large(folder)
    if stated is not None and found.manifest["content"] != stated:
        raise RunError(
            "the folder was changed, and what it holds now is not what it held", path=str(folder)
        )
    return replace(found, remade=tuple(part.file for part in damaged))


def _made_from(plan: LargePlan, ledger: Ledger, damaged: list[Part]) -> list[Part]:
    """Return the tables that may have been made from a damaged part of lives."""
    lived = {part.first for part in damaged if part.table == LIVES}
    # Whom an arm is given to follows from everybody's strata.
    all_of_them = lived and strata_columns(plan.protocol)
    return [
        part
        for table in TABLES
        for part in ledger.of(table)
        if table != LIVES and (all_of_them or part.first in lived)
    ]


def _checked(ledger: Ledger, settings: Settings) -> list[Part]:
    settings.tell("checking", 0, 1)
    damaged = ledger.damaged()
    settings.tell("checking", 1, 1)
    return damaged


def _same_again(before: Part | None, part: Part) -> None:
    if before is not None and before.sha256 != part.sha256:
        raise RunError(
            "this part was damaged, and made anew it is not what it was; was it made on another kind "
            "of processor?",
            path=part.file,
        )


def check_failed(plan: LargePlan, ledger: Ledger) -> None:
    """Raise RunError where more than one in a thousand participants, or people met, failed."""
    parts = ledger.of(LIVES)
    named = [one for part in parts for one in part.told["failed"]]
    placed = sum(one["place"] is not None for one in named)
    met = max(sum(part.told["enrolled"]["met"] for part in parts), plan.participants)
    if placed <= MOST_FAILED * plan.participants and len(named) - placed <= MOST_FAILED * met:
        return
    first = named[0]
    raise RunError(
        f"the courses of {so_many(len(named), 'person', 'people')} could not be integrated, which is "
        f"more than one in a thousand; the first is person {first['person']}; {LINES} names them with "
        "their parameters"
    )


@dataclass
class Told:
    """Progress of a run in people, which never goes back."""

    base: Settings
    total: int
    done: int = 0
    most: int = field(default=0)

    def settings(self) -> Settings:
        """Return settings whose progress, of one part, is told as that of the whole."""
        return replace(self.base, progress=self._within) if self.base.progress else self.base

    def more(self, count: int) -> None:
        """Tell that so many more people are done."""
        self.done += count
        self._tell(self.done)

    def _within(self, stage: str, done: int, total: int) -> None:
        # Meeting people is nearly all of the work; what follows is told when it is done.
        if stage == "enrolling":
            self._tell(self.done + int(0.9 * done))

    def _tell(self, done: int) -> None:
        self.most = min(self.total, max(self.most, done))
        self.base.tell("living", self.most, self.total)


def kept_in(folder: Path) -> str:
    """Return in words how much of a run is done and kept."""
    done = sum(part.count for part in Ledger(folder).of(LIVES)) if is_large(folder) else 0
    return (
        f"{so_many(done, 'participant')} {verb(done, 'is', 'are')} done and kept in {folder}, and the "
        "same command goes on"
    )
