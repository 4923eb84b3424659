"""Sending one message to one address, through apprise: the only module that imports it."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import apprise
from apprise.attachment.memory import AttachMemory

from flows.targets import Target, TargetError, masked
from report.render_mail import Image
from report.wording import shorten

Form = Literal["mail", "json", "markdown", "text"]

# Services whose letters are mail, in all of which HTML comes as it is sent.
_MAIL = frozenset(
    {
        *("brevo", "mailersend", "mailgun", "mailto", "mailtos", "o365", "postmark", "resend"),
        *("sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost"),
    }
)
_INLINE = frozenset({"mailto", "mailtos"})  # of them, those that take images as parts of the mail
_JSON = frozenset({"json", "jsons"})
# Their Markdown is the common one. Slack's is not: text stands there as it is written.
_MARKDOWN = frozenset({"matrix", "matrixs", "mmost", "mmosts", "workflow", "workflows", "zulip"})
_LEAST_LIMIT = 200  # a service with less room than this (an SMS) gets the first lines
# The request was on its way and nothing came back: it may have arrived.
_UNANSWERED = re.compile(
    r"read timed out|read timeout|remote end closed|connection aborted|connection reset"
    r"|connection unexpectedly closed|response ended prematurely",
    re.IGNORECASE,
)
_LOGGERS = ("apprise", "urllib3")
_ONE_AT_A_TIME = threading.Lock()  # what is said in the log is taken for one sending's reasons


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title, a body in the address's form, and the images a mail's body names."""

    title: str
    body: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending ended. `error`: why not, without secrets; "" when it was sent."""

    status: Literal["sent", "failed", "unknown"]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One recipient of a target. `told` names it for people; `limit`: most characters of a body.

    `recipient`: the position among the target's recipients, each of which is written to by itself,
    so that one who could not be reached is written to again alone.
    """

    target: Target = field(repr=False)
    identity: str = field(repr=False)
    told: str
    form: Form
    images: Literal["attached", "inside"]
    limit: int | None
    recipient: int | None = None


def routes_of(target: Target) -> tuple[Route, ...]:
    """The recipients of an address; nothing is sent.

    Raises:
        TargetError: apprise knows no such service, or the address lacks what the service needs.
    """
    plugin = _plugin(target)
    recipients = getattr(plugin, "targets", None)
    form = _form(target, plugin)
    limit = None if form in ("mail", "json") else max(_LEAST_LIMIT, int(plugin.body_maxlen))
    many = recipients if form == "mail" and isinstance(recipients, list) else []

    def route(position: int | None) -> Route:
        who = _recipient(many[position or 0]) if many else ""
        return Route(
            target,
            identity=target.identity if position is None else f"{target.identity} to {who}",
            told=_told(target, who),
            form=form,
            images="attached" if target.scheme in _INLINE else "inside",
            limit=limit,
            recipient=position,
        )

    return tuple(map(route, range(len(many)))) if many else (route(None),)


def send(route: Route, message: Message) -> Sent:
    """One attempt. Never raises for what the service or the network does."""
    with _ONE_AT_A_TIME, _listening() as heard:
        plugin = _instance(route.target.url)
        if plugin is None:
            return Sent("failed", _reason(heard, route, "the address is not understood"))
        if route.recipient is not None:
            plugin.targets = [plugin.targets[route.recipient]]
        plugin.retry = 0
        if route.form == "text" and plugin.notify_format == apprise.NotifyFormat.MARKDOWN:
            plugin.notify_format = apprise.NotifyFormat.TEXT
        attached = None
        if message.images and route.images == "attached":
            plugin.inline = True
            attached = apprise.AppriseAttachment(list(map(_part, message.images)))
        post = apprise.Apprise(asset=_asset())
        post.add(plugin)
        done = post.notify(
            title=message.title,
            body=message.body,
            body_format=_FORMATS[route.form],
            attach=attached,
        )
    if done:
        return Sent("sent")
    reason = _reason(heard, route, "the service did not take it")
    unanswered = any(_UNANSWERED.search(line) for line in heard.all)
    return Sent("unknown" if unanswered else "failed", reason)


_FORMATS = {
    "mail": apprise.NotifyFormat.HTML,
    "json": None,
    "markdown": apprise.NotifyFormat.MARKDOWN,
    "text": apprise.NotifyFormat.TEXT,
}


class _Heard(logging.Handler):
    """What apprise says while it sends: the only place where it tells why it could not."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.all: list[str] = []
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the message; an exception's text with it."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {record.exc_info[1]}"
        self.all.append(text)
        if record.levelno >= logging.WARNING:
            self.warnings.append(text)


@contextmanager
def _listening() -> Iterator[_Heard]:
    """Hears apprise instead of letting it speak: at its finer levels it tells whole addresses."""
    heard = _Heard()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(one.level, one.propagate, one.handlers[:]) for one in loggers]
    try:
        for one in loggers:
            one.handlers, one.propagate = [], False
            one.setLevel(logging.DEBUG if one.name == "apprise" else logging.CRITICAL)
        loggers[0].addHandler(heard)
        yield heard
    finally:
        for one, (level, propagate, handlers) in zip(loggers, before, strict=True):
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)


def _part(image: Image) -> Any:
    made: Any = AttachMemory  # it has no types
    return made(content=image.content, name=image.name, mimetype="image/png")


def _asset() -> apprise.AppriseAsset:
    """Nothing is written to disk, nothing sent from another thread, no text is rewritten."""
    return apprise.AppriseAsset(
        app_id="Groundswell",
        app_desc="Groundswell",
        app_url="",
        async_mode=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        interpret_escapes=False,
        interpret_emojis=False,
    )


def _instance(url: str) -> Any:
    with warnings.catch_warnings():
        # The first call loads every service there is, and with them what is deprecated in Python.
        warnings.simplefilter("ignore", DeprecationWarning)
        return apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)


def _plugin(target: Target) -> Any:
    with _ONE_AT_A_TIME, _listening():
        found = _instance(target.url)
    if found is None:
        raise TargetError(
            f"{target.place}: apprise does not understand this {target.scheme}:// address; "
            "https://appriseit.com says how it is written"
        )
    return found


def _form(target: Target, plugin: Any) -> Form:
    if target.scheme in _MAIL:
        return "mail" if plugin.notify_format == apprise.NotifyFormat.HTML else "text"
    if target.scheme in _JSON:
        return "json"
    return "markdown" if target.scheme in _MARKDOWN else "text"


def _recipient(found: Any) -> str:
    """Of (name, address) pairs the address."""
    return str(found[-1] if isinstance(found, tuple) else found)


def _told(target: Target, recipient: str) -> str:
    if recipient:
        return f"{target.scheme}: {recipient}"
    if target.host:
        return f"{target.scheme}://{target.host}/***"
    digest = hashlib.sha256(target.identity.encode()).hexdigest()
    return f"{target.scheme} {digest[:8]}"


def _reason(heard: _Heard, route: Route, otherwise: str) -> str:
    """The last warning, masked. A response's body is not told: it may repeat what was sent."""
    last = heard.warnings[-1] if heard.warnings else otherwise
    return shorten(masked(last, route.target.url), limit=300)
