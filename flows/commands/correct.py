"""`groundswell correct`: what people decide, stored as facts and replayed on every run."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.shell import CommandError, print_json, settings_of
from flows.settings import Settings

app = typer.Typer(help="Decisions of people; they outrank every rule, on every run from then on.")

Who = Annotated[str | None, typer.Option(help="Who decides; by default the system's user.")]
Why = Annotated[str, typer.Option(help="The reason, for whoever reads it in a year.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def correct() -> None:
    """Decisions of people; they outrank every rule, on every run from then on."""


@app.command("owner")
def owner(
    ctx: typer.Context,
    theme_id: Annotated[str, typer.Argument(help="The theme's id.")],
    owner_id: Annotated[str, typer.Argument(help="An owner's id in labels/owners.yaml.")],
    why: Why,
    who: Who = None,
    json_output: Json = False,
) -> None:
    """Give a theme to an owner.

    \b
    Example:
      groundswell correct owner T0007 payments --why "agreed with Ines on Monday"
    """
    from labels.schema import load

    settings = settings_of(ctx)
    labels = load(settings.labels_dir)
    if labels.owner(owner_id) is None:
        known = ", ".join(sorted(known.id for known in labels.owners))
        raise CommandError(f"{owner_id!r} is no owner; owners.yaml has: {known}")
    _decide(settings, "owner", theme_id, {"owner_id": owner_id}, who, why, json_output=json_output)


@app.command("rename")
def rename(
    ctx: typer.Context,
    theme_id: Annotated[str, typer.Argument(help="The theme's id.")],
    label: Annotated[str, typer.Argument(help="Its name from now on.")],
    why: Why,
    who: Who = None,
    json_output: Json = False,
) -> None:
    """Name a theme.

    \b
    Example:
      groundswell correct rename T0007 "Payout comes late" --why "what customers say"
    """
    name = " ".join(label.split())
    if not name:
        raise CommandError("the new name is empty; give one in quotes")
    settings = settings_of(ctx)
    _decide(settings, "rename", theme_id, {"label": name}, who, why, json_output=json_output)


@app.command("list")
def list_decisions(ctx: typer.Context, json_output: Json = False) -> None:
    """List the decisions in force.

    \b
    Example:
      groundswell correct list
    """
    from flows.commands.opening import open_store
    from store.database import read_scope
    from store.decisions import active_decisions

    with read_scope(open_store(settings_of(ctx))) as session:
        decisions = active_decisions(session)
    if json_output:
        print_json([asdict(decision) for decision in decisions])
        return
    for made in decisions:
        typer.echo(
            f"{made.id}: {made.kind} {made.theme_id} {made.value} "
            f"({made.who}, {made.when:%Y-%m-%d}: {made.why})"
        )
    typer.echo(f"{len(decisions)} in force")


@app.command("undo")
def undo(
    ctx: typer.Context,
    decision_id: Annotated[int, typer.Argument(help="Its number in `correct list`.")],
    json_output: Json = False,
) -> None:
    """Take a decision back; the next run goes by the rules again.

    \b
    Example:
      groundswell correct undo 3
    """
    from flows.commands.opening import open_store
    from store.database import session_scope
    from store.decisions import active_decisions, undo_decision

    with session_scope(open_store(settings_of(ctx))) as session:
        if decision_id not in {decision.id for decision in active_decisions(session)}:
            raise CommandError(
                f"no decision {decision_id} is in force; see: groundswell correct list"
            )
        undo_decision(session, decision_id)
    if json_output:
        print_json({"undone": decision_id})
        return
    typer.echo(f"undone: {decision_id}; it takes effect with the next run")


def _decide(
    settings: Settings,
    kind: str,
    theme_id: str,
    value: dict[str, str],
    who: str | None,
    why: str,
    *,
    json_output: bool,
) -> None:
    from flows.commands.opening import open_store
    from store.database import session_scope
    from store.decisions import add_decision
    from store.themes import themes_as_of

    with session_scope(open_store(settings)) as session:
        if theme_id not in {theme.id for theme in themes_as_of(session)}:
            raise CommandError(
                f"there is no theme {theme_id}; ids are in: groundswell export themes --out -"
            )
        decision_id = add_decision(
            session,
            kind=kind,
            theme_id=theme_id,
            value=json.dumps(value, ensure_ascii=False, sort_keys=True),
            who=who or getpass.getuser(),
            why=why,
        )
    if json_output:
        print_json({"id": decision_id, "kind": kind, "theme_id": theme_id, **value})
        return
    typer.echo(f"decision {decision_id}: {kind} {theme_id}; it takes effect with the next run")
