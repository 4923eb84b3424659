"""`groundswell mcp`."""

from __future__ import annotations

import os
import sys

import typer

from flows.commands.shell import settings_of


def mcp(ctx: typer.Context) -> None:
    """Answer an assistant's questions over standard input and output (MCP); changes nothing.

    An assistant starts this itself; see "For assistants" in the README.

    \b
    Examples:
      groundswell mcp
      groundswell --home /srv/groundswell mcp
    """
    settings = settings_of(ctx)
    os.environ["GROUNDSWELL_HOME"] = str(settings.home)
    os.environ["GROUNDSWELL_DATABASE_URL"] = settings.database_url
    if settings.labels_dir is not None:
        os.environ["GROUNDSWELL_LABELS"] = str(settings.labels_dir)
    sys.stdout.flush()
    # The server is the API's side of the house, which commands do not import: it takes this
    # process's place. -P: a folder `api` where the assistant happens to stand is not ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "api.assistant"])  # noqa: S606
