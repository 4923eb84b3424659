"""Handlers that turn every error into a problem document (or, for people, into a page)."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.access import caller_in
from api.bodies import SECURITY_HEADERS
from api.filling import filled_page
from api.openapi_access import document_access
from api.openapi_examples import document_examples
from api.problems import FieldError, Problem, ProblemError, plain
from api.refusals import for_machines, refuse
from api.rendering import error_page
from api.telemetry import REQUEST_ID

_LOG = logging.getLogger("groundswell.api")


def install_handlers(app: FastAPI) -> None:
    """Every error of the app is answered by one of these."""
    app.add_exception_handler(ProblemError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


def _answer(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem document for programs; a page where a person sees it."""
    if request.method in {"GET", "HEAD"} and not for_machines(request.url.path):
        return error_page(problem, headers)
    return refuse(request.scope, problem, headers)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return _answer(request, error.problem(), error.headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = {
        404: "there is nothing at this address",
        405: f"{request.method} is not possible at this address",
    }.get(error.status_code, str(error.detail))
    return _answer(request, plain(error.status_code, detail), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return _answer(request, plain(400, "the body is not valid JSON"))
    # Only place and message: the input itself may be a customer's text.
    errors = [
        FieldError(field=".".join(str(part) for part in item["loc"]), message=item["msg"])
        for item in found
    ]
    problem = Problem(
        type="urn:groundswell:problem:invalid-request",
        title="Invalid request",
        status=422,
        detail=f"{errors[0].field}: {errors[0].message}" if errors else "",
        errors=errors,
    )
    return _answer(request, problem)


async def _unexpected(request: Request, error: Exception) -> Response:
    request_id = request.scope.get("state", {}).get("request_id", "")
    _LOG.error(
        "%s %s failed (request %s)", request.method, request.url.path, request_id, exc_info=error
    )
    problem = plain(500, "something went wrong here; the server's log says what")
    # This handler runs outside all middleware, so it brings headers and the caller's own along.
    headers = {**SECURITY_HEADERS}
    if request_id:
        problem.request_id = headers[REQUEST_ID] = request_id
    return filled_page(_answer(request, problem, headers), caller_in(request.scope))


def with_problems(app: FastAPI) -> None:
    """Document the shape of errors: FastAPI's own 422 schema is replaced by Problem."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                license_info=app.license_info,
            )
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["Problem"] = problem
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            document_access(schema)
            document_examples(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
