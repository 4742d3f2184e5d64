"""The entry point: the commands, and one sentence with an exit code for every failure."""

from __future__ import annotations

import errno
import gc
import os
import re
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from antitrypsim.cli.analyse import analyse
from antitrypsim.cli.calibrate import calibrate
from antitrypsim.cli.claims import claims
from antitrypsim.cli.compare import compare
from antitrypsim.cli.console import NAME, STOP, STOPPED, Stopped, complain, debugging, sentence
from antitrypsim.cli.design import design
from antitrypsim.cli.dose import dose
from antitrypsim.cli.evidence import evidence
from antitrypsim.cli.explain import explain
from antitrypsim.cli.export import export_app, import_app
from antitrypsim.cli.fit import fit
from antitrypsim.cli.identifiability import identifiability
from antitrypsim.cli.lives import app as lives_app
from antitrypsim.cli.mouse import mouse
from antitrypsim.cli.page import page
from antitrypsim.cli.patient import patient
from antitrypsim.cli.power import power
from antitrypsim.cli.protocol import app as protocol_app
from antitrypsim.cli.protocols import protocols
from antitrypsim.cli.run import run_protocol
from antitrypsim.cli.runs import app as runs_app
from antitrypsim.cli.sensitivity import sensitivity
from antitrypsim.cli.validate import validate
from antitrypsim.foundations.errors import AntitrypsimError, Cancelled, InputError, Remade

# typer has brought its own copy of click since 0.17; the errors of either are reached this way.
_UsageError: Any = typer.BadParameter.__base__
_ClickError: Any = _UsageError.__base__
_OURS = {
    "Input should be a valid integer.*": "a whole number is needed",
    "Input should be a valid number.*": "a number is needed",
}

_BETWEEN_COLLECTIONS = 500_000
"""New objects after which Python looks for rings that nobody needs; 700 unless said."""

app = typer.Typer(
    name=NAME,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command("run")(run_protocol)
app.add_typer(runs_app, name="runs")
app.add_typer(lives_app, name="lives")
app.command("protocols")(protocols)
app.add_typer(protocol_app, name="protocol")
app.command("page")(page)
app.command("patient")(patient)
app.command("compare")(compare)
app.command("dose")(dose)
# Its name before.
app.command("reach", hidden=True)(dose)
app.command("power")(power)
app.command("design")(design)
app.command("analyse")(analyse)
app.add_typer(export_app, name="export")
app.add_typer(import_app, name="import")
app.command("explain")(explain)
app.command("evidence")(evidence)
app.command("claims")(claims)
app.command("mouse")(mouse)
app.command("validate")(validate)
app.command("calibrate")(calibrate)
app.command("fit")(fit)
app.command("identifiability")(identifiability)
app.command("sensitivity")(sensitivity)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version as installed

        print(f"{NAME} {installed(NAME)}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Virtual patients and virtual trials in alpha-1 antitrypsin deficiency.

    For research; not for the care of an individual.
    """


def run() -> None:
    """Run the command line and leave with its exit code."""
    # A model is a million small objects that live to the end: to look for rings among them so often as
    # Python does takes a tenth of a short command.
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no 'µ' shows a question mark rather than nothing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    for name in ("SIGINT", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    if not debugging():
        import logging

        # Libraries' remarks, such as matplotlib's on a home that cannot be written to.
        logging.disable(logging.WARNING)
    sys.exit(main(sys.argv[1:]))


def _stop(*_: object) -> None:
    STOP.set()
    raise KeyboardInterrupt


def _each_once(commands: Any, arguments: Sequence[str]) -> None:
    """Raise InputError for an option that is given twice and holds one value: the first would be lost."""
    name = next((word for word in arguments if word in getattr(commands, "commands", {})), None)
    if name is None:
        return
    one = {
        option: param.opts[0]
        for param in commands.commands[name].params
        if not getattr(param, "multiple", True)
        for option in (*param.opts, *param.secondary_opts)
        if option.startswith("-")
    }
    given: set[str] = set()
    for word in arguments:
        if word == "--":
            return
        option = one.get(word.partition("=")[0])
        if option is not None and option in given:
            raise InputError(f"{option} is given twice; keep one of the two")
        given |= {option} if option is not None else set()


def main(arguments: Sequence[str]) -> int:
    """Run the command line on arguments and return its exit code; failures are one sentence."""
    if not debugging():
        import warnings

        warnings.simplefilter("ignore")
        warnings.simplefilter("default", Remade)
        warnings.showwarning = _warn
    try:
        commands = typer.main.get_command(app)
        _each_once(commands, arguments)
        code = commands(list(arguments) or ["--help"], standalone_mode=False, prog_name=NAME)
        if sys.stdout is not None:
            sys.stdout.flush()
        if code == STOPPED:
            complain("stopped; nothing was written")
        return int(code or 0)
    except AntitrypsimError as problem:
        if isinstance(problem, Cancelled) and not isinstance(problem, Stopped):
            complain("stopped; nothing was written")
            return STOPPED
        complain(sentence(problem))
        return problem.exit_code
    except _ClickError as problem:
        complain(_usage(problem))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        complain("stopped; nothing was written")
        return STOPPED
    except MemoryError:
        complain("there is not enough memory; ask for fewer participants or people")
        return 1
    except Exception as problem:
        return _unexpected(problem)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {message}", file=sys.stderr)


def _usage(problem: Any) -> str:
    message = str(problem.format_message()).rstrip(".")
    for theirs, ours in _OURS.items():
        message = re.sub(theirs, ours, message)
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else NAME
    return f"{message[:1].lower()}{message[1:]}; see '{path} --help'"


def _unexpected(problem: Exception) -> int:
    if isinstance(problem, OSError) and problem.errno in (errno.EPIPE, errno.ENOSPC):
        # What is left in the buffer would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if problem.errno == errno.ENOSPC:
            complain("the disk is full; free some space")
        return 1
    if debugging():
        raise problem
    where = _tracker()
    complain(
        f"something broke that should not ({type(problem).__name__}: {problem}); please report it, "
        f"with the command that you gave, at {where}; ANTITRYPSIM_DEBUG=1 shows the place"
    )
    return 1


def _tracker() -> str:
    from importlib.metadata import metadata

    for line in metadata(NAME).get_all("Project-URL") or []:
        label, _, address = line.partition(", ")
        if "issue" in label.lower() or "repository" in label.lower():
            return address
    return "the issue tracker of the project"
