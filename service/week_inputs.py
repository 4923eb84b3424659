"""What a run of a week reads beside feedback, and what of it was changed since the week was run."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Literal

from nlp.weeks import sunday
from report.wording import count, listing
from store.customers import customers_digest
from store.database import Session
from store.decisions import active_decisions
from store.events import load_events
from store.rows import sha256
from store.runs import last_run
from store.snapshots import published_weeks

Input = Literal["decisions", "events", "customers"]


def decisions_digest(session: Session) -> str:
    """SHA-256 over the decisions in force, as a run would read them now."""
    return sha256(
        [[one.kind, one.theme_id, one.value, one.who, one.why] for one in active_decisions(session)]
    )


def input_digests(session: Session, week: str) -> dict[str, str]:
    """Name of an input -> SHA-256 over what a run of `week` would read of it now."""
    return {
        "decisions": decisions_digest(session),
        "events": sha256([str(one) for one in load_events(session, until=sunday(week))]),
        "customers": customers_digest(session),
    }


def changed_inputs(
    session: Session, week: str, *, labels_digest: str | None = None
) -> tuple[str, ...]:
    """The inputs that are not what the last run of `week` read, by name.

    A week that was never run, or by a version that kept no digests, tells of none.

    Args:
        labels_digest: that of the labels now; None: they are not compared.
    """
    run = last_run(session, week=week, status="done")
    config = json.loads(run.config) if run else {}
    read: dict[str, str] = config.get("inputs", {})
    now: dict[str, str] = input_digests(session, week) if read else {}
    if labels_digest is not None and "labels_digest" in config:
        read, now = read | {"labels": config["labels_digest"]}, now | {"labels": labels_digest}
    return tuple(name for name in now if now[name] != read.get(name))


def when_it_counts(session: Session, name: Input, *, about_to_change: bool = False) -> str:
    """From when on what was just changed counts: the end of a sentence, with the way out.

    Args:
        about_to_change: nothing was changed yet, but will be.
    """
    published = published_weeks(session)
    if not published:
        return "with the first run"
    changes = about_to_change and _keeps_digests(session, published[-1])
    if not changes and name not in changed_inputs(session, published[-1]):
        return "with the next week's run"
    return f"with the next week's run, or now: groundswell run --week {published[-1]}"


def _keeps_digests(session: Session, week: str) -> bool:
    """Whether the last run of a week says what it read, so that a change since can be told."""
    run = last_run(session, week=week, status="done")
    return bool(run and json.loads(run.config).get("inputs"))


def changed_told(week: str, changed: Collection[str], *, late: Mapping[str, int]) -> str:
    """What was changed after weeks were run, and the one way out that takes all of it in; or "".

    Args:
        week: the last week run.
        changed: inputs that its run did not read so.
        late: week -> messages that came or changed after it was run.
    """
    said = []
    if changed:
        names = listing(sorted(changed)).capitalize()
        said.append(f"{names} were added or changed since {week} was run.")
    if late:
        weeks = min(late) if len(late) == 1 else f"{min(late)} to {max(late)}"
        messages = count(sum(late.values()), "message")
        said.append(f"{messages} of {weeks} came or changed after that was run.")
    if not said:
        return ""
    first = min([*late, week])
    which = f"--week {week}" if first == week else f"--from {first} --to {week}"
    return f"{' '.join(said)} The next week's run takes that in, or now: groundswell run {which}"
