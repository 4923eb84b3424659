"""Columns beside a message's own fields: named values, redacted, without those about a person."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter

from nlp.fields import as_text, is_absent
from nlp.redact import PATTERNS_ONLY, RedactConfig, redact

# Columns whose whole value is personal, whatever it looks like; compared as letters and digits.
PERSONAL_COLUMNS = frozenset(
    {
        "address",
        "authorname",
        "birthdate",
        "birthday",
        "contactname",
        "customername",
        "dateofbirth",
        "dob",
        "familyname",
        "firstname",
        "fullname",
        "givenname",
        "homeaddress",
        "lastname",
        "latitude",
        "locationlatitude",
        "locationlongitude",
        "longitude",
        "middlename",
        "passport",
        "password",
        "postaladdress",
        "recipientfirstname",
        "recipientlastname",
        "requestername",
        "street",
        "streetaddress",
        "submittername",
        "surname",
        "username",
    }
)

# Names of people are looked for in values of so many words; shorter ones are labels, not prose.
_PROSE_WORDS = 5


def is_personal(name: str, personal: frozenset[str]) -> bool:
    """Whether a column is one of `personal`, however its name is written ("First Name")."""
    return re.sub(r"[^a-z0-9]", "", name.lower()) in personal


def flat(name: str, value: object) -> str:
    """One line or text for any value: a list as "a|b", an object as JSON.

    Raises:
        WrongField: for what is no text (bytes, undecodable text).
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple) and not any(
        isinstance(entry, list | tuple | dict) for entry in value
    ):
        return "|".join(flat(name, entry) for entry in value if not is_absent(entry))
    if isinstance(value, list | tuple | dict):
        return as_text(name, json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return as_text(name, value)


def redact_named(name: str, text: str, *, config: RedactConfig, counts: Counter[str]) -> str:
    """The value redacted as if it stood in a sentence after its name: "phone: 4155550142".

    Names of people, where they are wanted, are replaced in values of five words or more.
    """
    if len(text.split()) < _PROSE_WORDS:
        config = PATTERNS_ONLY
    prefix = f"{name.replace('_', ' ')}: "
    found = redact(prefix + text, config=config)
    if not found.text.startswith(prefix):
        found, prefix = redact(text, config=config), ""
    counts.update(found.counts)
    return found.text[len(prefix) :]
