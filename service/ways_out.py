"""Sentences that end in a command, said again for readers who have pages and an API instead."""

from __future__ import annotations

import re

# What the command line is told to do, and where a page or the API has the same.
_INSTEAD: tuple[tuple[str, str], ...] = (
    (r"; give one in quotes", "; give one"),
    (r"ids are in: groundswell export themes --out -", "ids are in the list of themes (/themes)"),
    (r"ids are in: groundswell themes list", "ids are in the list of themes (/themes)"),
    (
        r"ids are in: groundswell export statements --out -",
        "ids stand below each statement on its theme's page",
    ),
    (r"ids are in: groundswell cause list", "ids are in the list of root causes (/causes)"),
    (r"see: groundswell correct list", "see the corrections (/corrections)"),
    (r"groundswell correct undo (\d+)", r"undo correction \1 (/corrections)"),
    (r"or now: groundswell run --week (\S+)", r"or as soon as \1 is run again"),
    (r"no week was run yet: groundswell run", "no week was run yet"),
)
# What a row's fault tells who exports files and writes maps, and what it tells who posts items.
_AT_INTAKE: tuple[tuple[str, str], ...] = (
    (
        r"give --source, a column `source` or a constant in a map$",
        "give the item, or the whole batch, a `source`",
    ),
    (
        r"give --kind (\([^()]*\)), or a column or constant `kind`$",
        r"give the item, or the whole batch, a `kind` \1",
    ),
    (
        r"map the column with the date, or set a constant in a map$",
        "give the item its date, as ISO 8601",
    ),
    (
        r"map the column with the row's id, or make one with `id` in a map$",
        "give the item an `id` of its own, that stays when it is sent again",
    ),
    (r"; map another$", "; send a shorter one"),
    (r"; for another format set `dates` in a map$", "; send it as ISO 8601"),
    (r"it is, in a column or as a constant in a map$", "it is, as `score_kind` of the item"),
    (r"; map it to a text column$", "; send text"),
    (r"bring (what is wanted of it) into a column of its own", r"send \1 as a field"),
    (r"export the file again as UTF-8", "send it as UTF-8"),
    (r", or translate it with `values` in a map$", ""),
)


def for_web(text: str) -> str:
    """The sentence with each command replaced by the place on the web that serves the same end."""
    for command, place in _INSTEAD:
        text = re.sub(command, place, text)
    return text


def for_sender(text: str) -> str:
    """Why a row was quarantined, for a program that posts items and has neither files nor maps."""
    for line, item in _AT_INTAKE:
        text = re.sub(line, item, text)
    return text
