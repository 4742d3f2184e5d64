"""The report of a large trial: its planned analyses, who took part, what was measured, in sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.protocols import Protocol
from antitrypsim.reports.document import Document, Section, Table, answered, manifest
from antitrypsim.reports.numbers import decimals_of, interval, number, p_value


def large_document(
    protocol: Protocol, rows: Sequence[Plain], summary: Plain, about: Mapping[str, object]
) -> Document:
    """Return the report of a trial in parts from its rows, its summary and what its manifest says."""
    enrolled, failed = about["enrolled"], about["failed"]
    assert isinstance(enrolled, dict)
    assert isinstance(failed, dict)
    count = sum(arm["participants"] for arm in summary["arms"])
    said = [
        f"{so_many(count, 'virtual participant')} of {enrolled['met']:,} people met.",
        *_contrasts(rows),
    ]
    if failed["people"]:
        said.append(
            f"The courses of {so_many(failed['people'], 'person', 'people')} could not be integrated; "
            "they are named in the manifest and in none of the tables but lives."
        )
    return Document(
        title=protocol.title,
        notices=tuple(protocol.notices),
        answer=answered(said),
        sections=(
            Section("Planned analyses", tables=(_analyses(rows),), id="analyses"),
            Section("Arms", tables=(_arms(summary),), id="arms"),
            Section("Measured", tables=(_measured(summary),), id="measured"),
            Section("Events", tables=(_events(summary),), id="events"),
            manifest(
                [(key, str(value)) for key, value in dict(about["identity"]).items()]  # type: ignore[call-overload]
                + [("content", str(about["content"]))]
            ),
        ),
    )


def _contrasts(rows: Sequence[Plain]) -> list[str]:
    return [
        f"{row['plan']}: {row['arm']} against {row['contrast']} {_number(row)} {row['unit']}, "
        f"{_interval(row)}, {p_value(row['p'])}."
        for row in rows
        if row["primary"] and row.get("contrast")
    ]


def _number(row: Plain) -> str:
    return number(row["estimate"], _decimals(row))


def _interval(row: Plain) -> str:
    return f"interval {interval(row['lower'], row['upper'], _decimals(row))}"


def _decimals(row: Plain) -> int:
    return decimals_of(row["estimate"], row["lower"], row["upper"])


def _analyses(rows: Sequence[Plain]) -> Table:
    planned = [row for row in rows if row["plan"]]
    return Table(
        "",
        ("Analysis", "Arm", "Against", "n", "Estimate", "Interval"),
        tuple(
            (str(row["plan"]), row["arm"] or "", row.get("contrast") or "", f"{row['n'] or 0:,}",
             row.get("failed") or _number(row), "" if row.get("failed") else _interval(row)[9:])
            for row in planned
        ),
        name="Planned analyses",
    )  # fmt: skip


def _arms(summary: Plain) -> Table:
    return Table(
        "",
        ("Arm", "Participants", "Completed", "Discontinued", "Died", "Years"),
        tuple(
            (arm["arm"], f"{arm['participants']:,}", f"{arm['completed']:,}",
             f"{arm['discontinued']:,}", f"{arm['died']:,}", f"{arm['years']:,.0f}")
            for arm in summary["arms"]
        ),
        name="Arms",
    )  # fmt: skip


def _measured(summary: Plain) -> Table:
    return Table(
        "",
        ("Endpoint", "Visit", "Arm", "n", "Mean", "SD", "5th, 50th, 95th percentile", "Unit"),
        tuple(
            (one["endpoint"], one["visit"], one["arm"], f"{one['n']:,}",
             *(number(one[key], decimals_of(one["mean"])) for key in ("mean", "sd")),
             ", ".join(number(one[key], decimals_of(one["mean"])) for key in ("p05", "median", "p95")),
             one["unit"])
            for one in summary["measured"]
        ),
        name="Measured",
    )  # fmt: skip


def _events(summary: Plain) -> Table:
    return Table(
        "",
        ("Event", "Arm", "Events", "Participants"),
        tuple(
            (one["event"], one["arm"], f"{one['events']:,}", f"{one['participants']:,}")
            for one in summary["events"]
        ),
        name="Events",
    )
