"""A month's outcome pack, built from the store."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from labels.schema import Labels
from nlp.months import month_before, month_of, weeks_of
from nlp.part import Part
from nlp.placed import placed
from nlp.population import IntArray
from nlp.records import Friction, RootCause
from nlp.spoken_dates import spoken_month
from nlp.weeks import monday, sunday, weeks_between
from report.backlog import main_causes, root_cause_line
from report.document import Figure, Headline, Quote
from report.outcome import FORMAT, Driver, Outcome, Voice
from report.outcome_wording import outcome_sentences
from report.quote_choice import Chosen, choose_quotes
from report.scene import ReportConfig, Scene, finite, make_scene, series
from report.wording import shorten
from service.exporting import NothingPublishedError, check_settled
from service.outcome_decided import decided_in
from service.stored_report import stored_report
from service.week_facts import LaidOut, lay_out
from store.database import Engine, Session, read_scope
from store.runs import last_run
from store.snapshots import (
    friction_ranks,
    load_causes,
    load_friction,
    load_owners,
    load_root_causes,
    published_weeks,
)
from store.statements import statement_texts
from store.themes import themes_as_of


@dataclass(frozen=True, slots=True)
class OutcomeConfig:
    """How much a pack shows: what a monthly review of an hour gets through.

    voices: themes with quotes; quotes of each; drivers: friction points.
    """

    voices: int = 10
    quotes: int = 4
    quote_length: int = 240
    drivers: int = 10


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the month's last week published, and the feedback its run saw.

    Statements are not in the scene: of those that are quoted the texts are read, of others none.
    """

    scene: Scene
    part: Part
    friction: Sequence[Friction]


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
    laid_out: LaidOut = lay_out,
) -> Outcome:
    """As `month_outcome`, of a session; `laid_out` gives all feedback up to a week."""
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
    report = stored_report(session, through)
    facts = _facts(session, through, laid_out)
    before = month_before(month)
    known = set(facts.part.week_names())
    weeks_before = tuple(week for week in weeks_of(before) if week in known)
    # Only whole months are compared with: of the first one perhaps a single week is known.
    compared = weeks_before if weeks_before == weeks_of(before) else ()
    decided, earlier = decided_in(session, facts.scene, facts.part, labels, month=month, zone=zone)
    drivers, ranked = _drivers(session, facts, weeks_of(before), config)
    headline = _headline(facts, weeks, compared)
    voices, spoken_of = _voices(session, facts, weeks, compared, config)
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
        volume=series(facts.scene, np.arange(len(facts.part), dtype=np.int64), None),
        voices=voices,
        themes_spoken_of=spoken_of,
        drivers=drivers,
        ranked=ranked,
        decided=decided,
        earlier=earlier,
        input_digest=report.input_digest,
        code_version=report.code_version,
    )


def _facts(session: Session, week: str, laid_out: LaidOut) -> _Facts:
    """A message that was replaced since is none of it: its words of that time are gone."""
    check_settled(session, week)
    part = placed(laid_out(session, week))
    scene = make_scene(
        week,
        ReportConfig(),
        part,
        statements={},
        assignments={},
        themes=themes_as_of(session, week),
        owners=load_owners(session, week),
        stages={},
    )
    return _Facts(scene, part, [item for _, item in load_friction(session, week=week)])


def _headline(facts: _Facts, weeks: Sequence[str], before: Sequence[str]) -> Headline:
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


def _left_out(session: Session, facts: _Facts) -> int:
    """Messages that the week's run saw and that are not there as it saw them."""
    run = last_run(session, week=facts.scene.week, status="done")
    saw = json.loads(run.counts).get("messages", 0) if run else 0
    return max(0, int(saw) - len(facts.part))


def _voices(
    session: Session,
    facts: _Facts,
    weeks: Sequence[str],
    before: Sequence[str],
    config: OutcomeConfig,
) -> tuple[tuple[Voice, ...], int]:
    """The themes most customers spoke of in the month, narrow ones only."""
    scene = facts.scene
    inside = facts.part.kept(np.isin(scene.weeks, weeks))
    found = [
        (customers, name, statements)
        for name, (customers, statements) in inside.counts.items()
        if (theme := scene.themes.get(name)) is not None
        and theme.level == "leaf"
        and theme.retired_week is None
    ]
    found.sort(key=lambda one: (-one[0], one[1]))
    shown = found[: config.voices]
    stated: dict[str, set[str]] = {name: set() for _, name, _ in shown}
    for cause in _told_of(session, scene.week, stated):
        stated[cause.theme_id].update(cause.evidence_ids)
    chosen = {
        name: choose_quotes(
            inside,
            name,
            stated=own,
            last=weeks[-1],
            limit=config.quotes,
            weeks=len(weeks_between(weeks[0], weeks[-1])),
        )
        for name, own in stated.items()
    }
    texts = statement_texts(session, {one.statement_id for own in chosen.values() for one in own})
    voices = []
    for customers, theme_id, statements in shown:
        members = facts.part.members[theme_id]
        owner_id, owner = scene.owner(theme_id)
        voices.append(
            Voice(
                theme_id=theme_id,
                label=scene.label(theme_id, theme_id),
                owner_id=owner_id,
                owner=owner,
                customers=customers,
                statements=statements,
                a_week=_a_week(scene, members, weeks),
                a_week_before=_a_week(scene, members, before) if before else None,
                quotes=tuple(
                    _quote(inside, one, texts[one.statement_id], config) for one in chosen[theme_id]
                ),
            )
        )
    return tuple(voices), len(found)


def _told_of(session: Session, week: str, themes: Collection[str]) -> list[RootCause]:
    """The root causes of some themes that nobody rejected, as a week published them."""
    told = load_root_causes(session, week=week, themes=themes)
    return [one for _, one in told if one.state != "rejected"]


def _quote(part: Part, one: Chosen, text: str, config: OutcomeConfig) -> Quote:
    message = part.ledger.feedback[one.row]
    text = shorten(text, limit=config.quote_length)
    return Quote(statement_id=one.statement_id, kind=message.kind, week=message.week, text=text)


def _drivers(
    session: Session, facts: _Facts, before: Sequence[str], config: OutcomeConfig
) -> tuple[tuple[Driver, ...], int]:
    scene = facts.scene
    # The last published one of the month before.
    ranks = (friction_ranks(session, week) for week in reversed(before))
    earlier = next((found for found in ranks if found), {})
    ranked = [item for item in facts.friction if item.rank is not None]
    shown = ranked[: config.drivers]
    roots: dict[str, list[RootCause]] = {item.theme_id: [] for item in shown}
    for one in _told_of(session, scene.week, roots):
        roots[one.theme_id].append(one)
    main = {name: cause for name, own in roots.items() for cause in main_causes(own, 1)}
    evidence = {name for cause in main.values() for name in cause.evidence}
    pieces = {one.id: one for _, one in load_causes(session, week=scene.week, ids=evidence)}
    found: list[Driver] = []
    for item in shown:
        cause = main.get(item.theme_id)
        line = root_cause_line(cause, pieces) if cause else None
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
                cause_id=line.cause_id if line else "",
                cause=line.lead if line else "",
                strength=line.strength if line else "",
            )
        )
    return tuple(found), len(ranked)
