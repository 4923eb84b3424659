"""A month's outcome pack, built from the store."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from labels.schema import Labels
from nlp.months import month_before, month_of, weeks_of
from nlp.population import IntArray
from nlp.spoken_dates import spoken_month
from nlp.weeks import monday, sunday
from report.backlog import main_causes, root_cause_line
from report.document import Figure, Headline
from report.outcome import FORMAT, Driver, Outcome, Voice
from report.outcome_wording import outcome_sentences
from report.owner_part import WeekFacts
from report.quotes import Candidate, pick_quotes
from report.scene import Scene, finite, series
from service.exporting import NothingPublishedError
from service.outcome_decided import decided_in
from service.stored_report import stored_report
from service.week_facts import week_facts
from store.database import Engine, Session, read_scope
from store.runs import last_run
from store.snapshots import load_friction, published_weeks


@dataclass(frozen=True, slots=True)
class OutcomeConfig:
    """How much a pack shows: what a monthly review of an hour gets through.

    voices: themes with quotes; quotes of each; drivers: friction points.
    """

    voices: int = 10
    quotes: int = 4
    quote_length: int = 240
    drivers: int = 10


def outcome_months(session: Session) -> list[str]:
    """The months that have a published week, the first first."""
    return sorted({month_of(week) for week in published_weeks(session)})


def month_outcome(
    engine: Engine,
    month: str,
    *,
    labels: Labels,
    zone: ZoneInfo,
    config: OutcomeConfig | None = None,
) -> Outcome:
    """The pack of a month, told from the last of its weeks that was published.

    Args:
        engine: the store; read only.
        month: "2026-10".
        labels: names of owners.
        zone: in which a decision's day is told.
        config: how much is shown.

    Raises:
        ValueError: it is no month.
        OtherVersionError: another version made the week's report.
        NothingPublishedError: none of its weeks was run.
    """
    with read_scope(engine) as session:
        return read_outcome(session, month, labels=labels, zone=zone, config=config)


def read_outcome(
    session: Session,
    month: str,
    *,
    labels: Labels,
    zone: ZoneInfo,
    config: OutcomeConfig | None = None,
) -> Outcome:
    """As `month_outcome`, of a session."""
    config = config or OutcomeConfig()
    wanted = weeks_of(month)
    published = published_weeks(session)
    weeks = tuple(week for week in wanted if week in published)
    if not weeks:
        has = f"published are {published[0]} to {published[-1]}" if published else "none was run"
        raise NothingPublishedError(
            f"no week of {spoken_month(month)} ({wanted[0]} to {wanted[-1]}) was run; {has}"
        )
    through = weeks[-1]
    facts = week_facts(session, through, report=stored_report(session, through))
    before = month_before(month)
    known = set(facts.scene.population.weeks)
    weeks_before = tuple(week for week in weeks_of(before) if week in known)
    # Only whole months are compared with: of the first one perhaps a single week is known.
    compared = weeks_before if weeks_before == weeks_of(before) else ()
    decided, earlier = decided_in(session, facts, labels, month=month, zone=zone)
    drivers, ranked = _drivers(session, facts, weeks_of(before), config)
    headline = _headline(facts, weeks, compared)
    voices, spoken_of = _voices(facts, weeks, compared, config)
    return Outcome(
        format=FORMAT,
        month=month,
        first_day=monday(wanted[0]).isoformat(),
        last_day=sunday(through).isoformat(),
        weeks=weeks,
        whole=weeks == wanted,
        through=through,
        left_out=_left_out(session, facts),
        month_before=before,
        weeks_before=weeks_before,
        sentences=outcome_sentences(
            month,
            headline,
            drivers,
            decided,
            earlier,
            weeks=None if weeks == wanted else len(weeks),
            month_before=before,
            weeks_before=len(weeks_before),
        ),
        headline=headline,
        volume=series(facts.scene, np.arange(len(facts.scene.population), dtype=np.int64), None),
        voices=voices,
        themes_spoken_of=spoken_of,
        drivers=drivers,
        ranked=ranked,
        decided=decided,
        earlier=earlier,
        input_digest=facts.input_digest,
        code_version=facts.code_version,
    )


def _headline(facts: WeekFacts, weeks: Sequence[str], before: Sequence[str]) -> Headline:
    scene = facts.scene
    now = np.flatnonzero(np.isin(scene.weeks, weeks))
    then = np.flatnonzero(np.isin(scene.weeks, before))
    return Headline(
        (
            Figure(
                "customers",
                scene.population.distinct_customers(now),
                None,
                "different customers who wrote or were heard in the month",
            ),
            Figure("messages", now.size, None, "messages of the month"),
            Figure(
                "customers a week",
                _a_week(scene, now, weeks),
                _a_week(scene, then, before) if before else None,
                "different customers in a week, on average, so that months of four and of five "
                "weeks can be compared",
                decimals=1,
            ),
        )
    )


def _a_week(scene: Scene, rows: IntArray, weeks: Collection[str]) -> float:
    """Different customers in a week, the mean of some weeks; weeks without any count as 0."""
    people = scene.population.distinct_customers
    counts = [people(rows[scene.weeks[rows] == week]) for week in weeks]
    return round(sum(counts) / len(counts), 6)


def _left_out(session: Session, facts: WeekFacts) -> int:
    """Messages that the week's run saw and that are not there as it saw them."""
    run = last_run(session, week=facts.scene.week, status="done")
    saw = json.loads(run.counts).get("messages", 0) if run else 0
    return max(0, int(saw) - len(facts.scene.population))


def _voices(
    facts: WeekFacts, weeks: Collection[str], before: Collection[str], config: OutcomeConfig
) -> tuple[tuple[Voice, ...], int]:
    """The themes most customers spoke of in the month, narrow ones only."""
    scene = facts.scene
    found: list[tuple[int, str, IntArray]] = []
    for theme in facts.themes:
        rows = scene.population.members.get(theme.id)
        if theme.level != "leaf" or theme.retired_week is not None or rows is None:
            continue
        inside = rows[np.isin(scene.weeks[rows], list(weeks))]
        if inside.size:
            found.append((scene.population.distinct_customers(inside), theme.id, inside))
    found.sort(key=lambda one: (-one[0], one[1]))
    stated = {cause.theme_id: set[str]() for cause in facts.root_causes}
    for cause in facts.root_causes:
        if cause.state != "rejected":
            stated[cause.theme_id].update(cause.evidence_ids)
    voices = []
    for customers, theme_id, rows in found[: config.voices]:
        earlier = scene.population.members[theme_id]
        earlier = earlier[np.isin(scene.weeks[earlier], list(before))]
        said = _candidates(facts, theme_id, rows, stated.get(theme_id, set()))
        owner_id, owner = scene.owner(theme_id)
        voices.append(
            Voice(
                theme_id=theme_id,
                label=scene.label(theme_id, theme_id),
                owner_id=owner_id,
                owner=owner,
                customers=customers,
                statements=len(said),
                a_week=_a_week(scene, rows, weeks),
                a_week_before=_a_week(scene, earlier, before) if before else None,
                quotes=pick_quotes(said, limit=config.quotes, length=config.quote_length),
            )
        )
    return tuple(voices), len(found)


def _candidates(
    facts: WeekFacts, theme_id: str, rows: IntArray, stated: Collection[str]
) -> list[Candidate]:
    scene = facts.scene
    found: list[Candidate] = []
    for row in rows.tolist():
        message = scene.population.feedback[row]
        for name in scene.population.statements.get((theme_id, row), ()):
            statement, placed = scene.statements.get(name), scene.assignments.get(name)
            if statement is not None:
                found.append(
                    Candidate(
                        statement=statement,
                        kind=message.kind,
                        week=message.week,
                        speaker=int(scene.population.customers[row]),
                        fresh=True,
                        stated=name in stated,
                        confidence=placed.confidence if placed else 0.0,
                    )
                )
    return found


def _drivers(
    session: Session, facts: WeekFacts, before: Sequence[str], config: OutcomeConfig
) -> tuple[tuple[Driver, ...], int]:
    scene = facts.scene
    earlier: Mapping[str, int | None] = {}
    for week in before:  # the last published one stays
        ranks = {item.theme_id: item.rank for _, item in load_friction(session, week=week)}
        earlier = ranks or earlier
    pieces = {cause.id: cause for cause in facts.causes}
    ranked = [item for item in facts.friction if item.rank is not None]
    found: list[Driver] = []
    for item in ranked[: config.drivers]:
        roots = [
            one
            for one in facts.root_causes
            if one.theme_id == item.theme_id and one.state != "rejected"
        ]
        main = [root_cause_line(one, pieces) for one in main_causes(roots, 1)]
        owner_id, owner = scene.owner(item.theme_id)
        assert item.rank is not None
        found.append(
            Driver(
                rank=item.rank,
                rank_before=earlier.get(item.theme_id),
                theme_id=item.theme_id,
                label=scene.label(item.theme_id, item.label),
                owner_id=owner_id,
                owner=owner or item.owner,
                reach=item.reach,
                score=finite(item.score),
                cause_id=main[0].cause_id if main else "",
                cause=main[0].lead if main else "",
                strength=main[0].strength if main else "",
            )
        )
    return tuple(found), len(ranked)
