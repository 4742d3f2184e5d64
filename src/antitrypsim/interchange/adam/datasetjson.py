"""Dataset-JSON 1.1 and its form of one row a line, as CDISC publishes them."""

from __future__ import annotations

import json

from antitrypsim.foundations.plain import Plain
from antitrypsim.interchange.adam.spec import MOMENT, Dataset, Study
from antitrypsim.interchange.synthetic import SYNTHETIC

VERSION = "1.1.0"
_TYPES = {"text": "string", "integer": "integer", "float": "double"}


def json_of(study: Study, found: Dataset) -> str:
    """Return a data set as Dataset-JSON; floats have as many digits as tell them apart."""
    return _line({**_head(study, found), "rows": _rows(found)})


def ndjson_of(study: Study, found: Dataset) -> str:
    """Return a data set as NDJSON: what it is in the first line, then a line a row."""
    return "".join(_line(each) for each in (_head(study, found), *_rows(found)))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"


def _head(study: Study, found: Dataset) -> Plain:
    return {
        "datasetJSONCreationDateTime": MOMENT,
        "datasetJSONVersion": VERSION,
        "fileOID": f"{study.oid}.{found.name}",
        "originator": f"Antitrypsim. {SYNTHETIC}",
        "studyOID": study.oid,
        "metaDataVersionOID": f"MDV.{study.oid}",
        "metaDataRef": "define.xml",
        "itemGroupOID": f"IG.{found.name}",
        "records": len(found.frame),
        "name": found.name,
        "label": found.label,
        "columns": [_column(found, k) for k in range(len(found.variables))],
    }


def _column(found: Dataset, k: int) -> Plain:
    variable = found.variables[k]
    said: Plain = {
        "itemOID": f"IT.{found.name}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": _TYPES[variable.kind],
    }
    if variable.kind == "text":
        said["length"] = longest(found, variable.name)
    if variable.name in found.keys:
        said["keySequence"] = found.keys.index(variable.name) + 1
    return said


def longest(found: Dataset, name: str) -> int:
    """Return the bytes of the longest text of a variable, at least 1."""
    return max(1, int(found.frame[name].str.len().max()) if len(found.frame) else 1)


def _rows(found: Dataset) -> list[list[str | int | float | None]]:
    columns = [found.values(variable.name) for variable in found.variables]
    return [list(row) for row in zip(*columns, strict=True)]
