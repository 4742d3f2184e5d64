"""Bytes in words."""


def size_of(count: int) -> str:
    """Return bytes in words: '12.3 MB'."""
    for size, unit in ((1e12, "TB"), (1e9, "GB")):
        if count >= size:
            return f"{count / size:,.3g} {unit}"
    return f"{count / 1e6:.3g} MB"
