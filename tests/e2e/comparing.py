"""What tests of whole runs compare: exports, and the same after a decision."""

from __future__ import annotations

import json
from typing import Any

from store.database import Engine, session_scope
from store.decisions import add_decision
from store.themes import themes_as_of


def rows(exports: dict[str, bytes], noun: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exports[f"{noun}.jsonl"].decode().splitlines()]


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Names of the exports that are not the same in both."""
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]


def rename_first(engine: Engine, label: str) -> tuple[str, int]:
    """Rename the first leaf theme; its id and the decision's number."""
    with session_scope(engine) as session:
        theme = next(theme for theme in themes_as_of(session) if theme.level == "leaf")
        number = add_decision(
            session,
            kind="rename",
            theme_id=theme.id,
            value=json.dumps({"label": label}),
            who="test",
            why="customers say so",
        )
    return theme.id, number
