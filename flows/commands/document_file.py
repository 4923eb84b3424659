"""What commands that write a document share: its format, where it goes, and what is said of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.commands.shell import print_json

DocumentFormat = Annotated[
    Literal["html", "md", "json"], typer.Option(help="One self-contained page, text, or data.")
]
Out = Annotated[
    str | None,
    typer.Option(help="File to write, - for standard output; by default named by what it is of."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print where it was written, and its digest, as JSON.")
]


def put(
    text: str,
    out: str | None,
    *,
    kind: str,
    of: tuple[str, str],
    format: str,
    json_output: bool,
    told: str = "",
) -> None:
    """Write a document and say where.

    Args:
        kind: of the document, "report"; of: what it is of, ("week", "2026-W47").
        told: what it is of, for people, where that is not the same.
    """
    from service.exports.files import write_whole

    if out == "-":
        typer.echo(text, nl=False)
        return
    content = text.encode("utf-8")
    path = Path(out or f"{kind}-{of[1]}.{format}")
    write_whole(path, content)
    if json_output:
        digest = hashlib.sha256(content).hexdigest()
        print_json({of[0]: of[1], "format": format, "path": str(path), "sha256": digest})
        return
    typer.echo(f"{told or of[1]}: {path}")
