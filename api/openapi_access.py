"""What the OpenAPI document says of access: the key, what each operation needs, how often."""

from __future__ import annotations

from typing import Any

from api.authentication import needed
from api.problems import documented

_SCHEME = "key"
_REFUSALS = (401, 403, 429)
_DESCRIPTIONS = {
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key's scopes do not reach that far.",
    503: "The week is being run anew; Retry-After says when to ask again.",
    429: "Too many requests a minute; Retry-After says when the next one is answered.",
}


def document_access(schema: dict[str, Any]) -> None:
    """Add the security scheme, and to each operation the scope it needs and how it is refused.

    While there are no keys, requests from the server's own machine need none; the document
    describes a server that has some.
    """
    schema.setdefault("components", {})["securitySchemes"] = {
        _SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "gsk_ID_SECRET",
            "description": "A key that `groundswell keys create` printed. Scopes: read (every "
            "GET), correct (corrections), ingest (feedback and events), admin (everything). "
            "While there is no key, the server answers its own machine only, without one.",
        }
    }
    for path, operations in schema.get("paths", {}).items():
        for method, operation in operations.items():
            scope = needed(method.upper(), path)
            if scope is None:
                operation["security"] = []
                continue
            operation["security"] = [{_SCHEME: [scope]}]
            # What a week published can be asked for by every list, and may be in the making.
            refusals = (*_REFUSALS, 503) if method == "get" else _REFUSALS
            for status, response in documented(*refusals).items():
                told = {**response, "description": _DESCRIPTIONS[int(status)]}
                operation["responses"].setdefault(str(status), told)
