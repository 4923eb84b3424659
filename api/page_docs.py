"""PAGES.md: each page with its address, template and context, and every field's meaning.

The text is made from the context dataclasses and their docstrings; a test holds the file, this
module and the pages themselves together. Write it anew: `python -m api.page_docs > PAGES.md`.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel

import api
from api.page_map import page_map

_OURS = ("api.", "nlp.", "report.", "service.", "store.", "labels.")


# Fields that mean the same everywhere; a docstring that says more comes first.
_SHARED = {
    "action": "Where the form is sent",
    "all_themes": "Themes there are, filtered or not",
    "cause_id": "The root cause's id",
    "confidence": "How sure the evidence is, 0 to 1",
    "contact": "How to reach them",
    "customers": "Different customers",
    "day": "ISO date",
    "earlier": "The published week before; none at the first",
    "effort": "What it takes to mend, as people set it",
    "event": "The dated event beside it",
    "export_href": "Address of the rows shown as a file",
    "filtered": "Whether any filter is in force",
    "found": "How many there are, filters in force",
    "impact": "Harm per mention, 0 to 1",
    "impact_high": "Upper end of its interval",
    "impact_low": "Lower end of its interval",
    "kind": "What kind it is",
    "label": "The theme's name",
    "later": "The next published week; none at the last",
    "latest": "The last published week",
    "levels": "Narrow or broad themes, to choose from",
    "lift": "How many times as frequent as elsewhere or before",
    "lift_high": "Upper end of its interval",
    "lift_low": "Lower end of its interval",
    "moment": "When it was decided",
    "more_shifts": "Ranks that change beside those shown",
    "name": "Its name, for people",
    "near": "(id, name) of the nearest themes in meaning",
    "next_cursor": "Where the next page begins; none on the last one",
    "not_applied": "What cannot be done, and why",
    "note": "What to say beside it, in words",
    "notes": "What to know before deciding",
    "onset": "ISO date it began",
    "others": "(id, name) of all others, by name",
    "owner": "Who owns it; none where nobody was matched",
    "owner_id": "The owner's id; empty where nobody was matched",
    "owner_name": "The owner's name",
    "owners": "(id, name) of the owners to choose from",
    "parts": "(id, name) of the narrower themes",
    "q_value": "Share of such findings that would be chance",
    "rank": "Place among all that are ranked; none where it is not",
    "rank_high": "Last place it could as well stand at",
    "rank_low": "First place it could as well stand at",
    "ranked": "How many have a rank",
    "reach": "Different customers in the weeks counted",
    "rows": "The table's rows, in the order shown",
    "score": "Reach x impact x confidence / effort",
    "section": "The entry of the main navigation marked as the current page",
    "share_of_theme": "Part of the theme's customers, 0 to 1",
    "segment_weeks": "Weeks that segments are compared on",
    "stage": "Where on the customer's journey; none where it is not placed",
    "stages": "(id, name) of the journey's stages to choose from",
    "sorts": "The orders to choose from",
    "standing": "How it stands, in words",
    "state": "How sure it is, by evidence or by a person's word",
    "statement": "The statement, word for word",
    "statement_total": "All statements, on further pages too",
    "statements": "Statements",
    "states": "The states to choose from",
    "statuses": "What a week can say of a trend, to choose from",
    "strength": "How strong the evidence is, in words",
    "text": "What it is, in plain words",
    "theme_id": "The theme's id",
    "theme_label": "The theme's name",
    "theme_total": "Themes that hold any of it",
    "total": "How many there are in all, on further pages too",
    "trend": "What the week says of its change",
    "typical": "What says best what the theme means, the most typical first",
    "week": "The published week shown",
    "weeks": "The published weeks to choose from",
    "who": "Who decides",
    "why": "Why, in their words",
}
_FAMILIES = {
    "chosen_": "The filter in force; empty for none",
    "more_": "Whether there are more than are shown",
}
# Characters of a docstring's name list: "coverage_leaf, coverage_any:" or "`rows`:".
_NAMES = re.compile(r"(?<![\w`])((?:`?[a-z_]+\*?`?, )*`?[a-z_]+\*?`?): ")


def context_classes() -> dict[str, type[Any]]:
    """Class name -> dataclass, for all that `api/page_contexts.py` and its like define.

    Raises:
        ValueError: when two of these modules define the same name.
    """
    found: dict[str, type[Any]] = {}
    for module in iter_modules(api.__path__):
        if not module.name.endswith("_contexts"):
            continue
        loaded = import_module(f"api.{module.name}")
        for name, member in inspect.getmembers(loaded, inspect.isclass):
            if member.__module__ != loaded.__name__ or not dataclasses.is_dataclass(member):
                continue
            if name in found:
                raise ValueError(f"{name} is defined in {found[name].__module__} and {module.name}")
            found[name] = member
    return dict(sorted(found.items()))


def meanings(kind: type[Any]) -> dict[str, str]:
    """Field -> what its docstring says of it, else what it means everywhere, else its type's."""
    if issubclass(kind, BaseModel):
        return {name: info.description or "" for name, info in kind.model_fields.items()}
    names = [item.name for item in dataclasses.fields(kind)]
    told = _told(inspect.getdoc(kind) or "", names)
    hints = typing.get_type_hints(kind)
    found: dict[str, str] = {}
    for name in names:
        family = next((said for start, said in _FAMILIES.items() if name.startswith(start)), "")
        shared = _SHARED.get(name, family)
        typed = next((_first_sentence(part) for part in _parts(hints[name])), "")
        found[name] = told.get(name) or shared or typed
    return found


def describe() -> str:
    """The content of PAGES.md."""
    classes = context_classes()
    lines = [
        "# Pages",
        "",
        "What every page shows, as data: a template sees the fields of its context and nothing",
        "else. This file is written by `python -m api.page_docs` from the dataclasses and their",
        "docstrings; a test keeps it true.",
    ]
    pages = page_map(classes)
    for page in pages:
        kind = classes[page.context]
        lines += ["", f"## {', '.join(f'`{address}`' for address in page.addresses)}", ""]
        lines += [f"`{page.template}` shows `{page.context}`: {_first_sentence(kind)}", ""]
        lines += _table(kind)
    parts = _reachable(classes[page.context] for page in pages)
    lines += ["", "# Parts", "", "What the fields above are made of, by name."]
    for kind in sorted(parts, key=lambda one: (one.__name__, one.__module__)):
        lines += ["", f"## {kind.__name__}", "", _escaped(_summary(kind)), "", *_table(kind)]
    return "\n".join(lines) + "\n"


def _table(kind: type[Any]) -> list[str]:
    types = _written_types(kind)
    rows = [
        f"| `{name}` | `{_escaped(types[name])}` | {_escaped(meaning)} |"
        for name, meaning in meanings(kind).items()
    ]
    return ["| field | type | what it says |", "|---|---|---|", *rows]


def _written_types(kind: type[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found.update({name: str(text) for name, text in inspect.get_annotations(base).items()})
    return found


def _told(doc: str, names: list[str]) -> dict[str, str]:
    """The parts of a docstring that begin with names of fields and a colon."""
    text = " ".join(doc.split())
    marks: list[tuple[int, int, list[str]]] = []
    for mark in _NAMES.finditer(text):
        said = [name.strip("`") for name in mark[1].split(", ")]
        fields = [
            name
            for pattern in said
            for name in names
            if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))
        ]
        if fields:
            marks.append((mark.start(), mark.end(), fields))
    found: dict[str, str] = {}
    for number, (_, start, fields) in enumerate(marks):
        end = marks[number + 1][0] if number + 1 < len(marks) else len(text)
        meaning = text[start:end].strip().rstrip(".")
        found.update(dict.fromkeys(fields, meaning[:1].upper() + meaning[1:]))
    return found


def _summary(kind: type[Any]) -> str:
    """The docstring up to where it begins to tell of single fields."""
    text = " ".join((inspect.getdoc(kind) or "").split())
    names = set(meanings(kind))
    for mark in _NAMES.finditer(text):
        if {name.strip("`*") for name in mark[1].split(", ")} & names:
            return text[: mark.start()].strip()
    return text


def _first_sentence(kind: type[Any]) -> str:
    return f"{_summary(kind).partition('. ')[0].rstrip('.')}."


def _parts(hint: Any) -> Iterator[type[Any]]:
    """Our own classes that a type is made of, in its order."""
    if inspect.isclass(hint) and hint.__module__.startswith(_OURS):
        if dataclasses.is_dataclass(hint) or issubclass(hint, BaseModel):
            yield hint
        return
    for inner in typing.get_args(hint):
        yield from _parts(inner)


def _reachable(pages: Iterable[type[Any]]) -> set[type[Any]]:
    """All classes of ours that pages are made of, the pages themselves left out."""
    waiting = list(pages)
    top = set(waiting)
    found: set[type[Any]] = set()
    while waiting:
        kind = waiting.pop()
        for hint in typing.get_type_hints(kind).values():
            new = [part for part in _parts(hint) if part not in found]
            found.update(new)
            waiting.extend(new)
    return found - top


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(describe())
