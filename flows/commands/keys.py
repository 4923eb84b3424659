"""`groundswell keys`: who may ask the server, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.shell import print_json, settings_of

if TYPE_CHECKING:
    import datetime as dt

    from store.access_keys import AccessKey

app = typer.Typer(help="API keys: create, list, revoke. Without any, only this machine is served.")

_LONGEST_DAYS = 3650

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def keys() -> None:
    """API keys: create, list, revoke. Without any, only this machine is served."""


@app.command("create")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who uses it; stands beside what they decide.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may: read, correct, ingest, admin (everything). Repeat for several; "
            "read by default."
        ),
    ] = None,
    expires_days: Annotated[
        int | None,
        typer.Option(min=1, max=_LONGEST_DAYS, help="Days it holds; for ever by default."),
    ] = None,
    json_output: Json = False,
) -> None:
    """Make a key and print its token, once: only a digest of it is kept.

    \b
    Examples:
      groundswell keys create "Ana Lima" --scope read --scope correct --expires-days 90
      groundswell keys create helpdesk-export --scope ingest --json
    """
    import datetime as dt

    from flows.commands.opening import open_store
    from store.access_keys import create_key
    from store.database import session_scope

    now = dt.datetime.now(dt.UTC)
    expires_at = None if expires_days is None else now + dt.timedelta(days=expires_days)
    engine = open_store(settings_of(ctx))
    with session_scope(engine, changes_answers=False) as session:
        key, token = create_key(
            session, name, scopes=scope or ["read"], now=now, expires_at=expires_at
        )
    if json_output:
        print_json(_plain(key, now) | {"token": token})
        return
    typer.echo(token)
    typer.echo(
        f"Key {key.id} for {key.name}: {', '.join(key.scopes)}; {_until(key)}. The token is not "
        "shown again.\n"
        "Programs send it as  Authorization: Bearer TOKEN ; people paste it at /sign-in.",
        err=True,
    )


@app.command("list")
def list_all(ctx: typer.Context, json_output: Json = False) -> None:
    """List the keys there ever were, the oldest first; tokens are kept nowhere.

    \b
    Example:
      groundswell keys list --json
    """
    import datetime as dt

    from flows.commands.opening import open_store
    from store.access_keys import list_keys
    from store.database import read_scope

    now = dt.datetime.now(dt.UTC)
    with read_scope(open_store(settings_of(ctx))) as session:
        found = list_keys(session)
    if json_output:
        print_json([_plain(key, now) for key in found])
        return
    for key in found:
        used = f"last used {_day(key.last_used_at)}" if key.last_used_at else "never used"
        typer.echo(
            f"{key.id}  {key.state(now)}  {key.name}: {', '.join(key.scopes)}; "
            f"made {_day(key.created_at)}, {_until(key)}, {used}"
        )
    if not found:
        typer.echo("no keys: the server answers this machine only, and asks nobody who they are")


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Its id; see `keys list`.")],
    json_output: Json = False,
) -> None:
    """Refuse a key from now on, and sign out every browser that used it.

    \b
    Example:
      groundswell keys revoke 0a1b2c3d
    """
    import datetime as dt

    from flows.commands.opening import open_store
    from store.access_keys import guarded, revoke_key
    from store.database import session_scope

    now = dt.datetime.now(dt.UTC)
    engine = open_store(settings_of(ctx))
    with session_scope(engine, changes_answers=False) as session:
        key = revoke_key(session, key_id, now=now)
        left = guarded(session)
    if json_output:
        print_json(_plain(key, now))
        return
    typer.echo(f"Key {key.id} ({key.name}) is revoked.")
    if not left:
        typer.echo(
            "No key is left: the server answers this machine only, and asks nobody who they are."
        )


def _plain(key: AccessKey, now: dt.datetime) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: _iso(value) for name, value in asdict(key).items()} | {"state": key.state(now)}


def _iso(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _until(key: AccessKey) -> str:
    return "never expires" if key.expires_at is None else f"expires {_day(key.expires_at)}"


def _day(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
