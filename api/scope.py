"""What a question is answered from: a published week's snapshot and the feedback behind it."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.filters import SEGMENT, Filters
from api.problems import ProblemError
from nlp.population import Population, build_population, restrict
from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch, Theme, Trend
from store.assignments import assignments_as_of
from store.database import Session
from store.feedback import feedback_digest, load_feedback
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
from store.statements import load_statements
from store.themes import themes_as_of

_VALUES = 20  # of an attribute's values, in the answer to one that nobody has


@dataclass(frozen=True, slots=True)
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


class Populations:
    """Populations of the weeks asked for last, laid out anew when a week or its feedback changes.

    Feedback may come after its week was published: it stands in no theme yet, but counts.

    Two are kept: the last week and the one somebody compares it with. Each holds all feedback up
    to its week, so more would cost memory for little.
    """

    def __init__(self, *, keep: int = 2) -> None:
        self._keep = keep
        self._kept: OrderedDict[tuple[str, str, str], Population] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, week: str) -> Population:
        """All feedback up to `week` with the themes of that week."""
        published = load_report(session, week) or ""
        key = (
            week,
            hashlib.sha256(published.encode("utf-8")).hexdigest(),
            feedback_digest(session, until_week=week),
        )
        with self._lock:  # two requests at once build it once
            found = self._kept.get(key)
            if found is None:
                found = build_population(
                    load_feedback(session, until_week=week),
                    load_statements(session, until_week=week),
                    assignments_as_of(session, week),
                )
                self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        return found


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
    weeks = np.array(population.weeks, dtype=np.str_)
    if filters.since:
        keep &= weeks >= filters.since
    if filters.until:
        keep &= weeks <= filters.until
    wanted = list(filters.attributes)
    if filters.kind:
        wanted.append(("kind", filters.kind))
    for name, value in wanted:
        column = population.attributes.get(name)
        if column is None and name != "kind":
            raise ProblemError(
                422,
                "unknown-filter",
                f"no feedback has the attribute {name!r}",
                known=[f"{SEGMENT}{known}" for known in sorted(population.attributes)],
            )
        if name != "kind" and value not in set(column or ()):
            raise _unknown_value(name, value, column or ())
        keep &= np.array([found == value for found in column or ()], dtype=np.bool_)
    return keep
