"""Personal data in free text, replaced by typed placeholders: [EMAIL], [PHONE], [CARD], [IBAN], ...

    [EMAIL]        also "jane (at) example (dot) com" and "jane%40example.com"
    [PHONE]        "+" and country code; North American 3-3-4 with separators; a leading 0 with
                   separators; 07... UK mobiles; any other number right after a word for a phone
    [CARD]         12 to 19 digits with a card brand's prefix and length and a valid Luhn sum; of
                   Mir, RuPay, Troy and other local networks only in groups of four or after a word
                   for a card; CVV after its name
    [IBAN]         the length of its country and modulo 97
    [IP]           IPv4 and IPv6, except this machine's own 127.x and 0.x
    [CREDENTIALS]  user and password in an URL; the rest of the URL stays
    [TOKEN]        secrets in an URL's path, query and fragment, also of URLs without a scheme;
                   JSON web tokens, known API keys
    [NATIONAL_ID]  see `nlp.national_ids`
    [PERSON]       only with `RedactConfig.find_names`

Redaction is idempotent: it is repeated until nothing changes, and every replacement takes away a
digit, an "@" or a letter that is never given back.

Not caught: names of people (unless `find_names` is given: NER was measured to take "Slack" and
"Dashboard" for persons), postal addresses, dates of birth, user names and @handles, ten bare digits
without a word for a phone before them, numbers spelled in words or broken over lines, passwords and
account numbers in prose, licence plates, MAC addresses, e-mail addresses of hosts without a dot,
national ids without a checksum, cards of local networks in one run of digits without a word for a
card, cards of networks that `nlp/payment_numbers.py` does not list, cards and IBANs grouped by
other signs, secrets in URLs under names that say nothing, short secrets in a path, user and
password in an URL without a scheme.

Wrongly caught now and then: a four-part version without "version" or a "v" before it reads as an IP
address; an order number that by chance begins like a card and passes Luhn reads as a card.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nlp.national_ids import NATIONAL_IDS
from nlp.payment_numbers import without_payment_numbers, without_security_codes
from nlp.phone_numbers import without_phone_numbers
from nlp.placeholders import PLACEHOLDER, swap
from nlp.url_secrets import without_secrets

NameFinder = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class RedactConfig:
    """What to look for beyond the fixed patterns.

    find_names: gives (start, end) spans of person names in a text, e.g. from spaCy's NER. Off by
        default, because it also takes product names away.
    """

    find_names: NameFinder | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """The text without personal data, and how often each placeholder was put in ("EMAIL": 2)."""

    text: str
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


# For ids, sources, plans, versions: NER guesses at words out of a sentence ("Starter", "Max").
PATTERNS_ONLY = RedactConfig()

# Without any of these nothing below is found; half of all short answers have none.
_WORTH_A_LOOK = re.compile(
    r"[\d@\uff20\ufe6b%]|://|[?&#][^\s=/]{1,64}=|eyJ|Bearer |gh[pos]_|xox|[\[({<]\s?at",
    re.IGNORECASE,
)

_EMAIL = re.compile(
    r"(?<![\w.+!$'*^~-])[\w.+!$'*^~-]{1,64}?"
    r"(?:[@\uff20\ufe6b]|%40| ?[\[({<]\s?at\s?[\])}>] ?)"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.|\uff0e| ?[\[({<]\s?dot\s?[\])}>] ?)){1,6}"
    r"(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})(?![\w@])",
    re.IGNORECASE,
)
_EMAIL_HINTS = ("@", "\uff20", "\ufe6b", "%40", "(at", "[at", "{at", "<at", "( at", "[ at")

# Six digits close together, or the middle of an Italian fiscal code: the numbers below are only
# looked for around these, which makes text with few digits five times as fast.
_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){5,}+|\d\d[A-Za-z]\d\d[A-Za-z]\d")
_REACH_BEFORE = 80  # room for "you can call me back on my new home phone number: "
_REACH_AFTER = 40  # room for the letters that end an IBAN or an id
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?!\w|\.\d)")
_VERSION_BEFORE = re.compile(
    r"(?:\bv|\b(?:version|versions|ver|build|release|released|firmware|driver|sdk|rev|revision|patch"
    r"|update|updated to|upgraded to|upgrade to|section|chapter|§))[ .:#]{0,2}$",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])")


def redact(text: str, *, config: RedactConfig = PATTERNS_ONLY) -> Redaction:
    """Replace personal data in a cleaned text (see the module's docstring for what is found)."""
    if config.find_names is None and not _WORTH_A_LOOK.search(text):
        return Redaction(text)
    counts: Counter[str] = Counter()
    before = None
    while text != before:
        before = text
        text = _one_pass(text, counts)
        if config.find_names is not None:
            text = _without_names(text, config.find_names, counts)
    return Redaction(text, dict(sorted(counts.items())))


def _one_pass(text: str, counts: Counter[str]) -> str:
    lowered = text.lower()
    text = without_secrets(text, counts)
    if any(hint in lowered for hint in _EMAIL_HINTS):
        text = swap(_EMAIL, "EMAIL", text, counts)
    if text.count(":") > 1:
        text = swap(_IPV6, "IP", text, counts, _is_ipv6)
    if text.count(".") > 2:
        text = _IPV4.sub(lambda match: _ip_or_version(match, counts), text)
    if "cv" in lowered or "security code" in lowered:
        text = without_security_codes(text, counts)
    pieces = []
    done = 0
    for start, end in _number_zones(text):
        pieces += [text[done:start], _without_numbers(text[start:end], counts)]
        done = end
    return "".join(pieces) + text[done:]


def _number_zones(text: str) -> list[tuple[int, int]]:
    """Spans around the digits, cut at blanks, in order and apart from each other."""
    zones: list[tuple[int, int]] = []
    for found in _DIGITS.finditer(text):
        start = text.rfind(" ", 0, max(0, found.start() - _REACH_BEFORE)) + 1
        end = text.find(" ", min(len(text), found.end() + _REACH_AFTER))
        end = len(text) if end < 0 else end
        if zones and start <= zones[-1][1]:
            start = zones.pop()[0]
        zones.append((start, end))
    return zones


def _without_numbers(text: str, counts: Counter[str]) -> str:
    text = without_payment_numbers(text, counts)
    for kind in NATIONAL_IDS:
        text, found = kind.replace(text, "[NATIONAL_ID]")
        counts.update({"NATIONAL_ID": found} if found else {})
    return without_phone_numbers(text, counts)


def _is_ipv6(text: str) -> bool:
    if "::" in text and (len(text) < 7 or not any(map(str.isdigit, text))):
        return False  # "std::", "a::b", "dead::beef" are words
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _ip_or_version(match: re.Match[str], counts: Counter[str]) -> str:
    before = match.string[max(0, match.start() - 16) : match.start()]
    if match[0].startswith(("0.", "127.")) or _VERSION_BEFORE.search(before):
        return match[0]
    counts["IP"] += 1
    return "[IP]"


def _without_names(text: str, find_names: NameFinder, counts: Counter[str]) -> str:
    taken = [found.span() for found in PLACEHOLDER.finditer(text)]
    for start, end in sorted(set(find_names(text)), reverse=True):
        overlaps = any(start < stop and begin < end for begin, stop in taken)
        if start < end and not overlaps:
            text = f"{text[:start]}[PERSON]{text[end:]}"
            taken.append((start, end))
            counts["PERSON"] += 1
    return text
