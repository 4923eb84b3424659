"""`groundswell serve`."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer

from flows.commands.shell import CommandError, say, settings_of
from flows.settings import Settings, hide_password

# Listening on all of them names none that a request could ask for.
_ALL_ADDRESSES = ("0.0.0.0", "::", "")  # noqa: S104


def serve(
    ctx: typer.Context,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; anything but loopback is open to others. Requests must "
            "name localhost, this address or a host of GROUNDSWELL_HOSTS (comma list; * is any)."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
) -> None:
    """Serve the API and the pages.

    \b
    Examples:
      groundswell serve
      groundswell --database-url postgresql://groundswell@db/groundswell serve --port 8080
    """
    from flows.commands.opening import open_store

    settings = settings_of(ctx)
    open_store(settings).dispose()
    serve_pages(settings, host=host, port=port)


def serve_pages(settings: Settings, *, host: str, port: int) -> None:
    """Runs the web server until it is stopped; the app reads its settings from the environment."""
    import uvicorn

    _check_free(host, port)
    os.environ["GROUNDSWELL_HOME"] = str(settings.home)
    os.environ["GROUNDSWELL_DATABASE_URL"] = settings.database_url
    if settings.labels_dir is not None:
        os.environ["GROUNDSWELL_LABELS"] = str(settings.labels_dir)
    if host not in _ALL_ADDRESSES:
        others = os.environ.get("GROUNDSWELL_HOSTS", "")
        os.environ["GROUNDSWELL_HOSTS"] = f"{others},{host}" if others else host
    say(f"Serving {hide_password(settings.database_url)} at http://{host}:{port} (stop: Ctrl-C)")
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
    )


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
            ) from error
