"""What every command needs: a sentence for a failure, progress, and a way to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from antitrypsim.foundations.errors import AntitrypsimError, Cancelled, InputError, RunError

if TYPE_CHECKING:
    from antitrypsim.reports.document import Document
    from antitrypsim.simulation.settings import Settings

NAME = "antitrypsim"
STOPPED = 130
STOP = Event()
"""Set once the user has asked to stop: an interrupt can be lost inside a library, and this is not."""
EVERY = 20.0
"""Seconds between the lines that tell of progress where there is no terminal."""

Tell = Callable[[str, int, int], None]

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the results as JSON to this file."),
]
Html = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help="Write the answer as one HTML page.")
]
Pdf = Annotated[
    str | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF (the extra 'pdf').")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Seed = Annotated[
    int, typer.Option("--seed", help="Keys every random number: the same seed, the same result.")
]
Threads = Annotated[
    int,
    typer.Option("--threads", min=1, max=256, help="Threads to compute on; they change no result."),
]
MeetAnew = Annotated[
    bool,
    typer.Option(
        "--meet-anew", help="Meet everybody anew, and draw nobody from the library of lives."
    ),
]
POPULATION = typer.Option(
    "--population",
    metavar="PROTOCOL|PERSON",
    help="Whose people take part: a protocol's, or those like person:age=48,sex=male.",
)
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="MECHANISM", help="Switch a mechanism off, such as il-10; repeatable."
    ),
]
PosteriorFile = Annotated[
    str | None,
    typer.Option(
        "--posterior",
        metavar="FILE",
        help="Draw from this posterior, as 'calibrate' wrote it; from the packaged one unless said.",
    ),
]
Prior = Annotated[
    bool, typer.Option("--prior", help="Draw each parameter from its own uncertainty by itself.")
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance", min=1e-10, max=0.01, help="Error allowed in each step of a course."
    ),
]


@dataclass(frozen=True)
class Files:
    """The files that an answer is asked for in, by what they hold."""

    json: str | None = None
    html: str | None = None
    pdf: str | None = None


class Stopped(Cancelled):
    """The user stopped the command after something had been written, and is told what."""

    code = "stopped"
    exit_code = STOPPED


def stopped_at(out: str) -> Stopped:
    """Return what is said of a calibration or a fit that was stopped: how many runs its folder holds."""
    made = sum(1 for _ in Path(out).glob("*/run-*.json"))
    return Stopped(f"stopped; {made} runs are in '{out}', and the same command goes on from there")


def enter_learning(asked: typer.Context, out: str) -> None:
    """Write the calibration or fit that is being asked for down, with the command that goes on with it.

    Its files are named whole, so that the command can be given from anywhere.
    """
    import shlex

    from antitrypsim.runs.catalogue import enter
    from antitrypsim.runs.plan import run_id

    if Path(out).resolve().parent.suffix == ".partial":
        # A repeat beside a folder is removed again.
        return
    words = [NAME, str(asked.command.name)]
    for each in asked.command.params:
        value = asked.params.get(each.name or "")
        if each.name in _ANSWERS or value == each.get_default(asked) or value is None:
            continue
        if each.param_type_name == "argument":
            words.append(_whole(value))
        elif isinstance(value, bool):
            words.append((each.opts if value else each.secondary_opts)[0])
        else:
            for one in value if isinstance(value, list | tuple) else [value]:
                words += [each.opts[0], _whole(one)]
    enter(run_id({"kind": words[1]}, Path(out)), Path(out), shlex.join(words))


_ANSWERS = ("json", "html", "pdf", "quiet")


def _whole(value: object) -> str:
    text = str(value)
    return os.path.abspath(text) if os.path.exists(text) else text


def tell(text: str, quiet: bool) -> None:
    """Say something about the work on standard error, unless nothing is to be said."""
    if not quiet:
        typer.echo(f"{NAME}: {text}", err=True)


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


Item = TypeVar("Item", int, float)


def listed(text: str, kind: type[Item], what: str, example: str) -> list[Item]:
    """Return the numbers between commas; raise InputError, with an example, for anything else."""
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"'{text}' is no list of {what}; write for example {example}") from None


def check_outputs(
    inputs: Iterable[str | None], folder: str | Path | None = None, **outputs: str | None
) -> None:
    """Raise InputError, one sentence, before the work, for files that must not or cannot be written.

    ``inputs`` are files that the user gave, ``folder`` is a run folder that will be written;
    ``outputs`` are files by option. No output may be an input, another output or in the folder; a
    PDF needs its extra.
    """
    if outputs.get("pdf") is not None:
        from antitrypsim.reports.layout_pdf import checked_pdf

        checked_pdf()
    from antitrypsim.foundations.files import check_file

    given = [file for file in inputs if file is not None]
    taken: dict[str, str] = {}
    for option, file in outputs.items():
        if file is None:
            continue
        if folder is not None and _real(folder) in (_real(file), *_real(file).parents):
            raise InputError(
                f"--{option} lies in the run folder; name a file outside it", path=file
            )
        check_file(file)
        if any(_same(file, other) for other in given):
            raise InputError(
                f"this is what you gave to read, and --{option} would overwrite it; name another",
                path=file,
            )
        for before, other in taken.items():
            if _same(file, other):
                raise InputError(
                    f"--{before} and --{option} name the same file; give each its own", path=file
                )
        taken[option] = file


def _real(file: str | Path) -> Path:
    return Path(os.path.realpath(file))


def _same(one: str, other: str) -> bool:
    """Whether two names are of one file, by another name or link too; a device is no one's."""
    if os.path.exists(one) and os.path.exists(other):
        return os.path.samefile(one, other) and os.path.isfile(one)
    return _real(one) == _real(other)


def hand_over(
    text: Callable[[], str],
    data: tuple[str | None, Callable[[], str]],
    *pages: tuple[str | None, Callable[[], str | bytes]],
) -> None:
    """Write what was asked for and print the answer; ``data`` and ``pages``: a file, what it holds.

    The data come first and the answer before any page, so that a picture that fails takes nothing
    else with it.
    """
    from antitrypsim.foundations.files import write_bytes
    from antitrypsim.foundations.provenance import answer_hash

    done: list[str] = []

    def write(file: str | None, make: Callable[[], str | bytes]) -> str | bytes:
        if file is None:
            return ""
        made = make()
        write_bytes(file, made.encode("utf-8") if isinstance(made, str) else made)
        done.append(file)
        return made

    try:
        kept = write(*data)
        print(text())
        for page in pages:
            write(*page)
        for file in done:
            print(f"Written: {file}")
        if kept:
            print(f"Hash of the answer: {answer_hash(str(kept))}")
    except KeyboardInterrupt:
        raise Stopped(f"stopped; {' and '.join(done) or 'nothing'} was written") from None
    except AntitrypsimError as problem:
        # The input was good: what failed came after the work.
        problem.exit_code = RunError.exit_code
        raise


def hand_over_report(
    made: Callable[..., Document], data: Callable[[], Any], files: Files,
    *, below: Callable[[], str] | None = None,
) -> None:  # fmt: skip
    """Print a report, with ``below`` at its end, and write it as data, page and PDF where asked for.

    ``made`` is called without pictures for the terminal, and once with them for page and PDF.
    """
    from antitrypsim.foundations.plain import json_text
    from antitrypsim.reports import lay_out_html, lay_out_pdf, lay_out_text

    def text() -> str:
        told = lay_out_text(made(pictures=False))
        return told if below is None else f"{told}\n\n{below()}"

    page = cache(lambda: made())
    hand_over(
        text,
        (files.json, lambda: json_text(data())),
        (files.html, lambda: lay_out_html(page())),
        (files.pdf, lambda: lay_out_pdf(page())),
    )


def hand_over_text(text: str, out: str | None, *, aside: str, below: str) -> None:
    """Print a text for others with ``aside`` on stderr, or write it to ``out`` and print what is ``below``."""
    from antitrypsim.foundations.files import write_file

    if out is None:
        print(text, end="")
        print(aside, file=sys.stderr)
    else:
        write_file(out, text)
        print(below)


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Show a bar for each stage on stderr; where that is no terminal, a plain line now and then."""
    if quiet:
        yield lambda stage, done, total: None
        return
    if not sys.stderr.isatty():
        with now_and_then() as say:
            yield lambda stage, done, total: say(
                f"{stage}, {100 * done / total:.0f} %" if total else stage
            )
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
def computing(
    quiet: bool, *, seed: int | None, tolerance: float, threads: int, meet_anew: bool = False
) -> Iterator[Settings]:
    """Yield the settings of a command: progress on stderr, and heed to who asks to stop."""
    from antitrypsim.simulation.settings import Settings

    with progress(quiet) as tell:
        yield Settings(
            seed=seed, tolerance=tolerance, threads=threads, progress=tell, cancel=STOP.is_set,
            meet_anew=meet_anew,
        )  # fmt: skip


@contextmanager
def stage(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done; where that is no terminal, a plain line now and then."""
    if quiet:
        yield lambda text: None
        return
    if not sys.stderr.isatty():
        with now_and_then() as say:
            yield say
        return
    from rich.console import Console

    with Console(stderr=True).status("beginning") as status:
        yield lambda text: status.update(text)


@contextmanager
def now_and_then(every: float = EVERY) -> Iterator[Callable[[str], None]]:
    """Print a line to stderr every so many seconds: what was last said, and for how long it runs.

    A command that is done sooner prints none.
    """
    from threading import Event, Thread
    from time import monotonic

    begun, over, last = monotonic(), Event(), ["working"]

    def run() -> None:
        while not over.wait(every):
            print(f"{NAME}: {last[0]}; {_span(monotonic() - begun)}", file=sys.stderr, flush=True)

    def say(text: str) -> None:
        last[0] = text

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield say
    finally:
        over.set()
        thread.join()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
