"""`groundswell cause`: the root causes, all evidence of one, and what people decide about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.decide import DryRun, Json, Who, Why, decide
from flows.commands.shell import CommandError, print_json, settings_of

if TYPE_CHECKING:
    from store.root_causes import RootCauseFile

app = typer.Typer(help="Root causes: list them, read one with its evidence, confirm or reject it.")

CauseId = Annotated[str, typer.Argument(help="The root cause's id; see `cause list`.")]


@app.callback()
def cause() -> None:
    """Root causes: list them, read one with its evidence, confirm or reject it."""


@app.command("list")
def list_causes(
    ctx: typer.Context,
    week: Annotated[str | None, typer.Option(help="A published ISO week; else the last.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those told before only, too.")] = False,
    json_output: Json = False,
) -> None:
    """List the root causes of a week, the costliest first; = marks ranks that are tied.

    \b
    Example:
      groundswell cause list --all
    """
    from flows.cause_table import cause_rows, print_causes
    from flows.commands.opening import open_store
    from service.exporting import published_week
    from store.database import read_scope
    from store.snapshots import published_weeks

    with read_scope(open_store(settings_of(ctx))) as session:
        chosen = published_week(published_weeks(session), week)
        rows = cause_rows(session, week=chosen, everything=everything)
    if json_output:
        print_json([row.plain() for row in rows])
        return
    print_causes(rows, week=chosen)


@app.command("show")
def show(ctx: typer.Context, cause_id: CauseId, json_output: Json = False) -> None:
    """Show a root cause: what is claimed, every piece of evidence, and its statements.

    \b
    Example:
      groundswell cause show R-0a1b2c3d4e
    """
    from flows.commands.opening import open_store
    from store.database import read_scope
    from store.root_causes import root_cause_file

    with read_scope(open_store(settings_of(ctx))) as session:
        found = root_cause_file(session, cause_id)
    if found is None:
        raise CommandError(
            f"there is no root cause {cause_id}; ids are in: groundswell cause list --all"
        )
    if json_output:
        print_json(_plain(found))
        return
    for line in _lines(found):
        typer.echo(line)


@app.command("confirm")
def confirm(
    ctx: typer.Context,
    cause_id: CauseId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Say that a root cause holds, as you know from elsewhere: a trial, a log, the code.

    \b
    Example:
      groundswell cause confirm R-0a1b2c3d4e --why "seen in the gateway's log, ticket 4711"
    """
    value = {"cause_id": cause_id}
    decide(ctx, "confirm-cause", "", value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("reject")
def reject(
    ctx: typer.Context,
    cause_id: CauseId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Say that a root cause is none: it stays on record, and out of the ranking.

    \b
    Example:
      groundswell cause reject R-0a1b2c3d4e --why "the survey was sent to that region only"
    """
    value = {"cause_id": cause_id}
    decide(ctx, "reject-cause", "", value, who, why, dry_run=dry_run, json_output=json_output)


def _lines(found: RootCauseFile) -> list[str]:
    from report import figures
    from report.backlog import root_cause_line
    from report.cause_wording import root_cause_notes
    from report.verdict_wording import pending_text
    from report.wording import KIND_NAMES, cause_strength, cause_text

    one = found.cause
    line = root_cause_line(one, {part.piece.id: part.piece for part in found.evidence})
    pending = pending_text(found.last, found.verdict)
    lines = [
        f"{one.id}  {one.state}: {line.lead}",
        *([figures.sentence(line.reworded)] if line.reworded else []),
        f"in full: {one.statement}",
        f"theme: {one.theme_id} {found.theme_label}".rstrip(),
        *([f"verdict: {pending}"] if pending else []),
        *root_cause_notes(one),
        f"first told in {one.first_week}, last in {found.week}",
    ]
    for part in found.evidence:
        piece = part.piece
        exploratory = "; exploratory" if piece.exploratory else ""
        lines.append("")
        lines.append(
            f"{KIND_NAMES[piece.kind]} ({piece.id}): {cause_text(piece)}; "
            f"{cause_strength(piece)}{exploratory}"
        )
        lines += [
            f"  {statement.id}  {message.day}: {statement.text}"
            for statement, message in part.statements
        ]
    lines += ["", "Customer-stated or correlated, never proven."]
    return lines


def _plain(found: RootCauseFile) -> dict[str, Any]:
    from report.verdict_wording import pending_text

    return {
        "week": found.week,
        "theme_label": found.theme_label,
        **asdict(found.cause),
        "pending_verdict": pending_text(found.last, found.verdict),
        "pieces": [
            {
                **asdict(part.piece),
                "quotes": [
                    {"statement_id": statement.id, "day": message.day, "text": statement.text}
                    for statement, message in part.statements
                ],
            }
            for part in found.evidence
        ],
    }
