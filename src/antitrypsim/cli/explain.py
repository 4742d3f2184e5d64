"""``antitrypsim explain``: what is in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, check_outputs
from antitrypsim.foundations.errors import InputError, ModelError, nearest

if TYPE_CHECKING:
    from antitrypsim.modelling import Module


def explain(
    module: Annotated[
        str | None,
        typer.Argument(metavar="[MODULE]", help="One module, such as liver; all if left out."),
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="The equations as LaTeX.")] = False,
    diagram: Annotated[
        bool, typer.Option("--diagram", help="Who acts on whom, as a Mermaid diagram.")
    ] = False,
    chain: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--chain",
            metavar="START END",
            help="How one thing acts on another, such as augmentation/intravenous lung.density.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Say what is in the model: who acts on which quantity, in which unit, resting on what."""
    if latex + diagram + (chain is not None) > 1:
        raise InputError("--latex, --diagram and --chain are three things; ask for one at a time")
    if chain is not None and module is not None:
        raise InputError(f"--chain runs through the whole model; leave out '{module}'")
    from antitrypsim.foundations.files import write_file
    from antitrypsim.foundations.plain import json_text
    from antitrypsim.modelling.explain import chain as find_chain
    from antitrypsim.modelling.explain import (
        chain_to_text,
        to_diagram,
        to_latex,
        to_text,
        ways,
        ways_to_text,
    )
    from antitrypsim.runs.requests.explain import ExplainRequest
    from antitrypsim.therapies import build_model

    request = ExplainRequest.asked(module=module)
    check_outputs([], json=json)
    chosen = None if module is None else _module(module)
    model = build_model()
    answer = request.answer()
    if json is not None:
        write_file(json, json_text(request.data(answer)))
    if chain is not None:
        print(chain_to_text(find_chain(model, *chain), model.meanings), end="")
    elif diagram:
        print(to_diagram(model, module), end="")
    elif latex:
        print(to_latex(chosen or model))
    else:
        if module is not None:
            meanings = model.meanings | {dose.name: dose.meaning for dose in model.doses}
            own = [e.mechanism for e in model.effects if e.module == module and e.mechanism]
            print(ways_to_text(ways(model, module), meanings, own), end="")
        print(to_text(answer), end="")


def _module(name: str) -> Module:
    from antitrypsim.organs import organ_modules
    from antitrypsim.therapies import therapy_modules

    found = {module.name: module for module in (*organ_modules(), *therapy_modules())}
    if name not in found:
        hint = nearest(name, list(found)) or f"; there is {', '.join(found)}"
        raise ModelError(f"no module '{name}'{hint}")
    return found[name]
