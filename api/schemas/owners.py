"""Owners and what is theirs."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from api.scope import Snapshot
from labels.schema import Labels

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
    unconfirmed: int = Field(description="Themes whose owner somebody has to confirm.")
    theme_ids: list[str]
    best_rank: int | None = Field(description="Rank of the owner's costliest friction point.")


def owners_out(snapshot: Snapshot, labels: Labels) -> list[OwnerOut]:
    """All owners of the labels, and those that still own themes, sorted by id."""
    known = {owner.id: owner for owner in labels.owners}
    named = {match.owner_id: match.owner_name for match in snapshot.owners.values()}
    ranks = {item.theme_id: item.rank for item in snapshot.friction if item.rank is not None}
    found: list[OwnerOut] = []
    for owner_id in sorted(known.keys() | named.keys()):
        theirs = sorted(
            theme_id
            for theme_id, match in snapshot.owners.items()
            if match.owner_id == owner_id and theme_id in snapshot.themes
        )
        owner = known.get(owner_id)
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
                unconfirmed=sum(snapshot.owners[name].needs_confirmation for name in theirs),
                theme_ids=theirs,
                best_rank=min((ranks[name] for name in theirs if name in ranks), default=None),
            )
        )
    return found
