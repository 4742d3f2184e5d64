"""``antitrypsim protocol``: check a protocol file, and the JSON Schema of such files."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="Check or print a protocol, or print the JSON Schema of protocol files.",
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.command("check")
def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A protocol file, or a bundled protocol.")
    ],
) -> None:
    """Say whether a protocol can be run, and what is missing or doubtful in it."""
    from antitrypsim.protocols import check_protocol, load_protocol

    protocol = load_protocol(file)
    arms = ", ".join(f"{arm} {size}" for arm, size in protocol.arm_sizes().items())
    print(f"{protocol.id}: {protocol.title}")
    print(
        f"It can be run: {protocol.participants:,} participants ({arms}), "
        f"{len(protocol.visits)} visits in {protocol.length_days:g} days."
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
