"""Every page there is, found in the app's own routes, so that a new one cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute

from api.app import create_app
from api.settings import Settings
from tests.api.conftest import BROAD, CAUSE, GONE, HOSTILE, LAST, LOGIN, REJECTED

# What may stand for the parameter of an address in the store of `tests.api.conftest.fill`.
STORE: Mapping[str, Sequence[str]] = {
    "week": (LAST, "2026-W46"),
    "theme_id": (LOGIN, HOSTILE, BROAD),
    "cause_id": (CAUSE, REJECTED, GONE),
    "owner_id": ("accounts_access", "gone"),
    "statement_id": ("desk/001#0",),
}
# Addresses whose pages look otherwise with a question in them.
ASKED = (
    "/themes?status=rising&owner=accounts_access&stage=sign_in",
    "/causes?state=confirmed",
    "/causes?week=2026-W46&state=corroborated",
    "/no/such/page",
    "/themes/T-none",
)
# Not pages: what machines read, and files that pages refer to.
_MACHINE = re.compile(r"/(v1|static|healthz|readyz|openapi\.json|metrics)(/|$)")
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


def page_paths() -> tuple[str, ...]:
    """The paths of all pages, with their parameters in braces."""
    app = create_app(Settings(home=Path(), database_url="sqlite://", labels_dir=None))
    return tuple(
        sorted(
            {
                route.path
                for route in _routes(app.routes)
                if isinstance(route, APIRoute)
                and "GET" in (route.methods or ())
                and not _MACHINE.match(route.path)
            }
        )
    )


def addresses(path: str, store: Mapping[str, Sequence[str]] = STORE) -> list[str]:
    """Addresses of a path in a store; a parameter that is new fails until it is said what it is."""
    found = [path]
    for match in _PARAMETER.finditer(path):
        name = match[1]
        assert name in store, f"say in {__name__} what may stand for {{{name}}} of {path}"
        found = [
            one.replace(match[0], quote(value, safe="")) for one in found for value in store[name]
        ]
    return found


def _routes(routes: Sequence[Any]) -> Iterator[Any]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _routes(inner.routes)
