"""Plain data: what JSON can hold."""

from __future__ import annotations

import json
from typing import Any

Plain = dict[str, Any]
"""Plain data by key: what JSON can hold, such as ``to_dict`` gives and ``from_dict`` reads."""


def plain(value: Any) -> Any:
    """Return plain data: lists, text keys, and None for what is not a finite number."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value


def json_text(data: Any) -> str:
    """Return data as JSON text that ends in a line end; null for what is not a finite number."""
    return json.dumps(plain(data), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
