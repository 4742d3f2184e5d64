"""``antitrypsim page``: the laboratory in a browser."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from antitrypsim.cli.console import NAME, Threads


def page(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8765,
    host: Annotated[
        str,
        typer.Option(
            "--host", help="Where to listen; other machines reach the page only where this says so."
        ),
    ] = "127.0.0.1",
    folder: Annotated[
        str | None,
        typer.Option("--folder", metavar="DIR", help="Where answers are kept between sessions."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    threads: Threads = 2,
) -> None:
    """Open the page: a person, therapies compared, a trial, its power, the evidence.

    It is served by this machine to itself, and needs no network.
    """
    from antitrypsim.web.serve import LOOPBACK, serve

    def opened(address: str) -> None:
        if host not in LOOPBACK:
            print(
                f"{NAME}: other machines reach this page: whoever has the address with its token "
                "can compute here",
                file=sys.stderr,
            )
        print(f"The page is at {address}\nStop it with Ctrl-C.", flush=True)
        if browser:
            import webbrowser

            webbrowser.open(address)

    serve(host=host, port=port, folder=folder, opened=opened, threads=threads)
