"""Quarantined rows as they were read, for mending and feeding again."""

from __future__ import annotations

import json

from nlp.customers import STAGE
from store.database import Session
from store.quarantine import list_quarantine


def rows_to_mend(session: Session) -> list[str]:
    """One JSON object a row: what was read, or `{"raw": ...}` where that was no object.

    Customers are left out: their table is mended and read again.
    """
    return [_line(row.raw) for row in list_quarantine(session) if row.stage != STAGE]


def _line(raw: str) -> str:
    try:
        fields = json.loads(raw)
    except json.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        fields = {"raw": raw}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
