"""Who may ask, and how much: host, origin, token and size are looked at before anything else.

A page of another site could otherwise make a reader's browser ask this server (DNS rebinding, a
forged post). The token is in the address that the console prints, and then in a cookie that no
script reads and no other site sends.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1_000_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_OPEN = "/assets/"
"""What holds no answer and needs no token: the built page itself."""
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Antitrypsim</title></head><body><h1>Antitrypsim</h1>'
    "<p>{}</p><p>What stands behind '#' in a link stays: put it behind that address.</p></body></html>"
)


class Guard:
    """Passes on what may be asked; refuses the rest in one sentence.

    ``hosts`` are the names with ports by which this server is reached.
    """

    def __init__(self, app: App, *, token: str, hosts: Iterable[str]) -> None:
        self.app = app
        self.token = token
        self.hosts = frozenset(hosts)
        self.cookie = f"antitrypsim-{content_of(self.hosts)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {name.lower() for name, _ in message.get("headers", ())}
                more = [
                    (n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in told
                ]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            shown = scope["path"] == "/" and "text/html" in headers.get("accept", "")
            await _say(sealed, *refusal, page=shown)
        elif self._enters(scope):
            await _enter(sealed, self.cookie, self.token)
        else:
            await self.app(scope, _bounded(receive), sealed)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        if headers.get("host", "") not in self.hosts:
            return 403, "this server is not called so; open the address that the console printed"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] not in self.hosts:
            return 403, "another site may not ask here"
        if headers.get("sec-fetch-site") == "cross-site" and not self._enters(scope):
            return 403, "another site may not ask here"
        said = headers.get("content-length", "0")
        if not said.isdecimal() or int(said) > LARGEST_BODY:
            return 413, f"more than {LARGEST_BODY:,} bytes are no question"
        if "transfer-encoding" in headers:
            return 411, "a question says its length"
        if scope["path"].startswith(_OPEN) or self._enters(scope) or self._known(headers):
            return None
        return 403, "this needs the token; open the address that the console printed"

    def _enters(self, scope: Scope) -> bool:
        """Whether somebody comes with the token in the address."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return False
        said = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=None)
        return any(self._is(word) for word in said.get("token", ()))

    def _known(self, headers: dict[str, str]) -> bool:
        try:
            held = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            held = None
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return self._is(bearer) or (held is not None and self._is(held.value))

    def _is(self, word: str) -> bool:
        return secrets.compare_digest(word.encode(), self.token.encode())


def content_of(hosts: Iterable[str]) -> str:
    """Return the port that hosts share: cookies do not tell ports apart, so that their names have to."""
    return min(hosts).rpartition(":")[2]


def _bounded(receive: Receive) -> Receive:
    """Return what is received, and an end of it where it grows too long."""
    left = LARGEST_BODY

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return bounded


async def _say(send: Send, status: int, sentence: str, *, page: bool = False) -> None:
    """Refuse in a sentence, to whoever opens the page as something to be read."""
    said = json.dumps({"sentence": sentence, "key": None, "code": "refused"})
    if page:
        said = _PAGE.format(escape(f"{sentence[0].upper()}{sentence[1:]}."))
    body, kind = said.encode(), b"text/html; charset=utf-8" if page else b"application/json"
    head = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _enter(send: Send, cookie: str, token: str) -> None:
    """Put the token into a cookie and the address without it into the bar; the fragment stays."""
    held = f"{cookie}={token}; HttpOnly; SameSite=Strict; Path=/"
    head = [(b"location", b"/"), (b"set-cookie", held.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": head})
    await send({"type": "http.response.body", "body": b""})
