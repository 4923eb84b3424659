"""`groundswell serve`."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.shell import CommandError, say, settings_of
from flows.settings import Settings, hide_password

if TYPE_CHECKING:
    from store.database import Engine

# Listening on all of them names none that a request could ask for.
_ALL_ADDRESSES = ("0.0.0.0", "::", "")  # noqa: S104
_UNGUARDED = (
    "There are no keys: everybody who reaches this address, also through a proxy or a tunnel on "
    "this machine, may do everything; make a key to change that: groundswell keys create NAME"
)


def serve(
    ctx: typer.Context,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; anything but loopback is open to others, and needs a key "
            "first (groundswell keys create). Requests must name localhost, this address or a "
            "host of GROUNDSWELL_HOSTS (comma list; * is any)."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
) -> None:
    """Serve the API and the pages. Without keys, to this machine only.

    \b
    Examples:
      groundswell serve
      groundswell serve --host 0.0.0.0 --port 8080
      groundswell --database-url postgresql://groundswell@db/groundswell serve --port 8080
    """
    from flows.commands.opening import open_store

    settings = settings_of(ctx)
    engine = open_store(settings)
    check_open(engine, host)
    if not is_guarded(engine):
        say(_UNGUARDED)
    engine.dispose()
    serve_pages(settings, host=host, port=port)


def check_open(engine: Engine, host: str) -> None:
    """Refuse to listen where others can ask as long as nobody could tell who they are.

    Raises:
        CommandError: the address is not loopback, and no key is active.
    """
    from store.access_keys import list_keys
    from store.database import read_scope

    if _is_loopback(host):
        return
    now = dt.datetime.now(dt.UTC)
    with read_scope(engine) as session:
        keys = list_keys(session)
    if any(key.active(now) for key in keys):
        return
    why = "every key is expired or revoked" if keys else "there is no key yet"
    raise CommandError(
        f"{host} can be reached by others, and {why}, so nobody could be told apart. Make a key "
        "first: groundswell keys create NAME --scope read\n"
        "Or leave --host out: without keys, the server answers this machine only."
    )


def is_guarded(engine: Engine) -> bool:
    """Whether a key is asked for: `store.access_keys.guarded`."""
    from store.access_keys import guarded
    from store.database import read_scope

    with read_scope(engine) as session:
        return guarded(session)


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


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address; other names may lead anywhere."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
