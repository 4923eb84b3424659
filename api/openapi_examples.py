"""An example for every answer in the OpenAPI document, put together from those of its parts."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

_JSON = "application/json"
# What a field of this name looks like, where its schema says no more than its type.
_NAMED: dict[str, Any] = {
    "id": "T-4f2a91c07b",
    "theme_id": "T-4f2a91c07b",
    "cause_id": "R-51c7a0be42",
    "statement_id": "zendesk/1842#0",
    "feedback_id": "1842",
    "owner_id": "accounts_access",
    "owner": "Accounts & access",
    "contact": "head-of-platform@example.com",
    "stage": "Sign in",
    "stage_id": "sign_in",
    "label": "signed out again and again",
    "theme_label": "signed out again and again",
    "name": "Accounts & access",
    "title": "signed out again and again",
    "text": "The app signs me out every time since I updated to 4.2",
    "statement": "The app signs me out every time since I updated to 4.2",
    "source": "zendesk",
    "kind": "ticket",
    "week": "2026-W46",
    "last_week": "2026-W46",
    "first_week": "2026-W40",
    "born_week": "2026-W40",
    "first_day": "2026-11-09",
    "last_day": "2026-11-15",
    "day": "2026-11-10",
    "month": "2026-10",
    "who": "ana",
    "why": "seen in the log",
    "reason": "nearest responsibility: signing in and being logged out",
    "code_version": "0.1.0",
}
_TYPED: dict[str, Any] = {"string": "", "integer": 12, "number": 0.42, "boolean": False}
_FORMATS = {"date-time": "2026-11-10T09:12:00Z", "date": "2026-11-10"}


def document_examples(document: dict[str, Any]) -> None:
    """Add an example to each JSON answer, and complete those that the parts have.

    FastAPI leaves out whatever is null, also in examples, where it is required.
    """
    parts = document.get("components", {}).get("schemas", {})
    for schema in parts.values():
        if schema.get("examples"):
            schema["examples"] = [_completed(one, schema, parts) for one in schema["examples"]]
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                told = response.get("content", {}).get(_JSON)
                if told and status.startswith("2") and not {"example", "examples"} & told.keys():
                    told["example"] = example_of(told.get("schema", {}), parts)


def example_of(
    schema: dict[str, Any], parts: dict[str, Any], *, name: str = "", above: tuple[str, ...] = ()
) -> Any:
    """A value that the schema allows: its own example where it has one.

    Args:
        schema: of the value.
        parts: the document's schemas by name.
        name: of the field it is the value of.
        above: schemas it is part of, so that one that holds itself comes to an end.
    """
    found = _resolved(schema, parts)
    part = schema.get("$ref", "")
    if part and part in above:
        return None
    above = (*above, part)
    if found.get("examples"):
        return deepcopy(found["examples"][0])
    if found.get("enum"):
        return found["enum"][0]
    if "const" in found or "default" in found:
        return deepcopy(found.get("const", found.get("default")))
    if "$ref" in found:
        return example_of(found, parts, name=name, above=above)
    return _typed(found, parts, name=name, above=above)


def _typed(
    schema: dict[str, Any], parts: dict[str, Any], *, name: str, above: tuple[str, ...]
) -> Any:
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return [example_of(one, parts, name=name, above=above) for one in schema["prefixItems"]]
        held = example_of(schema.get("items", {}), parts, name=name, above=above)
        return [] if held is None else [held]
    if schema.get("type") == "object":
        return {
            field: example_of(inner, parts, name=field, above=above)
            for field, inner in schema.get("properties", {}).items()
        }
    if schema.get("type") == "string":
        return _FORMATS.get(schema.get("format", ""), _NAMED.get(name, ""))
    return _TYPED.get(schema.get("type", ""))


def _resolved(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, the part it refers to, or the first choice that is not null."""
    if "$ref" in schema:
        found: dict[str, Any] = parts[schema["$ref"].rpartition("/")[2]]
        return found
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema and not schema.get("examples"):
            return next((one for one in schema[several] if one.get("type") != "null"), {})
    return schema


def _completed(value: Any, schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """An example with the required fields that it lacks: null where that is allowed."""
    while (found := _resolved(schema, parts)) is not schema:
        schema = found
    if isinstance(value, list):
        return [_completed(one, schema.get("items", {}), parts) for one in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    fields = schema["properties"]
    lacking = [name for name in schema.get("required", ()) if name not in value]
    return {
        **{
            name: _completed(one, fields[name], parts) if name in fields else one
            for name, one in value.items()
        },
        **{
            name: None if _nullable(fields[name]) else example_of(fields[name], parts, name=name)
            for name in lacking
        },
    }


def _nullable(schema: dict[str, Any]) -> bool:
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))
