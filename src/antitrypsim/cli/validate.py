"""``antitrypsim validate``: hold the model against published numbers."""

from __future__ import annotations

from typing import Annotated

import typer

from antitrypsim.cli.desk import Json, Quiet, Threads, stage


def validate(
    json: Json = None,
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="Virtual people of each population.")
    ] = 20_000,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="TGT", help="One target, such as TGT-02; repeat for more."),
    ] = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Simulate every published target and say which are met.

    Known shortfalls come first. The exit code is 1 where another falls short.
    """
    from antitrypsim.trials.disk import check_file, write_file

    if json is not None:
        check_file(json)
    from antitrypsim.calibration.validate import validate as run_validation

    with stage(quiet) as tell:
        found = run_validation(people=people, only=only or None, threads=threads, progress=tell)
    if json is not None:
        write_file(json, rows_json([row.to_dict() for row in found.rows]))
    print(found.text())
    if found.unexpected:
        ids = ", ".join(row.published.id for row in found.unexpected)
        print(f"Falling short and not listed: {ids}.")
        raise typer.Exit(1)


def rows_json(rows: list[dict[str, object]]) -> str:
    """Return rows as JSON text; a bound that is open is null."""
    import json

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [plain(inner) for inner in value]
        return None if isinstance(value, float) and not abs(value) < float("inf") else value

    return json.dumps(plain(rows), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
