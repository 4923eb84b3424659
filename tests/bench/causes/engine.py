"""The one place that calls Groundswell's causes, as the weekly run calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from labels.schema import load
from nlp.causes.join import join_causes
from nlp.causes.said import clause_texts, said
from nlp.causes.when import when
from nlp.causes.where import where
from nlp.encoding import Encode, FloatArray
from nlp.impact import Impact, measure_impacts
from nlp.population import Population
from nlp.rank import rank_friction
from nlp.records import (
    Cause,
    DatedEvent,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    Statement,
    Trend,
    text_sha,
)
from nlp.scoring import scoring_config, trend_config
from nlp.series import trends

_OWNER = OwnerMatch("bench", "bench", "fallback", "", 1.0, needs_confirmation=False)
_STAGE = StageMatch("use", "Use", "", 1.0)


def find_where(population: Population, themes: Collection[str]) -> tuple[Cause, ...]:
    """Segments."""
    return where(population, themes=themes)


def find_when(
    population: Population,
    themes: Collection[str],
    events: Sequence[DatedEvent],
    until: dt.date,
    *,
    found: Sequence[Cause] = (),
) -> tuple[Cause, ...]:
    """Onsets; `found`: the segments found, as `nlp.causes.evidence` passes them on."""
    return when(population, themes=themes, events=events, until=until, found=found)


def clause_vectors(statements: Mapping[str, Statement], encode: Encode) -> dict[str, FloatArray]:
    """Vectors of all clauses by digest."""
    texts = clause_texts(tuple(statements.values()))
    return dict(zip(map(text_sha, texts), encode(texts), strict=True))


def find_said(
    population: Population,
    statements: Mapping[str, Statement],
    themes: Sequence[str],
    vectors: Mapping[str, FloatArray],
) -> tuple[Cause, ...]:
    """Stated reasons."""
    return said(population, statements, themes=themes, clause_vectors=vectors)


def find_impacts(population: Population, themes: Collection[str]) -> dict[str, Impact]:
    """What each theme costs."""
    config = scoring_config(load().scoring).impact
    return measure_impacts(population, themes=themes, config=config)


def find_ranks(
    population: Population,
    themes: Sequence[str],
    *,
    week: str,
    impacts: Mapping[str, Impact],
    causes: Sequence[Cause] = (),
) -> tuple[Friction, ...]:
    """Friction points; all themes have one owner and stage."""
    return rank_friction(
        population,
        week=week,
        themes=themes,
        labels_of={name: name for name in themes},
        owners=dict.fromkeys(themes, _OWNER),
        stages=dict.fromkeys(themes, _STAGE),
        causes=causes,
        impacts=impacts,
        scoring=scoring_config(load().scoring),
    )


def find_joined(
    population: Population, causes: Sequence[Cause], *, week: str
) -> tuple[RootCause, ...]:
    """Pieces of evidence joined to root causes."""
    return join_causes(population, causes, week=week)


def find_trends(population: Population, themes: Sequence[str], week: str) -> tuple[Trend, ...]:
    """Trends of themes that all were there from the first week on."""
    first = min(population.weeks)
    return trends(
        population,
        week=week,
        labels={name: name for name in themes},
        born=dict.fromkeys(themes, first),
        cold_start_week=first,
        themes=themes,
        config=trend_config(load().scoring),
    )


def seeded(*numbers: int) -> np.random.Generator:
    """A generator of its own for each purpose."""
    return np.random.default_rng(list(numbers))
