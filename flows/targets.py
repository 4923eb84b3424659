"""Addresses that documents are sent to: read from settings and labels, told without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

if TYPE_CHECKING:  # settings are read before anything heavy is imported
    from labels.schema import Labels

# A comma may stand inside a URL (?to=a,b); one between URLs is followed by the next scheme.
_BETWEEN = re.compile(r"[\s,]*\s[\s,]*|,+(?=[A-Za-z][A-Za-z0-9+.-]*://)|,+$|^,+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|key|auth|sig", re.IGNORECASE)
# Parameters that say where something goes; "-name" is a part of the webhook's own address. All
# others say how, and an address stays the same one when they change.
_PLACE_KEY = re.compile(
    r"to|-.+|(bcc|cc|channel|chat|device|group|id|list|org|path|phone|project|queue|room|stream|team"
    r"|tenant|thread|topic|user|workspace)s?",
    re.IGNORECASE,
)
_MARKS = "#@+!&:"  # what may stand before the name of a channel or a person
_LEAST_SECRET = 4  # shorter parts of a URL stand in every second word
# With these the part behind :// is a host; elsewhere it is often a token.
_HOSTED = frozenset(
    {"apprise", "apprises", "form", "forms", "json", "jsons", "mailto", "mailtos", "xml", "xmls"}
)


class TargetError(ValueError):
    """An address that cannot be used; the message names its place, never the address."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address of apprise's. `url` is a secret.

    owner_id: whose part goes there; "" is the whole report. place: where it was written.
    """

    url: str = field(repr=False)
    owner_id: str
    place: str

    @property
    def scheme(self) -> str:
        """The kind of service: "mailto", "slack", "json"."""
        return self.url.partition("://")[0].lower()

    def place_but_for(self, names: Collection[str]) -> str:
        """Where it leads, without its password and whatever only says how something is sent.

        Args:
            names: recipients that the address lists; without them, so that it stays the same place
                when it lists one more.
        """
        parts = _split(self.url)
        credentials, at, host = parts.netloc.rpartition("@")
        gone = {_bare(name) for name in names} - {""}
        steps = [host, *map(unquote, parts.path.split("/"))]
        kept = [step for step in steps if step and _bare(step) not in gone]
        asked = sorted(
            (key.lower(), name)
            for key, value in parse_qsl(parts.query, keep_blank_values=True)
            if _PLACE_KEY.fullmatch(key) and not _SECRET_KEY.search(key)
            for name in re.split(r"[\s,;]+", value)
            if _bare(name) not in gone
        )
        return f"{self.scheme}://{credentials.partition(':')[0]}{at}{'/'.join(kept)} {asked}"

    @property
    def host(self) -> str:
        """The host and its port, of a service that has one of its own; else ""."""
        return urlsplit(self.url).netloc.rpartition("@")[2] if self.scheme in _HOSTED else ""


def split_urls(text: str) -> tuple[str, ...]:
    """The URLs of a setting, separated by blanks, line ends or commas."""
    return tuple(part for part in _BETWEEN.split(text) if part)


def find_targets(
    urls: Iterable[str], labels: Labels, *, environment: Mapping[str, str] = os.environ
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Everybody something is sent to: the whole to those of the settings, his part to each owner.

    Returns:
        The addresses, and what is wrong with entries that are none (a text that is no URL, the name
        of a variable that is not set): a wrong one keeps nobody else from being written to.
    """
    found: list[Target] = []
    problems: list[str] = []
    entries = [
        (url, "", f"GROUNDSWELL_DELIVER (address {number})") for number, url in enumerate(urls, 1)
    ]
    for owner in labels.owners:
        for number, text in enumerate(owner.deliver, 1):
            place = f"owners.yaml: {owner.id}: deliver (entry {number})"
            try:
                entries += [(url, owner.id, place) for url in _looked_up(text, place, environment)]
            except TargetError as error:
                problems.append(str(error))
    for url, owner_id, place in entries:
        try:
            found.append(_target(url, owner_id, place))
        except TargetError as error:
            problems.append(str(error))
    found.sort(key=lambda one: (one.owner_id, one.place, one.url))
    return tuple(found), tuple(problems)


def masked(text: str, url: str) -> str:
    """The text without any part of a URL that may be a secret."""
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return text


def _secrets(url: str) -> list[str]:
    """The parts of a URL that may be secret, the longest first; a host of its own is none."""
    scheme, _, rest = url.partition("://")
    parts = _split(url)
    # Whatever stands before the last @ may be a password with an @ in it.
    credentials, _, host = parts.netloc.rpartition("@")
    pieces = {url, rest, parts.path.strip("/"), parts.query, credentials}
    pieces.update(credentials.split(":"))
    pieces.update(parts.path.split("/"))
    if scheme.lower() not in _HOSTED:
        pieces.add(host)
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        pieces.update((value, f"{key}={value}"))
    pieces |= {unquote(piece) for piece in pieces}
    return sorted((p for p in pieces if len(p) >= _LEAST_SECRET), key=lambda p: (-len(p), p))


def _target(url: str, owner_id: str, place: str) -> Target:
    if not _URL.fullmatch(url) or not _is_split(url):
        raise TargetError(
            f"{place} is no address like mailto://..., slack://... or jsons://host/path; "
            "https://appriseit.com lists them"
        )
    return Target(url, owner_id, place)


def _bare(name: str) -> str:
    return name.strip().lstrip(_MARKS).casefold()


def _split(url: str) -> SplitResult:
    """The parts of an address. In apprise's, # is a letter of a channel's name and ends nothing."""
    return urlsplit(url.replace("#", "%23"))


def _is_split(url: str) -> bool:
    try:
        _split(url)
    except ValueError:  # its message would tell the host
        return False
    return True


def _looked_up(text: str, place: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """A URL as it stands, or those that the environment variable of this name holds."""
    if not _NAME.fullmatch(text):
        return (text,)
    held = split_urls(environment.get(text, ""))
    if not held:
        raise TargetError(f"{place} names the variable {text}, which is not set")
    return held
