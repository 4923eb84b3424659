"""Weeks of texts about planted subjects, remembered one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.births import SeedIntent
from nlp.corrections import Correction, Corrections
from nlp.discover import BirthConfig
from nlp.exemplars import ExemplarConfig
from nlp.granularity import GranularityConfig
from nlp.hierarchy import HierarchyConfig
from nlp.memory import MemoryConfig, Remembered, remember
from nlp.naming import NamingConfig
from nlp.neighbours import FloatArray
from nlp.partition import PartitionConfig
from nlp.records import Assignment, Feedback, Statement, Theme, text_sha
from nlp.weeks import monday

# What a text is about: its first word. Each subject has a direction of its own; texts of one
# subject have a cosine of about .74, the two colours of about .5 to each other.
SUBJECTS = ("apple", "river", "engine", "violin", "desert", "scarlet", "crimson")
DIMENSIONS = 48
SPREAD = 0.6
CONFIG = MemoryConfig(
    residue_weeks=12,
    exemplars=ExemplarConfig(
        most=16,
        vote=3,
        vote_share=0.5,
        quantile=0.02,
        foreign=0.03,
        least_others=30,
        least_threshold=0.5,
        most_threshold=0.75,
        grow=4,
        too_alike=0.95,
    ),
    births=BirthConfig(
        least_corpus=40,
        ready_corpus=40,
        least_texts=5,
        least_mentions=6,
        least_customers=5,
        least_weeks=2,
        burst=10,
        beside=16,
        least_share_new=0.7,
        least_cohesion=0.4,
        least_stability=0.5,
        cut=PartitionConfig(
            granularity=GranularityConfig(widths=(4, 5, 6, 7, 8), resolutions=(0.5, 1.0, 2.0, 4.0)),
            samples=4,
        ),
    ),
    hierarchy=HierarchyConfig(least_similarity=0.4, quantile=0.02),
    naming=NamingConfig(),
)
W1, W2, W3, W4 = "2026-W01", "2026-W02", "2026-W03", "2026-W04"


def direction(name: str) -> FloatArray:
    seed = int(text_sha(name)[:8], 16)
    row = np.random.default_rng(seed).normal(size=DIMENSIONS)
    return (row / np.linalg.norm(row)).astype(np.float32)


def encode(texts: Sequence[str]) -> FloatArray:
    """The direction of the first known subject, and noise of the text's own."""
    rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        subject = next((word for word in text.split() if word in SUBJECTS), None)
        if subject in {"scarlet", "crimson"}:
            rows[row] = direction("colour") + direction(subject)
            rows[row] /= np.linalg.norm(rows[row])
        elif subject:
            rows[row] = direction(subject)
        rows[row] += SPREAD * direction(text)
        rows[row] /= np.linalg.norm(rows[row])
    return rows


@dataclass
class World:
    """Messages week by week, and the memory after each."""

    feedback: dict[str, Feedback] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    themes: tuple[Theme, ...] = ()
    assigned: dict[str, Assignment] = field(default_factory=dict)

    def say(self, week: str, text: str, *, noise: str | None = None) -> str:
        """One message of a customer of its own; gives the statement's id."""
        number = len(self.feedback)
        day = monday(week)
        item = Feedback(
            id=f"{number:05d}",
            source="plant",
            kind="survey",
            text=text,
            created_at=dt.datetime.combine(day, dt.time(12), dt.UTC),
            week=week,
            day=day,
            customer_id=f"c{number}",
        )
        self.feedback[item.key] = item
        self.statements.append(Statement(item.key, 0, text, noise=noise))
        return self.statements[-1].id

    def talk(self, week: str, subjects: Iterable[str], count: int) -> list[str]:
        """`count` different texts of each subject."""
        return [
            self.say(week, f"{subject} broken {'left' if n % 2 else 'right'} {week} {n}")
            for subject in subjects
            for n in range(count)
        ]

    def run(
        self,
        week: str,
        *,
        shuffled: int | None = None,
        corrections: Sequence[Correction] = (),
        seeds: Sequence[SeedIntent] = (),
        config: MemoryConfig = CONFIG,
    ) -> Remembered:
        """The week's memory; nothing later is given."""
        texts = {item.sha: item.text for item in self.statements}
        texts.update({text_sha(text): text for seed in seeds for text in seed.examples})
        statements = [
            item for item in self.statements if self.feedback[item.feedback_key].week <= week
        ]
        feedback = {key: item for key, item in self.feedback.items() if item.week <= week}
        themes = list(self.themes)
        if shuffled is not None:
            random = np.random.default_rng(shuffled)
            statements = [statements[i] for i in random.permutation(len(statements))]
            keys = sorted(feedback)
            feedback = {keys[i]: feedback[keys[i]] for i in random.permutation(len(keys))}
            themes = [themes[i] for i in random.permutation(len(themes))]

        def vectors(shas: Sequence[str]) -> FloatArray:
            return encode([texts[sha] for sha in shas])

        return remember(
            week,
            themes=themes,
            assigned=dict(self.assigned),
            statements=statements,
            feedback=feedback,
            vectors=vectors,
            encode=encode,
            seeds=seeds,
            corrections=Corrections(tuple(corrections)),
            config=config,
        )

    def live(self, week: str, **options: object) -> Remembered:
        """Run the week and keep its memory."""
        found = self.run(week, **options)  # type: ignore[arg-type]
        self.themes = found.themes
        self.assigned.update({item.statement_id: item for item in found.assignments})
        return found

    def leaf_of(self, statement_id: str) -> str | None:
        return self.assigned[statement_id].theme_id

    def about(self, subject: str) -> set[str | None]:
        """The leaves of all texts about a subject."""
        return {
            self.leaf_of(item.id)
            for item in self.statements
            if item.id in self.assigned and item.noise is None and subject in item.text.split()
        }


def leaves(themes: Iterable[Theme]) -> set[str]:
    return {theme.id for theme in themes if theme.level == "leaf"}


def born(found: Remembered) -> set[str]:
    return {event.theme_id for event in found.events if event.kind == "born"}


OLD = ("apple", "river", "engine")
