"""What each export holds: the store's state as of a week, in a total order of its content."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from statistics import fmean

from nlp.duplicates import distinct
from nlp.population import Population, build_population
from nlp.records import Feedback, Statement, Theme
from service.exports.columns import Noun
from service.exports.files import Row
from store.assignments import assignments_as_of, assignments_of
from store.database import Session
from store.feedback import feedback_by_key, feedback_places, load_feedback
from store.quarantine import list_quarantine
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_root_causes,
    load_stages,
    load_trends,
)
from store.statements import load_statements, statements_of
from store.themes import theme_events, themes_as_of

_EXEMPLARS = 5  # a theme remembers some thirty, the most typical first; people read a few
_BATCH = 1000  # messages read at once; of 100 kB each the batch is 100 MB
_LAST = 2**62  # sorts an empty rank behind every rank


Keys = Container[str]  # of messages


def export_rows(
    session: Session, noun: Noun, *, week: str | None, only: Keys | None = None
) -> Iterator[Row]:
    """The rows of an export, values in the order of `TABLES[noun].columns`.

    `only` these messages, for the exports in `OF_MESSAGES`: of a theme what they say is counted,
    and themes they do not speak of are left out.

    Messages and statements are read a batch at a time while the rows are taken, so the session
    must stay open until the last one. `week` is a published week; None (everything stored) is for
    the exports that need no run.
    """
    of_messages = _OF_MESSAGES.get(noun)
    if of_messages is not None:
        yield from of_messages(session, week, only)
    elif only is None:
        yield from _BUILDERS[noun](session, week)
    else:
        raise ValueError(f"{noun} cannot be exported of some messages only")


def _feedback(session: Session, week: str | None, only: Keys | None) -> Iterator[Row]:
    for batch in _batches(session, week, only):
        for item in batch:
            yield (
                *(item.id, item.source, item.kind, item.text, item.created_at, item.week, item.day),
                *(item.customer_id, item.account_id, item.score, item.score_kind, item.revenue),
                *(item.resolved_at, item.reopened, item.channel, item.language),
                dict(item.attributes),
            )


def _batches(session: Session, week: str | None, only: Keys | None) -> Iterator[list[Feedback]]:
    """Messages by source and id. The order is Python's: databases sort text each in their way."""
    places = sorted(feedback_places(session, until_week=week))
    keys = [key for _, _, key in places if only is None or key in only]
    for start in range(0, len(keys), _BATCH):
        wanted = keys[start : start + _BATCH]
        found = feedback_by_key(session, wanted)
        yield [found[key] for key in wanted]


def _spoken(
    session: Session, week: str | None, only: Keys | None
) -> Iterator[list[tuple[Feedback, Statement]]]:
    for batch in _batches(session, week, only):
        messages = {item.key: item for item in batch}
        pairs = [
            (messages[said.feedback_key], said)
            for said in statements_of(session, messages.keys()).values()
        ]
        yield sorted(pairs, key=lambda pair: (pair[0].source, pair[0].id, pair[1].no))


def _statements(session: Session, week: str | None, only: Keys | None) -> Iterator[Row]:
    for batch in _spoken(session, week, only):
        for item, said in batch:
            yield (
                *(said.id, item.id, item.source, item.kind, item.created_at, item.week),
                *(said.no, said.text, said.noise),
                [
                    {
                        "text": clause.text,
                        "connective": clause.connective,
                        "relation": clause.relation,
                        "start": clause.start,
                        "end": clause.end,
                    }
                    for clause in said.clauses
                ],
            )


def _assignments(session: Session, week: str | None, only: Keys | None) -> Iterator[Row]:
    for batch in _spoken(session, week, only):
        placed = assignments_of(session, [said.id for _, said in batch], week)
        for item, said in batch:
            place = placed.get(said.id)
            if place is None and said.noise is None:
                continue  # split, and not part of a run up to this week yet
            head = (item.id, item.source, item.kind, item.created_at, item.week)
            start = (*head, said.no, said.text)
            if said.noise is not None or place is None:
                yield (*start, None, None, "noise", 1.0, said.noise)
                continue
            leaf = place.theme_id if place.state == "leaf" else None
            above = place.parent_theme_id if place.state in ("leaf", "parent") else None
            yield (*start, leaf, above, place.state, place.confidence, place.method)


def _population(session: Session, week: str | None, only: Keys | None) -> Population:
    said = load_statements(session, until_week=week)
    return build_population(
        [
            item
            for item in load_feedback(session, until_week=week)
            if only is None or item.key in only
        ],
        [item for item in said if only is None or item.feedback_key in only],
        assignments_as_of(session, week),
    )


def _themes(session: Session, week: str | None, only: Keys | None) -> list[Row]:
    population = _population(session, week, only)
    owners, stages = load_owners(session, week or ""), load_stages(session, week or "")
    texts = {said.sha: said.text for said in load_statements(session, until_week=week)}
    counts: dict[str, int] = {}
    for (theme_id, _), ids in population.statements.items():
        counts[theme_id] = counts.get(theme_id, 0) + len(ids)
    rows: list[Row] = []
    for theme in sorted(themes_as_of(session, week), key=lambda t: t.id):
        owner, stage = owners.get(theme.id), stages.get(theme.id)
        members = population.members.get(theme.id)
        if only is not None and members is None:
            continue
        customers = 0 if members is None else population.distinct_customers(members)
        rows.append(
            (
                *(theme.id, theme.parent_id, theme.label, theme.born_week, theme.retired_week),
                *(counts.get(theme.id, 0), customers),
                *((owner.owner_name, owner.reason, owner.confidence) if owner else (None,) * 3),
                stage.stage_name if stage else None,
                _mean_score(population, theme.id),
                _exemplars(theme, texts),
                theme.level,
                owner.needs_confirmation if owner else None,
                theme.label_reason,
            )
        )
    return rows


def _mean_score(population: Population, theme_id: str) -> float | None:
    members = population.members.get(theme_id)
    if members is None:
        return None
    scores = [population.feedback[int(index)].unit_score for index in members]
    given = [score for score in scores if score is not None]
    return fmean(given) if given else None


def _exemplars(theme: Theme, texts: Mapping[str, str]) -> list[str]:
    return list(distinct([texts[sha] for sha in theme.exemplars if sha in texts])[:_EXEMPLARS])


def _trends(session: Session, week: str | None) -> list[Row]:
    kept = [trend for trend in load_trends(session) if week is None or trend.week <= week]
    return [
        (
            *(t.week, t.theme_id, t.label, t.status, t.statements, t.customers),
            *(t.rate_ratio, t.ratio_low, t.ratio_high, t.q_value, t.rank, t.three_months),
        )
        for t in sorted(kept, key=lambda t: (t.week, t.theme_id))
    ]


def _owners(session: Session, week: str | None) -> list[Row]:
    labels = {theme.id: theme.label for theme in themes_as_of(session, week)}
    stages = load_stages(session, week or "")
    return [
        (
            *(theme_id, labels.get(theme_id), match.owner_id, match.owner_name, match.method),
            *(match.reason, match.confidence, match.needs_confirmation),
            stages[theme_id].stage_name if theme_id in stages else None,
            stages[theme_id].reason if theme_id in stages else None,
        )
        for theme_id, match in sorted(load_owners(session, week or "").items())
    ]


def _causes(session: Session, week: str | None) -> list[Row]:
    joined = load_root_causes(session, week=week)
    root = {piece: one.id for _, one in joined for piece in one.evidence}
    causes = [cause for _, cause in load_causes(session, week=week)]
    return [
        (
            *(c.id, c.theme_id, c.kind, c.statement, dict(c.conditions), c.onset, c.event),
            *(c.customers, c.statements, c.share_of_theme, c.lift, c.q_value),
            *(c.rank, c.rank_low, c.rank_high, list(c.evidence_ids)),
            *(c.lift_low, c.lift_high, c.exploratory, root.get(c.id)),
            *(c.base_customers, c.base_lift, c.base_low, c.base_high),
        )
        for c in sorted(causes, key=lambda c: (_after(c.rank), c.id))
    ]


def _root_causes(session: Session, week: str | None) -> list[Row]:
    joined = [one for _, one in load_root_causes(session, week=week)]
    labels = {theme.id: theme.label for theme in themes_as_of(session, week)}
    owners = load_owners(session, week or "")
    return [
        (
            *(c.id, c.theme_id, c.statement, c.state, list(c.kinds), list(c.evidence)),
            *(c.customers, c.statements, c.share_of_theme, c.first_week),
            *(c.trend, c.trend_ratio, c.trend_low, c.trend_high, c.trend_q),
            *(c.reach, c.impact, c.impact_low, c.impact_high),
            *(c.avoidable, c.avoidable_low, c.avoidable_high, c.confidence, c.effort),
            *(c.score, c.score_low, c.score_high, c.rank, c.rank_low, c.rank_high),
            *(c.top5_probability, list(c.tied_with), c.exploratory, c.note),
            *(c.decided_by or None, c.decision_note or None, list(c.evidence_ids)),
            labels.get(c.theme_id),
            owners[c.theme_id].owner_name if c.theme_id in owners else None,
            *(c.reach_low, c.reach_high),
            c.independent,
        )
        for c in sorted(joined, key=lambda c: (_after(c.rank), c.id))
    ]


def _friction(session: Session, week: str | None) -> list[Row]:
    points = [point for _, point in load_friction(session, week=week)]
    return [
        (
            *(p.rank, p.rank_low, p.rank_high, p.theme_id, p.label, p.owner, p.journey_stage),
            *(p.reach, p.impact, p.impact_low, p.impact_high, p.confidence, p.effort, p.score),
            *(list(p.top_causes), p.top5_probability, list(p.tied_with), p.note),
            *(p.reach_low, p.reach_high, p.score_low, p.score_high),
            *(p.loss, p.loss_low, p.loss_high, p.scored),
            *(p.recontact_rate, p.reopen_rate, p.days_to_resolve, p.revenue),
        )
        for p in sorted(points, key=lambda p: (_after(p.rank), p.theme_id))
    ]


def _lineage(session: Session, week: str | None) -> list[Row]:
    events = theme_events(session, until_week=week)
    ordered = sorted(events, key=lambda e: (e.week, e.theme_id, e.kind, e.detail, e.related))
    return [(e.week, e.theme_id, e.kind, e.detail, list(e.related)) for e in ordered]


def _quarantine(session: Session, _week: str | None) -> list[Row]:
    rows = sorted(
        list_quarantine(session), key=lambda r: (r.file, r.line, r.id, r.reason, r.stage, r.raw)
    )
    return [(r.id, r.stage, r.reason, r.file, r.line, r.raw) for r in rows]


def _after(rank: int | None) -> int:
    return _LAST if rank is None else rank


_OF_MESSAGES: dict[Noun, Callable[[Session, str | None, Keys | None], Iterable[Row]]] = {
    "feedback": _feedback,
    "statements": _statements,
    "assignments": _assignments,
    "themes": _themes,
}
OF_MESSAGES: tuple[Noun, ...] = tuple(_OF_MESSAGES)
_BUILDERS: dict[Noun, Callable[[Session, str | None], Iterable[Row]]] = {
    "trends": _trends,
    "owners": _owners,
    "causes": _causes,
    "root-causes": _root_causes,
    "friction": _friction,
    "lineage": _lineage,
    "quarantine": _quarantine,
}
