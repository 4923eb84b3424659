"""Who asks: found before anything is answered, and what they may do."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Literal

from fastapi import Request

AccessScope = Literal["read", "correct", "ingest", "admin"]
SCOPES: tuple[AccessScope, ...] = ("read", "correct", "ingest", "admin")


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
        return scope in self.scopes or "admin" in self.scopes


def local_caller() -> Caller:
    """Whoever sits at this machine: everything is theirs as long as there are no keys."""
    return Caller(getpass.getuser(), "", frozenset(SCOPES))


def caller_of(request: Request) -> Caller:
    """Who asks, as found before the request came here."""
    caller = request.scope.get("state", {}).get("caller")
    return caller if isinstance(caller, Caller) else local_caller()
