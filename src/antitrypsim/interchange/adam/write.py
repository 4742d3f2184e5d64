"""The files of a study in a folder, whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.foundations.files import as_sentence, beside, put, sync, synced_hash
from antitrypsim.interchange.adam.datasetjson import json_of, ndjson_of
from antitrypsim.interchange.adam.definexml import define_xml
from antitrypsim.interchange.adam.spec import Dataset, Study
from antitrypsim.interchange.adam.study import adam_of
from antitrypsim.interchange.adam.subjects import Conducted
from antitrypsim.interchange.adam.xpt import checked_cdisc, xpt_bytes
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.synthetic import SYNTHETIC

FORMATS: Mapping[str, str] = {
    "xpt": ".xpt", "json": ".json", "ndjson": ".ndjson", "parquet": ".parquet",
}  # fmt: skip
"""The ending of each format's files."""


def check_adam(folder: str | Path, formats: Sequence[str]) -> Path:
    """Return the folder if data sets can be written there; raise InputError, one sentence, if not."""
    if not formats:
        raise InputError(f"no format is named; there is {', '.join(FORMATS)}")
    for name in formats:
        if name not in FORMATS:
            known = tuple(FORMATS)
            hint = nearest(name, known) or f"; there is {', '.join(known)}"
            raise InputError(f"no format '{name}'{hint}")
    if "xpt" in formats:
        checked_cdisc()
    if not str(folder) or "\0" in str(folder):
        raise InputError("the name of the folder is empty")
    target = Path(os.path.realpath(folder))
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise InputError("there is something here already; name a new folder", path=str(folder))
        with beside(target):
            pass
    except OSError as problem:
        raise as_sentence(problem, Path(folder)) from problem
    return target


def export_adam(
    run: Conducted, folder: str | Path, formats: Sequence[str] = ("xpt",)
) -> LossReport:
    """Write the ADaM data sets of a trial or run folder into a new folder; say what was lost.

    ``formats``: ``xpt`` (SAS transport version 5, with Define-XML 2.1 beside it), ``json``
    (Dataset-JSON 1.1), ``ndjson`` (a row a line), ``parquet``. The same run gives the same bytes.
    Raises InputError where the folder is in use, a format is unknown or lacks its extra, or a value
    cannot be written.
    """
    target = check_adam(folder, formats)
    study = adam_of(run)
    makers: dict[str, Callable[[Dataset], bytes]] = {
        "xpt": xpt_bytes,
        "json": lambda found: json_of(study, found).encode("ascii"),
        "ndjson": lambda found: ndjson_of(study, found).encode("ascii"),
        "parquet": lambda found: _parquet(study, found),
    }
    try:
        with beside(target) as workplace:
            for name in dict.fromkeys(formats):
                for found in study.datasets:
                    file = workplace / f"{found.name.lower()}{FORMATS[name]}"
                    file.write_bytes(makers[name](found))
                    synced_hash(file)
            if "xpt" in formats:
                (workplace / "define.xml").write_bytes(define_xml(study, FORMATS["xpt"]))
                synced_hash(workplace / "define.xml")
            sync(workplace)
            put(workplace, target)
    except OSError as problem:
        raise as_sentence(problem, Path(folder)) from problem
    return study.report


def _parquet(study: Study, found: Dataset) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "integer": pa.int64(), "float": pa.float64()}
    fields = [pa.field(v.name, types[v.kind], metadata={"label": v.label}) for v in found.variables]
    told = {"label": found.label, "notice": SYNTHETIC, "study": study.oid}
    table = pa.table(
        [pa.array(found.values(v.name), types[v.kind]) for v in found.variables],
        schema=pa.schema(fields, metadata=told),
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()
