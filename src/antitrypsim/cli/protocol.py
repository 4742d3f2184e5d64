"""``antitrypsim protocol``: check a protocol file, and the JSON Schema of such files."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.width import page_width

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol

app = typer.Typer(
    help="Check or print a protocol, or print the JSON Schema of protocol files.",
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("check")
def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A protocol file, or a bundled protocol.")
    ],
    reporting: Annotated[
        bool,
        typer.Option(
            "--reporting",
            help="Also say what reports of cells and vesicles should tell and this leaves out.",
        ),
    ] = False,
) -> None:
    """Say whether a protocol can be run, and what is missing or doubtful in it."""
    from antitrypsim.protocols import check_protocol, load_protocol

    protocol = load_protocol(file)
    arms = ", ".join(f"{arm} {size}" for arm, size in protocol.arm_sizes().items())
    print(f"{protocol.id}: {protocol.title}")
    print(
        f"It can be run: {so_many(protocol.participants, 'participant')} ({arms}), "
        f"{so_many(len(protocol.visits), 'visit')} in {protocol.length_days:g} days."
    )
    for notice in protocol.notices:
        print(notice)
    findings = check_protocol(protocol)
    for level, title in (("warning", "Look at before believing a result"), ("note", "Notes")):
        chosen = [finding for finding in findings if finding.level == level]
        if chosen:
            print(f"\n{title}:")
        for finding in chosen:
            print(f"  '{finding.key}': {finding.message}")
    if reporting:
        _print_reporting(protocol)


def _print_reporting(protocol: Protocol) -> None:
    from antitrypsim.evidence import load_registry
    from antitrypsim.protocols import reporting

    facts = load_registry().facts
    print("\nWhat a report of it should say:")
    caveat = (
        "The evidence table names the consensus lists and not their items, and CELL-H03 and CELL-H04 "
        "are about mesenchymal cells: which items stand here is this laboratory's choice."
    )
    print(textwrap.fill(caveat, page_width()))
    products = reporting(protocol)
    if not products:
        print("  no arm is given anything")
    for one in products:
        print(f"\n  {one.arm}: {one.product}, {one.route.replace('_', ' ')}")
        if not one.items:
            print("    no consensus list for this kind of product is in the evidence table")
            continue
        width = max(len(item.name) for item in one.items)
        for item in one.items:
            start = f"    {item.name:<{width}}  "
            text = item.stated or "- left out"
            print(
                textwrap.fill(
                    text, page_width(), initial_indent=start, subsequent_indent=" " * len(start)
                )
            )
        lists = ", ".join(f"{id} (recalled)" if facts[id].recalled else id for id in one.facts)
        stated = len(one.items) - len(one.left_out)
        print(f"    {stated} of {len(one.items)} items stated; the lists: {lists}")


@app.command("show")
def show(
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="A bundled protocol, or a protocol file.")
    ],
) -> None:
    """Print a protocol as it stands in its file, to begin one of your own from."""
    from antitrypsim.protocols import protocol_source

    print(protocol_source(protocol), end="")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of protocol files, for editors."""
    import json

    from antitrypsim.protocols import Protocol

    print(json.dumps(Protocol.json_schema(), indent=2, ensure_ascii=False))
