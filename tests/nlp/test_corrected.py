from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nlp.corrected import born_by_people
from nlp.correction_events import untold
from nlp.corrections import Correction, Corrections, plan
from nlp.exemplars import ExemplarConfig, calibrate, choose_exemplars
from nlp.found_view import found_view, reason_of
from nlp.records import Assignment, ThemeEvent
from tests.nlp.corrected_world import (
    ALL,
    CORRECTIONS,
    PLACED,
    SHA,
    SHA_SET,
    SPLIT,
    STATEMENTS,
    SUBJECTS,
    TEXTS,
    THEMES,
    W1,
    W2,
    W3,
    apply,
    get,
    kinds,
    leaf,
    link,
    move,
    name,
    place_of,
    theme,
    vectors,
)


def test_without_corrections_nothing_changes() -> None:
    found = apply(W1, [])
    assert (found.themes, found.assigned, found.events) == (THEMES, PLACED, ())


def test_a_merge_takes_all_statements_along_and_keeps_its_week() -> None:
    made = [Correction("merge", "T-apple", why="one thing", into="T-engine")]
    first = apply(W1, made)
    apple = get(first, "T-apple")
    assert (apple.ended, apple.retired_week, apple.successors) == ("merged", W1, ("T-engine",))
    row = next(row for row in first.assigned.values() if row.found_theme_id == "T-apple")
    assert (row.theme_id, row.parent_theme_id) == ("T-engine", None)
    assert (row.state, row.method) == ("leaf", "corrected: merged")
    assert {leaf(first, text) for text in TEXTS["apple"]} == {"T-engine"}
    (event,) = first.events
    assert (event.kind, event.theme_id, event.related) == ("merged", "T-apple", ("T-engine",))
    assert event.detail == "into Engine, 9 statements, by a person: one thing"
    again = apply(W3, made, before=first)
    assert (again.themes, again.assigned, again.events) == (first.themes, first.assigned, ())
    undone = apply(W3, [], before=again)
    assert (undone.themes, undone.assigned) == (THEMES, PLACED)
    assert kinds(undone) == [("restored", "T-apple")]


def test_a_chain_of_merges_ends_at_its_end() -> None:
    made = [
        Correction("merge", "T-apple", into="T-river"),
        Correction("merge", "T-river", into="T-engine"),
    ]
    found = apply(W1, made)
    assert {leaf(found, text) for text in TEXTS["apple"] + TEXTS["river"]} == {"T-engine"}
    # Their parent has no theme left, so what only the parent had stands nowhere.
    assert get(found, "P-fruit").ended == "removed"
    assert found.assigned[place_of("desert 1")].state == "unthemed"


def test_a_split_makes_lasting_parts() -> None:
    first = apply(W1, [SPLIT])
    apples, violins = SPLIT.children
    assert get(first, "T-apple").ended == "split"
    assert get(first, "T-apple").successors == (apples, violins)
    assert (get(first, apples).label, get(first, apples).label_reason) == ("Apples", "by a person")
    assert get(first, violins).label.startswith("Found ")
    assert get(first, violins).parent_id == "P-fruit"
    assert {leaf(first, f"apple {n}") for n in range(6)} == {apples}
    assert {leaf(first, f"apple violin {n}") for n in range(2)} == {violins}
    assert {one.related for one in first.events if one.kind == "born by split"} == {("T-apple",)}
    undone = apply(W2, [], before=first)
    assert undone.assigned == PLACED
    assert {get(undone, part).ended for part in SPLIT.children} == {"removed"}
    assert [one for one in undone.themes if one.id not in SPLIT.children] == list(THEMES)
    assert ("restored", "T-apple") in kinds(undone)
    redone = apply(W3, [SPLIT], before=undone)
    assert redone.assigned == first.assigned
    assert get(redone, apples) == get(first, apples)


def test_a_moved_text_takes_its_copies_and_its_like() -> None:
    made = [move("apple violin 0", "T-engine")]
    found = apply(W1, made)
    assert leaf(found, "apple violin 0") == "T-engine"
    assert leaf(found, "apple violin 1") == "T-engine"
    assert reason_of(found.assigned[place_of("apple violin 1")]) == "like a moved one"
    assert {leaf(found, f"apple {n}") for n in range(6)} == {"T-apple"}
    assert leaf(found, "river violin 0") == "T-river"  # only where the moved one came from
    (event,) = found.events
    assert (event.kind, event.theme_id, event.related) == ("moved", "T-engine", ("T-apple",))
    assert event.detail == "2 statements from Apple: 1 moved by a person, 1 like those"
    assert apply(W2, made, before=found).events == ()
    copies = apply(W1, [move("apple 0", "T-engine")])
    assert leaf(copies, "apple 0") == "T-engine"


def test_what_stood_in_no_theme_can_be_moved() -> None:
    found = apply(W1, [move("desert 0", "T-river"), move("desert 1", "T-river")])
    assert leaf(found, "desert 0") == leaf(found, "desert 1") == "T-river"
    assert found.assigned[place_of("desert 1")].found_theme_id == "P-fruit"
    assert apply(W2, [], before=found).assigned == PLACED


def test_what_a_dismissed_theme_attracts_is_noise() -> None:
    made = [Correction("dismiss", "T-river", why="not ours"), move("apple 1", "T-river")]
    found = apply(W1, [made[1], made[0]])
    for text in [*TEXTS["river"], "apple 1"]:
        row = found.assigned[place_of(text)]
        assert (row.theme_id, row.state, row.method) == (None, "noise", "corrected: dismissed")
    # In the engine's own view it is alive, and never retires for silence.
    themes, _ = found_view(
        found.themes, found.assigned, plan(Corrections(tuple(made)), THEMES, None)
    )
    river = next(one for one in themes if one.id == "T-river")
    assert (river.ended, river.retired_week, river.pinned) == ("", None, True)


def test_what_a_removed_theme_had_goes_where_it_is_accepted() -> None:
    found = apply(W1, [Correction("remove", "T-apple")])
    states = {found.assigned[place_of(text)].state for text in TEXTS["apple"]}
    assert states == {"unthemed"}  # the others are too unlike
    near = tuple(replace(one, threshold=-1.0) for one in THEMES)
    found = apply(W1, [Correction("remove", "T-apple")], themes=near)
    places = {leaf(found, text) for text in TEXTS["apple"]}
    assert places <= {"T-river", "T-engine"}


def test_linked_texts_stand_together_and_apart() -> None:
    sure = dict(PLACED)
    for item in STATEMENTS:
        if item.text == "river 0":
            sure[item.id] = replace(sure[item.id], confidence=0.9)
    found = apply(
        W1,
        [
            link(
                "must",
                "engine 0",
                "river 0",
            )
        ],
        placed=sure,
    )
    assert leaf(found, "engine 0") == leaf(found, "river 0") == "T-river"
    moved = apply(
        W1, [link("must", "engine 0", "river 0"), move("engine 0", "T-apple")], placed=sure
    )
    assert leaf(moved, "engine 0") == leaf(moved, "river 0") == "T-apple"
    apart = apply(W1, [link("cannot", "engine 0", "engine 1")])
    assert len({leaf(apart, "engine 0"), leaf(apart, "engine 1")}) == 2
    assert "T-engine" in {leaf(apart, "engine 0"), leaf(apart, "engine 1")}
    both = apply(W1, [link("must", "engine 0", "engine 2"), link("cannot", "engine 0", "engine 1")])
    assert leaf(both, "engine 0") == leaf(both, "engine 2") != leaf(both, "engine 1")


def test_pins_are_told() -> None:
    made = [Correction("pin", "T-river", why="the board asks for it")]
    found = apply(W1, made)
    assert get(found, "T-river").pinned
    assert [(one.kind, one.detail) for one in found.events] == [
        ("pinned", "by a person: the board asks for it")
    ]
    assert kinds(apply(W2, [], before=found)) == [("unpinned", "T-river")]


def test_a_pin_wakes_what_had_retired_for_silence() -> None:
    quiet = tuple(
        replace(one, ended="quiet", retired_week=W1) if one.id != "T-engine" else one
        for one in THEMES
    )
    found = apply(W2, [Correction("pin", "T-river")], themes=quiet)
    assert {one.id for one in found.themes if one.ended == "quiet"} == {"T-apple"}


def test_what_cannot_be_applied_is_told() -> None:
    made = [Correction("dismiss", "T-river"), Correction("merge", "T-river", into="T-apple")]
    found = apply(W1, made)
    (event,) = [one for one in found.events if one.kind == "not applied"]
    assert (event.theme_id, event.related) == ("T-river", ("T-apple",))
    assert "was dismissed" in event.detail
    assert apply(W1, [Correction("merge", "T-none", into="T-apple")]).events == ()


def test_copies_of_a_text_stand_together() -> None:
    for made in CORRECTIONS:
        found = apply(W1, [SPLIT, made] if made is not SPLIT else [SPLIT])
        assert {leaf(found, text) for text in ALL}


@pytest.mark.parametrize("text", ["desert 1", "desert violin 2", "desert 0"])
def test_the_confidence_and_method_of_the_engine_come_back(text: str) -> None:
    found = apply(W1, [move(text, "T-apple")])
    assert leaf(found, text) == "T-apple"
    assert apply(W2, [], before=found).assigned == PLACED


def test_what_could_not_be_applied_is_told_once_until_the_reason_changes() -> None:
    into = Correction("merge", "T-river", into="T-apple")
    gone = [Correction("dismiss", "T-river"), into]

    def told(week: str, made: Sequence[Correction], *history: ThemeEvent) -> list[ThemeEvent]:
        return [
            one for one in untold(apply(week, made).events, history) if one.kind == "not applied"
        ]

    first = told(W1, gone)
    assert len(first) == 1
    assert told(W2, gone, *first) == []
    other = told(W2, [Correction("remove", "T-river"), into], *first)
    assert [one.detail for one in other] != [one.detail for one in first]
    # The reason told last counts: the first one is news again.
    assert len(told(W3, gone, *first, *other)) == 1
    # Of several at once each is known; other themes' are not.
    both = told(W1, [*gone, Correction("remove", "T-river")])
    assert len(both) == 2
    assert told(W2, [*gone, Correction("remove", "T-river")], *both) == []
    assert (
        len(told(W2, [Correction("dismiss", "T-engine"), Correction("remove", "T-engine")], *both))
        == 1
    )


@pytest.mark.parametrize(
    ("made", "woken"),
    [
        (Correction("merge", "T-engine", into="T-river"), "T-river"),
        (move("engine 0", "T-apple"), "T-apple"),
    ],
)
def test_what_people_send_statements_to_is_awake(made: Correction, woken: str) -> None:
    quiet = tuple(
        replace(one, ended="quiet", retired_week=W1) if one.id != "T-engine" else one
        for one in THEMES
    )
    found = apply(W2, [made], themes=quiet)
    asleep = {"P-fruit", "T-apple", "T-river"}
    assert {one.id for one in found.themes if one.ended == "quiet"} == asleep - {woken, "P-fruit"}
    assert leaf(found, "engine 0") == woken
    assert ("revived", woken) in kinds(found)
    assert kinds(apply(W3, [made], before=found)) == []


def test_what_a_removed_theme_had_stays_where_it_went_while_that_lives() -> None:
    removal = [Correction("remove", "T-apple")]
    near = [replace(one, threshold=-1.0) for one in THEMES]
    first = apply(W1, removal, themes=near)
    (went,) = {leaf(first, "apple 0")}
    assert went in {"T-river", "T-engine"}
    # The other theme comes to fit better: no reason for old statements to leave without a word.
    other = "T-engine" if went == "T-river" else "T-river"
    apples = tuple(SHA[text] for text in TEXTS["apple"][:5])
    drifted = replace(
        first,
        themes=tuple(
            replace(one, exemplars=apples) if one.id == other else one for one in first.themes
        ),
    )
    second = apply(W2, removal, before=drifted)
    assert leaf(second, "apple 0") == went
    assert second.events == ()
    # Where it went is ended: then they are placed anew, which is told.
    gone = replace(
        second,
        themes=tuple(
            replace(one, ended="quiet", retired_week=W2) if one.id == went else one
            for one in second.themes
        ),
    )
    third = apply(W3, removal, before=gone)
    assert leaf(third, "apple 0") == other
    (event,) = [one for one in third.events if one.theme_id == other]
    assert (event.kind, event.related) == ("moved", (went,))
    assert event.detail.endswith("placed anew, as their own theme was removed")


def test_what_people_make_remembers_what_is_typical() -> None:
    few = ExemplarConfig(most=3)
    texts = sorted(SHA[text] for subject in SUBJECTS for text in TEXTS[subject])
    birth = Correction("birth", label="All", texts=tuple(texts))
    (born,) = born_by_people(
        W1,
        plan(Corrections((birth,)), THEMES, SHA_SET.__contains__),
        existing=(),
        vectors=vectors,
        name=name,
        config=few,
    )
    rows = vectors(texts)
    chosen = choose_exemplars(rows, config=few)
    assert born.exemplars == tuple(texts[at] for at in chosen)
    assert {
        next(text for text in ALL if SHA[text] == sha).split()[0] for sha in born.exemplars
    } == {*SUBJECTS}
    assert born.threshold == calibrate(rows, rows[chosen], config=few)
    apples, _violins = SPLIT.children
    part = get(apply(W1, [SPLIT]), apples)
    shown = vectors(part.exemplars)
    assert set(part.exemplars) == {SHA["apple 0"], SHA["apple 1"]}
    assert part.threshold == calibrate(shown, shown, config=ExemplarConfig())


def test_what_a_birth_had_is_as_new_when_that_is_taken_back() -> None:
    """So a run opens and places it again, however old it is."""
    birth = Correction("birth", label="Deserts", texts=(SHA["desert 0"],))
    born = replace(theme("river"), id=birth.children[0])
    at, moved = place_of("desert 0"), place_of("desert 1")
    placed = PLACED | {
        at: replace(PLACED[at], theme_id=born.id, state="leaf", method="exemplars"),
        moved: Assignment(moved, "T-river", None, "leaf", 0.4, "corrected: moved", born.id),
    }
    themes = (*THEMES, born)
    decided = plan(Corrections((birth,)), themes, SHA_SET.__contains__)
    _, kept = found_view(themes, placed, decided)
    assert (kept[at].theme_id, kept[moved].theme_id) == (born.id, born.id)
    _, left = found_view(themes, placed, plan(Corrections(), themes, None))
    assert PLACED.keys() - left.keys() == {at, moved}
