"""What a question is answered from: a published week's snapshot and the feedback behind it."""

from __future__ import annotations

import gc
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.filters import SEGMENT, Filters
from api.kept import Kept
from api.problems import ProblemError
from api.ranker import Ranker
from api.schemas.causes import RootCause
from api.shelf import SHELF, Shelf, known_weeks, load_snapshot, published_report
from api.snapshot import Snapshot
from nlp.ledger import Ledger
from nlp.part import Part
from nlp.population import Population
from nlp.rank import Known
from nlp.records import Friction
from report.document import Quote
from service.feedback_part import (
    NEVER,
    FeedbackPart,
    UnknownAttributeError,
    UnknownValueError,
    let_through,
)
from store.database import Session
from store.layout import load_ledger

__all__ = [
    "NEVER",
    "SHELF",
    "Behind",
    "Populations",
    "Rankings",
    "Shelf",
    "Snapshot",
    "Workbench",
    "asked_for",
    "load_snapshot",
    "pick_week",
    "published_report",
    "restricted",
]


def pick_week(session: Session, *, week: str | None = None) -> str:
    """The published week whose themes are meant: `week`, else the last one.

    Only `week` chooses it: `since` and `until` choose feedback, of themes that live whatever was
    said when.

    Raises:
        ProblemError: 404, when that week was not published, or none was.
    """
    published = known_weeks(session)
    if not published:
        raise ProblemError(
            404,
            "nothing-published",
            "no week was published yet: `groundswell ingest PATH`, then `groundswell run`",
        )
    if week is None:
        return published[-1]
    if week not in published:
        raise ProblemError(
            404,
            "week-not-published",
            f"{week} was not published; the published weeks run from {published[0]} "
            f"to {published[-1]}",
        )
    return week


_LARGE = 20_000  # messages; a search among fewer takes no time that anybody notices

# Rankings over parts of the feedback, by week, what was asked for, and the snapshot's mark.
Rankings = Kept[tuple[str, Hashable, int], tuple[Friction, ...]]
_RANKINGS = 256  # of half a megabyte each, where there are 800 themes
_KNOWN = 4  # weeks
_BEHIND = 4096  # themes of parts, of some eight kilobytes each


@dataclass(frozen=True, slots=True)
class Behind:
    """Root causes of a theme as they are shown, and what is quoted of it."""

    causes: tuple[RootCause, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Workbench:
    """Where rankings of parts are worked out, and those that were.

    known: by week and mark. behind: what stands behind a theme's place in a part, by week, what was
    asked for, mark and theme.
    """

    ranker: Ranker
    rankings: Rankings
    known: Kept[tuple[str, int], dict[str, Known]]
    behind: Kept[tuple[str, Hashable, int, str], Behind]


class Populations:
    """Populations of all weeks, read off one ledger that is laid out anew when anything was said.

    Feedback may come after its week was published: it stands in no theme yet, but counts.

    A week's population is the same object as long as nothing changes, so that what others work out
    from it can be kept by identity. Each holds some three megabytes beside the ledger of 200,000
    messages, ten once it was read in full.
    """

    def __init__(self, *, keep: int = 32, ranker: Ranker | None = None) -> None:
        self._ranker = ranker or Ranker(apart=False)
        self._ledgers: Kept[int, Ledger] = Kept(1)
        # By revision: what a ledger of before is needed for goes when there is a new one.
        self._parts: Kept[int, Kept[str, Part]] = Kept(1)
        self._keep = keep
        self._benches: Kept[int, Workbench] = Kept(1)

    def of(self, session: Session, week: str) -> Part:
        """All feedback up to `week` with the themes of that week."""
        now = Shelf.revision(session, "said")

        def laid_out() -> Part:
            bench = self._benches.of(now, self._bench)
            return Part(self._ledger(session, now), week, shared=bench)

        return self._parts.of(now, lambda: Kept(self._keep)).of(week, laid_out)

    def _bench(self) -> Workbench:
        return Workbench(self._ranker, Kept(_RANKINGS), Kept(_KNOWN), Kept(_BEHIND))

    def _ledger(self, session: Session, now: int) -> Ledger:
        return self._ledgers.of(now, lambda: _settled(load_ledger(session)))


def _settled(ledger: Ledger) -> Ledger:
    """A large ledger is left out of the search for garbage from now on.

    A million objects that hold no circles: to go over them again and again would stop every
    request for a quarter of a second each time. They go when nobody refers to them any more.
    """
    if ledger.feedback.size >= _LARGE:
        # What was frozen before may be garbage by now.
        gc.unfreeze()
        gc.collect()
        gc.freeze()
    return ledger


def restricted(population: Part, filters: Filters) -> Part:
    """The part of the feedback that is asked for.

    Raises:
        ProblemError: 422, for an attribute or a value no feedback has, listing those there are.
    """
    keep = asked_for(population, filters)
    return population.kept(keep) if not keep.all() else population


def asked_for(population: Population, filters: Filters) -> NDArray[np.bool_]:
    """Which feedback the filters let through, shape (n,).

    Raises:
        ProblemError: 422, for an attribute or a value no feedback has, listing those there are.
    """
    part = FeedbackPart(filters.since, filters.until, filters.kind, filters.attributes)
    try:
        return let_through(population, part)
    except UnknownAttributeError as error:
        known = [f"{SEGMENT}{name}" for name in error.known]
        raise ProblemError(422, "unknown-filter", str(error), known=known) from error
    except UnknownValueError as error:
        raise ProblemError(422, "unknown-segment", str(error), known=error.known) from error
