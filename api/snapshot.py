"""What a week published, with what is looked up in it again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from api.filters import Filters
from api.problems import ProblemError
from api.told_counts import Told, ToldCounts
from nlp.population import Population
from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch, Theme, Trend


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

    @property
    def mark(self) -> int | None:
        """Equal marks of a week, equal snapshots: for what is worked out from one and kept."""
        return None

    def of_theme(self, theme_id: str) -> Snapshot:  # noqa: ARG002
        """At least all themes and the root causes of one: without reading those of all others."""
        return self

    @cached_property
    def pieces(self) -> Mapping[str, Cause]:
        """Pieces of evidence by id."""
        return {piece.id: piece for piece in self.causes}

    def counted_in(self, part: Population) -> ToldCounts | None:  # noqa: ARG002
        """The root causes and their pieces, counted in a part at once; None: count one by one."""
        return None

    @cached_property
    def pieces_of(self) -> Mapping[str, tuple[Cause, ...]]:
        """Pieces of evidence by theme, in their order."""
        return _by_theme(self.causes)

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


def _by_theme(told: Iterable[Told]) -> dict[str, tuple[Told, ...]]:
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.theme_id, []).append(one)
    return {name: tuple(own) for name, own in found.items()}


def _owner(snapshot: Snapshot, theme_id: str) -> str | None:
    match = snapshot.owners.get(theme_id)
    return match.owner_id if match else None


def _stage(snapshot: Snapshot, theme_id: str) -> str | None:
    match = snapshot.stages.get(theme_id)
    return match.stage_id if match else None
