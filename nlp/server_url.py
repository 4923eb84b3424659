"""The address under which people reach the server, for links in what is sent."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[^\s/?#@\"'<>]+(?:/[^\s?#\"'<>]*)?")


def server_url(text: str) -> str:
    """The address without a slash at its end; "" for "".

    Raises:
        ValueError: it is none, or holds a user name, a query or a fragment.
    """
    found = text.strip().rstrip("/")
    if found and not _ADDRESS.fullmatch(found):
        raise ValueError(
            "GROUNDSWELL_URL is no address of a server; write it like "
            "https://groundswell.example.com"
        )
    return found
