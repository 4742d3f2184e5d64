"""Lengths of time by ISO 8601 ('P2W', 'PT4H') and as a protocol says them ('2 weeks')."""

from __future__ import annotations

import re
from decimal import Decimal

from antitrypsim.documents.times import days
from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.units import MONTH, YEAR

_N = r"(\d{1,12}(?:[.,]\d{1,12})?)"
_ISO = re.compile(
    rf"^([+-])?P(?:{_N}Y)?(?:{_N}M)?(?:{_N}W)?(?:{_N}D)?(?:T(?=\d)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?$"
)
_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_DAYS = (YEAR, MONTH, 7.0, 1.0, 1 / 24, 1 / 1440, 1 / 86400)
_LETTERS = {
    "year": "P{}Y", "month": "P{}M", "week": "P{}W", "day": "P{}D", "hour": "PT{}H",
    "minute": "PT{}M",
}  # fmt: skip
_TEXT = re.compile(r"^(\d[\d_ ]*(?:\.\d+)?(?:e[+-]?\d+)?) ?(year|month|week|day|hour|minute)s?$")


def read_iso(text: str) -> tuple[float, str]:
    """Return (days, words) of an ISO 8601 duration: 'P2W' is (14.0, '2 weeks').

    A month is a twelfth of 365.25 days; a sign is taken, and the words are then of its size. Raises
    InputError for text that is no duration.
    """
    match = _ISO.match(text.strip()) if len(text) < 200 else None
    parts = [] if match is None else list(match.groups()[1:])
    if match is None or not any(parts):
        raise InputError(f"'{shown(text)}' is no ISO 8601 duration; write for example P2W or PT4H")
    given = [
        (float(part.replace(",", ".")), part.replace(",", "."), unit, size)
        for part, unit, size in zip(parts, _UNITS, _DAYS, strict=True)
        if part
    ]
    whole = sum(number * size for number, _, _, size in given)
    if len(given) == 1 and given[0][2] != "second":
        words = _words(plain_number(given[0][0]), given[0][2])
    else:
        words = day_words(whole)
    return (-whole if match.group(1) == "-" else whole), words


def write_iso(text: str) -> str:
    """Return the ISO 8601 duration of a time of a protocol: '24 months' is 'P24M'."""
    match = _TEXT.match(" ".join(text.split()))
    if match is None:
        return f"P{plain_number(days(text))}D"
    number = float(match.group(1).replace(" ", "").replace("_", ""))
    return _LETTERS[match.group(2)].format(plain_number(number))


def said(label: str, length: float) -> str:
    """Return a label as a time of a protocol if it says ``length`` days; else nothing."""
    text = " ".join(label.lower().split())
    if len(text) > 60 or not _TEXT.match(text):
        return ""
    return text if abs(days(text) - length) <= 1e-9 * max(1.0, length) else ""


def day_words(length: float) -> str:
    """Return days in words, in weeks where they are whole: '2 weeks', '10.5 days'."""
    if length and length % 7 == 0:
        return _words(plain_number(length / 7), "week")
    return _words(plain_number(length), "day")


def plain_number(value: float) -> str:
    """Return a number in digits, without a power of ten."""
    text = f"{Decimal(repr(float(value))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _words(number: str, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == "1" else "s")
