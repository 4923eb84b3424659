"""What people decided about root causes and efforts: decisions that are no theme corrections.

confirm-cause and reject-cause {"cause_id", "wording"} (of no theme), effort {"effort"} (of a theme
or, with an owner's id in the theme's place, of all that is an owner's). The latest of a subject
counts. The wording is the headline that was judged: what a cause is called changes with its
evidence, what a person said of it does not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any, Literal

from nlp.causes.headline import headline
from nlp.records import Verdict
from store.database import Session
from store.decisions import active_decisions
from store.snapshots import last_root_causes, load_causes, told_root_cause
from store.themes import themes_as_of

VERDICTS: Mapping[str, Literal["confirmed", "rejected"]] = {
    "confirm-cause": "confirmed",
    "reject-cause": "rejected",
}
EFFORT = "effort"
JUDGING = (*VERDICTS, EFFORT)


def active_verdicts(session: Session) -> dict[str, Verdict]:
    """Root cause id -> the verdict in force, by id."""
    found: dict[str, Verdict] = {}
    for one in active_decisions(session):
        if one.kind in VERDICTS:
            value = json.loads(one.value)
            name, wording = value["cause_id"], value.get("wording", "")
            found[name] = Verdict(name, VERDICTS[one.kind], one.why, one.who, wording)
    return dict(sorted(found.items()))


def told_headline(session: Session, cause_id: str) -> str:
    """What a root cause is called in the week that told it last; "" where none did."""
    told = told_root_cause(session, cause_id)
    if told is None:
        return ""
    week, cause = told
    return headline([one for _, one in load_causes(session, week=week, ids=cause.evidence)])


def active_efforts(session: Session) -> dict[str, float]:
    """Theme or owner id -> the effort that a person set, by id."""
    found = {
        one.theme_id: float(json.loads(one.value)["effort"])
        for one in active_decisions(session)
        if one.kind == EFFORT
    }
    return dict(sorted(found.items()))


def hindrance(
    session: Session,
    kind: str,
    subject: str,
    value: Mapping[str, Any],
    *,
    owners: Collection[str] | None = None,
) -> str:
    """Why a verdict or an effort cannot be taken, with the way out; "" when it can.

    Args:
        subject: of an effort, the id of a theme or an owner.
        value: in its one form.
        owners: ids of all owners; None: any subject that is no theme may be one.
    """
    if kind in VERDICTS:
        name = value["cause_id"]
        known = {one.id for _, one in last_root_causes(session)}
        # Before the first run nothing is known of causes, as of themes.
        if known and name not in known:
            return f"there is no root cause {name}; ids are in: groundswell cause list"
        return ""
    if not math.isfinite(value["effort"]) or value["effort"] <= 0:
        return "effort must be a number above 0; 1 is what an unknown effort counts as"
    themes = {theme.id for theme in themes_as_of(session)}
    if not themes or subject in themes or owners is None or subject in owners:
        return ""
    return (
        f"there is no theme and no owner {subject}; ids are in: groundswell themes list, "
        f"owners.yaml has: {', '.join(sorted(owners))}"
    )
