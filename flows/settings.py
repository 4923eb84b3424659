"""Where things are and how text is treated: read from the environment, overridden by options."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.targets import split_urls
from nlp.person_names import wants_names
from nlp.server_url import server_url

DATABASE_FILE = "groundswell.sqlite"
DEFAULT_HOME = Path(".groundswell")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the setting and the way out."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run needs to know beside its data.

    home: folder for the database, Prefect's files, the drop folder and locks; absolute.
    labels_dir: None is the labels that come with the package.
    zone: naive times in input are in this zone, and weeks begin at its Monday midnight.
    processes: worker processes for splitting and parsing; the result is the same for any number.
    hash_secret: when set, customer and account ids are stored as keyed hashes. Never printed.
    redact_names: names of people are replaced too, and with them some names of products.
    model_path: another local sentence-transformers folder; None is the packaged MiniLM.
    deliver: apprise URLs that the whole report is sent to. Never printed: they hold passwords.
    server_url: where people reach the server, for links in what is sent; "": there are none.
    """

    home: Path
    database_url: str
    labels_dir: Path | None = None
    zone: str = "UTC"
    processes: int = 1
    hash_secret: str | None = field(default=None, repr=False)
    redact_names: bool = False
    model_path: Path | None = None
    deliver: tuple[str, ...] = field(default=(), repr=False)
    server_url: str = ""

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone as the standard library knows it."""
        return ZoneInfo(self.zone)

    def today(self) -> dt.date:
        """The day it is in the zone."""
        return dt.datetime.now(self.zone_info).date()

    def public(self) -> dict[str, str | int | None]:
        """What may be recorded with a run: no secret, and no password in the database's URL."""
        return {
            "home": str(self.home),
            "database": hide_password(self.database_url),
            "labels": "packaged" if self.labels_dir is None else str(self.labels_dir),
            "zone": self.zone,
            "processes": self.processes,
            "customer_ids": "as given" if self.hash_secret is None else "hashed",
            "names_of_people": "replaced" if self.redact_names else "as given",
            "model": None if self.model_path is None else str(self.model_path),
        }

    def to_json(self) -> str:
        """Text for handing settings to a flow; Prefect keeps it, so no secret is in it.

        `from_json` takes the hashing secret, the database's password and the addresses to deliver
        to from the environment.
        """
        fields = {name: _plain(value) for name, value in asdict(self).items()}
        public = {
            "hash_secret": None,
            "deliver": None,
            "database_url": hide_password(self.database_url),
        }
        return json.dumps(fields | public, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that `to_json` wrote, with the secrets of this process's environment.

        Raises:
            SettingsError: the URL had a password, and GROUNDSWELL_DATABASE_URL does not give it.
        """
        fields = json.loads(text)
        url, own = fields["database_url"], environment.get("GROUNDSWELL_DATABASE_URL", "")
        if url == hide_password(own):
            url = own
        elif "***" in url:
            raise SettingsError(
                f"the password of {url} is not here; set GROUNDSWELL_DATABASE_URL to the whole URL"
            )
        labels, model = fields["labels_dir"], fields["model_path"]
        return cls(
            home=Path(fields["home"]),
            database_url=url,
            labels_dir=None if labels is None else Path(labels),
            zone=fields["zone"],
            processes=fields["processes"],
            hash_secret=environment.get("GROUNDSWELL_HASH_SECRET") or None,
            redact_names=fields["redact_names"],
            model_path=None if model is None else Path(model),
            deliver=split_urls(environment.get("GROUNDSWELL_DELIVER", "")),
            server_url=fields["server_url"],
        )


def load_settings(
    *,
    home: Path | None = None,
    database_url: str | None = None,
    labels_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Options first, then `GROUNDSWELL_*` of the environment, then defaults.

    Nothing is created. Labels default to `<home>/labels` when that folder exists (made by
    `groundswell init`), else to the labels that come with the package.

    Raises:
        SettingsError: an unknown zone, a count of processes that is none, a switch that is neither
            on nor off, a model that is missing.
    """
    home = (home or Path(environment.get("GROUNDSWELL_HOME") or DEFAULT_HOME)).expanduser()
    home = home.resolve()
    url = database_url or environment.get("GROUNDSWELL_DATABASE_URL")
    named_labels = labels_dir or environment.get("GROUNDSWELL_LABELS")
    model = environment.get("GROUNDSWELL_MODEL")
    return Settings(
        home=home,
        database_url=url or f"sqlite:///{home / DATABASE_FILE}",
        labels_dir=_labels(home, named_labels),
        zone=_zone(environment.get("GROUNDSWELL_ZONE") or "UTC"),
        processes=_processes(environment.get("GROUNDSWELL_PROCESSES") or "1"),
        hash_secret=environment.get("GROUNDSWELL_HASH_SECRET") or None,
        redact_names=_names(environment.get("GROUNDSWELL_REDACT_NAMES") or ""),
        model_path=_model(model),
        deliver=split_urls(environment.get("GROUNDSWELL_DELIVER") or ""),
        server_url=_server(environment.get("GROUNDSWELL_URL") or ""),
    )


def hide_password(url: str) -> str:
    """The URL with any password in it replaced by `***`."""
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    if mark and at and colon:
        url = f"{scheme}{mark}{user}:***@{place}"
    return re.sub(r"(?i)([?&]password=)[^&]*", r"\1***", url)


def _labels(home: Path, named: Path | str | None) -> Path | None:
    if named:
        return Path(named).expanduser().resolve()
    own = home / "labels"
    return own if own.is_dir() else None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise SettingsError(
            f"GROUNDSWELL_ZONE={name!r} is no time zone; write it like Europe/Berlin or UTC"
        ) from error
    return name


def _processes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise SettingsError(f"GROUNDSWELL_PROCESSES={text!r} is no count; write 1 or more")
    return int(text)


def _names(text: str) -> bool:
    try:
        return wants_names(text)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _model(text: str | None) -> Path | None:
    if not text:
        return None
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise SettingsError(
            f"GROUNDSWELL_MODEL={text!r} is no folder; name a local sentence-transformers "
            "folder, or unset it for the packaged MiniLM"
        )
    return path


def _server(text: str) -> str:
    try:
        return server_url(text)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
