"""What every command needs: a sentence for a failure, progress, and a way to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from antitrypsim.foundations.errors import AntitrypsimError, Cancelled

NAME = "antitrypsim"
STOPPED = 130
Tell = Callable[[str, int, int], None]

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the results as JSON to this file."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Seed = Annotated[
    int, typer.Option("--seed", help="Keys every random number: the same seed, the same result.")
]
Threads = Annotated[
    int,
    typer.Option("--threads", min=1, max=256, help="Threads to compute on; they change no result."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="MECHANISM", help="Switch a mechanism off, such as il-10; repeatable."
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance", min=1e-10, max=0.01, help="Error allowed in each step of a course."
    ),
]


class Stopped(Cancelled):
    """The user stopped the command after something had been written, and is told what."""

    code = "stopped"
    exit_code = STOPPED


def sentence(problem: AntitrypsimError | str) -> str:
    """Return a failure as one line, without marks that would move a terminal."""
    text = " ".join(str(problem).split())
    return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)


def complain(text: str) -> None:
    """Print one sentence to stderr."""
    print(f"{NAME}: {sentence(text)}", file=sys.stderr)


def debugging() -> bool:
    """Whether the user asked for tracebacks."""
    return os.environ.get("ANTITRYPSIM_DEBUG", "") not in ("", "0")


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Show a bar for each stage on stderr; nothing where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield tell


@contextmanager
def stage(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done; nothing where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("beginning") as status:
        yield lambda text: status.update(text)
