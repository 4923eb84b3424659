"""The backlog: friction points with owner, causes and verbatims, and the gaps in ownership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nlp.causes.headline import headline
from nlp.records import Cause, Friction, RootCause, Theme
from report import cause_wording, wording
from report.document import CauseLine, FrictionLine, Gap, Gaps, Quote, RootCauseLine
from report.quotes import FRESH_WEEKS, Candidate, pick_quotes
from report.scene import Scene, copies_told, finite, theme_series

_KIND_ORDER = {"said": 0, "where": 1, "when": 2}


def friction_lines(
    scene: Scene,
    friction: Sequence[Friction],
    causes: Sequence[Cause],
    root_causes: Sequence[RootCause],
) -> tuple[FrictionLine, ...]:
    """All friction points in rank order, unranked ones last.

    Verbatims and trend are looked up for the first `config.top` only: the rest is counted. Causes
    that a person rejected are left out.
    """
    pieces = {cause.id: cause for cause in causes}
    by_theme: dict[str, list[RootCause]] = {}
    for cause in root_causes:
        if cause.state != "rejected":
            by_theme.setdefault(cause.theme_id, []).append(cause)
    labels = {item.theme_id: scene.label(item.theme_id, item.label) for item in friction}
    lines: list[FrictionLine] = []
    for item in sorted(friction, key=_by_rank):
        chosen = main_causes(by_theme.get(item.theme_id, []), scene.config.causes)
        told = [pieces[name] for one in chosen for name in one.evidence if name in pieces]
        owner_id, owner = scene.owner(item.theme_id)
        match = scene.owners.get(item.theme_id)
        detailed = item.rank is not None and len(lines) < scene.config.top
        lines.append(
            FrictionLine(
                rank=item.rank,
                rank_low=item.rank_low,
                rank_high=item.rank_high,
                tied_with=tuple(
                    labels.get(other, scene.label(other, other)) for other in item.tied_with
                ),
                theme_id=item.theme_id,
                label=labels[item.theme_id],
                owner_id=owner_id,
                owner=owner or item.owner,
                needs_confirmation=match.needs_confirmation if match else True,
                stage=scene.stage(item.theme_id) or item.journey_stage,
                reach=item.reach,
                impact=finite(item.impact),
                impact_low=finite(item.impact_low),
                impact_high=finite(item.impact_high),
                confidence=item.confidence,
                effort=item.effort,
                score=finite(item.score),
                causes=tuple(root_cause_line(cause, pieces) for cause in chosen),
                quotes=_quotes(scene, item.theme_id, told) if detailed else (),
                series=theme_series(scene, item.theme_id) if detailed else (),
                note=item.note,
                copies=copies_told(scene, item.theme_id, scene.shown_weeks) if detailed else "",
            )
        )
    return tuple(lines)


def _by_rank(item: Friction) -> tuple[bool, int, int, str]:
    return (item.rank is None, item.rank or 0, -item.reach, item.theme_id)


def main_causes(causes: Sequence[RootCause], limit: int) -> list[RootCause]:
    """The best first; then those that bring a kind of evidence not shown yet; then the rest."""
    left = sorted(causes, key=cause_order)
    chosen: list[RootCause] = []
    kinds: set[str] = set()
    while left and len(chosen) < limit:
        one = next((cause for cause in left if not kinds.issuperset(cause.kinds)), left[0])
        left.remove(one)
        chosen.append(one)
        kinds.update(one.kinds)
    return chosen


def cause_order(cause: RootCause) -> tuple[bool, bool, int, int, str]:
    """Sort key of a theme's root causes: by rank; unranked ones last, of them the rejected."""
    return (
        cause.rank is None,
        cause.state == "rejected",
        cause.rank or 0,
        -cause.customers,
        cause.id,
    )


def why_unranked(cause: RootCause) -> str:
    """In a few words, for a table, why a root cause has no rank."""
    if cause.state == "rejected":
        return "rejected"
    return cause.note.partition(":")[0] or "not ranked"


def called(cause: RootCause, pieces: Mapping[str, Cause]) -> str:
    """What a root cause is called wherever it is named: its headline; `pieces` by id."""
    told = headline([pieces[name] for name in cause.evidence if name in pieces])
    return told or wording.shorten(cause.statement, limit=140)


def root_cause_line(cause: RootCause, pieces: Mapping[str, Cause]) -> RootCauseLine:
    """A root cause as the report shows it; `pieces` by id."""
    shown = [pieces[name] for name in cause.evidence if name in pieces]
    shown.sort(key=lambda one: (_KIND_ORDER[one.kind], -one.customers, one.id))
    lead = called(cause, pieces)
    return RootCauseLine(
        cause_id=cause.id,
        state=cause.state,
        state_text=cause_wording.state_text(cause),
        standing=cause_wording.standing_text(cause),
        text=cause_wording.root_cause_text(shown) if shown else cause.statement,
        strength=cause_wording.root_cause_strength(cause, shown),
        customers=cause.customers,
        statements=cause.statements,
        share_of_theme=cause.share_of_theme,
        first_week=cause.first_week,
        exploratory=cause.exploratory,
        pieces=tuple(map(cause_line, shown)),
        headline=lead,
        reworded=cause_wording.reworded_text(cause, lead),
    )


def cause_line(cause: Cause) -> CauseLine:
    """A cause as the report shows it."""
    return CauseLine(
        cause_id=cause.id,
        kind=cause.kind,
        statement=cause.statement,
        text=wording.cause_text(cause),
        strength=wording.cause_strength(cause),
        customers=cause.customers,
        statements=cause.statements,
        share_of_theme=cause.share_of_theme,
        lift=finite(cause.lift),
        lift_low=finite(cause.lift_low),
        lift_high=finite(cause.lift_high),
        q_value=finite(cause.q_value),
        onset=cause.onset.isoformat() if cause.onset else None,
        event=cause.event,
        exploratory=cause.exploratory,
        events=cause.events,
    )


def _quotes(scene: Scene, theme_id: str, causes: Sequence[Cause]) -> tuple[Quote, ...]:
    """Verbatims of different customers, as `pick_quotes` chooses them."""
    fresh = set(scene.shown_weeks[-FRESH_WEEKS:])
    stated = {i for cause in causes if cause.kind == "said" for i in cause.evidence_ids}
    candidates: list[Candidate] = []
    for index in scene.population.members.get(theme_id, np.zeros(0, dtype=np.int64)).tolist():
        message = scene.population.feedback[index]
        for statement_id in scene.population.statements.get((theme_id, index), ()):
            statement = scene.statements.get(statement_id)
            if statement is None:
                continue
            placed = scene.assignments.get(statement_id)
            candidates.append(
                Candidate(
                    statement,
                    kind=message.kind,
                    week=message.week,
                    speaker=int(scene.population.customers[index]),
                    fresh=message.week in fresh,
                    stated=statement_id in stated,
                    confidence=placed.confidence if placed else 0.0,
                )
            )
    return pick_quotes(candidates, limit=scene.config.quotes, length=scene.config.quote_length)


def gaps(scene: Scene, live: Sequence[Theme]) -> Gaps:
    """Themes that customers speak of and whose owner is missing or unconfirmed.

    Broad themes are left out: each of their narrower ones has an owner of its own.
    """
    found: list[Gap] = []
    for theme in live:
        match = scene.owners.get(theme.id)
        owned = match is not None and not match.needs_confirmation
        if owned or theme.level == "parent":
            continue
        members = scene.population.members.get(theme.id)
        if members is None:
            continue
        owner_id, owner = scene.owner(theme.id)
        found.append(
            Gap(
                theme_id=theme.id,
                label=theme.label,
                owner_id=owner_id,
                owner=owner,
                reason=match.reason if match else "no owner was matched",
                customers=scene.population.distinct_customers(members),
            )
        )
    return Gaps(tuple(sorted(found, key=lambda gap: (-gap.customers, gap.theme_id))))
