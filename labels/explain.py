"""Turns pydantic's findings into sentences with file, line, key and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from labels.errors import LabelsError, Problem
from labels.ownership import ID_PATTERN
from labels.yamlfile import YamlFile, dotted

_WANTED = {
    "string_type": "expects text{has}; put it in quotes",
    "string_too_short": "is empty; write some text or take the key out",
    "string_pattern_mismatch": "expects an id (small letters, digits, - and _){has}",
    "float_type": "expects a number{has}",
    "finite_number": "expects a finite number{has}",
    "int_type": "expects a whole number{has}",
    "tuple_type": 'expects a list (lines that begin with "- "){has}',
    "dict_type": "expects keys with values (key: value){has}",
    "model_type": "expects keys with values (key: value){has}",
    "missing": "is missing; add it",
}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_LENGTHS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}


def explain(error: ValidationError, model: type[BaseModel], file: YamlFile) -> LabelsError:
    """The same findings as a `LabelsError`, one problem each."""
    return LabelsError(tuple(_problem(found, model, file) for found in error.errors()))


def did_you_mean(name: str, known: Collection[str]) -> str:
    """`did you mean 'owns'? Known: ...`."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known: {', '.join(known)}"


def _problem(found: ErrorDetails, model: type[BaseModel], file: YamlFile) -> Problem:
    keys = tuple(key for key in found["loc"] if key != "[key]")
    if found["type"] == "extra_forbidden":
        known = _known_keys(model, keys[:-1])
        message = f"unknown key; {did_you_mean(str(keys[-1]), known)}"
    else:
        # Addresses to send to may hold passwords.
        has = "" if "deliver" in keys else f", has {_shown(found['input'])}"
        message = _sentence(found).replace("{has}", has)
    return Problem(str(file.path), file.line_of(keys), dotted(keys), message)


def _sentence(found: ErrorDetails) -> str:
    """What was expected; `{has}` stands where the value that is there is shown."""
    kind, context = found["type"], found.get("ctx", {})
    if found["input"] is None:
        sentence = "has no value; write one, or take the key out"
    elif kind == "value_error":
        sentence = str(context["error"])
    elif kind == "literal_error":
        sentence = f"expects {context['expected']}{{has}}"
    elif kind == "string_pattern_mismatch" and context["pattern"] != ID_PATTERN:
        sentence = "expects a word or phrase, with * at most at its end{has}"
    elif kind in _WANTED:
        sentence = _WANTED[kind]
    elif bound := next((name for name in _BOUNDS if name in context), None):
        sentence = f"must be {_BOUNDS[bound]} {context[bound]:g}{{has}}"
    elif kind in {"too_short", "too_long"}:
        word, name = _LENGTHS[kind]
        sentence = f"must have {word} {context[name]} item(s), has {context['actual_length']}"
    else:
        sentence = f"{found['msg']}{{has}}"
    return sentence


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()} (YAML reads yes, no, on, off as truth values)"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "keys with values"
    return repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}..."


def _known_keys(model: type[BaseModel], keys: tuple[str | int, ...]) -> list[str]:
    current = model
    for key in keys:
        field = current.model_fields.get(str(key))
        if field is not None:
            current = _model_in(field.annotation) or current
    return list(current.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_in(part)
        if found is not None:
            return found
    return None
