"""Answers of the layers before the app: a page for people, a problem document for machines."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from api.problems import Problem, respond
from api.rendering import error_page

_MACHINE = ("/v1/", "/healthz", "/readyz", "/openapi.json", "/metrics")


def for_machines(path: str) -> bool:
    """Whether only programs ask for this address."""
    return path == "/v1" or path.startswith(_MACHINE)


def takes_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, or sends one of its forms."""
    accepted = Headers(scope=scope).get("accept", "")
    return not for_machines(scope["path"]) and "text/html" in accepted


def refuse(scope: Scope, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as whoever asks can read it."""
    if takes_page(scope):
        return error_page(problem, headers)
    return respond(problem, headers)
