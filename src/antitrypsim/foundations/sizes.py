"""Bytes and seconds in words."""


def size_of(count: int) -> str:
    """Return bytes in words: '12.3 MB'."""
    for size, unit in ((1e12, "TB"), (1e9, "GB")):
        if count >= size:
            return f"{count / size:,.3g} {unit}"
    return f"{count / 1e6:.3g} MB"


def time_of(seconds: float) -> str:
    """Return seconds in words: '40 s', '12 min', '2.5 h'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
