"""What a question is answered from: a published week's snapshot and the feedback behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from api.filters import SEGMENT, Filters
from api.kept import Kept
from api.problems import ProblemError
from nlp.ledger import Ledger
from nlp.part import Part
from nlp.population import Population, restrict
from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch, Theme, Trend
from report.document import WeekReport, from_json
from store.database import Session
from store.layout import load_ledger
from store.revision import Of, revision
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_root_causes,
    load_stages,
    load_trends,
    published_weeks,
)
from store.themes import themes_as_of

NEVER = "9999-W53"
_VALUES = 20  # of an attribute's values, in the answer to one that nobody has


@dataclass(frozen=True)
class Snapshot:
    """What a week published: living themes by id, and all that was said of them."""

    week: str
    themes: Mapping[str, Theme]
    trends: Mapping[str, Trend]
    causes: tuple[Cause, ...]
    friction: tuple[Friction, ...]
    owners: Mapping[str, OwnerMatch]
    stages: Mapping[str, StageMatch]
    root_causes: tuple[RootCause, ...] = ()

    @cached_property
    def pieces(self) -> Mapping[str, Cause]:
        """Pieces of evidence by id."""
        return {piece.id: piece for piece in self.causes}

    @cached_property
    def causes_of(self) -> Mapping[str, tuple[RootCause, ...]]:
        """Root causes by theme, in their order."""
        return _by_theme(self.root_causes)

    @cached_property
    def friction_of(self) -> Mapping[str, Friction]:
        """Places in the backlog by theme."""
        return {item.theme_id: item for item in self.friction}

    @cached_property
    def children_of(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of narrower themes by the broad one, sorted."""
        found: dict[str, list[str]] = {}
        for theme in self.themes.values():
            if theme.parent_id is not None:
                found.setdefault(theme.parent_id, []).append(theme.id)
        return {name: tuple(sorted(own)) for name, own in found.items()}

    def theme(self, theme_id: str) -> Theme:
        """A living theme.

        Raises:
            ProblemError: 404, when there is none with this id in this week.
        """
        found = self.themes.get(theme_id)
        if found is None:
            raise ProblemError(
                404, "unknown-theme", f"there is no theme {theme_id!r} in {self.week}"
            )
        return found

    def chosen(self, filters: Filters) -> frozenset[str]:
        """Ids of the themes with the owner and the stage asked for.

        Raises:
            ProblemError: 422, for an owner or stage no theme has, listing those there are.
        """
        owner_ids = {match.owner_id for match in self.owners.values()}
        stage_ids = {match.stage_id for match in self.stages.values()}
        for name, value, known in (
            ("owner", filters.owner, owner_ids),
            ("stage", filters.stage, stage_ids),
        ):
            if value is not None and value not in known:
                raise ProblemError(
                    422,
                    f"unknown-{name}",
                    f"no theme has the {name} {value!r}",
                    known=sorted(known),
                )
        return frozenset(
            theme_id
            for theme_id in self.themes
            if (filters.owner is None or _owner(self, theme_id) == filters.owner)
            and (filters.stage is None or _stage(self, theme_id) == filters.stage)
        )


def _by_theme(root_causes: Iterable[RootCause]) -> dict[str, tuple[RootCause, ...]]:
    found: dict[str, list[RootCause]] = {}
    for one in root_causes:
        found.setdefault(one.theme_id, []).append(one)
    return {name: tuple(own) for name, own in found.items()}


def _owner(snapshot: Snapshot, theme_id: str) -> str | None:
    match = snapshot.owners.get(theme_id)
    return match.owner_id if match else None


def _stage(snapshot: Snapshot, theme_id: str) -> str | None:
    match = snapshot.stages.get(theme_id)
    return match.stage_id if match else None


def pick_week(session: Session, *, week: str | None = None, until: str | None = None) -> str:
    """The published week asked for: `week` itself, else the last one not after `until`.

    Raises:
        ProblemError: 404, when that week was not published, or none was.
    """
    published = published_weeks(session)
    if not published:
        raise ProblemError(
            404,
            "nothing-published",
            "no week was published yet: `groundswell ingest PATH`, then `groundswell run`",
        )
    if week is not None:
        if week not in published:
            raise ProblemError(
                404,
                "week-not-published",
                f"{week} was not published; the published weeks run from {published[0]} "
                f"to {published[-1]}",
            )
        return week
    early = [name for name in published if until is None or name <= until]
    if not early:
        raise ProblemError(
            404, "week-not-published", f"no week up to {until} was published; see {published[0]} on"
        )
    return early[-1]


def load_snapshot(session: Session, week: str) -> Snapshot:
    """All that `week` published; retired themes are left out."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return _read_snapshot(session, week)
    key = (shelf.revision(session, "published"), week)
    return shelf.snapshots.of(key, lambda: _read_snapshot(session, week))


def _read_snapshot(session: Session, week: str) -> Snapshot:
    return Snapshot(
        week=week,
        themes={
            theme.id: theme
            for theme in themes_as_of(session, week)
            if theme.retired_week is None or theme.retired_week > week
        },
        trends={trend.theme_id: trend for trend in load_trends(session, week=week)},
        causes=tuple(cause for _, cause in load_causes(session, week=week)),
        friction=tuple(item for _, item in load_friction(session, week=week)),
        owners=load_owners(session, week),
        stages=load_stages(session, week),
        root_causes=tuple(one for _, one in load_root_causes(session, week=week)),
    )


SHELF = "groundswell.shelf"


class Shelf:
    """What requests share: snapshots and reports of the weeks asked for last.

    A session that has it in its `info` under `SHELF` reads from it; it must be one whose reads all
    see one moment. Without it everything is read anew, with the same answers.

    A week of 800 themes is two to three megabytes: two years and more fit into what one population
    takes, and a week that is asked for again is not read again.
    """

    def __init__(self, *, weeks: int = 128) -> None:
        self.snapshots: Kept[tuple[int, str], Snapshot] = Kept(weeks)
        self.reports: Kept[tuple[int, str], WeekReport] = Kept(weeks // 4)

    @staticmethod
    def revision(session: Session, of: Of) -> int:
        """`store.revision.revision`, asked for once in a session."""
        known: dict[Of, int] = session.info.setdefault("groundswell.revisions", {})
        if of not in known:
            known[of] = revision(session, of)
        return known[of]


def published_report(session: Session, week: str) -> WeekReport:
    """The stored report of a week that `pick_week` found."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return _read_report(session, week)
    key = (shelf.revision(session, "published"), week)
    return shelf.reports.of(key, lambda: _read_report(session, week))


def _read_report(session: Session, week: str) -> WeekReport:
    text = load_report(session, week)
    assert text is not None, f"{week} is published without a report"
    return from_json(text)


# Rankings over parts of the feedback, by week, what was asked for, and the snapshot's identity.
Rankings = Kept[tuple[str, Hashable, int], tuple[Snapshot, tuple[Friction, ...]]]
_RANKINGS = 256  # of half a megabyte each, where there are 800 themes


class Populations:
    """Populations of all weeks, read off one ledger that is laid out anew when anything was said.

    Feedback may come after its week was published: it stands in no theme yet, but counts.

    A week's population is the same object as long as nothing changes, so that what others work out
    from it can be kept by identity. Each holds some ten megabytes beside the ledger once it was
    read in full; a few weeks are asked for at a time.
    """

    def __init__(self, *, keep: int = 24) -> None:
        self._ledgers: Kept[int, Ledger] = Kept(1)
        self._kept: Kept[tuple[int, str], Part] = Kept(keep)
        self._rankings: Kept[int, Rankings] = Kept(1)

    def of(self, session: Session, week: str) -> Part:
        """All feedback up to `week` with the themes of that week."""
        now = Shelf.revision(session, "said")

        def laid_out() -> Part:
            rankings = self._rankings.of(now, lambda: Kept(_RANKINGS))
            return Part(self._ledger(session, now), week, shared=rankings)

        return self._kept.of((now, week), laid_out)

    def _ledger(self, session: Session, now: int) -> Ledger:
        return self._ledgers.of(now, lambda: load_ledger(session))


def _unknown_value(name: str, value: str, column: Sequence[str]) -> ProblemError:
    """A value that nobody has is a typing error, or of another data set: never an empty answer."""
    common = Counter(column).most_common()
    said = f"no feedback has the {name} {value!r}"
    if len(common) > _VALUES:
        said += f"; known are {len(common):,} values, of which these are the {_VALUES} commonest"
    return ProblemError(
        422, "unknown-segment", said, known=[known for known, _ in common[:_VALUES]]
    )


def restricted(population: Population, filters: Filters) -> Population:
    """The part of the feedback that is asked for.

    Raises:
        ProblemError: 422, for an attribute or a value no feedback has, listing those there are.
    """
    keep = asked_for(population, filters)
    return restrict(population, keep) if not keep.all() else population


def asked_for(population: Population, filters: Filters) -> NDArray[np.bool_]:
    """Which feedback the filters let through, shape (n,).

    Raises:
        ProblemError: 422, for an attribute or a value no feedback has, listing those there are.
    """
    keep = np.ones(len(population), dtype=np.bool_)
    if filters.since or filters.until:
        keep &= population.in_weeks(filters.since or "", filters.until or NEVER)
    if filters.kind:
        keep &= population.holding("kind", filters.kind)
    for name, value in filters.attributes:
        if name not in population.attributes:
            raise ProblemError(
                422,
                "unknown-filter",
                f"no feedback has the attribute {name!r}",
                known=[f"{SEGMENT}{known}" for known in sorted(population.attributes)],
            )
        held = population.holding(name, value)
        if not held.any():
            raise _unknown_value(name, value, population.attributes[name])
        keep &= held
    return keep
