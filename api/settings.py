"""Where the API finds its database and labels: environment variables, with defaults."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from api.hosts import LOCAL, known_hosts
from api.limits import LimitConfig
from api.telemetry import LogStyle
from nlp.person_names import wants_names
from nlp.server_url import server_url


@dataclass(frozen=True, slots=True)
class Settings:
    """What the API needs to know.

    labels_dir: None means the labels that come with the package.
    zone: naive times in posted feedback are read in it, and weeks begin at its Monday midnight.
    hash_secret: when set, customer and account ids are stored as keyed hashes.
    model_path: the sentence-transformers folder that the runs use; None is the packaged MiniLM.
    redact_names: names of people in posted feedback are replaced too.
    max_body: bytes of a request's body; a batch of a thousand long tickets is about 5 MB.
    busy_seconds: how long a posted batch waits for a weekly run to end.
    hosts: names the server answers to; `*` is any.
    rate_limit: requests a minute for one key or address; 0 is no limit.
    log: how each request is noted on standard error.
    warm: load what a search needs when the server starts, not when somebody waits for it.
    server_url: where people reach the server, for links in documents; "": there are none.
    """

    home: Path
    database_url: str = field(repr=False)
    labels_dir: Path | None
    zone: str = "UTC"
    hash_secret: str | None = field(default=None, repr=False)
    redact_names: bool = False
    model_path: Path | None = None
    max_body: int = 8 * 1024 * 1024
    busy_seconds: float = 5.0
    hosts: frozenset[str] = LOCAL
    rate_limit: int = 0
    log: LogStyle = "off"
    server_url: str = ""
    warm: bool = False


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment's `GROUNDSWELL_HOME`, `_DATABASE_URL`, `_LABELS` and so on.

    The defaults are those of the command line: a SQLite file in `./.groundswell`, labels in
    `labels/` there if that folder exists, else the packaged ones, UTC, and names
    of people as given. Requests are logged as text on a terminal, else as JSON.

    Raises:
        ValueError: the switch for names is neither on nor off, a host's name is none, the limit
            is no count, or there is no such style of log.
    """
    home = Path(environment.get("GROUNDSWELL_HOME") or ".groundswell").expanduser().resolve()
    named, model = environment.get("GROUNDSWELL_LABELS"), environment.get("GROUNDSWELL_MODEL")
    own = home / "labels"
    return Settings(
        home=home,
        database_url=environment.get("GROUNDSWELL_DATABASE_URL")
        or f"sqlite:///{home / 'groundswell.sqlite'}",
        labels_dir=Path(named).expanduser().resolve() if named else own if own.is_dir() else None,
        zone=environment.get("GROUNDSWELL_ZONE") or "UTC",
        hash_secret=environment.get("GROUNDSWELL_HASH_SECRET") or None,
        redact_names=wants_names(environment.get("GROUNDSWELL_REDACT_NAMES") or ""),
        model_path=Path(model).expanduser().resolve() if model else None,
        hosts=known_hosts(environment.get("GROUNDSWELL_HOSTS") or ""),
        rate_limit=_rate_limit(environment.get("GROUNDSWELL_RATE_LIMIT") or ""),
        server_url=server_url(environment.get("GROUNDSWELL_URL") or ""),
        log=_log_style(environment.get("GROUNDSWELL_LOG") or ""),
        warm=True,
    )


def _rate_limit(text: str) -> int:
    if not text:
        return LimitConfig().requests
    if not text.isascii() or not text.isdigit():
        raise ValueError(
            f"GROUNDSWELL_RATE_LIMIT={text!r} is no count of requests a minute; 0 is no limit"
        )
    return int(text)


def _log_style(text: str) -> LogStyle:
    if not text:
        return "text" if sys.stderr.isatty() else "json"
    for style in get_args(LogStyle):
        if text == style:
            return cast("LogStyle", style)
    raise ValueError(
        f"GROUNDSWELL_LOG={text!r} is no style of log; write {', '.join(get_args(LogStyle))}"
    )
