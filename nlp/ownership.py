"""Who owns a theme: decision, rule, nearest responsibility, stage's owner, fallback; and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from labels.schema import Labels, Owner
from nlp.nearest import FloatArray, Near, ThemeFacts, confidence_of, nearest
from nlp.records import OwnerMatch, StageMatch
from nlp.rules import RuleHit, hits

__all__ = ["OwnershipConfig", "ThemeFacts", "match_owner", "owner_texts"]


@dataclass(frozen=True, slots=True)
class OwnershipConfig:
    """Measured on 35 invented themes (tests/nlp/ownership_themes.yaml) with all-MiniLM-L6-v2.

    top: an owner is as near as its `top` nearest phrases on average. One and two found 33 of 35
        owners, three 31, all 28: a team owns different things, and a theme is about one of them.
        The team's name before the phrase, or all phrases joined, were no better.
    temperature: of the softmax that makes confidence from similarities; 0.03 gave the right owners
        the highest likelihood (0.01 to 0.15 tried).
    stage_trust: how far the owner of the right stage is trusted: the stage's confidence is
        multiplied by it. The stage's owner was a right owner for 19 of the 30 themes placed.
    """

    top: int = 1
    temperature: float = 0.03
    stage_trust: float = 0.6


def owner_texts(labels: Labels) -> dict[str, tuple[str, ...]]:
    """Owner id -> the texts to embed for it: what it owns, a phrase each."""
    return {owner.id: owner.owns for owner in labels.owners}


def match_owner(
    facts: ThemeFacts,
    *,
    labels: Labels,
    owner_vectors: Mapping[str, FloatArray],
    decision: str | None,
    stage: StageMatch,
    config: OwnershipConfig | None = None,
) -> OwnerMatch:
    """The theme's owner; there always is one.

    Args:
        facts: the theme.
        labels: the owners, their rules, and how near is near enough.
        owner_vectors: owner id -> unit vectors of `owner_texts(labels)`, shape (n, d).
        decision: the owner id that a person chose, if one did. An id that owners.yaml does not
            (or no longer) hold is passed over; the reason says so, and confirmation is asked.
        stage: the theme's journey stage.
        config: how nearness becomes confidence.

    Raises:
        ValueError: the vectors are not those of the labels' owners.
    """
    config = config or OwnershipConfig()
    if decision is not None:
        chosen = labels.owner(decision)
        if chosen is not None:
            reason = f"a person decided that {chosen.name} owns this"
            return OwnerMatch(chosen.id, chosen.name, "decision", reason, 1.0, False)
    found = _without_decision(facts, labels, owner_vectors, stage, config)
    if decision is None:
        return found
    reason = f"a person chose '{decision}', which owners.yaml does not hold; so: {found.reason}"
    return replace(found, reason=reason, needs_confirmation=True)


def _without_decision(
    facts: ThemeFacts,
    labels: Labels,
    owner_vectors: Mapping[str, FloatArray],
    stage: StageMatch,
    config: OwnershipConfig,
) -> OwnerMatch:
    ruled = hits(facts, labels=labels, stage=stage)
    ids = tuple(owner.id for owner in labels.owners)
    near = nearest(facts.centroid, owner_vectors, ids=ids, top=config.top)
    if ruled:
        return _by_rule(ruled, near[0], labels)
    limits = labels.owner_matching
    owners = {owner.id: owner for owner in labels.owners}
    first, told = owners[near[0].id], _told(near, owners)
    if near[0].similarity < limits.min_similarity:
        doubt = f"{told}, under {limits.min_similarity:.2f}"
    elif len(near) > 1 and near[0].similarity - near[1].similarity < limits.min_margin:
        doubt = f"{told}, too close to call"
    else:
        confidence = confidence_of([n.similarity for n in near], temperature=config.temperature)
        unsure = confidence < limits.confirm_below
        return OwnerMatch(first.id, first.name, "meaning", told, confidence, unsure)
    placed = labels.stage(stage.stage_id)
    owner = labels.owner(placed.owner) if placed is not None else None
    if placed is not None and owner is not None:
        confidence = stage.confidence * config.stage_trust
        reason = f"owner of the stage '{placed.name}', as by meaning it is {doubt}"
        unsure = confidence < limits.confirm_below
        return OwnerMatch(owner.id, owner.name, "stage", reason, confidence, unsure)
    reason = f"fallback: no rule holds, no journey stage is near, and by meaning it is {doubt}"
    return OwnerMatch(labels.fallback.id, labels.fallback.name, "fallback", reason, 0.0, True)


def _by_rule(ruled: Sequence[RuleHit], near: Near, labels: Labels) -> OwnerMatch:
    best, limits = ruled[0], labels.owner_matching
    reason, unsure = best.reason, best.confidence < limits.confirm_below
    if unsure and near.id == best.owner.id and near.similarity >= limits.min_similarity:
        unsure = False  # two weak signs of different kinds that agree are not a weak match
        reason += f", and by meaning it is nearest, too, similarity {near.shown}"
    for other in ruled[1:]:
        same = (other.weight, other.confidence) == (best.weight, best.confidence)
        if same and other.owner.id != best.owner.id:
            reason += f"; as strong is the {other.reason}, but it stands later in owners.yaml"
            unsure = True
            break
    return OwnerMatch(best.owner.id, best.owner.name, "rule", reason, best.confidence, unsure)


def _told(near: Sequence[Near], owners: Mapping[str, Owner]) -> str:
    first = owners[near[0].id]
    phrase = first.owns[near[0].text_no]
    told = f"closest to what {first.name} owns ('{phrase}'), similarity {near[0].shown}"
    if len(near) > 1:
        told += f", next {owners[near[1].id].name} {near[1].shown}"
    return told
