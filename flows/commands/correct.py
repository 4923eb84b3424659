"""`groundswell correct`: what people decide, stored as facts and replayed on every run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.decide import DryRun, Json, ThemeId, Who, Why, decide, undone_told
from flows.commands.shell import CommandError, print_json, settings_of

app = typer.Typer(help="Decisions of people; they outrank every rule, on every run from then on.")

StatementId = Annotated[str, typer.Argument(help="A statement's id, as in an export: source/id#no")]


@app.callback()
def correct() -> None:
    """Decisions of people; they outrank every rule, on every run from then on."""


@app.command("owner")
def owner(
    ctx: typer.Context,
    theme_id: ThemeId,
    owner_id: Annotated[str, typer.Argument(help="An owner's id in labels/owners.yaml.")],
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Give a theme to an owner.

    \b
    Example:
      groundswell correct owner T-0a1b2c3d4e payments --why "agreed with Ines on Monday"
    """
    value = {"owner_id": owner_id}
    decide(ctx, "owner", theme_id, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("rename")
def rename(
    ctx: typer.Context,
    theme_id: ThemeId,
    label: Annotated[str, typer.Argument(help="Its name from now on.")],
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Name a theme.

    \b
    Example:
      groundswell correct rename T-0a1b2c3d4e "Payout comes late" --why "what customers say"
    """
    value = {"label": label}
    decide(ctx, "rename", theme_id, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("effort")
def effort(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(help="A theme's id, or an owner's in owners.yaml.")],
    effort: Annotated[float, typer.Argument(help="Above 0; 1 is what an unknown one counts as.")],
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Say what it takes to mend a theme, or all that is an owner's: the score is divided by it.

    \b
    Example:
      groundswell correct effort T-0a1b2c3d4e 3 --why "three weeks of two, says the team"
    """
    value = {"effort": effort}
    decide(ctx, "effort", subject, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("merge")
def merge(
    ctx: typer.Context,
    theme_id: ThemeId,
    into: Annotated[str, typer.Argument(help="The theme that takes its statements.")],
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Merge a theme into another; what was published of it before stays as it was.

    \b
    Example:
      groundswell correct merge T-0a1b2c3d4e T-5f6a7b8c9d --why "both are about late payouts"
    """
    value = {"into": into}
    decide(ctx, "merge", theme_id, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("split")
def split(
    ctx: typer.Context,
    theme_id: ThemeId,
    part: Annotated[
        list[str],
        typer.Option(
            help='"Label=STATEMENT_ID,STATEMENT_ID", twice or more: statements that show what the '
            "part means. Without a label (=ID,ID) a name is found."
        ),
    ],
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Split a theme; each of its statements goes to the part whose examples it is most like.

    \b
    Example:
      groundswell correct split T-0a1b2c3d4e --part "Card lost=desk/17#0,desk/90#1" \\
        --part "Card stolen=desk/22#0" --why "two teams handle them"
    """
    parts: list[dict[str, object]] = []
    for text in part:
        label, equals, ids = text.rpartition("=")
        statements = [name.strip() for name in ids.split(",") if name.strip()]
        if not equals or not statements:
            raise CommandError(f'--part {text!r}: write "Label=STATEMENT_ID,STATEMENT_ID"')
        named = {"label": label.strip()} if label.strip() else {}
        parts.append({**named, "statements": statements})
    value = {"parts": parts}
    decide(ctx, "split", theme_id, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("move")
def move(
    ctx: typer.Context,
    statement_id: StatementId,
    theme_id: ThemeId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Move a statement to a theme: its exact copies go along, and what is like it follows.

    \b
    Example:
      groundswell correct move desk/17#0 T-0a1b2c3d4e --why "this is a refund, not a fee"
    """
    value = {"statement": statement_id}
    decide(ctx, "move", theme_id, value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("pin")
def pin(
    ctx: typer.Context,
    theme_id: ThemeId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Keep a theme as it is: it does not retire for silence, and no rebuild proposes to change it.

    \b
    Example:
      groundswell correct pin T-0a1b2c3d4e --why "the regulator asks for it every year"
    """
    decide(ctx, "pin", theme_id, {}, who, why, dry_run=dry_run, json_output=json_output)


@app.command("dismiss")
def dismiss(
    ctx: typer.Context,
    theme_id: ThemeId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Dismiss a theme: what belongs to it is noise from now on, and it does not come back.

    \b
    Example:
      groundswell correct dismiss T-0a1b2c3d4e --why "signatures of our own newsletter"
    """
    decide(ctx, "dismiss", theme_id, {}, who, why, dry_run=dry_run, json_output=json_output)


@app.command("must-link")
def must_link(
    ctx: typer.Context,
    one: StatementId,
    other: StatementId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Have two statements stand in one theme: that of the one placed more surely.

    \b
    Example:
      groundswell correct must-link desk/17#0 desk/90#1 --why "one complaint in two languages"
    """
    value = {"statements": [one, other]}
    decide(ctx, "must-link", "", value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("cannot-link")
def cannot_link(
    ctx: typer.Context,
    one: StatementId,
    other: StatementId,
    why: Why,
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Keep two statements out of one theme: the one placed less surely leaves.

    \b
    Example:
      groundswell correct cannot-link desk/17#0 desk/90#1 --why "lost is not stolen"
    """
    value = {"statements": [one, other]}
    decide(ctx, "cannot-link", "", value, who, why, dry_run=dry_run, json_output=json_output)


@app.command("list")
def list_decisions(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those taken back, too.")] = False,
    json_output: Json = False,
) -> None:
    """List the decisions in force, with who took them, when and why.

    Of two verdicts on one cause, or two names or owners of one theme, the later one counts.

    \b
    Example:
      groundswell correct list --all
    """
    from dataclasses import asdict

    from flows.commands.opening import open_store
    from service.correction_list import superseded_by
    from store.database import read_scope
    from store.decisions import active_decisions, all_decisions

    with read_scope(open_store(settings_of(ctx))) as session:
        decisions = all_decisions(session) if everything else active_decisions(session)
    later = superseded_by(decisions)
    if json_output:
        print_json([asdict(one) | {"superseded_by": later.get(one.id)} for one in decisions])
        return
    for made in decisions:
        subject = f" {made.theme_id}" if made.theme_id else ""
        typer.echo(
            f"{made.id}: {made.kind}{subject} {made.value} "
            f"({made.who}, {made.when:%Y-%m-%d}: {made.why})"
            f"{undone_told(made)}"
            + (f", superseded by {later[made.id]}" if made.id in later else "")
        )
    in_force = sum(one.undone_at is None for one in decisions) - len(later)
    typer.echo(f"{in_force} in force" + (f", {len(later)} superseded" if later else ""))


@app.command("undo")
def undo(
    ctx: typer.Context,
    decision_id: Annotated[int, typer.Argument(help="Its number in `correct list`.")],
    who: Annotated[
        str | None, typer.Option(help="Who takes it back; by default the system's user.")
    ] = None,
    why: Annotated[str, typer.Option(help="The reason, kept with the decision.")] = "",
    json_output: Json = False,
) -> None:
    """Take a decision back; the next run goes by the rules again.

    It stays on record with who took it back, when and why: groundswell correct list --all

    \b
    Example:
      groundswell correct undo 3 --why "they were two themes after all"
    """
    import getpass

    from flows.commands.opening import open_store
    from service.week_inputs import when_it_counts
    from store.database import session_scope
    from store.decisions import active_decisions, undo_decision

    with session_scope(open_store(settings_of(ctx))) as session:
        if decision_id not in {decision.id for decision in active_decisions(session)}:
            raise CommandError(
                f"no decision {decision_id} is in force; see: groundswell correct list"
            )
        person = who or getpass.getuser()
        undo_decision(session, decision_id, who=person, why=" ".join(why.split()) or None)
        counts = when_it_counts(session, "decisions")
    if json_output:
        print_json({"undone": decision_id})
        return
    typer.echo(f"undone: {decision_id}; it takes effect {counts}")


@app.command("export")
def export_decisions(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="The YAML file; - is standard output.")],
    json_output: Json = False,
) -> None:
    """Write the decisions in force as a file that can be reviewed in git and imported elsewhere.

    \b
    Example:
      groundswell correct export --out corrections.yaml
    """
    from flows.commands.opening import open_store
    from flows.correction_file import to_wish, to_yaml
    from service.exports.files import write_whole
    from store.database import read_scope
    from store.decisions import active_decisions

    with read_scope(open_store(settings_of(ctx))) as session:
        wishes = [to_wish(one) for one in active_decisions(session)]
    text = to_yaml(wishes)
    if str(out) == "-":
        typer.echo(text, nl=False)
        return
    write_whole(out, text.encode("utf-8"))
    if json_output:
        print_json({"file": str(out), "decisions": len(wishes)})
        return
    typer.echo(f"{out}: {len(wishes)} decisions")


@app.command("import")
def import_decisions(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file of `correct export` or `themes rebuild`.")],
    who: Who = None,
    dry_run: DryRun = False,
    json_output: Json = False,
) -> None:
    """Take the decisions of a file, all or none; importing it twice changes nothing.

    What stands in the file and was undone here stays undone.

    \b
    Example:
      groundswell correct import corrections.yaml
    """
    from flows.commands.decide import import_decisions as take

    take(ctx, file, who, dry_run=dry_run, json_output=json_output)
