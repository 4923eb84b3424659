"""What stands for an id that is personal data, the same each time, so that customers stay apart."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter

from nlp.redact import PATTERNS_ONLY, RedactConfig, redact

_PSEUDONYM = re.compile(r"(?:h_[0-9a-f]{32}|\[[A-Z_]+\]-[0-9a-f]{16})")


def keyed_hash(text: str, secret: str) -> str:
    """HMAC-SHA256 of an id, 128 bits of it; what already stands for an id stays as it is."""
    if _PSEUDONYM.fullmatch(text):
        return text
    return f"h_{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]}"


def person_id(text: str, *, secret: str | None, counts: Counter[str]) -> str:
    """What a customer's or account's id is stored as: keyed with a secret, else a pseudonym."""
    if secret is not None:
        return keyed_hash(text, secret)
    return pseudonym(text, config=PATTERNS_ONLY, counts=counts)


def pseudonym(text: str, *, config: RedactConfig, counts: Counter[str]) -> str:
    """The id when it holds no personal data, else the first placeholder and a digest."""
    found = redact(text, config=config)
    if found.text == text or _PSEUDONYM.fullmatch(text):
        return text
    counts.update(found.counts)
    return f"[{min(found.counts)}]-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
