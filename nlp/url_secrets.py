"""Secrets in addresses and in prose that look like nothing else: the rest of an URL stays."""

from __future__ import annotations

import re
from collections import Counter

from nlp.placeholders import hide, swap

_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s<>\"]+")
# Addresses as people write them, without a scheme; only with something behind the host.
_BARE_URL = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}(?::\d{1,5})?"
    r"[/?#][^\s<>\"]+",
    re.IGNORECASE,
)
# Also where no host is to be seen: "/login?password=...", "localhost:3000/?token=...".
_BARE_PAIR = re.compile(r"(?<=[?&#])([^=&#;?\s/<>\"]{1,64})=([^&#;\s<>\"]+)")
_USER_INFO = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
_PAIR = re.compile(r"(?<=[?&#;])([^=&#;?\s/]{1,64})=([^&#;\s]+)")
_SECRET_NAME = re.compile(
    r"token|secret|passw|pwd|api_?-?key|access_?-?key|^key$|^sig$|signature|auth|session|^sid$|jwt"
    r"|^code$|^otp$|credential|^hash$|invite|ticket|nonce|^state$|reset",
    re.IGNORECASE,
)
_URL_PIECE = re.compile(r"[^/?#&=;,()\[\]'\s]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SECRET = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"  # JSON web token
    r"|\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|\b(?:ghp|gho|ghs|github_pat)_\w{20,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{35}"
    r"|(?<=\bBearer )[\w.~+/-]{16,}=*"
)
_SECRET_HINTS = ("eyJ", "_live_", "_test_", "gh", "AKIA", "xox", "AIza", "Bearer ")


def without_secrets(text: str, counts: Counter[str]) -> str:
    """URL credentials as [CREDENTIALS]; tokens in URLs, JSON web tokens and API keys as [TOKEN].

    An URL needs no scheme: not caught there are a user and password before the host.
    """
    if "://" in text:
        text = _URL.sub(lambda url: _safe_url(url[0], counts), text)
    if "=" in text:
        text = _BARE_PAIR.sub(lambda pair: _safe_pair(pair, counts), text)
    if "/" in text:
        text = _BARE_URL.sub(lambda url: _safe_path(url[0], counts), text)
    if any(hint in text for hint in _SECRET_HINTS):
        text = swap(_SECRET, "TOKEN", text, counts)
    return text


def _safe_url(url: str, counts: Counter[str]) -> str:
    url = _USER_INFO.sub(lambda match: hide(match[0], "CREDENTIALS", counts), url, count=1)

    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    path = _PAIR.sub(lambda pair: _safe_pair(pair, counts), slash + path)
    host = _PAIR.sub(lambda pair: _safe_pair(pair, counts), host)
    return scheme + mark + host + _safe_path(path, counts)


def _safe_pair(pair: re.Match[str], counts: Counter[str]) -> str:
    if not _SECRET_NAME.search(pair[1]):
        return pair[0]
    return f"{pair[1]}={hide(pair[2], 'TOKEN', counts)}"


def _safe_path(path: str, counts: Counter[str]) -> str:
    return _URL_PIECE.sub(
        lambda piece: hide(piece[0], "TOKEN", counts) if _is_token(piece[0]) else piece[0], path
    )


def _is_token(piece: str) -> bool:
    """A UUID, or a stretch of 16 letters and digits mixed that no readable address has."""
    if _UUID.search(piece):
        return True
    return any(
        len(part) >= 16 and any(map(str.isdigit, part)) and any(map(str.isalpha, part))
        for part in re.split(r"[-_.~%+:@!]", piece)
    )
