"""A finished run in parts, read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.files import hash_of, unsealed
from antitrypsim.foundations.plain import Plain
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.runs.ledger import TABLES, Ledger
from antitrypsim.runs.plan import KIND, PROTOCOL, read_request

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

MANIFEST = "manifest.json"
RESULTS = "results.json"
SUMMARY = "summary.json"
STRAY = (
    "this file is no part of this run, and whoever reads the folder would count it; move it away"
)
"""What is said of a table's file that the run did not write."""


@dataclass(frozen=True, eq=False)
class LargeRun:
    """A finished run in parts.

    ``rows`` are the tidy results and ``summary`` the numbers by arm, endpoint and visit;
    ``manifest`` says what they rest on. ``remade`` are parts that had been damaged and were made anew.
    """

    folder: Path
    protocol: Protocol
    rows: tuple[Plain, ...]
    summary: Plain
    manifest: Plain
    remade: tuple[str, ...] = ()

    def table(self, name: str) -> ds.Dataset:
        """Return a table as one pyarrow dataset: lives, participants, visits or events."""
        return open_table(self.folder, name)

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy results: arm, endpoint, visit, n, estimate, se, lower, upper, p."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))


def open_table(folder: Path, name: str) -> ds.Dataset:
    """Return all parts of a table as one dataset; raise InputError for an unknown one."""
    import pyarrow.dataset as ds

    if name not in TABLES:
        raise InputError(f"no table '{name}'; there are {', '.join(TABLES)}")
    ledger = Ledger(folder)
    files = [str(ledger.path(part)) for part in ledger.of(name)]
    return ds.dataset(files, format="parquet")


def stated_content(folder: Path) -> str | None:
    """Return the hash of all lives that a whole manifest states; None where there is none."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        return str(unsealed(text)["content"])
    except (OSError, ValueError, KeyError):
        return None


def read_large(folder: str | Path, *, check: bool = False) -> LargeRun:
    """Read a finished run in parts; raise InputError for one that is unfinished or was changed.

    With ``check`` every part is held against its hash, which takes as long as reading them all.
    """
    home = Path(folder)
    read_request(home)
    try:
        manifest = unsealed((home / MANIFEST).read_text(encoding="utf-8"))
        if manifest.get("kind") != KIND:
            raise ValueError
        for name, stated in manifest["files"].items():
            if hash_of(home / name) != stated:
                raise InputError("the file is not the one that was written", path=str(home / name))
        rows = json.loads((home / RESULTS).read_text(encoding="utf-8"))
        summary = json.loads((home / SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise InputError(
            "this run is not finished; 'antitrypsim runs resume' goes on with it", path=str(home)
        ) from problem
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError("this manifest cannot be read", path=str(home / MANIFEST)) from problem
    ledger = Ledger(home)
    if check and (strays := ledger.strays()):
        raise InputError(STRAY, path=str(strays[0]))
    if check and (damaged := ledger.damaged()):
        raise InputError(
            "this part is not the one that was written; 'antitrypsim runs resume' makes it anew",
            path=str(home / damaged[0].file),
        )
    return LargeRun(home, load_protocol(home / PROTOCOL), tuple(rows), summary, manifest)
