"""Open the page: a server on this machine, a token, and the address to open."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, reason_of

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WANTED = "the page needs the extra 'page'; install it with: pip install \"antitrypsim[page]\""


def default_folder() -> Path:
    """Return where answers are kept unless another folder is named."""
    import platformdirs

    return Path(platformdirs.user_data_dir("antitrypsim")) / "page"


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    folder: str | Path | None = None,
    token: str | None = None,
    opened: Callable[[str], object] = lambda address: None,
    threads: int = 2,
) -> None:
    """Serve the page until it is interrupted; ``opened`` is told the address once it answers.

    ``host`` is the name or address to listen at; beyond this machine's own it is reached by whoever
    has the token. ``port`` 0 takes a free one. ``folder`` keeps the answers. Raises InputError where
    the extra is missing, the port is taken, or the folder cannot be.
    """
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise InputError(_WANTED)
    import uvicorn

    from antitrypsim.web.app import create_app
    from antitrypsim.web.guard import Guard
    from antitrypsim.web.jobs import Jobs

    token = token or secrets.token_urlsafe(24)
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    jobs = Jobs(_folder(folder), threads=threads)
    names = {host, *(LOOPBACK if host in LOOPBACK else ())}
    hosts = {f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names}
    app = Guard(create_app(jobs), token=token, hosts=hosts)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/?token={token}"
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)

    def ready() -> None:
        threading.Thread(target=_warm, daemon=True).start()
        opened(address)

    server = _server(config, ready)
    try:
        server.run(sockets=[listening])
    finally:
        jobs.close()


def _warm() -> None:
    """Import and read what the first reader and the first question need; the page does not wait for it."""
    from antitrypsim.web.asked import asked
    from antitrypsim.web.rooms import house
    from antitrypsim.web.strip import strip

    house()
    strip(asked({"request": "patient", "uncertainty": 2}), None)


def _server(config: uvicorn.Config, ready: Callable[[], object]) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Tells when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    return Server(config)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except (OSError, OverflowError) as problem:
        found.close()
        raise InputError(
            f"the page cannot be served at {host}, port {port}: {reason_of(problem)}; name another with --port"
        ) from problem
    return found


def _folder(folder: str | Path | None) -> Path:
    place = default_folder() if folder is None else Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        probe = place / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise InputError(
            f"answers cannot be kept here: {reason_of(problem)}", path=str(place)
        ) from problem
    return place
