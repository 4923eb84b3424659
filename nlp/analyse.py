"""The whole analysis of one week over plain records: no database, no Prefect, no web.

feedback, statements, themes before  ->  themes, owners, trends, causes, ranked friction points
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from labels.schema import Labels
from nlp.births import SeedIntent
from nlp.causes.cause_trends import with_trends
from nlp.causes.evidence import find_evidence
from nlp.causes.join import join_causes
from nlp.causes.order import rank_causes
from nlp.causes.ranking import rank_root_causes
from nlp.causes.top import with_top_causes
from nlp.corrections import Corrections
from nlp.encoding import Encode
from nlp.impact import measure_impacts
from nlp.journey import match_stage, stage_texts
from nlp.memory import MemoryConfig, Remembered, Vectors, remember
from nlp.nearest import ThemeFacts, embedded
from nlp.neighbours import FloatArray
from nlp.one_thread import one_thread
from nlp.ownership import match_owner, owner_texts
from nlp.population import Population, build_population, restrict
from nlp.rank import rank_friction
from nlp.records import (
    Assignment,
    Cause,
    Customer,
    DatedEvent,
    Feedback,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
    Verdict,
    text_sha,
)
from nlp.scoring import memory_config, scoring_config, trend_config
from nlp.series import trends
from nlp.weeks import shift


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided: corrections, theme id -> owner id, root cause id -> verdict.

    efforts: theme or owner id -> effort, over those of the labels.
    """

    corrections: Corrections = field(default_factory=Corrections)
    owners: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    efforts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """The state after the week before."""

    themes: tuple[Theme, ...]
    assignments: Mapping[str, Assignment]
    causes: tuple[Cause, ...]
    root_causes: tuple[RootCause, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The state after a week, and what the week publishes."""

    remembered: Remembered
    assignments: Mapping[str, Assignment]
    population: Population
    owners: Mapping[str, OwnerMatch]
    stages: Mapping[str, StageMatch]
    trends: tuple[Trend, ...]
    causes: tuple[Cause, ...]
    root_causes: tuple[RootCause, ...]
    friction: tuple[Friction, ...]

    @property
    def themes(self) -> tuple[Theme, ...]:
        """All themes, retired ones too, sorted by id."""
        return self.remembered.themes

    @property
    def events(self) -> tuple[ThemeEvent, ...]:
        """What happened to themes this week."""
        return self.remembered.events


@one_thread
def analyse(
    week: str,
    *,
    before: Before,
    feedback: Sequence[Feedback],
    statements: Sequence[Statement],
    events: Sequence[DatedEvent],
    customers: Sequence[Customer] = (),
    labels: Labels,
    decisions: Decisions,
    vectors: Vectors,
    encode: Encode,
    memory: MemoryConfig | None = None,
) -> Analysis:
    """Analyse one ISO week; nothing given may be later than its Sunday.

    Args:
        before: the state after the week before, empty on a cold start.
        feedback: all messages up to the week; their order does not matter.
        statements: all statements of them.
        events: dated events up to the week.
        customers: the customer table.
        labels: intents, journey, owners, scoring.
        decisions: what people decided so far.
        vectors: text digests -> unit rows, for all statements and clauses.
        encode: texts -> unit rows, for the few texts that are no statements.
        memory: settings of the theme engine; those of the labels by default.
    """
    by_key = {item.key: item for item in feedback}
    remembered = remember(
        week,
        themes=before.themes,
        assigned=before.assignments,
        statements=statements,
        feedback=by_key,
        vectors=vectors,
        encode=encode,
        seeds=tuple(
            SeedIntent(intent.id, intent.name, intent.examples) for intent in labels.intents
        ),
        corrections=decisions.corrections,
        config=memory or memory_config(labels.scoring),
    )
    assignments = dict(before.assignments)
    assignments.update({item.statement_id: item for item in remembered.assignments})
    population = build_population(feedback, statements, assignments, customers=customers)
    living = [theme for theme in remembered.themes if theme.retired_week is None]
    owners, stages = _responsibilities(
        living, statements, labels=labels, decisions=decisions, vectors=vectors, encode=encode
    )
    window = labels.scoring.window
    recent = restrict(population, _since(population, week, window.cause_weeks))
    leaves = [theme.id for theme in living if theme.level == "leaf"]
    found = find_evidence(
        week,
        population=population,
        window=recent,
        statements=statements,
        themes=leaves,
        born={theme.id: theme.born_week for theme in living if not theme.seeded_by},
        known=before.causes,
        events=events,
        vectors=vectors,
    )
    causes = found.causes
    cold_start = min((one.born_week for one in living if not one.seeded_by), default=week)
    weekly = _trends(
        week, living, population, labels=labels, cold_start=cold_start, bursts=found.burst_themes
    )
    joined = join_causes(
        recent,
        causes,
        week=week,
        known=before.root_causes,
        verdicts=decisions.verdicts,
        before=before.causes,
        statements={item.id: item for item in statements},
    )
    joined = with_trends(
        joined,
        causes,
        recent,
        week=week,
        cold_start_week=cold_start,
        fresh=found.fresh,
        known=frozenset(one.id for one in before.causes),
        config=trend_config(labels.scoring),
    )
    scoring = scoring_config(labels.scoring).with_efforts(decisions.efforts)
    impacts = measure_impacts(recent, themes=leaves, config=scoring.impact)
    ranked = restrict(population, _since(population, week, window.friction_weeks))
    friction = rank_friction(
        ranked,
        week=week,
        themes=leaves,
        labels_of={theme.id: theme.label for theme in living},
        owners=owners,
        stages=stages,
        causes=causes,
        impacts=impacts,
        root_causes=joined,
        scoring=scoring,
    )
    root_causes = rank_root_causes(
        joined,
        causes=causes,
        friction=friction,
        impacts=impacts,
        population=ranked,
        scoring=scoring,
    )
    return Analysis(
        remembered=remembered,
        assignments=assignments,
        population=population,
        owners=owners,
        stages=stages,
        trends=weekly,
        causes=rank_causes(causes, friction),
        root_causes=root_causes,
        friction=with_top_causes(friction, root_causes),
    )


def _responsibilities(
    themes: Sequence[Theme],
    statements: Sequence[Statement],
    *,
    labels: Labels,
    decisions: Decisions,
    vectors: Vectors,
    encode: Encode,
) -> tuple[dict[str, OwnerMatch], dict[str, StageMatch]]:
    if not themes:
        return {}, {}
    texts = {item.sha: item.text for item in statements}
    examples = sorted({text for intent in labels.intents for text in intent.examples})
    texts.update({text_sha(text): text for text in examples})
    seeded = dict(zip(map(text_sha, examples), encode(examples), strict=True)) if examples else {}
    owner_vectors = embedded(owner_texts(labels), encode)
    stage_vectors = embedded(stage_texts(labels), encode)
    owners: dict[str, OwnerMatch] = {}
    stages: dict[str, StageMatch] = {}
    for theme in themes:
        known = [texts[sha] for sha in theme.exemplars if sha in texts]
        heard = vectors([sha for sha in theme.exemplars if sha not in seeded])
        described = [seeded[sha] for sha in theme.exemplars if sha in seeded]
        facts = ThemeFacts(
            theme_id=theme.id,
            label=theme.label,
            terms=theme.terms,
            exemplar_texts=tuple(known),
            centroid=_centroid(np.stack([*described, *heard])),
            intent_id=theme.seeded_by,
        )
        stages[theme.id] = match_stage(facts, labels=labels, stage_vectors=stage_vectors)
        owners[theme.id] = match_owner(
            facts,
            labels=labels,
            owner_vectors=owner_vectors,
            decision=decisions.owners.get(theme.id),
            stage=stages[theme.id],
        )
    return owners, stages


def _trends(
    week: str,
    themes: Sequence[Theme],
    population: Population,
    *,
    labels: Labels,
    cold_start: str,
    bursts: Mapping[str, float],
) -> tuple[Trend, ...]:
    found: list[Trend] = []
    for level in ("leaf", "parent"):
        family = [theme for theme in themes if theme.level == level]
        found.extend(
            trends(
                population,
                week=week,
                labels={theme.id: theme.label for theme in family},
                born={theme.id: theme.born_week for theme in family if not theme.seeded_by},
                cold_start_week=cold_start,
                bursts=bursts,
                themes=[theme.id for theme in family],
                config=trend_config(labels.scoring),
            )
        )
    return tuple(sorted(found, key=lambda trend: trend.theme_id))


def _since(
    population: Population, week: str, weeks: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    first = shift(week, 1 - weeks)
    return np.array([first <= name <= week for name in population.weeks], dtype=np.bool_)


def _centroid(rows: FloatArray) -> FloatArray:
    mean = rows.mean(axis=0)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit
