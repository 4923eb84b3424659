"""Sending one message to one address, through apprise: the only module that imports it."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import apprise
from apprise.attachment.memory import AttachMemory

from flows.targets import Target, TargetError, masked
from report.render_mail import Image, Images
from report.wording import shorten

Form = Literal["mail", "json", "markdown", "text"]

# Services whose letters are mail, in all of which HTML comes as it is sent.
_MAIL = frozenset(
    {
        *("brevo", "mailersend", "mailgun", "mailto", "mailtos", "o365", "postmark", "resend"),
        *("sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost"),
    }
)
# Of them, those that take images as parts of the mail, which its HTML names. apprise attaches files
# of the others without a Content-ID, and mail clients drop `data:` addresses: they get charts told.
_INLINE = frozenset({"mailto", "mailtos"})
_JSON = frozenset({"json", "jsons"})
# Their Markdown is the common one. Slack's is not: text stands there as it is written.
_MARKDOWN = frozenset({"matrix", "matrixs", "mmost", "mmosts", "workflow", "workflows", "zulip"})
_LEAST_LIMIT = 200  # a service with less room than this (an SMS) gets the first lines
# Where recipients stand in apprise's services, each of whom is sent to by itself. A service that
# has two such lists at once (Rocket.Chat's rooms and users) is one recipient here.
_LISTS = ("targets", "channels", "rooms", "topics", "users", "groups", "devices")
_COPIES = ("cc", "bcc")
_NO_PGP = "no"  # as apprise names it
# The request was on its way and nothing came back, or a server in between lost the answer: it may
# have arrived.
_UNANSWERED = re.compile(
    r"read timed out|read timeout|remote end closed|connection aborted|connection reset"
    r"|connection unexpectedly closed|response ended prematurely|\berror=(408|502|504|520|524)\b",
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

    identity: the same for the same recipient, however the address is written. recipient: whom of
    those that the address lists; each is written to by itself, so that one who could not be reached
    is written to again alone. alone: False where the service cannot be made to write to one only.
    """

    target: Target = field(repr=False)
    identity: str = field(repr=False)
    told: str
    form: Form
    images: Images
    limit: int | None
    recipient: str | None = field(default=None, repr=False)
    alone: bool = True


def routes_of(target: Target) -> tuple[Route, ...]:
    """The recipients of an address; nothing is sent.

    Raises:
        TargetError: apprise knows no such service, or the address lacks what the service needs.
    """
    plugin = _plugin(target)
    form = _form(target, plugin)
    limit = None if form in ("mail", "json") else max(_LEAST_LIMIT, int(plugin.body_maxlen))
    listed = _recipients(target, plugin)
    parts = [part for one in listed.values() for part in _parts(one)]
    place = target.place_but_for([*listed, *parts])

    def route(who: str | None) -> Route:
        if who is None:
            identity = place
        else:  # a letter is the same to whom it goes, whoever carries it
            identity = f"mail to {who}" if _is_mail(target) else f"{place} to {who}"
        return Route(
            target,
            identity=identity,
            told=_told(target, identity, who),
            form=form,
            images="attached" if target.scheme in _INLINE else "told",
            limit=limit,
            recipient=who,
            alone=who is not None or len(plugin) <= 1,
        )

    return tuple(map(route, listed)) if listed else (route(None),)


def send(route: Route, message: Message) -> Sent:
    """One attempt. Never raises for what the service or the network does."""
    with _ONE_AT_A_TIME, _listening() as heard:
        plugin = _instance(route.target.url)
        if plugin is None:
            return Sent("failed", _reason(heard, route, "the address is not understood"))
        one = _narrow(route, plugin) if route.recipient is not None else None
        plugin.retry = 0
        if route.form == "text" and plugin.notify_format == apprise.NotifyFormat.MARKDOWN:
            plugin.notify_format = apprise.NotifyFormat.TEXT
        attached = None
        if message.images and route.images == "attached":
            plugin.inline = True
            attached = apprise.AppriseAttachment(list(map(_part, message.images)))
        post = apprise.Apprise(asset=_asset())
        post.add(plugin)
        with _handed_to(one, plugin) if one else nullcontext():
            done = post.notify(
                title=message.title,
                body=message.body,
                body_format=_FORMATS[route.form],
                attach=attached,
            )
    if done:
        return Sent("sent")
    reason = _reason(heard, route, "the service did not take it")
    in_doubt = not route.alone or any(
        _UNANSWERED.search(line) or line.startswith("Sent ") for line in heard.all
    )
    return Sent("unknown" if in_doubt else "failed", reason)


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
    if _is_mail(target):
        return "mail" if plugin.notify_format == apprise.NotifyFormat.HTML else "text"
    if target.scheme in _JSON:
        return "json"
    return "markdown" if target.scheme in _MARKDOWN else "text"


def _is_mail(target: Target) -> bool:
    return target.scheme in _MAIL


def _recipients(target: Target, plugin: Any) -> dict[str, Any]:
    """The recipients by their names, as the service holds them; none where they are not told apart.

    Those who get a copy of a mail (cc, bcc) are recipients like the others.
    """
    if _is_mail(target):
        pairs = any(isinstance(one, tuple) for one in plugin.targets)
        copies = [getattr(plugin, name, None) or () for name in _COPIES]
        whom = sorted({_address(one) for copy in copies for one in copy})
        found = {_address(one): one for one in plugin.targets}
        more = [one for one in whom if one not in found]
        return found | {one: (False, one) if pairs else one for one in more}
    name = _list_of(plugin)
    held = {":".join(_parts(one)): one for one in getattr(plugin, name)} if name else {}
    return dict(sorted(held.items()))


def _list_of(plugin: Any) -> str | None:
    """The name of the one list that recipients stand in."""
    held = [name for name in _LISTS if isinstance(getattr(plugin, name, None), list | set | tuple)]
    held = [name for name in held if getattr(plugin, name)]
    return held[0] if len(held) == 1 else None


def _narrow(route: Route, plugin: Any) -> str | None:
    """Leave one recipient; or, of a mail with copies, say to whom alone it is handed."""
    one = _recipients(route.target, plugin)[str(route.recipient)]
    if not _is_mail(route.target):
        name = str(_list_of(plugin))
        setattr(plugin, name, type(getattr(plugin, name))([one]))
        return None
    written_to = {_address(found) for found in plugin.targets}
    # What is encrypted is so for whom it is written to.
    shared = route.target.scheme in _INLINE and plugin.cc and plugin.pgp_mode == _NO_PGP
    plugin.targets = [plugin.targets[0] if shared and route.recipient not in written_to else one]
    for name in _COPIES:
        if getattr(plugin, name, None) and not (shared and name == "cc"):
            setattr(plugin, name, type(getattr(plugin, name))())
    return str(one[-1]) if shared else None


@contextmanager
def _handed_to(mailbox: str, plugin: Any) -> Iterator[None]:
    """The letter names whom it is written to and who gets a copy, and goes to one mailbox.

    apprise would send it to all at once, not tell whom the server refused, and send those who get
    copies one more for each who is written to.
    """
    kind = type(plugin)
    prepare = kind.prepare_emails

    def prepared(*given: Any, **more: Any) -> Iterator[Any]:
        for letter in prepare(*given, **more):
            yield replace(letter, recipient=mailbox, to_addrs=[mailbox])

    kind.prepare_emails = staticmethod(prepared)
    try:
        yield
    finally:
        kind.prepare_emails = staticmethod(prepare)


def _address(found: Any) -> str:
    """Of (name, address) pairs the address; capitals make no other mailbox."""
    return str(found[-1] if isinstance(found, tuple | list) else found).lower()


def _parts(found: Any) -> list[str]:
    """A recipient's name: a text, or of several parts (a chat and its topic), some left out."""
    several = found if isinstance(found, tuple | list) else (found,)
    return [str(part) for part in several if part not in (None, False, "")]


def _told(target: Target, identity: str, recipient: str | None) -> str:
    if _is_mail(target) and recipient:
        return f"{target.scheme}: {recipient}"
    digest = hashlib.sha256(identity.encode()).hexdigest()
    if target.host:
        return f"{target.scheme}://{target.host}/***"
    return f"{target.scheme} {digest[:8]}"


def _reason(heard: _Heard, route: Route, otherwise: str) -> str:
    """The last warning, masked. A response's body is not told: it may repeat what was sent."""
    last = heard.warnings[-1] if heard.warnings else otherwise
    return shorten(masked(last, route.target.url), limit=300)
