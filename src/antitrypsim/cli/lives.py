"""``antitrypsim lives``: the library of whole lives that cohorts are drawn from."""

from __future__ import annotations

import sys
from os.path import exists
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import STOP, Quiet, Threads, progress
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.plural import so_many

if TYPE_CHECKING:
    from antitrypsim.populations.lives_read import Kind
    from antitrypsim.populations.shelf import Shelf

LIVES = 4096
"""Lives that are made where nothing is said."""
ROWS = 2
"""Lives of each part that live once more for a check."""

app = typer.Typer(
    help="Make, grow, describe and check the library of lives that people are drawn from.",
    context_settings={"help_option_names": ["--help", "-h"]},
)
Number = Annotated[
    int, typer.Option("--lives", min=1, max=1_000_000, metavar="N", help="How many lives.")
]


@app.command("make")
def make(
    protocol: Annotated[
        str,
        typer.Argument(
            metavar="PROTOCOL", help="Whose kinds of people: a bundled protocol or a file."
        ),
    ],
    lives: Number = LIVES,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Make lives of the kinds that a protocol's people are of, each as common as there.

    What is there already is kept; a part that is not as it was written is made anew.
    """
    from antitrypsim.populations.lives_read import kinds
    from antitrypsim.protocols import load_protocol

    shares = kinds(load_protocol(protocol).population)
    _make({kind: (0, _parts(lives * share)) for kind, share in shares.items()}, threads, quiet)


@app.command("grow")
def grow(lives: Number = LIVES, threads: Threads = 2, quiet: Quiet = False) -> None:
    """Add lives to the library, of each kind as many as it has its share; no part that is there changes."""
    from antitrypsim.populations.shelf import Shelf, parts_of

    shelf = Shelf()
    there = len(parts_of(shelf))
    if not there:
        raise RunError("there are no lives yet; 'antitrypsim lives make rapid' makes some")
    wanted = {}
    for kind in shelf.kinds():
        numbers = shelf.numbers(kind)
        if numbers:
            last = numbers[-1] + 1
            wanted[kind] = (0, last + _parts(lives * len(numbers) / there))
    _make(wanted, threads, quiet)


@app.command()
def describe() -> None:
    """Say what is in the library: kinds, how many lives, ages, size on the disk, model."""
    from antitrypsim.populations.shelf import PART, UNTIL, Shelf, others, size_of

    shelf = Shelf()
    print(f"{shelf.folder}")
    for kind in shelf.kinds():
        print(f"  {' '.join(kind):<22} {PART * len(shelf.numbers(kind)):>9,} lives")
    if shelf.kinds():
        print(
            f"Each is read once a year up to {UNTIL:g}, without therapy; model {shelf.model.content_hash}; "
            f"{_megabytes(size_of(shelf.folder))}."
        )
    else:
        print("It is empty: the first question that needs lives makes them.")
    for folder in others(shelf):
        print(
            f"Of other software or parameters, and not used: {folder}, {_megabytes(size_of(folder))}; "
            "it may be deleted."
        )


@app.command("check")
def check(
    rows: Annotated[
        int,
        typer.Option(
            "--rows", min=1, max=256, metavar="N", help="Lives of each part that live once more."
        ),
    ] = ROWS,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Hold every part against its hashes, and a few of its lives against the same lives lived once more."""
    from antitrypsim.populations.shelf import parts_of

    with progress(quiet) as tell:
        shelf = _shelf(threads)
        every = parts_of(shelf)
        wrong = []
        for done, (kind, number) in enumerate(every):
            tell("checking", done, len(every))
            shelf.settings.check()
            if said := shelf.wrong(kind, number, rows):
                wrong.append(f"{shelf.file(kind, number)}: {said}")
    for line in wrong:
        print(line)
    if wrong:
        raise RunError(
            f"{so_many(len(wrong), 'part')} of {len(every)} cannot be used; the next question that needs "
            "them, or 'antitrypsim lives make', makes them anew"
        )
    print(f"{shelf.folder}: {so_many(len(every), 'part')}, each as it was written.")


def _make(wanted: dict[Kind, tuple[int, int]], threads: int, quiet: bool) -> None:
    from antitrypsim.populations.shelf import PART, size_of

    with progress(quiet) as tell:
        shelf = _shelf(threads)
        every = [(kind, number) for kind, ends in wanted.items() for number in range(*ends)]
        missing = sum(not exists(shelf.file(*each)) for each in every)
        # What is compiled once does not count.
        shelf.warm()
        begun, told, made = perf_counter(), quiet, 0
        for done, (kind, number) in enumerate(every):
            tell("making lives", done, len(every))
            shelf.settings.check()
            made += shelf.make(kind, number)
            if made and not told:
                told = True
                seconds, bytes_ = perf_counter() - begun, shelf.file(kind, number).stat().st_size
                print(
                    f"{so_many(missing * PART, 'life', 'lives')} take about {missing * seconds:.0f} s and "
                    f"{_megabytes(missing * bytes_)} on the disk",
                    file=sys.stderr,
                )
    print(
        f"{shelf.folder}: {so_many(made * PART, 'life', 'lives')} made, {_megabytes(size_of(shelf.folder))} "
        "in all."
    )


def _shelf(threads: int) -> Shelf:
    from antitrypsim.populations.shelf import Shelf
    from antitrypsim.simulation.settings import Settings

    return Shelf(settings=Settings(threads=threads, cancel=STOP.is_set))


def _parts(lives: float) -> int:
    from antitrypsim.populations.shelf import PART

    return -(-int(-(-lives // 1)) // PART)


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.3g} MB"
