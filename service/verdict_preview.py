"""What a verdict or an effort would move in the ranking of the week run last; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labels.schema import Labels
from nlp.records import RootCause, Verdict
from nlp.scoring import scoring_config
from nlp.what_if import Shift, shifts
from report.backlog import why_unranked
from store.database import Session
from store.deciding import Wish
from store.snapshots import load_friction, load_owners, load_root_causes, published_weeks
from store.verdicts import VERDICTS, active_efforts


@dataclass(frozen=True, slots=True)
class RankPreview:
    """What would move in a week (empty: none was run), and what else is to be said.

    `shifts`: whose own score changes. `others`: how many only change their rank.
    """

    week: str
    shifts: tuple[Shift, ...]
    others: int
    notes: tuple[str, ...]


def rank_preview(
    session: Session, wish: Wish, value: Mapping[str, Any], *, labels: Labels
) -> RankPreview:
    """Score the week published last anew with one more decision, everything else as it was.

    Args:
        wish: a verdict or an effort; `value`: its checked value.
    """
    weeks = published_weeks(session)
    if not weeks:
        return RankPreview("", (), 0, ("no week was run yet: groundswell run",))
    week = weeks[-1]
    causes = tuple(one for _, one in load_root_causes(session, week=week))
    friction = tuple(one for _, one in load_friction(session, week=week))
    verdict: Verdict | None = None
    efforts: dict[str, float] = {}
    scoring = scoring_config(labels.scoring)
    if wish.kind in VERDICTS:
        verdict = Verdict(value["cause_id"], VERDICTS[wish.kind], wish.why, wish.who)
        notes = _verdict_notes(verdict, causes, week)
    else:
        decided = active_efforts(session) | {wish.theme_id: value["effort"]}
        owners = {name: one.owner_id for name, one in load_owners(session, week).items()}
        themes = [
            one.theme_id
            for one in friction
            if wish.theme_id in {one.theme_id, owners.get(one.theme_id)}
        ]
        own = scoring.with_efforts(decided)
        efforts = {name: own.effort(name, owners.get(name, "")) for name in themes}
        notes = () if themes else (f"nothing that is {wish.theme_id}'s is ranked in {week}",)
    found = shifts(causes, friction, verdict=verdict, efforts=efforts, scoring=scoring)
    own_scores = tuple(one for one in found if one.score_before != one.score_after)
    return RankPreview(week, own_scores, len(found) - len(own_scores), notes)


def _verdict_notes(verdict: Verdict, causes: tuple[RootCause, ...], week: str) -> tuple[str, ...]:
    cause = next((one for one in causes if one.id == verdict.cause_id), None)
    if cause is None:
        return (f"{verdict.cause_id} was not told in {week}; the verdict waits until it is again",)
    if cause.state == verdict.state:
        return (f"{cause.id} is {cause.state} already",)
    if cause.state == "rejected":
        return (f"{cause.id} is rejected so far: the next run tells its share, score and rank",)
    if cause.rank is None:
        return (f"{cause.id} has no rank ({why_unranked(cause)}), and gets none by a verdict",)
    others = any(
        one.theme_id == cause.theme_id and one.id != cause.id and one.state != "rejected"
        for one in causes
    )
    if verdict.state == "rejected" and others:
        return ("what it claimed, other causes of its theme may claim: the next run tells",)
    return ()
