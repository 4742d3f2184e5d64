"""``antitrypsim runs``: the runs of this machine, and what can be done with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import (
    Files,
    Json,
    PosteriorFile,
    Quiet,
    Threads,
    check_outputs,
    computing,
)
from antitrypsim.cli.large import hand_over, run_parts
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.plural import so_many

if TYPE_CHECKING:
    from antitrypsim.runs.differing import RunDifference

SHOWN = 10
"""How many numbers that differ are printed."""

app = typer.Typer(
    help="List, resume, check, repeat and compare runs.",
    context_settings={"help_option_names": ["--help", "-h"]},
)
Run = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run, or its folder.")]


@app.command("list")
def list_runs() -> None:
    """List the runs that the command line has written down: id, state, when it began, folder."""
    from antitrypsim.runs.catalogue import entries

    found = entries()
    if not found:
        print("There are no runs yet; 'antitrypsim run rapid' makes one.")
    for each in found:
        print(f"{each.id}  {each.state:<8}  {each.begun} UTC  {each.folder}")


@app.command("resume")
def resume(
    ctx: typer.Context,
    run: Run,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="Go on with the workers of this Dask scheduler."
        ),
    ] = None,
    json: Json = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Go on with a run in parts, a calibration or a fit; of finished parts check each and make a damaged one anew."""
    from antitrypsim.runs.catalogue import command_of, folder_of, is_learning
    from antitrypsim.runs.plan import plan_in

    folder = folder_of(run)
    check_outputs([], folder, json=json)
    if is_learning(folder):
        if cluster is not None:
            raise InputError(
                "a calibration or a fit is not lived on a cluster; leave out --cluster"
            )
        _learn(ctx, command_of(folder), folder, json=json, threads=threads, quiet=quiet)
        return
    plan, model = plan_in(folder)
    with computing(quiet, seed=plan.seed, tolerance=plan.tolerance, threads=threads) as settings:
        found = run_parts(plan, model, folder, settings, cluster=cluster)
    hand_over(found, Files(json))


@app.command("check")
def check(run: Run) -> None:
    """Hold every file of a finished run against its hash; the first that was changed is named."""
    from antitrypsim.runs.catalogue import folder_of
    from antitrypsim.runs.folder import read_run
    from antitrypsim.runs.large_result import read_large
    from antitrypsim.runs.plan import is_large

    folder = folder_of(run)
    if is_large(folder):
        read_large(folder, check=True)
    else:
        read_run(folder)
    print(f"{folder}: every file is the one that was written.")


@app.command("rerun")
def rerun(
    ctx: typer.Context,
    run: Run,
    posterior: PosteriorFile = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Repeat a finished run, calibration or fit and compare; the exit code is 1 where a bit of the numbers differs."""
    from antitrypsim.runs.again import rerun as repeat
    from antitrypsim.runs.catalogue import folder_of, is_learning

    if is_learning(folder_of(run)):
        if posterior is not None:
            raise InputError("a calibration or a fit knows where it began; leave out --posterior")
        _learn_again(ctx, folder_of(run).resolve(), threads=threads, quiet=quiet)
        return
    with computing(quiet, seed=None, tolerance=1e-4, threads=threads) as settings:
        found = repeat(folder_of(run), posterior=posterior, settings=settings)
    _tell(found)
    if not found.same:
        raise RunError(f"repeated, run {run} is not the same")


@app.command("diff")
def diff(
    run: Run,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another run, likewise.")],
) -> None:
    """Say in what two runs differ: what they are of, and which numbers, the largest change first."""
    from antitrypsim.runs.catalogue import folder_of
    from antitrypsim.runs.differing import difference

    one, two = (Path(folder_of(each)) for each in (run, other))
    _tell(difference(one, two))


def _learn(
    ctx: typer.Context,
    words: list[str],
    place: Path,
    *,
    json: str | None = None,
    threads: int,
    quiet: bool,
) -> None:
    """Give the command of a calibration or a fit again, with another folder; fail as it fails."""
    words = words[1:]
    for name in ("--out", "--threads"):
        if name in words:
            at = words.index(name)
            words = words[:at] + words[at + 2 :]
    words += ["--out", str(place), "--threads", str(threads)]
    words += (["--json", json] if json else []) + (["--quiet"] if quiet else [])
    ctx.find_root().command(words, standalone_mode=False)


def _learn_again(ctx: typer.Context, folder: Path, *, threads: int, quiet: bool) -> None:
    from antitrypsim.foundations.files import beside
    from antitrypsim.runs.catalogue import command_of

    before = folder / "posterior.parquet"
    if not before.is_file():
        raise InputError("this is not finished; 'antitrypsim runs resume' goes on with it", path=str(folder))  # fmt: skip
    with beside(folder) as workplace:
        _learn(ctx, command_of(folder), workplace / folder.name, threads=threads, quiet=quiet)
        same = (workplace / folder.name / before.name).read_bytes() == before.read_bytes()
    if not same:
        raise RunError(f"repeated, the posterior in {folder} is not the same")
    print("The same: the posterior to the bit.")


def _tell(found: RunDifference) -> None:
    if found.same:
        print("The same: every course and every result to the bit.")
    for key, one, other in found.identity:
        print(f"{key}: {one} and {other}")
    for row in found.only:
        print(f"only in one: {row}")
    for name in found.files:
        print(f"not the same: {name}")
    if found.changes:
        print(
            f"{so_many(len(found.changes), 'number differs', 'numbers differ')}, the largest first:"
        )
    for each in found.changes[:SHOWN]:
        print(f"  {each.row}: {each.number} {each.one} and {each.other}")
    if not (found.same or found.identity or found.changes or found.only or found.files):
        print("The results are the same, and courses differ.")
