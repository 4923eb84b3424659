"""A form of a page as the correction the API takes: one set of bounds, errors in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import ValidationError

from api.schemas.correction_kinds import (
    CORRECTION_IN,
    MAX_EXAMPLES,
    MAX_PARTS,
    MAX_WHY,
    CorrectionIn,
)
from store.deciding import MAX_LABEL, DecisionError

PARTS = ("A", "B", "C", "D")  # what a page offers; a file or the API may have more
assert len(PARTS) <= MAX_PARTS

_EXAMPLE = "in_"  # and a statement's id: the field that says of which part it is an example

_SAYS = {
    "why": f"Say why, in at most {MAX_WHY:,} characters; whoever reads it in a year will ask.",
    "label": f"Give a name of at most {MAX_LABEL} characters.",
    "owner_id": "Choose an owner.",
    "into": "Choose the theme to merge it into.",
    "theme_id": "Choose a theme.",
    "effort": "Give a number above 0 and at most 10,000; 1 is what an unknown effort counts as.",
    "parts": f"Choose examples of at least two parts, at most {MAX_EXAMPLES} of each; a part’s "
    f"name may have {MAX_LABEL} characters.",
    "statements": "Give the id of the other statement, as it stands below it.",
}


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a posted form; of a name given twice, the last. Files are refused.

    Raises:
        HTTPException: 400, when the body is no form.
    """
    async with request.form(max_files=0, max_fields=1000) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


TypedForm = Annotated[dict[str, str], Depends(read_form)]


def read_correction(
    kind: str, typed: Mapping[str, str], subject: Mapping[str, str]
) -> CorrectionIn:
    """The correction a form asks for.

    Args:
        typed: what the form said. subject: what its page is about, by the API's names.

    Raises:
        DecisionError: saying what to enter instead.
    """
    wanted: dict[str, Any] = {"kind": kind, "why": _line(typed, "why")}
    match kind:
        case "rename":
            wanted |= {"theme_id": subject["theme_id"], "label": _line(typed, "label")}
        case "owner":
            wanted |= {"theme_id": subject["theme_id"], "owner_id": _line(typed, "owner_id")}
        case "merge":
            wanted |= {"theme_id": subject["theme_id"], "into": _line(typed, "into")}
        case "split":
            wanted |= {"theme_id": subject["theme_id"], "parts": _parts(typed)}
        case "effort":
            name = "theme_id" if "theme_id" in subject else "owner_id"
            wanted |= {name: subject[name], "effort": _line(typed, "effort")}
        case "move":
            wanted |= {"statement": subject["statement"], "theme_id": _line(typed, "theme_id")}
        case "must-link" | "cannot-link":
            wanted |= {"statements": [subject["statement"], _line(typed, "other")]}
        case "confirm-cause" | "reject-cause":
            wanted |= {"cause_id": subject["cause_id"]}
        case _:
            wanted |= {"theme_id": subject["theme_id"]}
    try:
        return CORRECTION_IN.validate_python(wanted)
    except ValidationError as error:
        # A place is (kind, field, ...); what a person can do about it follows from the field.
        fields = [str(one["loc"][1]) for one in error.errors() if len(one["loc"]) > 1]
        known = next(
            (_SAYS[name] for name in fields if name in _SAYS), str(error.errors()[0]["msg"])
        )
        raise DecisionError(known) from error


def sent_again(typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The fields that a preview carries to its confirmation."""
    return tuple(
        (name, value)
        for name, value in typed.items()
        if name not in {"csrf", "moment"} and (value or not name.startswith(_EXAMPLE))
    )


def read_moment(typed: Mapping[str, str]) -> dt.datetime | None:
    """When the preview was made that is confirmed; None when there is to be a preview first.

    Raises:
        DecisionError: it is no moment.
    """
    text = typed.get("moment", "")
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise DecisionError("this preview cannot be confirmed; look at the new one") from error


def _line(typed: Mapping[str, str], name: str) -> str:
    return " ".join(typed.get(name, "").split())


def _parts(typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Examples by part, in the order of the page; a part without examples is none."""
    chosen: dict[str, list[str]] = {name: [] for name in PARTS}
    for name, part in typed.items():
        if name.startswith(_EXAMPLE) and part in chosen:
            chosen[part].append(name.removeprefix(_EXAMPLE))
    return [
        {"label": _line(typed, f"label_{name}") or None, "statements": ids}
        for name, ids in chosen.items()
        if ids
    ]
