"""A run folder: the protocol as run, the data, the results, the report and a manifest.

It is written beside its place and renamed into it, so that nothing half-written is found there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, reason_of
from antitrypsim.foundations.files import (
    as_sentence,
    beside,
    hash_of,
    put,
    put_text,
    put_under_a_free_name,
    sealed,
    sync,
    synced_hash,
    unsealed,
)
from antitrypsim.foundations.plain import Plain, json_text, plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.protocols import Protocol, dump_protocol, load_protocol

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.trials.trial import Trial
    from antitrypsim.trials.uncertainty_result import TrialUncertainty

KIND = "antitrypsim run"
FILES = (
    "protocol.yaml",
    "participants.parquet",
    "visits.parquet",
    "events.parquet",
    "results.json",
    "report.html",
)
"""What a run folder holds besides ``manifest.json``; the report may be missing."""

MANIFEST = "manifest.json"
UNCERTAINTY = "uncertainty.json"
"""What it holds besides where draws from what is unknown were asked for."""


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder that was read back and whose files are those that were written."""

    folder: Path
    protocol: Protocol
    participants: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame
    results: pd.DataFrame
    manifest: Plain
    uncertainty: TrialUncertainty | None = None


def result_rows(trial: Trial) -> list[Plain]:
    """Return the rows of ``results.json``: plain data, None for what could not be estimated.

    Then come claimed results worked backwards, and at last effects in the same people
    (``analysis`` 'uncertainty': ``lower`` and ``upper`` from what is unknown, ``people_lower`` and
    ``people_upper`` between people, 5th and 95th percentile each). Every row says the protocol, its role and what any
    output of it must say.
    """
    about = {
        "protocol": trial.protocol.id,
        "role": trial.protocol.role,
        "notice": " ".join(trial.protocol.notices),
    }
    rows = [
        *trial.rows,
        *(claim.row() for claim in trial.claims),
        *(trial.uncertainty.rows() if trial.uncertainty else ()),
    ]
    return [{**{key: plain(value) for key, value in row.items()}, **about} for row in rows]


def results_json(trial: Trial) -> str:
    """Return the text of ``results.json``: the same bytes for the same protocol and seed."""
    return json_text(result_rows(trial))


def default_folder(
    trial_id: str, seed: int, participants: int, inside: str | Path = "runs"
) -> Path:
    """Return ``runs/<protocol>-<seed>-<participants>``, with a number behind it if taken."""
    name = Path(inside) / f"{trial_id}-{seed}-{participants}"
    folder, number = name, 1
    while os.path.lexists(folder):
        number += 1
        folder = name.with_name(f"{name.name}-{number}")
    return folder


def check_name(folder: str | Path) -> None:
    """Raise InputError for what cannot be the name of a run folder: nothing, and bytes that are no text."""
    if not str(folder) or "\0" in str(folder):
        raise InputError("the name of the run folder is empty; use for example --out runs/mine")
    try:
        str(folder).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            "the name of the run folder is no text in UTF-8; use for example --out runs/mine",
            path=str(folder),
        ) from None


def check_target(folder: str | Path, *, force: bool = False) -> Path:
    """Return the folder if a run can be written there; raise InputError, one sentence, if not.

    An empty folder may be filled; ``force`` replaces a run folder, and never anything else. Whether
    its parent can be written to is tried.
    """
    check_name(folder)
    try:
        target = _place(folder)
        _check_held(target, folder, force)
        with beside(target):
            pass
    except OSError as problem:
        raise as_sentence(problem, Path(folder)) from problem
    return Path(folder)


def _place(folder: str | Path) -> Path:
    # 'new/../old' is 'old', and is looked at as such before 'new' is made.
    return Path(os.path.realpath(folder))


def _check_held(target: Path, folder: str | Path, force: bool) -> None:
    """Raise InputError unless a run may be put at ``target``, which the user called ``folder``."""
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise InputError("this is a file, not a folder; choose another --out", path=str(folder))
    if target == Path.cwd():
        raise InputError(
            "this is the folder that you are in; choose another --out", path=str(folder)
        )
    held = {entry.name for entry in target.iterdir()}
    if held and not _is_run(target, held):
        raise InputError(
            "the folder holds other files; choose another --out, or an empty one",
            path=str(folder),
        )
    if held and not force:
        raise InputError(
            "the folder holds a run already; choose another --out, or add --force",
            path=str(folder),
        )


def write_run(
    trial: Trial,
    folder: str | Path,
    *,
    html: str | None = None,
    force: bool = False,
    numbered: bool = False,
) -> Path:
    """Write a trial as a run folder and return its path; ``html`` is the report, None for none.

    With ``numbered``, a name that is taken by now is given a number behind it.

    Raises InputError where the folder cannot be used, RunError for a full or failing disk; then,
    and on an interruption, nothing is left behind and a replaced run is as it was.
    """
    named = Path(folder) if numbered else check_target(folder, force=force)
    target = _place(folder)
    writers: dict[str, Callable[[Path], None]] = {
        "protocol.yaml": lambda f: put_text(f, protocol_text(trial)),
        "participants.parquet": lambda f: _frame(f, trial.participants, trial),
        "visits.parquet": lambda f: _frame(f, trial.visits, trial),
        "events.parquet": lambda f: _frame(f, trial.events, trial),
        "results.json": lambda f: put_text(f, results_json(trial)),
    }
    found = trial.uncertainty
    if found is not None:
        data = json_text(found.to_dict())
        writers[UNCERTAINTY] = lambda f: put_text(f, data)
    if html is not None:
        writers["report.html"] = lambda f: put_text(f, html)
    writing = named
    try:
        with beside(target) as workplace:
            hashes = {}
            for name, write in writers.items():
                writing = named / name
                write(workplace / name)
                hashes[name] = synced_hash(workplace / name)
            writing = named / MANIFEST
            put_text(workplace / MANIFEST, _manifest(trial, hashes))
            synced_hash(workplace / MANIFEST)
            sync(workplace)
            writing = named
            if numbered:
                return named.with_name(put_under_a_free_name(workplace, target).name)
            # What is there may have changed while the files were written.
            _check_held(target, named, force)
            put(workplace, target)
    except OSError as problem:
        raise as_sentence(problem, writing) from problem
    return named


def read_run(folder: str | Path) -> Run:
    """Read a run folder back; raise InputError for one that is incomplete or was changed."""
    import pandas as pd

    home = Path(folder)
    try:
        manifest = unsealed((home / MANIFEST).read_text(encoding="utf-8"))
        if manifest.get("kind") != KIND or manifest.get("schema") != SCHEMA_VERSION:
            raise InputError(f"this is no run folder of schema {SCHEMA_VERSION}", path=str(home))
        for name in set(FILES) - {"report.html"} - set(manifest["files"]):
            raise InputError(f"the manifest does not name '{name}'", path=str(home / MANIFEST))
        for name, stated in manifest["files"].items():
            if hash_of(home / name) != stated:
                raise InputError("the file is not the one that was written", path=str(home / name))
        results = pd.DataFrame(json.loads((home / "results.json").read_text(encoding="utf-8")))
        known = _read_uncertainty(home) if UNCERTAINTY in manifest["files"] else None
        people, visits, events = (
            pd.read_parquet(home / f"{n}.parquet") for n in ("participants", "visits", "events")
        )
    except OSError as problem:
        missing = problem.filename or str(home / MANIFEST)
        raise InputError(
            f"this is no whole run folder: {reason_of(problem)}", path=str(missing)
        ) from problem
    except (ValueError, KeyError, AttributeError, TypeError) as problem:
        raise InputError(
            "this manifest cannot be read or bears no seal, as in a folder of an earlier version; "
            "run its protocol.yaml again",
            path=str(home / MANIFEST),
        ) from problem
    protocol = load_protocol(home / "protocol.yaml")
    return Run(home, protocol, people, visits, events, results, manifest, known)


def _read_uncertainty(home: Path) -> TrialUncertainty:
    from antitrypsim.trials.uncertainty_result import TrialUncertainty

    return TrialUncertainty.from_dict(json.loads((home / UNCERTAINTY).read_text(encoding="utf-8")))


def protocol_text(trial: Trial) -> str:
    """Return the protocol as YAML, behind a remark that says how it was run."""
    p = trial.provenance
    asked = f" --uncertainty {trial.uncertainty.draws}" if trial.uncertainty else ""
    remarks = [
        *trial.protocol.notices,
        "Run with: antitrypsim run protocol.yaml --seed "
        f"{p.seed} --participants {p.participants} --tolerance {p.tolerance:g}{asked}",
    ]
    return "".join(f"# {line}\n" for line in remarks) + dump_protocol(trial.protocol)


def _manifest(trial: Trial, hashes: Mapping[str, str]) -> str:
    p = trial.provenance
    return sealed(
        {
            "schema": SCHEMA_VERSION,
            "kind": KIND,
            "notices": list(trial.protocol.notices),
            "protocol": {
                "id": trial.protocol.id,
                "role": trial.protocol.role,
                "hash": p.protocol,
            },
            "seed": p.seed,
            "participants": p.participants,
            "tolerance": p.tolerance,
            "hashes": {
                "model": p.model,
                "people": p.people,
                "parameters": p.parameters,
                **({"posterior": p.posterior} if p.posterior else {}),
                "courses": dict(p.results),
            },
            "enrolled": {
                "met": trial.cohort.met,
                "left": dict(trial.cohort.left),
                "failing": dict(trial.cohort.failing),
                **({"lives": lives} if (lives := trial.cohort.lives) else {}),
            },
            "versions": dict(p.versions),
            "files": dict(hashes),
        }
    )


def _frame(file: Path, frame: pd.DataFrame, trial: Trial) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    told = {
        "antitrypsim protocol": trial.protocol.id,
        "antitrypsim notices": " ".join(trial.protocol.notices),
    }
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **told}), file)


def _is_run(folder: Path, held: set[str]) -> bool:
    if MANIFEST not in held or not held <= {*FILES, UNCERTAINTY, MANIFEST}:
        return False
    try:
        return bool(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["kind"] == KIND)
    except (OSError, ValueError, KeyError, TypeError):
        return False
