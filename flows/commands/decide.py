"""What the commands under `groundswell correct` share: check, show what would change, keep."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.shell import print_json, settings_of

if TYPE_CHECKING:
    from service.preview import Preview
    from service.verdict_preview import RankPreview
    from store.decisions import Decision

_TITLE = 80  # of a line; `cause show` has all

ThemeId = Annotated[str, typer.Argument(help="The theme's id; see `themes list`.")]
Who = Annotated[str | None, typer.Option(help="Who decides; by default the system's user.")]
Why = Annotated[str, typer.Option(help="The reason, for whoever reads it in a year.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")]


def decide(
    ctx: typer.Context,
    kind: str,
    theme_id: str,
    value: Mapping[str, Any],
    who: str | None,
    why: str,
    *,
    dry_run: bool,
    json_output: bool,
) -> None:
    """Keep a decision, or show what it would change."""
    from flows.commands.opening import open_store
    from labels.schema import load
    from service.correcting import foresee, keep
    from service.preview import Preview
    from store.database import read_scope, session_scope
    from store.deciding import Wish

    settings = settings_of(ctx)
    labels = load(settings.labels_dir)
    wish = Wish(kind, theme_id, value, who or getpass.getuser(), why)
    engine = open_store(settings)
    if dry_run:
        with read_scope(engine) as session:
            shown = foresee(session, wish, labels=labels)
        if shown.ranks is not None:
            ranks = replace(shown.ranks, notes=shown.notes)
            _print_ranks(ranks, json_output=json_output)
        else:
            _print_preview(
                Preview(shown.changes, shown.not_applied),
                json_output=json_output,
                notes=shown.notes,
                known=shown.known,
            )
        return
    with session_scope(engine) as session:
        kept = keep(session, wish, labels=labels)
    if json_output:
        print_json({"id": kept.id, "kind": kind, "theme_id": theme_id, **value})
        return
    subject = theme_id or value.get("cause_id", "")
    typer.echo(
        f"decision {kept.id}: {' '.join(filter(None, (kind, subject)))}; "
        f"it takes effect {kept.counts}"
    )


def import_decisions(
    ctx: typer.Context, file: Path, who: str | None, *, dry_run: bool, json_output: bool
) -> None:
    """Take a corrections file, or show what it would change."""
    from flows.commands.opening import open_store
    from flows.correction_file import import_file
    from labels.schema import load
    from nlp.scoring import memory_config
    from service.preview import Preview, preview
    from service.under_way import under_way
    from service.week_inputs import when_it_counts
    from store.database import Session, session_scope

    settings = settings_of(ctx)
    labels = load(settings.labels_dir)
    owners = {known.id for known in labels.owners}
    engine = open_store(settings)
    person = who or getpass.getuser()
    if dry_run:
        with Session(engine) as session:  # never committed
            import_file(session, file, who=person, owners=owners)
            now = under_way(session)
            known = not now.latest_is_anew
            shown = Preview((), ())
            if known:
                shown = preview(session, [], memory=memory_config(labels.scoring))
        _print_preview(shown, json_output=json_output, notes=now.notes(), known=known)
        return
    with session_scope(engine) as session:
        done = import_file(session, file, who=person, owners=owners)
        counts = when_it_counts(session, "decisions")
    if json_output:
        print_json({"file": str(file), **asdict(done)})
        return
    from report.wording import count

    taken_back = f", {done.undone} undone here and left so" if done.undone else ""
    effect = f"; they take effect {counts}" if done.accepted else ""
    new = count(done.accepted, "new decision")
    typer.echo(f"{file}: {new}, {done.unchanged} known already{taken_back}{effect}")


def undone_told(made: Decision) -> str:
    """When a decision was taken back, by whom and why; "" while it is in force."""
    if made.undone_at is None:
        return ""
    by = f" by {made.undone_by}" if made.undone_by else ""
    why = f": {made.undone_why}" if made.undone_why else ""
    return f", undone {made.undone_at:%Y-%m-%d}{by}{why}"


def _print_preview(shown: Preview, *, json_output: bool, notes: Sequence[str], known: bool) -> None:
    if json_output:
        print_json({**asdict(shown), "notes": list(notes), "known": known})
        return
    for change in shown.changes:
        typer.echo(f"{change.theme_id}  {change.label}: {change.before} -> {change.after}")
    for line in shown.not_applied:
        typer.echo(f"not applied: {line}")
    for note in notes:
        typer.echo(f"note: {note}")
    if not known:
        typer.echo("nothing was kept")
        return
    typer.echo(
        f"{len(shown.changes)} themes would change their number of statements (as of the last run)"
        "; nothing was kept"
    )


def _print_ranks(shown: RankPreview, *, json_output: bool) -> None:
    from report.figures import short
    from report.wording import count, shorten

    if json_output:
        print_json({**asdict(shown), "changes": [], "not_applied": []})
        return
    for one in shown.shifts:
        scores = [
            "none" if score is None else short(score)
            for score in (one.score_before, one.score_after)
        ]
        ranks = [
            "none" if rank is None else str(rank) for rank in (one.rank_before, one.rank_after)
        ]
        typer.echo(
            f"{one.id}  {one.kind} {shorten(one.title, limit=_TITLE)}: "
            f"score {' -> '.join(scores)}, rank {' -> '.join(ranks)}"
        )
    if shown.others:
        typer.echo(f"{count(shown.others, 'other')} would only change rank")
    for note in shown.notes:
        typer.echo(f"note: {note}")
    scores_told = count(len(shown.shifts), "score")
    at = f" (as of {shown.week})" if shown.week else ""
    typer.echo(f"{scores_told} would change{at}, no theme's statements; nothing was kept")
