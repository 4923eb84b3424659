"""`groundswell themes`: what the register of themes holds, how it came to that, and a rebuild."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.decide import undone_told
from flows.commands.shell import print_json, say, settings_of

if TYPE_CHECKING:
    from flows.rebuilding import Rebuilt
    from flows.theme_life import ThemeHistory, ThemePage

_WEEKS = 12  # published weeks that are printed; --json has all

app = typer.Typer(help="Themes: list them, read one, its history, and propose a rebuild.")

ThemeId = Annotated[str, typer.Argument(help="The theme's id; see `themes list`.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def themes() -> None:
    """Themes: list them, read one, its history, and propose a rebuild."""


@app.command("list")
def list_themes(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    json_output: Json = False,
) -> None:
    """List the themes, with the customers of the week published last.

    \b
    Example:
      groundswell themes list --all
    """
    from flows.commands.opening import open_store
    from flows.theme_life import list_themes as rows_of
    from store.database import read_scope

    with read_scope(open_store(settings_of(ctx))) as session:
        rows = rows_of(session, ended=everything)
    if json_output:
        print_json([asdict(row) for row in rows])
        return
    if not rows:
        say("There are no themes yet; they come with: groundswell ingest PATH, groundswell run")
        return
    from report.wording import count

    for row in rows:
        owner = f", {row.owner}" if row.owner else ""
        typer.echo(
            f"{row.id}  {row.level:<6}  {count(row.customers, 'customer')}{owner}, {row.state}: "
            f"{row.label}"
        )
    typer.echo(f"{len(rows)} themes")


@app.command("show")
def show(ctx: typer.Context, theme_id: ThemeId, json_output: Json = False) -> None:
    """Show a theme: its name and why, its terms, its most typical statements, where it stands.

    \b
    Example:
      groundswell themes show T-0a1b2c3d4e
    """
    from flows.commands.opening import open_store
    from flows.theme_life import theme_page
    from store.database import read_scope

    settings = settings_of(ctx)
    with read_scope(open_store(settings)) as session:
        page = theme_page(session, settings, theme_id)
    if json_output:
        print_json(asdict(page))
        return
    for line in _page_lines(page):
        typer.echo(line)


@app.command("history")
def history(ctx: typer.Context, theme_id: ThemeId, json_output: Json = False) -> None:
    """Tell a theme's life in sentences: birth, names, merges, silence, and what people decided.

    The counts of the weeks in which it was published stay, also when it was merged since.

    \b
    Example:
      groundswell themes history T-0a1b2c3d4e --json
    """
    from flows.commands.opening import open_store
    from flows.theme_life import theme_history
    from store.database import read_scope

    with read_scope(open_store(settings_of(ctx))) as session:
        told = theme_history(session, theme_id)
    if json_output:
        print_json(told.plain())
        return
    for line in _history_lines(told):
        typer.echo(line)


@app.command("rebuild")
def rebuild(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="Write the proposals as corrections, to be reviewed.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take all proposals at once.")] = False,
    who: Annotated[str | None, typer.Option(help="Who accepts; by default the user.")] = None,
    why: Annotated[str, typer.Option(help="Why all of them are accepted.")] = "",
    json_output: Json = False,
) -> None:
    """Partition everything anew and propose what the themes should become; nothing changes by it.

    Proposals are corrections: merges, splits, births and removals, each with its reason. Delete
    from the file what you do not want, then: groundswell correct import FILE

    \b
    Example:
      groundswell themes rebuild --out proposals.yaml
    """
    if accept and not why.strip():
        raise typer.BadParameter("--accept needs --why, for whoever reads it in a year")
    from flows.commands.opening import open_store
    from flows.rebuilding import accept_all, proposals_file
    from flows.rebuilding import rebuild as partition_anew
    from labels.schema import load
    from nlp.scoring import memory_config
    from report.wording import count
    from service.week_inputs import when_it_counts
    from store.database import read_scope

    settings = settings_of(ctx)
    memory = memory_config(load(settings.labels_dir).scoring)
    engine = open_store(settings)
    found = partition_anew(engine, memory=memory, tell=say)
    if out is not None:
        from service.exports.files import write_whole

        write_whole(out, proposals_file(found).encode("utf-8"))
    person = who or getpass.getuser()
    accepted = accept_all(engine, found, who=person, why=why.strip()) if accept else []
    if json_output:
        print_json(
            {
                "week": found.week,
                "texts": found.texts,
                "groups": found.groups,
                "themes": found.themes,
                "survive": found.again,
                "proposals": [asdict(one) | {"value": one.value()} for one in found.proposals],
                "file": None if out is None else str(out),
                "accepted": accepted,
            }
        )
        return
    _tell_rebuilt(found)
    if accepted:
        with read_scope(engine) as session:
            counts = when_it_counts(session, "decisions")
        typer.echo(f"accepted: {count(len(accepted), 'decision')}; they take effect {counts}")
    elif out is not None:
        typer.echo(f"{out}: delete what you do not want, then: groundswell correct import {out}")
    elif found.proposals:
        typer.echo("Nothing was changed. To review and accept them: --out FILE")


def _page_lines(page: ThemePage) -> list[str]:
    from flows.theme_life import COPY_WEEKS
    from report.wording import copies_note

    theme = page.theme
    lines = [f"{theme.id}  {theme.label}", f"  {theme.level}, {page.state}, born {theme.born_week}"]
    lines.append(f"  name: {theme.label_reason}")
    if theme.rival:
        weeks = f"better for {theme.rival_weeks} week(s) so far"
        lines.append(f"  another name may be better: {theme.rival} ({weeks})")
    if theme.terms:
        lines.append(f"  most distinctive: {', '.join(theme.terms)}")
    if theme.parent_id:
        lines.append(f"  under: {page.parent or '?'} ({theme.parent_id})")
    lines += [f"  holds: {label} ({name})" for name, label in page.children]
    if page.owner is not None:
        lines.append(f"  owner: {page.owner.owner_name} ({page.owner.reason})")
    if page.stage is not None:
        lines.append(f"  stage: {page.stage.stage_name} ({page.stage.reason})")
    if page.trend is not None:
        lines.append(
            f"  {page.trend.week}: {page.trend.statements} statements of "
            f"{page.trend.customers} customers, {page.trend.status}"
        )
    if page.copies is not None:
        lines.append(f"  {copies_note(page.copies, weeks=COPY_WEEKS)}")
    if page.typical:
        lines.append("  most typical:")
        lines += [f"    - {' '.join(text.split())}" for text in page.typical]
    return [*lines, f"  its life: groundswell themes history {theme.id}"]


def _history_lines(told: ThemeHistory) -> list[str]:
    lines = [f"{told.theme.id}  {told.theme.label} ({told.theme.level}, {told.state})"]
    lines += [f"  {moment.week}  {moment.sentence}" for moment in told.moments]
    if told.decisions:
        lines.append("Decisions:")
    for one in told.decisions:
        what = f"{one.kind} {one.theme_id}".strip()
        lines.append(
            f"  {one.when:%Y-%m-%d}  {what}, by {one.who}: {one.why} "
            f"(no. {one.id}{undone_told(one)})"
        )
    if told.published:
        lines.append("Published:")
    earlier = len(told.published) - _WEEKS
    if earlier > 0:
        lines.append(f"  {earlier} earlier weeks: see --json")
    lines += [
        f"  {one.week}  {one.statements} statements, {one.customers} customers"
        for one in told.published[-_WEEKS:]
    ]
    return lines


def _tell_rebuilt(found: Rebuilt) -> None:
    for one in found.proposals:
        subject = f"{one.theme_id} into {one.into}" if one.into else one.theme_id
        typer.echo(f"{one.kind} {subject}".rstrip() + f": {one.reason}")
        for quote in one.quotes:
            typer.echo(f"    - {' '.join(quote.split())}")
    typer.echo(
        f"{found.texts:,} texts in {found.groups:,} groups; {found.again:,} of "
        f"{found.themes:,} themes are found again; {len(found.proposals)} proposals"
    )
