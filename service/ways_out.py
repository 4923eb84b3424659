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


def for_web(text: str) -> str:
    """The sentence with each command replaced by the place on the web that serves the same end."""
    for command, place in _INSTEAD:
        text = re.sub(command, place, text)
    return text
