from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.naming import NamingConfig, Ranking, background, rank_names
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Feedback, Statement, Theme
from nlp.registry import Registry, build_registry
from nlp.relabel import (
    RelabelConfig,
    challenged,
    current_texts,
    due_for_relabel,
    relabel,
    relabel_week,
)
from nlp.weeks import monday, shift

CONFIG = RelabelConfig(least_gain=0.3, weeks=3, every=4, recent_weeks=12, texts=200, least_texts=10)
WEEK = "2026-W20"
CENTRE = np.array([1, 0], dtype=np.float32)
EVERYWHERE = background([*(f"something else {n}" for n in range(98)), "red bus", "blue boat"])


def theme(id: str = "T-1", *, label: str = "Red bus", **options: object) -> Theme:
    settings: dict[str, object] = {
        "level": "leaf",
        "parent_id": None,
        "label_reason": "found",
        "terms": ("red", "bus"),
        "exemplars": (f"{id}-sha",),
        "threshold": 0.5,
        "born_week": "2026-W01",
        **options,
    }
    return Theme(id=id, label=label, **settings)  # type: ignore[arg-type]


def said(phrase: str, count: int = 20) -> list[str]:
    return [f"{phrase}, number {n}" for n in range(count)]


def encoder(near: Mapping[str, float]) -> object:
    """The cosine with the theme of each phrase by its first word; others have none."""

    def encode(texts: Sequence[str]) -> FloatArray:
        cosines = [near.get(text.split()[0].lower(), 0.0) for text in texts]
        return np.array([[one, (1 - one**2) ** 0.5] for one in cosines], dtype=np.float32)

    return encode


def ranking(near: Mapping[str, float], texts: Sequence[str]) -> Ranking:
    """Names rated by their meaning alone."""
    return rank_names(
        texts,
        CENTRE,
        background=EVERYWHERE,
        encode=encoder(near),  # type: ignore[arg-type]
        config=NamingConfig(frequency=0.0, exact=0.0),
    )


BETTER = ranking({"red": 0.4, "blue": 0.9}, said("blue boat"))


@pytest.mark.parametrize(("gain", "rival"), [(0.29, ""), (0.30, "Blue boat"), (0.31, "Blue boat")])
def test_a_rival_is_better_by_a_stated_gain(gain: float, rival: str) -> None:
    names = ranking({"red": 0.5, "blue": 0.5 + gain}, said("blue boat"))
    found = challenged(theme(), names, taken=(), config=CONFIG)
    assert (found.label, found.rival, found.rival_weeks) == ("Red bus", rival, int(bool(rival)))


@pytest.mark.parametrize(("weeks", "label"), [(2, "Red bus"), (3, "Blue boat"), (4, "Blue boat")])
def test_a_theme_is_renamed_in_the_third_week(weeks: int, label: str) -> None:
    now = theme()
    for _ in range(weeks):
        now = challenged(now, BETTER, taken=(), config=CONFIG)
    assert now.label == label
    if label == "Blue boat":
        assert (now.rival, now.rival_weeks) == ("", 0)
        assert now.label_reason.endswith("said in 20 of 20 texts here, in 1 of 100 read everywhere")
        assert now.terms[:2] == ("blue", "boat")


def test_a_week_in_which_the_label_does_begins_the_count_anew() -> None:
    fine = ranking({"red": 0.8, "blue": 0.9}, said("blue boat"))
    now = challenged(theme(), BETTER, taken=(), config=CONFIG)
    now = challenged(now, BETTER, taken=(), config=CONFIG)
    assert now.rival_weeks == 2
    now = challenged(now, fine, taken=(), config=CONFIG)
    assert now == theme()
    assert challenged(now, BETTER, taken=(), config=CONFIG).rival_weeks == 1


def test_two_rivals_do_not_keep_each_other_out() -> None:
    """One that is still clearly better stays the rival beside one that is better by a little."""
    texts = said("blue boat") + said("green train")
    now = theme()
    for green in (0.85, 0.95, 0.95):
        names = ranking({"red": 0.4, "blue": 0.9, "green": green}, texts)
        now = challenged(now, names, taken=(), config=CONFIG)
    assert now.label == "Blue boat"


def test_a_rival_that_no_longer_is_better_gives_way_to_the_next() -> None:
    texts = said("blue boat") + said("green train")
    now = challenged(theme(), BETTER, taken=(), config=CONFIG)
    names = ranking({"red": 0.4, "blue": 0.5, "green": 0.9}, texts)
    now = challenged(now, names, taken=(), config=CONFIG)
    assert (now.rival, now.rival_weeks) == ("Green train", 1)


@pytest.mark.parametrize("taken", ["Blue boat", "blue boats", "THE BLUE BOAT"])
def test_a_name_that_another_theme_has_is_no_rival(taken: str) -> None:
    waiting = theme(rival="Blue boat", rival_weeks=2)
    found = challenged(waiting, BETTER, taken=[taken], config=CONFIG)
    assert found.label == "Red bus"
    assert found.rival != "Blue boat"


def test_a_label_is_no_rival_of_itself() -> None:
    names = ranking({"red": 0.4, "bus": 0.9}, said("bus red"))
    assert challenged(theme(), names, taken=(), config=CONFIG) == theme()


def due(*themes: Theme, heard: Sequence[str] = ("T-1",), week: str = WEEK) -> list[str]:
    return [one.id for one in due_for_relabel(week, themes, heard, config=CONFIG)]


def test_every_leaf_with_news_has_its_turn_every_fourth_week() -> None:
    themes = [theme(f"T-{n}") for n in range(40)]
    heard = [one.id for one in themes]
    by_week = [due(*themes, heard=heard, week=shift(WEEK, n)) for n in range(8)]
    assert sorted(name for found in by_week[:4] for name in found) == sorted(heard)
    assert by_week[4:] == by_week[:4]
    assert max(map(len, by_week)) < 20
    assert due(*themes[::-1], heard=heard) == by_week[0]


def test_a_waiting_rival_is_looked_at_whenever_there_is_news() -> None:
    waiting = theme(rival="Blue boat", rival_weeks=1)
    assert all(due(waiting, week=shift(WEEK, n)) == ["T-1"] for n in range(4))
    assert due(waiting, heard=()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"seeded_by": "refund"},
        {"level": "parent"},
        {"retired_week": "2026-W10", "ended": "quiet"},
        {"label_reason": "by a person"},
        {"born_week": WEEK},
    ],
)
def test_whose_name_is_not_looked_at(changes: dict[str, object]) -> None:
    assert due(replace(theme(rival="Blue boat", rival_weeks=1), **changes)) == []  # type: ignore[arg-type]


def test_the_name_of_a_pinned_theme_is_not_looked_at() -> None:
    waiting = theme(rival="Blue boat", rival_weeks=1)
    assert due_for_relabel(WEEK, [waiting], ["T-1"], pinned=["T-2"], config=CONFIG) == (waiting,)
    assert due_for_relabel(WEEK, [waiting], ["T-1"], pinned=["T-1"], config=CONFIG) == ()


def message(number: int, week: str) -> Feedback:
    day = monday(week)
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    return Feedback(str(number), "plant", "survey", "text", at, week, day)


def spoken(texts: Sequence[tuple[str, str]]) -> tuple[dict[str, Feedback], list[Statement]]:
    """(week, text) pairs as messages of one statement each."""
    feedback = {}
    statements = []
    for number, (week, text) in enumerate(texts):
        item = message(number, week)
        feedback[item.key] = item
        statements.append(Statement(item.key, 0, text))
    return feedback, statements


def test_the_texts_of_the_last_weeks_speak_for_a_theme() -> None:
    weeks = [shift(WEEK, -n) for n in range(14)]
    feedback, statements = spoken([(week, f"text of {week}") for week in weeks])
    places = {one.id: Assignment(one.id, "T-1", None, "leaf", 1, "exemplars") for one in statements}
    places[statements[3].id] = Assignment(statements[3].id, "T-2", None, "leaf", 1, "exemplars")
    found = current_texts(
        WEEK,
        ["T-1"],
        statements=statements,
        assigned=places.get,
        feedback=feedback,
        config=CONFIG,
    )
    kept = {f"text of {week}" for week in weeks[:12]} - {statements[3].text}
    assert set(found["T-1"]) == kept
    few = current_texts(
        WEEK,
        ["T-1"],
        statements=statements[::-1],
        assigned=places.get,
        feedback=feedback,
        config=replace(CONFIG, texts=5),
    )
    assert few["T-1"] == found["T-1"][:5]


VECTORS = {f"T-{n}-sha": row for n, row in enumerate(np.eye(2, dtype=np.float32)[::-1])}


def looked_at(
    themes: Sequence[Theme],
    texts: Mapping[str, Sequence[str]],
    *,
    taken: Sequence[str] = (),
    untold: Sequence[str] = (),
) -> tuple[list[Theme], list[tuple[str, str]]]:
    registry = Registry(tuple(sorted(themes, key=lambda one: one.id)), (), VECTORS)
    changed, events = relabel(
        WEEK,
        sorted(themes, key=lambda one: one.id),
        texts,
        registry,
        background=lambda: EVERYWHERE,
        encode=encoder({"blue": 1.0, "green": 1.0}),  # type: ignore[arg-type]
        taken=taken,
        untold=untold,
        naming=NamingConfig(),
        config=CONFIG,
    )
    return changed, [(event.theme_id, event.detail) for event in events]


@pytest.mark.parametrize(("count", "renamed"), [(9, False), (10, True), (11, True)])
def test_too_few_texts_tell_nothing(count: int, *, renamed: bool) -> None:
    waiting = theme(rival="Blue boat", rival_weeks=2)
    changed, events = looked_at([waiting], {"T-1": said("blue boat", count)})
    assert [one.label for one in changed] == ["Blue boat"] * renamed
    assert [name for name, _ in events] == ["T-1"] * renamed
    if renamed:
        assert events[0][1].startswith("Blue boat, before: Red bus; the new name was clearly")


def test_beneath_a_persons_name_the_engine_renames_without_a_word() -> None:
    waiting = theme(rival="Blue boat", rival_weeks=2)
    changed, events = looked_at([waiting], {"T-1": said("blue boat")}, untold=["T-1"])
    assert [one.label for one in changed] == ["Blue boat"]
    assert events == []


def test_no_two_themes_get_one_name() -> None:
    """Both wait for the same name, and a person has given another theme the next best."""
    themes = [
        theme("T-0", label="Red bus", rival="Blue boat", rival_weeks=2),
        theme("T-1", label="Old car", rival="Blue boat", rival_weeks=2),
    ]
    texts = {one.id: said("blue boat") + said("green train") for one in themes}
    changed, _ = looked_at(themes, texts, taken=["Red bus", "Old car", "Green train"])
    labels = {one.id: one.label for one in changed}
    state = {one.id: labels.get(one.id, one.label) for one in themes}
    assert len(set(state.values())) == 2
    assert "Green train" not in state.values()


@given(st.permutations([f"T-{n}" for n in range(2)]), st.randoms(use_true_random=False))
def test_the_order_of_themes_and_texts_leaves_no_trace(order: list[str], random: object) -> None:
    themes = {name: theme(name, label=f"Label {name}") for name in order}
    texts = {name: said("blue boat") + said("green train") for name in order}
    first = looked_at([themes[name] for name in sorted(order)], texts)
    for one in texts.values():
        random.shuffle(one)  # type: ignore[attr-defined]
    assert looked_at([themes[name] for name in order], texts) == first


def test_a_week_without_news_costs_nothing() -> None:
    state = {"T-1": theme(rival="Blue boat", rival_weeks=2)}
    feedback, statements = spoken([("2026-W10", text) for text in said("blue boat")])
    old = {one.id: Assignment(one.id, "T-1", None, "leaf", 1, "exemplars") for one in statements}

    def nobody(_: Sequence[str]) -> FloatArray:
        raise AssertionError("asked for vectors")

    def week(now: Mapping[str, Assignment], **options: object) -> list[object]:
        return list(
            relabel_week(
                WEEK,
                state,
                build_registry(tuple(state.values()), VECTORS),
                statements=statements,
                assigned=old,
                now=now,
                feedback=feedback,
                taken=(),
                untold=(),
                naming=NamingConfig(),
                config=CONFIG,
                **{"background": lambda: EVERYWHERE, "encode": nobody, **options},  # type: ignore[arg-type]
            )
        )

    assert week({}) == []
    # A row that only changes its parent is no news either.
    name = statements[0].id
    assert week({name: replace(old[name], parent_theme_id="P-1")}) == []
    item = message(999, WEEK)
    feedback[item.key] = item
    statements.append(Statement(item.key, 0, "blue boat, once more"))
    new = Assignment(statements[-1].id, "T-1", None, "leaf", 1, "exemplars")
    events = week({new.statement_id: new}, encode=encoder({"blue": 1.0}))
    assert len(events) == 1
    assert state["T-1"].label == "Blue boat"
