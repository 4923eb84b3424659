"""Who asks: found before anything is answered, and what they may do."""

from __future__ import annotations

import getpass
import os
from collections.abc import Collection
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from store.access_keys import SCOPES, AccessScope

__all__ = [
    "SCOPES",
    "AccessScope",
    "Caller",
    "caller_in",
    "caller_of",
    "local_caller",
    "may",
    "stranger",
]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks. `key_id`: "" without keys, when only this machine's people can ask.

    `name` stands as "who" beside decisions. `csrf`: what a form of theirs must bring; "" for
    callers that bring a key with every request.
    """

    name: str
    key_id: str
    scopes: frozenset[AccessScope]
    csrf: str = ""

    def may(self, scope: AccessScope) -> bool:
        """Whether they may; who administers may everything."""
        return may(self.scopes, scope)


def may(scopes: Collection[AccessScope], wanted: AccessScope) -> bool:
    """Whether these scopes reach that far; who administers may everything."""
    return wanted in scopes or "admin" in scopes


def local_caller(*, csrf: str = "") -> Caller:
    """Whoever sits at this machine: everything is theirs as long as there are no keys."""
    return Caller(_login(), "", frozenset(SCOPES), csrf)


def stranger(*, csrf: str = "") -> Caller:
    """Somebody who brought neither key nor session: what is open to everybody is theirs."""
    return Caller("", "", frozenset(), csrf)


def caller_of(request: Request) -> Caller:
    """Who asks, as found before the request came here."""
    return caller_in(request.scope)


def caller_in(scope: Scope) -> Caller:
    """Who asks; a stranger when nobody looked, so that a forgotten layer opens nothing."""
    caller = scope.get("state", {}).get("caller")
    return caller if isinstance(caller, Caller) else stranger()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"uid {os.getuid()}"
