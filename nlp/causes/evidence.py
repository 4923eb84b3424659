"""All pieces of evidence of a week: said, where, when, and bursts of alike statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.causes.attributes import HOW_COLLECTED
from nlp.causes.burst_causes import burst_causes
from nlp.causes.bursts import find_bursts
from nlp.causes.confirm import confirm
from nlp.causes.said import clause_texts, said
from nlp.causes.when import when
from nlp.causes.where import where
from nlp.memory import Vectors
from nlp.population import Population
from nlp.records import Cause, DatedEvent, Statement, text_sha
from nlp.weeks import sunday


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pieces sorted by theme, kind and id; `fresh`: piece id -> p-value, of this week's bursts."""

    causes: tuple[Cause, ...]
    fresh: Mapping[str, float]

    @property
    def burst_themes(self) -> dict[str, float]:
        """Theme id -> the least p-value of the bursts of this week in it."""
        found: dict[str, float] = {}
        for one in self.causes:
            if one.id in self.fresh:
                found[one.theme_id] = min(self.fresh[one.id], found.get(one.theme_id, 1.0))
        return found


def find_evidence(
    week: str,
    *,
    population: Population,
    window: Population,
    statements: Sequence[Statement],
    themes: Sequence[str],
    born: Mapping[str, str],
    known: Sequence[Cause],
    events: Sequence[DatedEvent],
    vectors: Vectors,
) -> Evidence:
    """Look for evidence of every kind; what young themes show is tested again on later weeks.

    Args:
        population: all feedback up to `week`: bursts look back further than causes do.
        window: the part of it that causes are looked for in.
        statements: all statements of the population.
        themes: leaf themes that live; born: theme id -> week, of those that were discovered.
        known: the pieces of the week before, whose ids are kept.
        vectors: text digests -> unit rows, for statements and clauses.
    """
    by_id = {item.id: item for item in statements}
    recent = {item.key for item in window.feedback}
    spoken = {name: item for name, item in by_id.items() if item.feedback_key in recent}
    clauses = [text_sha(text) for text in clause_texts(tuple(spoken.values()))]
    bursts = burst_causes(
        window,
        spoken,
        find_bursts(population, by_id, week=week, vectors=vectors),
        themes=themes,
        known=known,
        week=week,
        events=events,
        vectors=vectors,
    )
    until = sunday(week)
    segments = where(window, themes=themes, exclude_attributes=HOW_COLLECTED)
    asked = without_attributes(window, HOW_COLLECTED)
    onsets = when(
        asked,
        themes=themes,
        events=events,
        until=until,
        known=[one for one in known if one.kind == "when" and one.centre is None],
        found=segments,
    )
    stated = said(
        window,
        spoken,
        themes=themes,
        clause_vectors=dict(zip(clauses, vectors(clauses), strict=True)),
        known=[one for one in known if one.kind == "said"],
    )
    pieces = [*bursts.causes, *stated, *segments, *onsets]
    found = list(confirm(asked, pieces, born=born, until=until))
    found.sort(key=lambda one: (one.theme_id, one.kind, one.id))
    return Evidence(tuple(found), bursts.fresh)


def without_attributes(population: Population, names: Collection[str]) -> Population:
    """The population as if it had no such attributes."""
    kept = {name: of for name, of in population.attributes.items() if name not in names}
    return replace(population, attributes=kept)
