"""What requests share: published weeks, part by part, as long as they stay as they were published.

Most questions need little of a week: its themes and owners, not thousands of pieces of evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from api.kept import Kept
from api.problems import ProblemError
from api.snapshot import Snapshot
from api.told_counts import ToldCounts, ToldEvidence
from nlp.part import Part
from nlp.population import Population
from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch, Theme, Trend
from report.document import WeekReport, from_json
from store.database import Session
from store.revision import Of, revision
from store.runs import weeks_run_anew
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
from store.themes import theme_versions, themes_as_of

SHELF = "groundswell.shelf"

Value = TypeVar("Value")


class Shelf:
    """Parts of published weeks, the ones asked for last.

    A session that has it in its `info` under `SHELF` reads from it; it must be one whose reads all
    see one moment. Without it everything is read anew, with the same answers.

    A week of 800 themes with all its evidence is some three megabytes: two years and more fit into
    what one population takes, and a week that is asked for again is not read again.
    """

    def __init__(self, *, weeks: int = 128) -> None:
        self._parts: Kept[tuple[int, str, str], Any] = Kept(weeks * _PARTS)
        self._small: Kept[tuple[Hashable, ...], Any] = Kept(_SMALL)
        self._equal: dict[Hashable, Any] = {}
        self._reports: Kept[tuple[int, str], WeekReport] = Kept(weeks // 4)

    @staticmethod
    def revision(session: Session, of: Of) -> int:
        """`store.revision.revision`, asked for once in a session."""
        known: dict[Of, int] = session.info.setdefault("groundswell.revisions", {})
        if of not in known:
            known[of] = revision(session, of)
        return known[of]

    def part(self, number: int, week: str, name: str, make: Callable[[], Value]) -> Value:
        """A part of a week at a revision of what was published."""
        found: Value = self._parts.of((number, week, name), make)
        return found

    def has(self, number: int, week: str, name: str) -> bool:
        """Whether a part is at hand."""
        return self._parts.holds((number, week, name))

    def small(self, key: tuple[Hashable, ...], make: Callable[[], Value]) -> Value:
        """Something of a few hundred bytes; its key holds the revision it depends on."""
        found: Value = self._small.of(key, make)
        return found

    def shared(self, records: dict[str, Value]) -> dict[str, Value]:
        """The same, with one object for all that are equal: few change from week to week."""
        if len(self._equal) > _SMALL:
            self._equal.clear()
        return {name: self._equal.setdefault(one, one) for name, one in records.items()}

    def report(self, session: Session, week: str) -> WeekReport:
        """The report of a week."""
        key = (self.revision(session, "published"), week)
        return self._reports.of(key, lambda: _read_report(session, week))


_PARTS = 9
_SMALL = 8192
# Worth asking again after: a week's run takes minutes, and the one asked for may be the next.
RUN_AGAIN = {"retry-after": "60"}


@dataclass(frozen=True, slots=True)
class _Told:
    """The causes of a week, with what is looked up in them."""

    causes: tuple[Cause, ...]
    root_causes: tuple[RootCause, ...]
    pieces: Mapping[str, Cause]
    causes_of: Mapping[str, tuple[RootCause, ...]]
    pieces_of: Mapping[str, tuple[Cause, ...]]


class ShelvedSnapshot(Snapshot):
    """A snapshot whose parts are taken from a shelf, and read when they are first asked for.

    It belongs to one request: it reads with the request's session.
    """

    def __init__(self, session: Session, shelf: Shelf, week: str) -> None:
        number = shelf.revision(session, "published")
        # The fields of a snapshot are frozen; this one has none of them, but looks them up.
        self.__dict__.update(week=week, _session=session, _shelf=shelf, _number=number)

    @property
    def mark(self) -> int:
        """See `Snapshot.mark`."""
        return int(self.__dict__["_number"])

    @cached_property
    def themes(self) -> Mapping[str, Theme]:
        """Living themes by id."""
        return self._part("themes", lambda: _living(registry(self._session, self.week), self.week))

    @cached_property
    def trends(self) -> Mapping[str, Trend]:
        """Trends by theme."""
        return self._part("trends", lambda: _trends(self._session, self.week))

    @cached_property
    def friction(self) -> tuple[Friction, ...]:
        """The backlog by rank."""
        return self._part(
            "friction",
            lambda: tuple(item for _, item in load_friction(self._session, week=self.week)),
        )

    @cached_property
    def owners(self) -> Mapping[str, OwnerMatch]:
        """Owners by theme."""
        return self._part(
            "owners", lambda: self._shelf.shared(load_owners(self._session, self.week))
        )

    @cached_property
    def stages(self) -> Mapping[str, StageMatch]:
        """Journey stages by theme."""
        return self._part(
            "stages", lambda: self._shelf.shared(load_stages(self._session, self.week))
        )

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """Pieces of evidence."""
        return self._told.causes

    @cached_property
    def root_causes(self) -> tuple[RootCause, ...]:
        """Root causes by rank."""
        return self._told.root_causes

    @cached_property
    def pieces(self) -> Mapping[str, Cause]:
        """Pieces of evidence by id."""
        return self._told.pieces

    @cached_property
    def causes_of(self) -> Mapping[str, tuple[RootCause, ...]]:
        """Root causes by theme."""
        return self._told.causes_of

    def counted_in(self, part: Population) -> ToldCounts | None:
        """See `Snapshot.counted_in`."""
        if not isinstance(part, Part):
            return None
        known: tuple[Part, ToldCounts] | None = self.__dict__.get("_counted")
        if known is None or known[0] is not part:
            known = self.__dict__["_counted"] = (part, ToldCounts(self._evidence(part), part))
        return known[1]

    def _evidence(self, part: Part) -> ToldEvidence:
        said = Shelf.revision(self._session, "said")
        return self._part(
            f"evidence {said}",
            lambda: ToldEvidence.of(Part(part.ledger, self.week), self.root_causes, self.causes),
        )

    @property
    def _shelf(self) -> Shelf:
        shelf = self.__dict__["_shelf"]
        assert isinstance(shelf, Shelf)
        return shelf

    @cached_property
    def pieces_of(self) -> Mapping[str, tuple[Cause, ...]]:
        """Pieces of evidence by theme."""
        return self._told.pieces_of

    @property
    def _session(self) -> Session:
        session = self.__dict__["_session"]
        assert isinstance(session, Session)
        return session

    @cached_property
    def _told(self) -> _Told:
        def read() -> _Told:
            whole = Snapshot(
                week=self.week,
                themes={},
                trends={},
                causes=tuple(one for _, one in load_causes(self._session, week=self.week)),
                friction=(),
                owners={},
                stages={},
                root_causes=tuple(
                    one for _, one in load_root_causes(self._session, week=self.week)
                ),
            )
            return _Told(
                whole.causes, whole.root_causes, whole.pieces, whole.causes_of, whole.pieces_of
            )

        return self._part("told", read)

    def of_theme(self, theme_id: str) -> Snapshot:
        """See `Snapshot.of_theme`."""
        causes: Sequence[Cause]
        root_causes: Sequence[RootCause]
        if self._shelf.has(self.mark, self.week, "told"):
            causes = self.pieces_of.get(theme_id, ())
            root_causes = self.causes_of.get(theme_id, ())
        else:
            session, week = self._session, self.week
            causes = [one for _, one in load_causes(session, week=week, theme_id=theme_id)]
            told = load_root_causes(session, week=week, themes=[theme_id])
            root_causes = [one for _, one in told]
        return Snapshot(
            week=self.week,
            themes=self.themes,
            trends={},
            causes=tuple(causes),
            friction=(),
            owners={},
            stages={},
            root_causes=tuple(root_causes),
        )

    def _part(self, name: str, make: Callable[[], Value]) -> Value:
        return self._shelf.part(self.mark, self.week, name, make)


def check_settled(session: Session, week: str) -> None:
    """Refuse a week whose rows do not go together, because one before it was run anew.

    Raises:
        ProblemError: 503, until that week was run again, too.
    """
    if is_run_anew(session, week):
        raise ProblemError(
            503,
            "week-run-anew",
            f"{week} is being run anew: an earlier week has changed under it, and what is stored "
            "of it does not go together until its own run is done (if none is at work: "
            f"`groundswell run`). Its report stays as it was published: /weeks/{week}",
            headers=RUN_AGAIN,
        )


def is_run_anew(session: Session, week: str) -> bool:
    """Whether `week` waits for a run since an earlier one was run anew."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return week in weeks_run_anew(session)
    # To rewind a week and to publish it both count as a change of what is published.
    number = shelf.revision(session, "published")
    return week in shelf.part(number, "", "anew", lambda: weeks_run_anew(session))


def load_snapshot(session: Session, week: str) -> Snapshot:
    """All that `week` published; retired themes are left out.

    Raises:
        ProblemError: 503, while the week is run anew.
    """
    check_settled(session, week)
    shelf = session.info.get(SHELF)
    if isinstance(shelf, Shelf):
        return ShelvedSnapshot(session, shelf, week)
    return Snapshot(
        week=week,
        themes=_living(registry(session, week), week),
        trends=_trends(session, week),
        causes=tuple(cause for _, cause in load_causes(session, week=week)),
        friction=tuple(item for _, item in load_friction(session, week=week)),
        owners=load_owners(session, week),
        stages=load_stages(session, week),
        root_causes=tuple(one for _, one in load_root_causes(session, week=week)),
    )


def published_report(session: Session, week: str) -> WeekReport:
    """The stored report of a week that `pick_week` found."""
    shelf = session.info.get(SHELF)
    return shelf.report(session, week) if isinstance(shelf, Shelf) else _read_report(session, week)


def known_weeks(session: Session) -> list[str]:
    """The weeks that were published, the earliest first."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return published_weeks(session)
    number = shelf.revision(session, "published")
    return list(shelf.part(number, "", "weeks", lambda: tuple(published_weeks(session))))


def registry(session: Session, week: str) -> Mapping[str, Theme]:
    """All themes as of a week by id, ended ones too."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return {theme.id: theme for theme in themes_as_of(session, week)}
    number = shelf.revision(session, "published")

    def pick() -> Mapping[str, Theme]:
        # All versions of all themes are few, and every week's themes are picked out of them.
        versions = shelf.part(number, "", "versions", lambda: theme_versions(session))
        return {theme.id: theme for since, theme in versions if since <= week}

    return shelf.part(number, week, "registry", pick)


def _living(themes: Mapping[str, Theme], week: str) -> dict[str, Theme]:
    return {
        name: theme
        for name, theme in themes.items()
        if theme.retired_week is None or theme.retired_week > week
    }


def _trends(session: Session, week: str) -> dict[str, Trend]:
    return {trend.theme_id: trend for trend in load_trends(session, week=week)}


def _read_report(session: Session, week: str) -> WeekReport:
    text = load_report(session, week)
    assert text is not None, f"{week} is published without a report"
    return from_json(text)
