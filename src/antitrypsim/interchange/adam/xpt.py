"""SAS transport files, version 5."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from antitrypsim.foundations.errors import RunError
from antitrypsim.interchange.adam.spec import Dataset
from antitrypsim.interchange.extras import needed

_STAMP = b"01JAN60:00:00:00"  # ``spec.MOMENT`` as SAS writes it
_RECORD = 80
# Created and modified of the library (records 2 and 3) and of its member (records 6 and 7).
_STAMPS = (1 * _RECORD + 64, 2 * _RECORD, 5 * _RECORD + 64, 6 * _RECORD)


def checked_cdisc() -> None:
    """Raise InputError where XPT files or Define-XML cannot be made."""
    for library in ("pyreadstat", "odmlib"):
        needed(library, "cdisc")


def xpt_bytes(found: Dataset) -> bytes:
    """Return a data set as an XPT file of version 5; the same data, the same bytes."""
    import pyreadstat

    handle, name = tempfile.mkstemp(suffix=".xpt")
    os.close(handle)
    try:
        pyreadstat.write_xport(
            found.frame, name, file_label=found.label,
            column_labels=[v.label for v in found.variables], table_name=found.name,
            file_format_version=5,
        )  # fmt: skip
        data = bytearray(Path(name).read_bytes())
    finally:
        os.unlink(name)
    for at in _STAMPS:
        # The time of writing would make the bytes of one run differ from day to day.
        if data[at + 7 : at + 8] != b":":
            raise RunError(f"no time of writing stands at byte {at} of '{found.name}.xpt'")
        data[at : at + 16] = _STAMP
    return bytes(data)
