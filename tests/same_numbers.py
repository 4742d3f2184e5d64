"""Whether the numbers are still the same: hashes of small results of everything that is bundled.

    python tests/same_numbers.py           # against what is stored; exit code 1 where a number moved
    python tests/same_numbers.py store     # after a change that was meant, marked [results change]

Every bundled protocol and design runs at small size, and examples of the other commands. Of each the
numbers are hashed in the order in which they are written, and beside them the words: a change of
names moves only the second. Numbers are exact on one kind of processor; the file says on which.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llvmlite.binding import get_host_cpu_name

STORED = Path(__file__).with_name("reference") / "same-numbers.json"
AUGMENTATION = "augmentation:60mg/kg/week"
ASKED = {
    "compare silencing and augmentation": [
        "compare", "--therapy", "fazirsiran:200mg@75kg/12weeks", "--therapy", AUGMENTATION,
        "--people", "12", "--uncertainty", "4", "--years", "1,2",
    ],
    "compare cells": [
        "compare", "--therapy", "msc@intravenous:2e8cells/3months", "--people", "12",
        "--uncertainty", "4", "--years", "1", "--without", "il-10",
    ],
    "reach hepatocytes": [
        "reach", "--therapy", "ipsc_hepatocytes@portal_vein[corrected=1]:1e10cells/3months",
        "--value", "11", "--years", "2", "--people", "8", "--uncertainty", "16", "--factors", "0.1,1,10",
    ],
    "reach vesicles": [
        "reach", "--therapy", "exosomes@inhaled[tissue=adipose]:1.6e9particles/week", "--population", "rapid",
        "--outcome", "density", "--value", "60", "--years", "1", "--people", "8", "--uncertainty", "16",
        "--factors", "1,10",
    ],
    "patient": [
        "patient", "--age", "45", "--sex", "female", "--fev1", "55", "--years", "3", "--people", "12",
        "--therapy", AUGMENTATION,
    ],
    "patient by the liver": [
        "patient", "--age", "50", "--sex", "male", "--stiffness", "8", "--years", "2", "--people", "6",
        "--therapy", "fazirsiran:200mg@75kg/12weeks",
    ],
    "power rapid": ["power", "rapid", "--people", "60", "--draws", "8", "--replicates", "60", "--sizes", "60,120"],
}  # fmt: skip
SMALL = 12
"""Participants of a protocol; people and draws of a design's library, and its replicates, are set below."""
LIBRARY = ["--people", "60", "--draws", "4", "--replicates", "40"]
APART = ("provenance", "notices", "schema", "kind")


def called(arguments: list[str]) -> None:
    """Run a command in this process; its answer goes nowhere."""
    from antitrypsim.cli.main import main

    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = main(arguments)
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(arguments)}: {err.getvalue()}")


def results(scratch: Path) -> Iterator[tuple[str, Any]]:
    """Yield the name of an example and its plain data."""
    from antitrypsim.laboratory.design_file.load import bundled_designs
    from antitrypsim.protocols import bundled_protocols

    for name in bundled_protocols():
        folder = scratch / name
        called(["run", name, "--participants", str(SMALL), "--quiet", "--out", str(folder)])
        yield f"run {name}", trial_data(folder)
    folder = scratch / "uncertain"
    called(["run", "rapid", "--participants", "8", "--uncertainty", "8", "--quiet", "--out", str(folder)])  # fmt: skip
    yield "run rapid --uncertainty", trial_data(folder)
    for name in bundled_designs():
        yield f"design {name}", answered(["design", name, *LIBRARY], scratch)
    for name, arguments in ASKED.items():
        yield name, answered(arguments, scratch)


def answered(arguments: list[str], scratch: Path) -> Any:
    file = scratch / "answer.json"
    called([*arguments, "--quiet", "--json", str(file)])
    return json.loads(file.read_text(encoding="utf-8"))


def trial_data(folder: Path) -> dict[str, Any]:
    """Return tables and results of a run folder, without what names software and machine."""
    import pandas as pd

    found: dict[str, Any] = {
        name: json.loads(
            pd.read_parquet(folder / f"{name}.parquet").to_json(orient="split", double_precision=15)
        )
        for name in ("participants", "visits", "events")
    }
    found["results"] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    other = folder / "uncertainty.json"
    if other.exists():
        found["uncertainty"] = json.loads(other.read_text(encoding="utf-8"))
    return found


def numbers_of(data: Any) -> Iterator[str]:
    """Yield every number and absence in the order in which it is written."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in APART:
                yield from numbers_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from numbers_of(value)
    elif data is None or isinstance(data, bool | int | float):
        yield repr(data)


def without(data: Any) -> Any:
    """Return the data without what names software, machine and format."""
    if isinstance(data, dict):
        return {key: without(value) for key, value in data.items() if key not in APART}
    return [without(value) for value in data] if isinstance(data, list) else data


def hashed(data: Any) -> dict[str, Any]:
    numbers = list(numbers_of(data))
    words = json.dumps(without(data), sort_keys=True)
    return {
        "count": len(numbers),
        "numbers": hashlib.sha256("\n".join(numbers).encode()).hexdigest()[:16],
        "words": hashlib.sha256(words.encode()).hexdigest()[:16],
    }


def main() -> int:
    store = sys.argv[1:] == ["store"]
    if sys.argv[1:] and not store:
        raise SystemExit(__doc__)
    known = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    before = known.get("results", {})
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        os.environ["ANTITRYPSIM_CACHE"] = str(Path(name) / "cache")
        began = time.monotonic()
        for what, data in results(Path(name)):
            found[what] = hashed(data)
            old = before.get(what, {})
            verdict = "new" if not old else "same" if old == found[what] else (
                "words" if old["numbers"] == found[what]["numbers"] else "MOVED")  # fmt: skip
            print(f"{verdict:6} {what} ({time.monotonic() - began:.0f} s)", flush=True)
    gone = sorted(before.keys() - found.keys())
    for what in gone:
        print(f"GONE   {what}")
    if store:
        STORED.write_text(
            json.dumps({"processor": get_host_cpu_name(), "results": found}, indent=1) + "\n",
            "utf-8",
        )
        return 0
    if known.get("processor") != get_host_cpu_name():
        print(f"stored on {known.get('processor')}, this is {get_host_cpu_name()}")
    moved = [w for w, each in found.items() if before.get(w, {}).get("numbers") != each["numbers"]]
    return 1 if moved or gone else 0


if __name__ == "__main__":
    sys.exit(main())
