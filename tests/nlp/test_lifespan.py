from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.lifespan import LifespanConfig, awake, is_dormant, retire, revive
from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent
from nlp.weeks import monday, shift

FIRST = "2026-W01"
CONFIG = LifespanConfig()
LEAF = Theme("T1", "leaf", "P1", "late payout", "", (), ("x",), 0.5, FIRST)
OTHER = replace(LEAF, id="T2", label="login")
PARENT = replace(LEAF, id="P1", level="parent", parent_id=None, label="money")
QUIET = replace(LEAF, ended="quiet", retired_week="2026-W20")


class Talk:
    """Messages of customers, each with one statement, and where they stand."""

    def __init__(self) -> None:
        self.feedback: dict[str, Feedback] = {}
        self.statements: list[Statement] = []
        self.placed: dict[str, Assignment] = {}

    def say(self, week: str, theme: str | None, count: int = 1, *, customer: str = "") -> None:
        for _ in range(count):
            number = len(self.feedback)
            day = monday(week)
            item = Feedback(
                id=f"{number:05d}",
                source="plant",
                kind="survey",
                text=f"text {number}",
                created_at=dt.datetime.combine(day, dt.time(12), dt.UTC),
                week=week,
                day=day,
                customer_id=customer or f"c{number}",
            )
            self.feedback[item.key] = item
            said = Statement(item.key, 0, item.text)
            self.statements.append(said)
            state = "leaf" if theme else "unthemed"
            self.placed[said.id] = Assignment(said.id, theme, None, state, 1.0, "exemplars")  # type: ignore[arg-type]

    def say_instead(self, week: str, theme: str) -> None:
        """One of the week's mentions is of this theme."""
        said = next(x.id for x in self.statements if self.feedback[x.feedback_key].week == week)
        self.placed[said] = replace(self.placed[said], theme_id=theme)

    def retired(
        self, week: str, *themes: Theme, kept: frozenset[str] = frozenset()
    ) -> tuple[list[Theme], list[ThemeEvent]]:
        return retire(
            week,
            {theme.id: theme for theme in themes},
            statements=self.statements,
            assigned=self.placed.get,
            feedback=self.feedback,
            kept=kept,
            config=CONFIG,
        )


def spoken(silent: int, *, mentions: int = 2, others: int = 8) -> tuple[Talk, str]:
    """Four weeks of the theme, then `silent` weeks without it; gives the last week."""
    talk = Talk()
    for n in range(4 + silent):
        talk.say(shift(FIRST, n), "T2", others)
        if n < 4:
            talk.say(shift(FIRST, n), "T1", mentions)
    return talk, shift(FIRST, 3 + silent)


@pytest.mark.parametrize(("silent", "ends"), [(11, False), (12, True), (13, True)])
def test_a_theme_ends_after_twelve_weeks_of_silence(silent: int, *, ends: bool) -> None:
    talk, week = spoken(silent, mentions=3)
    ended, events = talk.retired(week, LEAF, OTHER)
    assert bool(ended) == bool(events) == ends
    if ends:
        assert ended == [replace(LEAF, ended="quiet", retired_week=week)]
        (event,) = events
        assert (event.week, event.theme_id, event.kind) == (week, "T1", "retired")
        assert event.detail.startswith("last mentioned in 2026-W04; since then 12 weeks")


@pytest.mark.parametrize(("strays", "ends"), [(1, True), (2, True), (3, False)])
def test_more_than_two_strays_keep_a_theme_of_few_mentions(strays: int, *, ends: bool) -> None:
    talk, week = spoken(12)
    for n in range(strays):
        talk.say(shift(week, -4 * n), "T1")
    found, events = talk.retired(week, LEAF, OTHER)
    assert bool(found) == ends
    if ends:
        assert events[0].detail.startswith(f"in the last 12 weeks with feedback {strays} of ")
        assert events[0].detail.endswith("before, it was last mentioned in 2026-W04")


@pytest.mark.parametrize(("mentions", "ends"), [(12, False), (13, True), (14, True)])
def test_strays_are_a_tenth_of_what_was_to_be_expected(mentions: int, *, ends: bool) -> None:
    """13 of 39 a week: of 120 messages since, 40 are to be expected, and four come."""
    talk = Talk()
    for n in range(16):
        talk.say(shift(FIRST, n), "T2", 39 - mentions if n < 4 else 10)
        if n < 4:
            talk.say(shift(FIRST, n), "T1", mentions)
    week = shift(FIRST, 15)
    for n in (0, 4, 8, 9):
        talk.say_instead(shift(week, -n), "T1")
    assert bool(talk.retired(week, LEAF, OTHER)[0]) == ends


@pytest.mark.parametrize(("weeks", "ends"), [(3, False), (4, True), (5, True)])
def test_what_would_wake_a_theme_keeps_it(weeks: int, *, ends: bool) -> None:
    talk, week = spoken(12, mentions=20)
    talk.say(shift(week, -weeks), "T1")
    talk.say(week, "T1", 2)
    assert bool(talk.retired(week, LEAF, OTHER)[0]) == ends


@pytest.mark.parametrize(
    ("strays", "volume", "ends"),
    [
        (1, 283, False),
        (1, 284, True),
        (1, 285, True),
        (2, 356, False),
        (2, 357, True),
        (2, 358, True),
    ],
)
def test_a_stray_mention_is_silence_only_where_many_were_to_be_expected(
    strays: int, volume: int, *, ends: bool
) -> None:
    """5 of 200 messages before: of 284 since, 7.1 are to be expected, of 357 8.9."""
    talk = Talk()
    talk.say(FIRST, "T1")
    talk.say(FIRST, "T2", 195)
    talk.say(shift(FIRST, 1), "T1", 4)
    for n in range(2, 14):
        talk.say(shift(FIRST, n), "T2", volume - strays - 11 * 16 if n == 13 else 16)
    talk.say(shift(FIRST, 8), "T1", strays)
    assert bool(talk.retired(shift(FIRST, 13), LEAF, OTHER)[0]) == ends


def test_weeks_without_any_feedback_are_no_silence() -> None:
    talk, week = spoken(11, mentions=3)
    assert talk.retired(shift(week, 8), LEAF, OTHER) == ([], [])
    talk.say(shift(week, 8), "T2")
    assert len(talk.retired(shift(week, 8), LEAF, OTHER)[0]) == 1


@pytest.mark.parametrize(("volume", "ends"), [(199, False), (200, True), (201, True)])
def test_silence_means_something_only_where_speech_was_to_be_expected(
    volume: int, *, ends: bool
) -> None:
    """5 of 200 messages: one in 40, so 5 in the next 200."""
    talk = Talk()
    talk.say(FIRST, "T1")
    talk.say(FIRST, "T2", 195)
    talk.say(shift(FIRST, 1), "T1", 4)
    for n in range(2, 14):
        talk.say(shift(FIRST, n), "T2", volume - 11 * 16 if n == 13 else 16)
    assert bool(talk.retired(shift(FIRST, 13), LEAF, OTHER)[0]) == ends


@pytest.mark.parametrize(
    "change",
    [{"seeded_by": "intent"}, {"pinned": True}, {"born_week": "2026-W05"}, {"level": "parent"}],
)
def test_seeded_pinned_and_young_themes_do_not_end(change: dict[str, object]) -> None:
    talk, week = spoken(12)
    kept = replace(LEAF, **change)  # type: ignore[arg-type]
    assert talk.retired(week, kept, OTHER) == ([], [])
    assert talk.retired(week, LEAF, OTHER, kept=frozenset({"T1"})) == ([], [])


def test_where_the_engine_would_have_a_statement_counts_as_well() -> None:
    talk, week = spoken(12)
    talk.say(week, "T2", 3)
    for said in talk.statements[-3:]:
        placed = talk.placed[said.id]
        talk.placed[said.id] = replace(placed, method="corrected: moved", found_theme_id="T1")
    assert talk.retired(week, LEAF, OTHER) == ([], [])


def test_a_parent_ends_with_the_last_of_its_leaves() -> None:
    talk, week = spoken(12)
    ended, events = talk.retired(week, LEAF, PARENT, replace(OTHER, parent_id=None))
    assert [theme.id for theme in ended] == [event.theme_id for event in events] == ["T1", "P1"]
    assert all(is_dormant(theme) and theme.retired_week == week for theme in ended)
    assert [one.id for one in talk.retired(week, LEAF, PARENT, OTHER)[0]] == ["T1"]
    pinned = replace(PARENT, pinned=True)
    assert [one.id for one in talk.retired(week, LEAF, pinned)[0]] == ["T1"]


def test_two_statements_of_one_message_are_one_mention() -> None:
    talk, week = spoken(12, mentions=1, others=20)
    assert talk.retired(week, LEAF, OTHER)[0]
    wordy = Talk()
    for n in range(16):
        wordy.say(shift(FIRST, n), "T2", 24 if n < 4 else 9)
    for n in range(4):  # 4 messages in 100, 108 messages since: 4.3 mentions, said twice 8.6
        wordy.say(shift(FIRST, n), "T1")
        said = wordy.statements[-1]
        wordy.statements.append(replace(said, no=1))
        wordy.placed[wordy.statements[-1].id] = wordy.placed[said.id]
    assert not wordy.retired(week, LEAF, OTHER)[0]


NOW = "2026-W40"


def woken(talk: Talk) -> tuple[list[Theme], list[ThemeEvent]]:
    state = {"T1": QUIET, "P1": replace(PARENT, ended="quiet", retired_week="2026-W20")}
    return revive(NOW, state, {"T1": talk.statements}, talk.feedback, config=CONFIG)


@pytest.mark.parametrize(("mentions", "back"), [(2, False), (3, True), (4, True)])
def test_three_mentions_wake_a_theme_and_its_parent(mentions: int, *, back: bool) -> None:
    talk = Talk()
    talk.say(NOW, None, mentions)
    themes, events = woken(talk)
    assert bool(themes) == back
    if back:
        assert themes == [LEAF, PARENT]
        assert [(event.theme_id, event.kind) for event in events] == [
            ("T1", "revived"),
            ("P1", "revived"),
        ]
        assert events[0].detail == (
            f"{mentions} mentions of {mentions} customers within 4 weeks; "
            "it had been quiet since 2026-W20"
        )


@pytest.mark.parametrize(("ago", "back"), [(2, True), (3, True), (4, False)])
def test_within_four_weeks(ago: int, *, back: bool) -> None:
    talk = Talk()
    talk.say(shift(NOW, -ago), None)
    talk.say(NOW, None, 2)
    assert bool(woken(talk)[0]) == back


@pytest.mark.parametrize(("customers", "back"), [(1, False), (2, True), (3, True)])
def test_one_customer_wakes_nothing(customers: int, *, back: bool) -> None:
    talk = Talk()
    for n in range(6):
        talk.say(NOW, None, customer=f"c{n % customers}")
    assert bool(woken(talk)[0]) == back


def test_dormant_leaves_attract_and_nothing_else_that_ended() -> None:
    merged = replace(LEAF, id="T3", ended="merged", retired_week="2026-W20")
    gone = replace(PARENT, ended="quiet", retired_week="2026-W20")
    assert awake([QUIET, merged, gone]) == (LEAF, merged, gone)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_whoever_ends_was_heard_before_and_is_hardly_heard_now(
    mentions: list[int],
) -> None:
    talk = Talk()
    for n, count in enumerate(mentions):
        talk.say(shift(FIRST, n), "T2", 8)
        talk.say(shift(FIRST, n), "T1", count)
    week = shift(FIRST, len(mentions) - 1)
    ended, events = talk.retired(week, LEAF, OTHER)
    assert [theme.id for theme in ended] == [event.theme_id for event in events]
    if ended:
        assert len(mentions) > 12
        assert sum(mentions[-4:]) < 3
        assert any(mentions[:-12])
