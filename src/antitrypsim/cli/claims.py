"""``antitrypsim claims``: what is claimed of these therapies, and what is known of it."""

from __future__ import annotations

import re
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, check_outputs
from antitrypsim.cli.evidence import line, table
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.width import page_width

if TYPE_CHECKING:
    from antitrypsim.evidence import Claim, Registry

_COLOURS = (
    ("contradicted", "red"),
    ("not supported", "red"),
    ("no source", "magenta"),
    ("supported", "green"),
    ("", "yellow"),
)
_GAP = "  "


def claims(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One claim, such as CLAIM-15.")
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option(
            "--verdict",
            metavar="WORDS",
            help="Only claims with this verdict, such as contradicted.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """List the claims made of regenerative therapy, their verdicts and the nearest evidence."""
    from antitrypsim.evidence import load_registry
    from antitrypsim.foundations.errors import InputError
    from antitrypsim.protocols import claims_tested

    if json is not None:
        check_outputs([], json=json)
    registry = load_registry()
    if id is not None and verdict is not None:
        raise InputError("one claim by its id needs no --verdict; give one of the two")
    if id is not None:
        chosen = [registry.claim(id.strip().upper())]
    else:
        chosen = _with_verdict(list(registry.claims.values()), verdict)
    tested = claims_tested()
    if json is not None:
        _write(json, chosen, registry, tested)
    if id is not None:
        print("\n".join(_whole(chosen[0], registry, tested)))
    else:
        _list(chosen)
    if json is not None:
        print(f"Claims as JSON: {json}")


def _with_verdict(every: list[Claim], words: str | None) -> list[Claim]:
    """Return the claims whose verdict says the words; 'not supported' does not say 'supported'."""
    if words is None:
        return every
    asked = " ".join(words.split()).casefold()
    pattern = re.compile(rf"(?<!not )\b{re.escape(asked)}")
    found = [claim for claim in every if asked and pattern.search(claim.verdict.casefold())]
    if not found:
        from antitrypsim.foundations.errors import EvidenceError, nearest

        known = tuple(dict.fromkeys(claim.verdict for claim in every))
        hint = nearest(words, known) or "; try contradicted, supported, plausible or 'no source'"
        raise EvidenceError(f"no claim has the verdict '{words}'{hint}")
    return found


def _list(chosen: list[Claim]) -> None:
    width = max(len(claim.id) for claim in chosen)
    indent = " " * (width + len(_GAP))
    for claim in chosen:
        _say(f"{claim.id:<{width}}{_GAP}", claim.verdict)
        print(
            textwrap.fill(
                claim.claim, page_width(), initial_indent=indent, subsequent_indent=indent
            )
        )
    print(
        f"\n{len(chosen)} claims. One by its id says more: antitrypsim claims {chosen[0].id}"
        if len(chosen) > 1
        else f"\n1 claim. It says more by its id: antitrypsim claims {chosen[0].id}"
    )


def _say(start: str, verdict: str) -> None:
    """Print a line, the verdict in its colour where a terminal shows colours."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        colour = next(c for word, c in _COLOURS if verdict.startswith(word))
        Console(highlight=False).print(Text(start).append(verdict, style=colour))
    else:
        print(f"{start}{verdict}")


def _whole(claim: Claim, registry: Registry, tested: dict[str, tuple[str, ...]]) -> list[str]:
    lines = table(
        [
            ("claim", claim.id),
            ("what is said", claim.claim),
            ("verdict", claim.verdict),
            ("nearest evidence", claim.nearest_evidence),
        ]
    )
    facts = [registry.facts[id] for id in claim.facts if id in registry.facts]
    if facts:
        lines += ["", "The facts that it names:"]
    for fact in facts:
        known = f"{fact.known}, {fact.confidence} confidence" if fact.confidence else fact.known
        lines.append(line(fact))
        for parts in ((fact.uncertainty, fact.population), (fact.source, fact.identifier, known)):
            if text := "; ".join(part for part in parts if part):
                lines.append(
                    textwrap.fill(
                        text, page_width(), initial_indent="    ", subsequent_indent="    ",
                        break_on_hyphens=False, break_long_words=False,
                    )
                )  # fmt: skip
    names = tested.get(claim.id, ())
    if names:
        lines += ["", "Worked backwards by: " + ", ".join(f"antitrypsim run {n}" for n in names)]
    else:
        lines += ["", "No bundled protocol works it backwards."]
    return lines


def _write(
    file: str, chosen: list[Claim], registry: Registry, tested: dict[str, tuple[str, ...]]
) -> None:
    import json
    from dataclasses import asdict

    from antitrypsim.foundations.files import write_file
    from antitrypsim.foundations.provenance import SCHEMA_VERSION

    data: Plain = {
        "schema": SCHEMA_VERSION,
        "kind": "claims",
        "claims": [
            {
                "id": claim.id,
                "claim": claim.claim,
                "verdict": claim.verdict,
                "nearest_evidence": claim.nearest_evidence,
                "facts": [asdict(registry.facts[i]) for i in claim.facts if i in registry.facts],
                "protocols": list(tested.get(claim.id, ())),
            }
            for claim in chosen
        ],
    }
    write_file(file, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
