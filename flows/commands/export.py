"""`groundswell export`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import CommandError, print_json, settings_of
from nlp.records import Kind
from nlp.weeks import monday
from service.exports.columns import Noun, describe
from service.exports.files import Format, write_pieces


def _print_columns(wanted: bool) -> None:
    if wanted:
        typer.echo(describe(), nl=False)
        raise typer.Exit


def _check_week(week: str | None) -> str | None:
    if week is not None:
        try:
            monday(week)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return week


def _segments(given: list[str] | None) -> tuple[tuple[str, str], ...]:
    """NAME=VALUE of each; a name is given once, as over HTTP."""
    pairs = [one.partition("=") for one in given or ()]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise typer.BadParameter(f"{name + equals + value!r} is not NAME=VALUE")
    found = dict.fromkeys(name for name, _, _ in pairs)
    if len(found) < len(pairs):
        raise typer.BadParameter("each NAME may be given once only", param_hint="--segment")
    return tuple(sorted((name, value) for name, _, value in pairs))


def export(
    ctx: typer.Context,
    noun: Annotated[Noun, typer.Argument(help="What to export.", show_choices=True)],
    format: Annotated[Format, typer.Option(help="Kind of file.")] = "csv",
    out: Annotated[
        str | None,
        typer.Option(help="File to write, - for standard output; by default NOUN.FORMAT."),
    ] = None,
    week: Annotated[
        str | None, typer.Option(help="State as of this ISO week; by default the last published.")
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Only feedback with this value of a column, such as plan=Pro; several together.",
        ),
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only feedback of this kind.")] = None,
    since: Annotated[
        str | None, typer.Option(callback=_check_week, help="Only feedback from this ISO week on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(callback=_check_week, help="Only feedback up to this ISO week.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print rows, path and digest as JSON.")
    ] = False,
    _columns: Annotated[
        bool,
        typer.Option(
            "--columns", callback=_print_columns, is_eager=True, help="Explain every column."
        ),
    ] = False,
) -> None:
    """Export the records. The columns are a contract (EXPORTS.md, or --columns).

    The same input, labels and version give the same bytes. --segment, --kind, --since and --until
    choose a part of the feedback, for feedback, statements, assignments and themes.

    \b
    Examples:
      groundswell export friction --format csv --out friction.csv
      groundswell export assignments --format parquet --out assignments.parquet --week 2026-W45
      groundswell export statements --segment plan=Pro --segment country=DE --since 2026-W40
      groundswell export themes --format jsonl --out - | head -3
    """
    from flows.commands.opening import open_store
    from service.exporting import spool
    from service.exports.rows import OF_MESSAGES
    from service.feedback_part import (
        FeedbackPart,
        UnknownAttributeError,
        UnknownValueError,
        messages_of,
    )

    part = FeedbackPart(since, until, kind, _segments(segment))
    if since and until and since > until:
        raise typer.BadParameter(f"{since} is later than --until {until}", param_hint="--since")
    if not part.whole and noun not in OF_MESSAGES:
        raise typer.BadParameter(
            f"{noun} is exported of all feedback only; --segment, --kind, --since and --until are "
            f"for {', '.join(OF_MESSAGES)}"
        )
    choose = None if part.whole else lambda session, of: messages_of(session, of, part)
    try:
        made = spool(open_store(settings_of(ctx)), noun, format=format, week=week, choose=choose)
    except (UnknownAttributeError, UnknownValueError) as error:
        raise CommandError(f"{error}. Known: {', '.join(error.known)}") from error
    if out == "-":
        for piece in made.pieces():
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    digest = hashlib.sha256()

    def digested() -> Iterator[bytes]:
        for piece in made.pieces():
            digest.update(piece)
            yield piece

    path = Path(out or f"{noun}.{format}")
    write_pieces(path, digested())
    if json_output:
        print_json(
            {
                "noun": noun,
                "week": made.week,
                "rows": made.rows,
                "path": str(path),
                "sha256": digest.hexdigest(),
            }
        )
        return
    as_of = f" as of {made.week}" if made.week else ""
    typer.echo(f"{noun}: {made.rows} rows{as_of}: {path}")
