"""Owners and what is theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from api.snapshot import Snapshot
from labels.schema import Labels
from nlp.records import RootCause
from nlp.scoring import explaining_setting

_EXAMPLE: dict[str, Any] = {
    "id": "accounts_access",
    "name": "Accounts & access",
    "kind": "team",
    "contact": "accounts-access@example.com",
    "owns": ["signing in, passwords and being logged out"],
    "escalation": {"name": "Head of platform", "contact": "head-of-platform@example.com"},
    "themes": 4,
    "unconfirmed": 1,
    "theme_ids": ["T-4f2a91c07b"],
    "best_rank": 1,
    "score": 12.4,
    "new": 0,
    "rising": 1,
    "falling": 0,
    "causes_open": 3,
    "effort": 2.0,
    "effort_why": "effort.per_owner of labels/scoring.yaml, accounts_access",
}


class EscalationOut(Answer):
    """The leader to call when the owner does not answer."""

    name: str
    contact: str


class OwnerOut(Answer):
    """A person or team; `kind` is "former" for one who owns themes but left the labels file."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    name: str
    kind: str
    contact: str | None
    owns: list[str]
    escalation: EscalationOut | None
    themes: int
    unconfirmed: int = Field(
        description="Themes whose owner somebody has to confirm; broad ones are not asked for."
    )
    theme_ids: list[str]
    best_rank: int | None = Field(description="Rank of the owner's costliest friction point.")
    score: float = Field(description="Sum of the scores of the owner's ranked friction points.")
    new: int = Field(description="Themes of theirs that are new this week; broad ones left out.")
    rising: int = Field(description="Themes of theirs that rise this week; broad ones left out.")
    falling: int = Field(description="Themes of theirs that fall this week; broad ones left out.")
    causes_open: int = Field(
        description="Root causes of their themes that nobody has confirmed or rejected."
    )
    effort: float = Field(description="Effort of a theme of theirs that has none of its own.")
    effort_why: str = Field(description="Who says so.")


def owners_out(
    snapshot: Snapshot,
    labels: Labels,
    *,
    efforts: Mapping[str, float],
    verdicts: Collection[str],
) -> list[OwnerOut]:
    """All owners of the labels, and those that still own themes, sorted by id.

    Args:
        efforts: theme or owner id -> effort that people decided on.
        verdicts: ids of the root causes that people decided on since the week was published.
    """
    known = {owner.id: owner for owner in labels.owners}
    named = {match.owner_id: match.owner_name for match in snapshot.owners.values()}
    ranks = {item.theme_id: item.rank for item in snapshot.friction if item.rank is not None}
    scores = {item.theme_id: item.score for item in snapshot.friction if item.score is not None}
    leaves = {theme.id for theme in snapshot.themes.values() if theme.level == "leaf"}
    moved = {
        theme_id: trend.status for theme_id, trend in snapshot.trends.items() if theme_id in leaves
    }
    open_causes = Counter(
        cause.theme_id for cause in snapshot.root_causes if is_open(cause, verdicts)
    )
    found: list[OwnerOut] = []
    for owner_id in sorted(known.keys() | named.keys()):
        theirs = sorted(
            theme_id
            for theme_id, match in snapshot.owners.items()
            if match.owner_id == owner_id and theme_id in snapshot.themes
        )
        owner = known.get(owner_id)
        statuses = Counter(moved[name] for name in theirs if name in moved)
        setting = explaining_setting(
            labels.scoring, theme_id="", owner_id=owner_id, decided=efforts
        )
        found.append(
            OwnerOut(
                id=owner_id,
                name=owner.name if owner else named[owner_id],
                kind=owner.kind if owner else "former",
                contact=owner.contact if owner else None,
                owns=list(owner.owns) if owner else [],
                escalation=EscalationOut(
                    name=owner.escalation.name, contact=owner.escalation.contact
                )
                if owner
                else None,
                themes=len(theirs),
                unconfirmed=sum(
                    snapshot.owners[name].needs_confirmation for name in theirs if name in leaves
                ),
                theme_ids=theirs,
                best_rank=min((ranks[name] for name in theirs if name in ranks), default=None),
                score=round(sum(scores[name] for name in theirs if name in scores), 6),
                new=statuses["new"],
                rising=statuses["rising"],
                falling=statuses["falling"],
                causes_open=sum(open_causes[name] for name in theirs),
                effort=setting.effort,
                effort_why=setting.effort_why,
            )
        )
    return found


def is_open(cause: RootCause, verdicts: Collection[str]) -> bool:
    """Whether nobody has confirmed or rejected a root cause, neither before the week nor since."""
    return cause.state not in {"confirmed", "rejected"} and cause.id not in verdicts
