"""One raw row in, one message out, cleaned and redacted: or the reason why not.

Fields of a raw row: id, kind, text, created_at, source, customer_id, account_id, score, score_kind,
revenue, resolved_at, reopened, channel, language. Any other is an attribute. A score needs its
`score_kind` (nps 0 to 10, csat 1 to 5, ces 1 to 7): the ranges overlap, so it is never guessed. A
row that cannot be taken is `Rejected` with a redacted copy of itself as JSON, to be mended and fed
again: it carries the kind and source it was read with, and under `ORIGIN` its file and line.

Ids: a secret turns customer and account ids into keyed hashes (HMAC-SHA256). Without one they are
kept as given, unless one is itself personal data (an e-mail address): then its placeholder and a
digest stand for it, so that customers stay apart. That digest has no key, so who knows an address
can test for it: set a secret. The same is done to message ids.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from nlp.attributes import PERSONAL_COLUMNS, flat, is_personal, redact_named
from nlp.broken_rows import without_persons
from nlp.clean import clean
from nlp.dates import parse_time
from nlp.fields import (
    LONGEST_RAW,
    WrongField,
    as_number,
    as_text,
    as_truth,
    check_depth,
    is_absent,
    is_too_deep,
)
from nlp.languages import detect_language
from nlp.pseudonyms import person_id, pseudonym
from nlp.records import KINDS, SCORE_RANGES, Feedback, Kind, Rejected, ScoreKind
from nlp.redact import PATTERNS_ONLY, RedactConfig, redact
from nlp.weeks import week_of

FIELDS = (
    *("id", "kind", "text", "created_at", "source", "customer_id", "account_id", "score"),
    *("score_kind", "revenue", "resolved_at", "reopened", "channel", "language"),
)
_PERSONS = ("customer_id", "account_id")
# Under this name a quarantined row remembers the file and line it came from.
ORIGIN = "_from"
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")
# Longer ids are texts in the wrong column.
_LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class IntakeConfig:
    """How rows are read.

    kind, source: for rows that name none.
    zone: IANA name; weeks and days are counted in it.
    naive_zone: the zone of times that name none; None is `zone`.
    hash_secret: when set, customer and account ids are stored as keyed hashes.
    max_chars: the longest text taken, after cleaning. 20,000 characters are ten pages: longer ones
        are logs or whole threads, and would outweigh hundreds of messages.
    date_formats: `strptime` patterns tried before the formats that are always read.
    redact: what is replaced in texts, and in attributes that are prose; everything else is only
        searched for the fixed patterns.
    personal_columns: attributes that are dropped, counted as "COLUMN".
    """

    kind: Kind | None = None
    source: str | None = None
    zone: str = "UTC"
    naive_zone: str | None = None
    hash_secret: str | None = field(default=None, repr=False)
    max_chars: int = 20_000
    date_formats: tuple[str, ...] = ()
    redact: RedactConfig = field(default_factory=RedactConfig)
    personal_columns: frozenset[str] = PERSONAL_COLUMNS


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row, and how many placeholders of each kind its stored form was given."""

    outcome: Feedback | Rejected
    redactions: Mapping[str, int]


def intake(
    raw: Mapping[str, object], *, config: IntakeConfig, file: str = "", line: int = 0
) -> Feedback | Rejected:
    """Check, clean and redact one row; `file` and `line` say where it stands."""
    return take(raw, config=config, file=file, line=line).outcome


def take(
    raw: Mapping[str, object], *, config: IntakeConfig, file: str = "", line: int = 0
) -> Taken:
    """As `intake`, with the number of redactions."""
    row = {name: value for name, value in raw.items() if name != ORIGIN}
    row = {"kind": config.kind, "source": config.source} | {
        name: value for name, value in row.items() if not is_absent(value)
    }
    counts: Counter[str] = Counter()
    try:
        for name, value in row.items():
            if not is_personal(name, config.personal_columns):
                check_depth(name, value)
        return Taken(_feedback(row, config, counts), dict(sorted(counts.items())))
    except WrongField as wrong:
        counts.clear()
        rejected = reject(row, str(wrong), config=config, file=file, line=line, counts=counts)
        return Taken(rejected, dict(sorted(counts.items())))


def reject(
    row: Mapping[str, object],
    reason: str,
    *,
    config: IntakeConfig,
    file: str,
    line: int,
    counts: Counter[str] | None = None,
) -> Rejected:
    """The quarantine entry of a row: all values cleaned and redacted, as JSON with sorted names.

    Without personal columns, and without what is nested too deep to be gone through.
    """
    counts = Counter() if counts is None else counts
    kept: dict[str, object] = {
        clean(name): _kept(name, value, config, counts)
        for name, value in row.items()
        if not is_personal(name, config.personal_columns) and not is_too_deep(value)
    }
    kept = {name: value for name, value in kept.items() if not is_absent(value)}
    kept[ORIGIN] = {"file": file, "line": line}
    own_id = kept.get("id")
    return Rejected(
        id=own_id if isinstance(own_id, str) else "",
        stage="intake",
        reason=redact(clean(reason)).text,
        file=file,
        line=line,
        raw=json.dumps(kept, ensure_ascii=False, sort_keys=True),
    )


def reject_broken(
    text: str,
    reason: str,
    *,
    config: IntakeConfig,
    file: str,
    line: int,
    ids: Collection[str] = (),
) -> Rejected:
    """The quarantine entry of a row that cannot be read: its text, redacted, as `raw`.

    Ids of customers and accounts become what a row that is read would have, so that a mended row is
    the same customer's. ids: columns that a map takes them from.
    """
    counts: Counter[str] = Counter()
    kept = without_persons(
        clean(text[:LONGEST_RAW]),
        stand_in=lambda given: _person(
            {"customer_id": clean(given)}, "customer_id", config, counts
        ),
        ids=frozenset(re.sub(r"[^a-z0-9]", "", name.lower()) for name in ids),
    )
    return reject({"raw": kept}, reason, config=config, file=file, line=line, counts=counts)


def _feedback(row: Mapping[str, object], config: IntakeConfig, counts: Counter[str]) -> Feedback:
    own_id = _id(row, counts)
    source = _short(row, "source", counts)
    if source is None:
        raise WrongField("no source: give --source, a column `source` or a constant in a map")
    if "/" in source:
        raise WrongField(f"source {source!r} holds a slash, which keys use; write it without")
    kind = _kind(row)
    text = _text(row, config, counts)
    zone = ZoneInfo(config.zone)
    created_at = _time(row, "created_at", config)
    if created_at is None:
        raise WrongField("no created_at: map the column with the date, or set a constant in a map")
    score, score_kind = _score(row)
    day = created_at.astimezone(zone).date()
    return Feedback(
        id=own_id,
        source=source,
        kind=kind,
        text=text,
        created_at=created_at,
        week=week_of(day),
        day=day,
        customer_id=_person(row, "customer_id", config, counts),
        account_id=_person(row, "account_id", config, counts),
        score=score,
        score_kind=score_kind,
        revenue=as_number("revenue", row["revenue"]) if "revenue" in row else None,
        resolved_at=_time(row, "resolved_at", config),
        reopened=as_truth("reopened", row["reopened"]) if "reopened" in row else None,
        channel=_short(row, "channel", counts),
        language=_language(row, text),
        attributes=_attributes(row, config, counts),
    )


def _id(row: Mapping[str, object], counts: Counter[str]) -> str:
    text = _line(as_text("id", row["id"])) if "id" in row else ""
    if not text:
        raise WrongField("no id: map the column with the row's id, or make one with `id` in a map")
    if len(text) > _LONGEST_ID:
        raise WrongField(f"id has {len(text):,} characters, more than {_LONGEST_ID}; map another")
    return pseudonym(text, config=PATTERNS_ONLY, counts=counts)


def _kind(row: Mapping[str, object]) -> Kind:
    if row["kind"] is None:
        raise WrongField(
            f"no kind: give --kind ({', '.join(KINDS)}), or a column or constant `kind`"
        )
    name = re.sub(r"[\s-]+", "_", as_text("kind", row["kind"]).lower())
    if name not in KINDS:
        raise WrongField(f"unknown kind {name[:40]!r}; known are {', '.join(KINDS)}")
    return name


def _text(row: Mapping[str, object], config: IntakeConfig, counts: Counter[str]) -> str:
    text = as_text("text", row["text"]) if "text" in row else ""
    if not text:
        raise WrongField("empty text: nothing is left after cleaning")
    if len(text) > config.max_chars:
        raise WrongField(
            f"text has {len(text):,} characters, more than the limit of {config.max_chars:,}; "
            "shorten it to what the customer says"
        )
    return _plain(text, config.redact, counts)


def _time(row: Mapping[str, object], name: str, config: IntakeConfig) -> dt.datetime | None:
    if name not in row:
        return None
    try:
        zone = ZoneInfo(config.naive_zone or config.zone)
        return parse_time(row[name], zone=zone, formats=config.date_formats)
    except ValueError as error:
        raise WrongField(f"{name}: {error}; for another format set `dates` in a map") from error


def _score(row: Mapping[str, object]) -> tuple[float | None, ScoreKind | None]:
    if "score" not in row:
        return None, None
    score = as_number("score", row["score"])
    if "score_kind" not in row:
        raise WrongField(
            f"score without score_kind; say which of {', '.join(SCORE_RANGES)} it is, in a column "
            "or as a constant in a map"
        )
    name = as_text("score_kind", row["score_kind"]).lower()
    if name not in SCORE_RANGES:
        raise WrongField(f"unknown score_kind {name[:40]!r}; known are {', '.join(SCORE_RANGES)}")
    kind: ScoreKind = name
    low, high = SCORE_RANGES[kind]
    if not low <= score <= high:
        raise WrongField(f"score {score:g} is outside {kind}'s range of {low} to {high}")
    return score, kind


def _language(row: Mapping[str, object], text: str) -> str | None:
    if "language" not in row:
        return detect_language(text)
    name = _line(as_text("language", row["language"]))
    code = _LANGUAGE.fullmatch(name)
    return code[1].lower() if code else detect_language(text)


def _person(
    row: Mapping[str, object], name: str, config: IntakeConfig, counts: Counter[str]
) -> str | None:
    text = _line(as_text(name, row[name])) if name in row else ""
    if not text:
        return None
    return person_id(text, secret=config.hash_secret, counts=counts)


def _short(row: Mapping[str, object], name: str, counts: Counter[str]) -> str | None:
    if row.get(name) is None:
        return None
    return _plain(_line(as_text(name, row[name])), PATTERNS_ONLY, counts) or None


def _attributes(
    row: Mapping[str, object], config: IntakeConfig, counts: Counter[str]
) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, value in row.items():
        if name in FIELDS:
            continue
        if is_personal(name, config.personal_columns):
            counts["COLUMN"] += 1
            continue
        label = _plain(_line(as_text("a column's name", name)), PATTERNS_ONLY, counts)
        text = redact_named(label, flat(name, value), config=config.redact, counts=counts)
        if label and text:
            found[label] = text
    return tuple(sorted(found.items()))


def _kept(name: str, value: object, config: IntakeConfig, counts: Counter[str]) -> object:
    """A value as the quarantine keeps it: its type as far as JSON has it, without personal data."""
    if isinstance(value, list | tuple):
        return [_kept(name, entry, config, counts) for entry in value]
    if isinstance(value, Mapping):
        return {
            clean(str(k)): _kept(name if name in _PERSONS else str(k), v, config, counts)
            for k, v in value.items()
            if not is_personal(str(k), config.personal_columns)
        }
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = value.isoformat() if isinstance(value, dt.datetime | dt.date) else str(value)
    text = clean(text[:LONGEST_RAW])
    if name in _PERSONS:
        return _person({name: text}, name, config, counts)
    if name == "id":
        return pseudonym(_line(text), config=PATTERNS_ONLY, counts=counts)
    if name == "text":
        return _plain(text, config.redact, counts)
    kept = redact_named(name, text, config=config.redact, counts=counts)
    plain = value is None or isinstance(value, bool | int)
    plain |= isinstance(value, float) and math.isfinite(value)
    return value if plain and kept == text else kept


def _plain(text: str, config: RedactConfig, counts: Counter[str]) -> str:
    found = redact(text, config=config)
    counts.update(found.counts)
    return found.text


def _line(text: str) -> str:
    return " ".join(text.split())
