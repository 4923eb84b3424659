"""Retirement and revival within the weekly memory: who takes part, who waits, who is born."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from nlp.corrections import Correction, Corrections
from nlp.discover import BirthConfig
from nlp.exemplars import ExemplarConfig
from nlp.granularity import GranularityConfig
from nlp.lifespan import LifespanConfig
from nlp.memory import MemoryConfig, Remembered, remember
from nlp.neighbours import FloatArray
from nlp.partition import PartitionConfig
from nlp.records import Assignment, Feedback, Statement, Theme, text_sha
from nlp.weeks import monday, shift

DIMENSIONS = 48
CONFIG = MemoryConfig(
    exemplars=ExemplarConfig(most=16, least_threshold=0.5),
    births=BirthConfig(
        least_corpus=40,
        ready_corpus=40,
        beside=16,
        cut=PartitionConfig(
            granularity=GranularityConfig(widths=(4, 5, 6, 7, 8), resolutions=(0.5, 1.0, 2.0, 4.0)),
            samples=4,
        ),
    ),
    lifespan=LifespanConfig(silent_weeks=3),
)
FIRST = "2026-W10"


def direction(name: str) -> FloatArray:
    row = np.random.default_rng(int(text_sha(name)[:8], 16)).normal(size=DIMENSIONS)
    return (row / np.linalg.norm(row)).astype(np.float32)


def encode(texts: Sequence[str]) -> FloatArray:
    """The first word's direction and noise of the text's own: .74 within a subject."""
    rows = np.stack([direction(text.split()[0]) + 0.6 * direction(text) for text in texts])
    unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@dataclass
class World:
    """Messages week by week, and the memory after each."""

    feedback: dict[str, Feedback] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    themes: tuple[Theme, ...] = ()
    assigned: dict[str, Assignment] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)

    def talk(self, week: str, subject: str, count: int, *, customers: int = 999) -> list[str]:
        """`count` different texts; gives the statements' ids."""
        said = []
        for n in range(count):
            number = len(self.feedback)
            text = f"{subject} {'left' if n % 2 else 'right'} broken {week} {n}"
            item = Feedback(
                id=f"{number:05d}",
                source="plant",
                kind="survey",
                text=text,
                created_at=dt.datetime.combine(monday(week), dt.time(12), dt.UTC),
                week=week,
                day=monday(week),
                customer_id=f"c{n % customers}",
            )
            self.feedback[item.key] = item
            self.statements.append(Statement(item.key, 0, text))
            said.append(self.statements[-1].id)
        return said

    def others(self, week: str) -> None:
        """Everybody goes on about apples and rivers."""
        for subject in ("apple", "river"):
            self.talk(week, subject, 6)

    def live(self, week: str) -> Remembered:
        texts = {item.sha: item.text for item in self.statements}
        found = remember(
            week,
            themes=self.themes,
            assigned=dict(self.assigned),
            statements=self.statements,
            feedback=self.feedback,
            vectors=lambda shas: (
                encode([texts[sha] for sha in shas])
                if len(shas)
                else np.zeros((0, DIMENSIONS), np.float32)
            ),
            encode=encode,
            corrections=self.corrections,
            config=CONFIG,
        )
        self.themes = found.themes
        self.assigned.update({item.statement_id: item for item in found.assignments})
        return found

    def theme(self, name: str) -> Theme:
        return next(theme for theme in self.themes if theme.id == name)


def kinds(found: Remembered) -> list[tuple[str, str]]:
    return [(event.kind, event.theme_id) for event in found.events]


@pytest.fixture
def silent() -> tuple[World, str, str]:
    """Violins were spoken of, and have retired; gives the world, their theme and the week."""
    world = World()
    for subject in ("apple", "river", "violin"):
        world.talk(FIRST, subject, 20)
    world.live(FIRST)
    (violin,) = {
        str(world.assigned[item.id].theme_id)
        for item in world.statements
        if item.text.startswith("violin") and world.assigned[item.id].theme_id
    }
    for n in (1, 2):
        world.others(shift(FIRST, n))
        assert world.live(shift(FIRST, n)).events == ()
    week = shift(FIRST, 3)
    world.others(week)
    assert kinds(world.live(week)) == [("retired", violin)]
    return world, violin, week


def test_who_retired_keeps_its_statements_and_takes_no_new_ones(
    silent: tuple[World, str, str],
) -> None:
    world, violin, week = silent
    assert (world.theme(violin).ended, world.theme(violin).retired_week) == ("quiet", week)
    assert sum(row.theme_id == violin for row in world.assigned.values()) >= 18
    said = world.talk(shift(week, 1), "violin", 2)
    world.others(shift(week, 1))
    assert world.live(shift(week, 1)).events == ()
    rows = [world.assigned[name] for name in said]
    assert {(row.theme_id, row.state, row.method) for row in rows} == {
        (None, "unthemed", "dormant")
    }


def test_three_mentions_bring_it_back_with_what_waited(silent: tuple[World, str, str]) -> None:
    world, violin, week = silent
    early = world.talk(shift(week, 1), "violin", 2)
    world.others(shift(week, 1))
    world.live(shift(week, 1))
    late = world.talk(shift(week, 2), "violin", 1)
    assert kinds(world.live(shift(week, 2))) == [("revived", violin)]
    assert (world.theme(violin).ended, world.theme(violin).retired_week) == ("", None)
    assert {world.assigned[name].theme_id for name in (*early, *late)} == {violin}


def test_one_customer_does_not_and_nobody_is_born_of_it(silent: tuple[World, str, str]) -> None:
    world, violin, week = silent
    said = world.talk(shift(week, 1), "violin", 30, customers=1)
    world.others(shift(week, 1))
    assert world.live(shift(week, 1)).events == ()
    assert {world.assigned[name].method for name in said} <= {"dormant", "none"}
    assert world.theme(violin).ended == "quiet"
    said = world.talk(shift(week, 2), "violin", 30)
    assert kinds(world.live(shift(week, 2))) == [("revived", violin)]
    assert sum(world.assigned[name].theme_id == violin for name in said) >= 27


def test_a_copy_of_what_it_holds_waits_like_the_others(silent: tuple[World, str, str]) -> None:
    world, violin, week = silent
    old = next(
        item
        for item in world.statements
        if world.assigned[item.id].theme_id == violin and item.text.startswith("violin")
    )
    (copy,) = world.talk(shift(week, 1), "violin", 1)
    world.statements[-1] = replace(world.statements[-1], text=old.text)
    world.live(shift(week, 1))
    assert world.assigned[copy].method == "dormant"
    assert world.assigned[old.id].theme_id == violin


def test_a_theme_that_another_was_merged_into_does_not_retire(
    silent: tuple[World, str, str],
) -> None:
    world, violin, _ = silent
    other = World()
    for subject in ("apple", "river", "violin"):
        other.talk(FIRST, subject, 20)
    other.live(FIRST)
    apple = next(
        str(row.theme_id)
        for name, row in sorted(other.assigned.items())
        if row.theme_id
        and next(x for x in other.statements if x.id == name).text.startswith("apple")
    )
    other.corrections = Corrections((Correction("merge", apple, into=violin, why="the same"),))
    for n in (1, 2, 3):
        other.others(shift(FIRST, n))
        other.live(shift(FIRST, n))
    assert other.theme(violin).ended == ""
    assert other.theme(apple).ended == "merged"
    assert world.theme(violin).ended == "quiet"
