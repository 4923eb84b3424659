"""A month's outcome pack, built from the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from labels.schema import Labels
from nlp.before_after import BeforeAfterConfig, before_after
from nlp.months import month_before, month_of, weeks_of
from nlp.population import IntArray
from nlp.records import RootCause
from nlp.weeks import monday, sunday, week_of
from report.backlog import main_causes, root_cause_line
from report.document import Figure, Headline
from report.outcome import FORMAT, Compared, Decided, Driver, Outcome, Voice
from report.outcome_wording import compared_text, outcome_sentences, standing_text
from report.owner_part import WeekFacts
from report.quotes import Candidate, pick_quotes
from report.scene import finite, series
from service.correction_list import Recorded, recorded
from service.exporting import NothingPublishedError
from service.stored_report import stored_report
from service.week_facts import week_facts
from store.database import Engine, Session, read_scope
from store.snapshots import load_friction, load_root_causes, published_weeks
from store.themes import theme_events


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
            f"no week of {month} ({wanted[0]} to {wanted[-1]}) was run; {has}"
        )
    through = weeks[-1]
    facts = week_facts(session, through, report=stored_report(session, through))
    before = month_before(month)
    known = set(facts.scene.population.weeks)
    weeks_before = tuple(week for week in weeks_of(before) if week in known)
    made = [
        (one, one.when.astimezone(zone).date())
        for one in reversed(recorded(session, labels=labels))
    ]
    counts = _Counts(session, facts, labels)
    decided, earlier = (
        tuple(counts.decided(one, day) for one, day in made if f"{day:%Y-%m}" == name)
        for name in (month, before)
    )
    drivers, ranked = _drivers(session, facts, weeks_of(before), config)
    headline = _headline(facts, weeks, weeks_before)
    voices, spoken_of = _voices(facts, weeks, weeks_before, config)
    return Outcome(
        format=FORMAT,
        month=month,
        first_day=monday(wanted[0]).isoformat(),
        last_day=sunday(through).isoformat(),
        weeks=weeks,
        whole=weeks == wanted,
        through=through,
        month_before=before,
        sentences=outcome_sentences(
            month,
            headline,
            drivers,
            decided,
            earlier,
            month_before=before,
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


class _Counts:
    """Counts customers a week for the decisions of one pack."""

    def __init__(self, session: Session, facts: WeekFacts, labels: Labels) -> None:
        scene = facts.scene
        self._facts = facts
        self._owners = {owner.id: owner.name for owner in labels.owners}
        self._heard = self._weekly(np.arange(len(scene.population), dtype=np.int64))
        self._events = theme_events(session, until_week=scene.week)
        self._told: dict[str, list[tuple[str, RootCause]]] = {}
        for week, cause in load_root_causes(session):
            if week <= scene.week:
                self._told.setdefault(cause.id, []).append((week, cause))
        self._position = {
            message.key: index for index, message in enumerate(scene.population.feedback)
        }

    def decided(self, one: Recorded, day: dt.date) -> Decided:
        """A decision with what was counted before and after its week."""
        week, scene = week_of(day), self._facts.scene
        subject = str(one.value["into"]) if one.kind == "merge" else one.theme_id
        compared = []
        if one.cause_id and (found := self._cause(one.cause_id, week)) is not None:
            compared.append(found)
        if (theme := self._theme(subject, week)) is not None:
            compared.append(theme)
        owner = scene.owner(subject)[1] or self._owners.get(subject, "")
        return Decided(
            number=one.id,
            kind=one.kind,
            text=one.text,
            who=one.who,
            day=day.isoformat(),
            why=one.why,
            state=one.state,
            standing=standing_text(
                "waits for the next run" if one.waits else one.state,
                undone=one.undone_at.date() if one.undone_at else None,
                by=one.undone_by,
                why=one.undone_why,
                later=one.superseded_by,
            ),
            theme_id=subject,
            label=scene.label(subject, ""),
            cause_id=one.cause_id,
            owner=owner,
            happened=tuple(
                f"it had no effect in {event.week}: {event.detail}"
                for event in self._events
                if event.kind == "not applied"
                and event.theme_id == one.theme_id
                and event.week >= week
                and event.detail.partition(":")[0] == one.kind
            ),
            compared=tuple(compared),
        )

    def _weekly(self, rows: IntArray) -> dict[str, int]:
        population, weeks = self._facts.scene.population, self._facts.scene.weeks[rows]
        return {
            str(week): population.distinct_customers(rows[weeks == week])
            for week in np.unique(weeks)
        }

    def _theme(self, theme_id: str, week: str) -> Compared | None:
        scene = self._facts.scene
        rows = scene.population.members.get(theme_id)
        if rows is None:
            return None
        found = before_after(self._weekly(rows), self._heard, changed=week, last=scene.week)
        label = scene.label(theme_id, theme_id)
        return Compared("theme", theme_id, label, found, compared_text(found))

    def _cause(self, cause_id: str, week: str) -> Compared | None:
        """Its evidence in all weeks that told it; nothing is known of later ones."""
        told = self._told.get(cause_id)
        if not told:
            return None
        ids = {name for _, cause in told for name in cause.evidence_ids}
        rows = sorted(
            {
                self._position[statement.feedback_key]
                for name in ids
                if (statement := self._facts.scene.statements.get(name)) is not None
                and statement.feedback_key in self._position
            }
        )
        found = before_after(
            self._weekly(np.array(rows, dtype=np.int64)),
            self._heard,
            changed=week,
            last=max(name for name, _ in told),
            config=BeforeAfterConfig(),
        )
        return Compared("cause", cause_id, told[-1][1].statement, found, compared_text(found))


def _headline(facts: WeekFacts, weeks: Sequence[str], before: Sequence[str]) -> Headline:
    scene = facts.scene
    now = np.flatnonzero(np.isin(scene.weeks, weeks))
    then = np.flatnonzero(np.isin(scene.weeks, before))
    people = scene.population.distinct_customers
    return Headline(
        (
            Figure(
                "customers",
                people(now),
                people(then) if before else None,
                "different customers who wrote or were heard in the month",
            ),
            Figure("messages", now.size, then.size if before else None, "messages of the month"),
        )
    )


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
                before=scene.population.distinct_customers(earlier) if before else None,
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
                cause=main[0].text if main else "",
                strength=main[0].strength if main else "",
            )
        )
    return tuple(found), len(ranked)
