"""Sessions of a request, to read and to write, and what was loaded once when the app was made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request

from api.problems import ProblemError
from api.scope import SHELF, Populations, Shelf
from api.searcher import Searcher
from api.settings import Settings
from api.windows import Windows
from labels.schema import Labels
from store.database import Engine, Session, read_scope
from store.locks import Busy
from store.turns import turn_scope

# Longer than most writes of a run, and shorter than people take a page for broken.
_WAIT_SECONDS = 4.0
_RETRY_AFTER = 10  # seconds; a run that writes a week is done by then


def engine_of(request: Request) -> Engine:
    """The app's database."""
    engine = request.app.state.engine
    assert isinstance(engine, Engine)
    return engine


def labels_of(request: Request) -> Labels:
    """The app's labels."""
    labels = request.app.state.labels
    assert isinstance(labels, Labels)
    return labels


def settings_of(request: Request) -> Settings:
    """The app's settings."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)
    return settings


def populations_of(request: Request) -> Populations:
    """The populations the app keeps laid out."""
    populations = request.app.state.populations
    assert isinstance(populations, Populations)
    return populations


def windows_of(request: Request) -> Windows:
    """The windows the app keeps laid out."""
    windows = request.app.state.windows
    assert isinstance(windows, Windows)
    return windows


def searcher_of(request: Request) -> Searcher:
    """The search index the app keeps."""
    searcher = request.app.state.searcher
    assert isinstance(searcher, Searcher)
    return searcher


def reading(request: Request) -> Iterator[Session]:
    """A session whose reads all see one moment; closed when the answer is made."""
    with read_scope(engine_of(request)) as session:
        shelf = request.app.state.shelf
        assert isinstance(shelf, Shelf)
        session.info[SHELF] = shelf
        yield session


@contextmanager
def writing(engine: Engine, *, changes_answers: bool = True) -> Iterator[Session]:
    """A session to write with, for every write of the web. Waits a few seconds for other writers.

    Args:
        changes_answers: see `store.database.session_scope`.

    Raises:
        ProblemError: 503, where others go on writing; nothing is kept then.
    """
    try:
        with turn_scope(
            engine, wait_seconds=_WAIT_SECONDS, changes_answers=changes_answers
        ) as session:
            yield session
    except Busy as error:
        raise ProblemError(
            503,
            "busy",
            "something else is writing to this database; nothing was kept, try again in a moment",
            headers={"retry-after": str(_RETRY_AFTER)},
        ) from error


Reading = Annotated[Session, Depends(reading)]
TheEngine = Annotated[Engine, Depends(engine_of)]
TheLabels = Annotated[Labels, Depends(labels_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]
ThePopulations = Annotated[Populations, Depends(populations_of)]
TheWindows = Annotated[Windows, Depends(windows_of)]
TheSearcher = Annotated[Searcher, Depends(searcher_of)]
