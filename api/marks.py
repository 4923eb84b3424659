"""What stands in a page for what differs from caller to caller, so that pages can be kept.

A page is drawn, and kept, with these marks in it; `api.filling` puts the caller's own in their
place on the way out. They are random, so that no text of a customer's can be taken for one.
"""

from __future__ import annotations

import secrets

from markupsafe import Markup

TOKEN_BYTES = 32


def new_token() -> str:
    """A random token of 43 characters that are safe in HTML, cookies and addresses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


# As long as a token: the hidden field's value.
MARK = new_token()
# Where the page says who is signed in, with a button to sign out.
CALLER_MARK = Markup(f"<!--{new_token()}-->")  # noqa: S704  (only letters, digits, - and _)
# Around what only who may correct is shown: forms and the links to them. They are not nested.
FOR_CORRECTORS = Markup(f"<!--{new_token()}-->")  # noqa: S704
FOR_ALL_AGAIN = Markup(f"<!--{new_token()}-->")  # noqa: S704
