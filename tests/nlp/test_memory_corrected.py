"""Corrections through the whole engine, week after week."""

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
from nlp.population import build_population
from nlp.records import Assignment, Feedback, Statement, Theme, text_sha
from nlp.weeks import monday, shift

FIRST = "2026-W01"
SUBJECTS = ("apple", "river", "engine", "violin")
CONFIG = MemoryConfig(
    exemplars=ExemplarConfig(most=16, least_threshold=0.5),
    births=BirthConfig(
        least_corpus=40,
        ready_corpus=40,
        burst=10,
        cut=PartitionConfig(
            granularity=GranularityConfig(widths=(4, 5, 6, 7, 8), resolutions=(0.5, 1.0, 2.0, 4.0)),
            samples=4,
        ),
    ),
    lifespan=LifespanConfig(silent_weeks=3, least_expected=1.0),
)


def direction(name: str) -> FloatArray:
    row = np.random.default_rng(int(text_sha(name)[:8], 16)).normal(size=48)
    return (row / np.linalg.norm(row)).astype(np.float32)


def encode(texts: Sequence[str]) -> FloatArray:
    rows = np.zeros((len(texts), 48), dtype=np.float32)
    for row, text in enumerate(texts):
        about = [direction(word) for word in text.split() if word in SUBJECTS]
        rows[row] = np.sum(about, axis=0) + 0.6 * direction(text)
        rows[row] /= np.linalg.norm(rows[row])
    return rows


@dataclass
class Talk:
    """Messages, each of a customer of its own unless given, and the memory after each week."""

    feedback: dict[str, Feedback] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    themes: tuple[Theme, ...] = ()
    assigned: dict[str, Assignment] = field(default_factory=dict)

    def say(self, week: str, *texts: str, customer: str = "") -> str:
        """One message with a statement for each text; gives its key."""
        number = len(self.feedback)
        item = Feedback(
            id=f"{number:05d}",
            source="plant",
            kind="survey",
            text=". ".join(texts),
            created_at=dt.datetime.combine(monday(week), dt.time(12), dt.UTC),
            week=week,
            day=monday(week),
            customer_id=customer or f"c{number}",
        )
        self.feedback[item.key] = item
        self.statements.extend(Statement(item.key, n, text) for n, text in enumerate(texts))
        return item.key

    def talk(self, week: str, subjects: Sequence[str], count: int = 20) -> None:
        for subject in subjects:
            for n in range(count):
                self.say(week, f"{subject} broken {'left' if n % 2 else 'right'} {week} {n}")

    def live(self, week: str, *made: Correction) -> Remembered:
        """Run the week and keep its memory."""
        texts = {item.sha: item.text for item in self.statements}
        found = remember(
            week,
            themes=self.themes,
            assigned=dict(self.assigned),
            statements=[
                item for item in self.statements if self.feedback[item.feedback_key].week <= week
            ],
            feedback={key: item for key, item in self.feedback.items() if item.week <= week},
            vectors=lambda shas: encode([texts[sha] for sha in shas]),
            encode=encode,
            corrections=Corrections(made),
            config=CONFIG,
        )
        self.themes = found.themes
        self.assigned.update({item.statement_id: item for item in found.assignments})
        return found

    def about(self, subject: str) -> set[str | None]:
        """The leaves of the texts that begin with a subject."""
        return {
            self.assigned[item.id].theme_id
            for item in self.statements
            if item.text.startswith(subject) and item.id in self.assigned
        }

    def theme(self, subject: str) -> str:
        (name,) = self.about(subject) - {None}
        assert name is not None
        return name


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.talk(FIRST, ["apple", "river", "engine"])
    made.live(FIRST)
    return made


def weeks(count: int) -> list[str]:
    return [shift(FIRST, n) for n in range(1, count + 1)]


def test_a_dismissed_theme_does_not_come_back_under_a_new_id(talk: Talk) -> None:
    river = talk.theme("river")
    dismissed = Correction("dismiss", river)
    first = talk.live(shift(FIRST, 1), dismissed)
    assert [(one.kind, one.theme_id) for one in first.events] == [("dismissed", river)]
    known = {theme.id for theme in talk.themes}
    for week in weeks(4)[1:]:
        talk.talk(week, ["apple", "river"])
        talk.live(week, dismissed)
        assert {theme.id for theme in talk.themes} == known
        assert talk.about("river") == {None}
    states = {
        talk.assigned[item.id].state for item in talk.statements if item.text.startswith("river")
    }
    assert states == {"noise"}
    assert next(theme for theme in talk.themes if theme.id == river).ended == "dismissed"


def test_a_merged_theme_goes_on_taking_and_never_falls_silent(talk: Talk) -> None:
    apple, river = talk.theme("apple"), talk.theme("river")
    merged = Correction("merge", river, into=apple)
    for week in weeks(6):
        talk.talk(week, ["apple", "engine"], 8)
        found = talk.live(week, merged)
        assert "retired" not in {one.kind for one in found.events}
    talk.talk(shift(FIRST, 7), ["river"], 8)
    talk.live(shift(FIRST, 7), merged)
    assert talk.about("river") == {apple}
    talk.live(shift(FIRST, 8))
    assert talk.about("river") == {river}


def test_what_is_like_a_moved_statement_follows_in_later_weeks_too(talk: Talk) -> None:
    apple, engine = talk.theme("apple"), talk.theme("engine")
    second = shift(FIRST, 1)
    for n in range(6):
        talk.say(second, f"engine engine violin {n}")
    talk.live(second)
    mixed = sorted({item.sha for item in talk.statements if "violin" in item.text})
    assert {talk.assigned[item.id].theme_id for item in talk.statements if item.sha in mixed} == {
        engine
    }
    made = [Correction("move", apple, texts=(sha,)) for sha in mixed[:2]]
    found = talk.live(shift(FIRST, 2), *made)
    (event,) = [one for one in found.events if one.kind == "moved"]
    assert (event.theme_id, event.related) == (apple, (engine,))
    talk.say(shift(FIRST, 3), "engine engine violin 77")
    talk.talk(shift(FIRST, 3), ["engine"], 4)
    talk.live(shift(FIRST, 3), *made)
    rows = [talk.assigned[item.id] for item in talk.statements if "violin" in item.text]
    assert {row.theme_id for row in rows} == {apple}
    assert {row.method for row in rows} == {"corrected: moved", "corrected: like a moved one"}
    plain = {
        talk.assigned[item.id].theme_id
        for item in talk.statements
        if item.text.startswith("engine broken")
    }
    assert plain <= {engine, None}


def test_people_can_have_a_theme_born(talk: Talk) -> None:
    second = shift(FIRST, 1)
    for n in range(4):
        talk.say(second, f"violin broken {n}")
    talk.live(second)
    assert talk.about("violin") == {None}
    texts = tuple(item.sha for item in talk.statements if item.text.startswith("violin"))
    birth = Correction("birth", why="the orchestra asks", label="Violins", texts=texts[:3])
    found = talk.live(shift(FIRST, 2), birth)
    (born,) = birth.children
    assert [(one.kind, one.detail) for one in found.events if one.theme_id == born] == [
        ("born", "Violins: by a person: the orchestra asks")
    ]
    assert talk.about("violin") == {born}
    talk.talk(shift(FIRST, 3), ["violin"], 12)
    talk.live(shift(FIRST, 3), birth)
    assert talk.about("violin") - {None} == {born}
    taken_back = talk.live(shift(FIRST, 4))
    assert born not in talk.about("violin")
    assert ("removed", born) in {(one.kind, one.theme_id) for one in taken_back.events}
    assert all(theme.ended == "removed" for theme in talk.themes if theme.id == born)


def test_corrections_of_what_is_unknown_stop_nothing(talk: Talk) -> None:
    made = Correction("merge", "T-unknown", into=talk.theme("apple"))
    found = talk.live(shift(FIRST, 1), made)
    assert [(one.correction, one.waits) for one in found.not_applied] == [(made, True)]
    assert found.events == ()


def test_a_message_of_two_intents_counts_in_both_once_per_customer(talk: Talk) -> None:
    second = shift(FIRST, 1)
    mixed = talk.say(second, "apple broken now", "river broken now", "apple broken again")
    talk.say(second, "apple broken twice", customer="c0")  # who spoke of apples before
    talk.live(second)
    population = build_population(talk.feedback.values(), talk.statements, talk.assigned)
    at = [item.key for item in population.feedback].index(mixed)
    for subject, statements in (("apple", 2), ("river", 1)):
        members = population.members[talk.theme(subject)]
        assert members.tolist().count(at) == 1
        assert len(population.statements[talk.theme(subject), at]) == statements
    apples = population.members[talk.theme("apple")]
    assert (len(apples), population.distinct_customers(apples)) == (22, 21)


def test_a_pinned_theme_learns_nothing_new(talk: Talk) -> None:
    """Its name is not looked at either: see the tests of renaming."""
    week, apple = shift(FIRST, 1), talk.theme("apple")
    talk.themes = tuple(replace(one, exemplars=one.exemplars[:8]) for one in talk.themes)  # room
    talk.talk(week, ["apple"], 8)

    def memory(*made: Correction) -> tuple[str, ...]:
        themes, assigned = talk.themes, dict(talk.assigned)
        found = talk.live(week, *made)
        talk.themes, talk.assigned = themes, assigned
        return next(theme.exemplars for theme in found.themes if theme.id == apple)

    before = next(theme.exemplars for theme in talk.themes if theme.id == apple)
    assert memory() != before
    assert memory(Correction("pin", apple)) == before


def test_where_people_move_statements_to_does_not_fall_silent(talk: Talk) -> None:
    apple = talk.theme("apple")
    text = next(item.sha for item in talk.statements if item.text.startswith("engine"))
    for made, retired in (((Correction("move", apple, texts=(text,)),), False), ((), True)):
        other = Talk(dict(talk.feedback), list(talk.statements), talk.themes, dict(talk.assigned))
        for week in weeks(6):
            other.talk(week, ["river", "engine"], 8)
            other.live(week, *made)
        assert (next(one for one in other.themes if one.id == apple).ended == "quiet") == retired
