"""Idempotency keys: a batch that is sent again because its answer was lost is answered the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel

from api.problems import ProblemError
from store.database import Session
from store.posted import Posted, find_posted, keep_posted

# A week: longer than any queue retries, short enough that the table stays small.
KEPT = dt.timedelta(days=7)
IDEMPOTENCY_KEY = "idempotency-key"
REPLAYED = "idempotency-replayed"
REPLAYED_HEADER: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "idempotency-replayed": {
                "description": "`true` where the answer is the one given before to this batch.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    }
}

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description=(
            "A name of your own for this batch, such as a UUID: printable ASCII without spaces. "
            "The same batch sent again under it within seven days is not taken again but answered "
            "as before, with `Idempotency-Replayed: true`; another batch under it is refused."
        ),
        examples=["5f3c1c1e-8f0b-4e0c-9f59-0a1c7d7f2b11"],
    ),
]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A batch that may be sent again: by whom, under which key, and a digest of its body."""

    key_id: str
    name: str
    digest: str
    now: dt.datetime

    def before(self, session: Session) -> str | None:
        """The answer that was given to it, as JSON text; None when there was none.

        Raises:
            ProblemError: 422, when another batch was sent under the key.
        """
        found = find_posted(session, self.key_id, self.name, since=self.now - KEPT)
        if found is None:
            return None
        if found.digest != self.digest:
            raise ProblemError(
                422,
                "idempotency-key-reused",
                "another batch was sent under this idempotency key; give each batch its own",
            )
        return found.answer

    def keep(self, session: Session, answer: str) -> None:
        """Remember the answer, in the transaction that makes it true."""
        since = self.now - KEPT
        posted = Posted(self.key_id, self.name, self.digest, answer, self.now)
        keep_posted(session, posted, since=since)


def repeat_of(key_id: str, name: str, body: BaseModel) -> Repeat:
    """The batch under its key; the order of the body's keys and its spaces do not matter."""
    # Not-a-number is no JSON, but a batch may hold it, and is told so row by row.
    text = json.dumps(body.model_dump(mode="python"), sort_keys=True, ensure_ascii=True)
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    return Repeat(key_id, name, digest, dt.datetime.now(dt.UTC))
