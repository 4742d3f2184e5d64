"""Frames as tables whose types do not depend on their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

NUMBERS = ("ADY", "AVAL", "BASE", "CHG", "TRUTH", "EOSDY", "DTHDY")
"""Columns that are numbers where no row says so."""


def typed(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as a table whose types do not depend on what its rows happen to be.

    A part in which nothing happened is then read with the others as one table.
    """
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = []
    for field in table.schema:
        words = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        if pa.types.is_null(field.type):
            kind = pa.float64() if field.name in NUMBERS else pa.string()
        else:
            kind = pa.string() if words else pa.float64()
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))
