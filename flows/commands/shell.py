"""What every command shares: settings, exit codes, and errors as one message with the way out."""

from __future__ import annotations

import json
import os
import sys
from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from flows.settings import Settings

_OURS = frozenset({"flows", "labels", "nlp", "report", "service", "store"})


class ExitCode(IntEnum):
    """What `groundswell` says to the shell; 1 is any failure, its message on standard error."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    QUARANTINED = 3  # ingest --strict: all else was taken, some rows were not
    BUSY = 75  # sysexits' EX_TEMPFAIL: another run has the lock; try again


class CommandError(Exception):
    """A failure whose message says what is wrong and how to go on."""


class GuardedGroup(TyperGroup):
    """Prints an exception as one message instead of a traceback (GROUNDSWELL_DEBUG=1 shows it)."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; its failure ends the process with the fitting exit code."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("GROUNDSWELL_DEBUG") == "1":
                raise
            typer.echo(f"groundswell: {_message(error)}", err=True)
            raise typer.Exit(_exit_code(error)) from error


def settings_of(ctx: typer.Context) -> Settings:
    """The settings that the global options made."""
    settings = ctx.obj
    assert isinstance(settings, Settings)
    return settings


def print_json(value: Any) -> None:
    """One JSON document on standard output, keys as given."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(message: str) -> None:
    """A line for people, on standard error: standard output belongs to results."""
    print(message, file=sys.stderr, flush=True)


def _message(error: Exception) -> str:
    """Errors of ours and of the file system speak for themselves; others say what they are."""
    from store.database import is_transient

    if is_transient(error):
        first = str(error).partition("\n")[0]
        return (
            f"the database does not answer: {first}\n"
            "Start it, or correct --database-url; groundswell doctor looks at it."
        )
    spoken = isinstance(error, (ValueError, LookupError, RuntimeError)) and _raised_by_us(error)
    if spoken or isinstance(error, OSError) or _class_is_ours(error):
        return str(error.args[0]) if isinstance(error, KeyError) else str(error)
    return f"{type(error).__name__}: {error}\nGROUNDSWELL_DEBUG=1 shows where."


def _class_is_ours(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in _OURS


def _raised_by_us(error: Exception) -> bool:
    """Whether the line that raised it is ours."""
    step = error.__traceback__
    if step is None:
        return False
    while step.tb_next is not None:
        step = step.tb_next
    return str(step.tb_frame.f_globals.get("__name__")).partition(".")[0] in _OURS


def _exit_code(error: Exception) -> ExitCode:
    return ExitCode.BUSY if _is_busy(error) else ExitCode.FAILURE


def _is_busy(error: Exception) -> bool:
    from store.locks import Busy

    return isinstance(error, Busy)
