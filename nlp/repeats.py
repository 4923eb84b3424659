"""The same message several times in one input: one result, in whatever order the rows come."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from nlp.intake import ORIGIN
from nlp.records import Feedback, Rejected

LOST = "another row with the same id and other content in this input"


@dataclass(frozen=True, slots=True)
class Placed:
    """A message, and the file and line it was read from."""

    item: Feedback
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Settled:
    """`kept`: one message for each key, sorted by it. `repeats`: rows identical to one kept."""

    kept: tuple[Feedback, ...]
    repeats: int
    rejected: tuple[Rejected, ...]


def settle_repeats(rows: Iterable[Placed]) -> Settled:
    """Keep one message for each (source, id).

    Identical rows count as repeats. Of different ones the latest `created_at` wins, then the
    greatest digest; the others are rejected, so that nothing is lost silently.
    """
    by_key: dict[str, list[tuple[Placed, str]]] = {}
    for row in rows:
        by_key.setdefault(row.item.key, []).append((row, content_digest(row.item)))
    kept: list[Feedback] = []
    rejected: list[Rejected] = []
    repeats = 0
    for key in sorted(by_key):
        rivals = by_key[key]
        winner, digest = max(rivals, key=lambda rival: (rival[0].item.created_at, rival[1]))
        kept.append(winner.item)
        losers = [row for row, other in rivals if other != digest]
        repeats += len(rivals) - len(losers) - 1
        rejected += [
            Rejected(
                id=row.item.id,
                stage="intake",
                reason=LOST,
                file=row.file,
                line=row.line,
                raw=_raw(row),
            )
            for row in losers
        ]
    return Settled(tuple(kept), repeats, tuple(rejected))


def content_digest(item: Feedback) -> str:
    """SHA-256 over all fields of a message."""
    fields = json.dumps(asdict(item), sort_keys=True, default=str)
    return hashlib.sha256(fields.encode()).hexdigest()


def _raw(row: Placed) -> str:
    item = row.item
    fields: dict[str, object] = dict(item.attributes)
    fields |= {
        "id": item.id,
        "source": item.source,
        "kind": item.kind,
        "text": item.text,
        "created_at": item.created_at.isoformat(),
        "customer_id": item.customer_id,
        "account_id": item.account_id,
        "score": item.score,
        "score_kind": item.score_kind,
        "revenue": item.revenue,
        "resolved_at": item.resolved_at.isoformat() if item.resolved_at else None,
        "reopened": item.reopened,
        "channel": item.channel,
        "language": item.language,
        ORIGIN: {"file": row.file, "line": row.line},
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, sort_keys=True)
