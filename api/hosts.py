"""Only names this server is known by are answered: plain ASGI, before anything is read.

Without it, a web page anywhere can point its own name at 127.0.0.1 and read the answers as if they
came from itself (DNS rebinding): the browser then sends that page's name as `Host`.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import plain, respond

# `testserver` is what Starlette's test client calls itself; nobody can register it.
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
ANY = "*"


class KnownHosts:
    """Refuses a request whose `Host`, without its port, is not among `hosts`; `*` is any."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or ANY in self.hosts:
            await self.app(scope, receive, send)
            return
        if host_name(Headers(scope=scope).get("host", "")) in self.hosts:
            await self.app(scope, receive, send)
            return
        # The name itself is not repeated: it came from outside.
        detail = (
            "this server does not answer to the host named in the request; "
            "name it in GROUNDSWELL_HOSTS if it should"
        )
        await respond(plain(400, detail))(scope, receive, send)


def known_hosts(text: str) -> frozenset[str]:
    """The names for this machine, and those of a comma list such as `GROUNDSWELL_HOSTS`.

    Raises:
        ValueError: when an entry is not the name or address of a host.
    """
    found = set(LOCAL)
    for entry in (part.strip() for part in text.split(",")):
        if not entry:
            continue
        bare = entry.count(":") > 1 and not entry.startswith(
            "["
        )  # an IPv6 address as people write it
        name = ANY if entry == ANY else host_name(f"[{entry}]" if bare else entry)
        if not name or (name != ANY and "*" in name):
            raise ValueError(
                f"GROUNDSWELL_HOSTS: {entry!r} is no host; write names or addresses with commas "
                "between them, such as feedback.example.com,10.0.0.5, or * for any"
            )
        found.add(name)
    return frozenset(found)


def host_name(value: str) -> str:
    """A `Host` value without its port and brackets, in small letters; empty when it is none."""
    if any(mark in value for mark in "/@?#\\ \t"):
        return ""
    try:
        return urlsplit(f"//{value}").hostname or ""
    except ValueError:  # brackets that hold no address
        return ""
