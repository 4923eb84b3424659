from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.births import SeedIntent
from nlp.corrections import Correction
from nlp.memory import Remembered
from nlp.records import Assignment
from tests.nlp.memory_world import CONFIG, OLD, SUBJECTS, W1, W2, W3, W4, World, born, leaves


@pytest.fixture
def world() -> World:
    """Three themes after a first week of 20 texts each."""
    made = World()
    made.talk(W1, OLD, 20)
    made.live(W1)
    return made


def test_a_cold_start_finds_what_was_planted(world: World) -> None:
    assert len(leaves(world.themes)) == 3
    for subject in OLD:
        named = world.about(subject) - {None}
        assert len(named) == 1
    placed = [item for item in world.assigned.values() if item.state == "leaf"]
    assert len(placed) >= 54  # of 60
    labels = {theme.label.lower() for theme in world.themes}
    assert len(labels) == len(world.themes)
    assert all(sum(word in label for label in labels) == 1 for word in OLD)


def test_ids_last_and_leaves_are_kept(world: World) -> None:
    first = dict(world.assigned)
    ids = leaves(world.themes)
    for week in (W2, W3, W4):
        world.talk(week, OLD, 6)
        found = world.live(week)
        assert leaves(world.themes) == ids
        assert born(found) == set()
    for name, before in first.items():
        if before.state == "leaf":
            assert world.assigned[name].theme_id == before.theme_id
    for subject in OLD:
        assert len(world.about(subject) - {None}) == 1
    assert sum(item.state == "leaf" for item in world.assigned.values()) >= 0.9 * (60 + 54)


def test_a_new_theme_is_born_in_the_week_it_appears(world: World) -> None:
    ids = leaves(world.themes)
    world.talk(W2, OLD, 4)
    new = world.talk(W2, ["violin"], 20)
    found = world.live(W2)
    (violin,) = leaves(world.themes) - ids
    assert born(found) == {violin}
    theme = next(one for one in world.themes if one.id == violin)
    assert theme.born_week == W2
    assert "violin" in theme.label.lower()
    assert sum(world.leaf_of(name) == violin for name in new) >= 18
    assert {world.leaf_of(name) for name in new} <= {violin, None}
    world.talk(W3, ["violin"], 4)
    again = world.live(W3)
    assert born(again) == set()
    assert world.about("violin") - {None} == {violin}


def test_what_is_too_rare_waits_and_is_born_when_it_comes_back(world: World) -> None:
    early = world.talk(W2, ["violin"], 4)
    assert born(world.live(W2)) == set()
    assert {world.assigned[name].state for name in early} == {"unthemed"}
    world.talk(W3, ["violin"], 5)
    (violin,) = born(world.live(W3))
    assert sum(world.leaf_of(name) == violin for name in early) >= 3


def test_what_has_waited_too_long_helps_no_more(world: World) -> None:
    world.talk(W2, ["violin"], 4)
    world.live(W2)
    world.talk(W3, ["violin"], 5)
    assert born(world.run(W3, config=replace(CONFIG, residue_weeks=1))) == set()
    assert len(born(world.run(W3, config=replace(CONFIG, residue_weeks=2)))) == 1


def test_before_the_first_themes_nothing_has_waited_too_long() -> None:
    """15 and 30 texts, neither week enough for itself."""
    world = World()
    births = replace(CONFIG.births, least_corpus=45, ready_corpus=45)
    config = replace(CONFIG, residue_weeks=1, births=births)
    world.talk(W1, ["apple", "river", "violin"], 5)
    world.live(W1)
    world.talk(W2, ["apple", "river", "violin"], 10)
    assert len(born(world.run(W2, config=config))) == 3


def test_exact_copies_share_a_theme_and_change_nothing_else(world: World) -> None:
    original = next(item for item in world.statements if world.assigned[item.id].state == "leaf")
    before = world.themes
    copies = [world.say(W2, original.text) for _ in range(3)]
    world.live(W2)
    assert {world.leaf_of(name) for name in copies} == {world.leaf_of(original.id)}
    assert world.themes == before


def test_a_copy_stands_where_its_original_stands_even_if_the_theme_now_asks_for_more(
    world: World,
) -> None:
    original = next(item for item in world.statements if world.assigned[item.id].state == "leaf")
    world.themes = tuple(replace(theme, threshold=0.999) for theme in world.themes)
    copy = world.say(W2, original.text)
    world.live(W2)
    assert world.leaf_of(copy) == world.leaf_of(original.id)
    assert world.assigned[copy].state == "leaf"


def test_copies_of_one_text_are_placed_alike_in_their_first_week() -> None:
    world = World()
    world.talk(W1, OLD, 20)
    twins = [world.say(W1, "apple broken twice said") for _ in range(4)]
    strangers = [world.say(W1, "something else altogether") for _ in range(4)]
    world.live(W1)
    for group in (twins, strangers):
        assert len({replace(world.assigned[name], statement_id="") for name in group}) == 1


def test_a_copy_that_waited_too_long_goes_along_with_its_newer_twin(world: World) -> None:
    config = replace(CONFIG, residue_weeks=1)
    text = f"violin broken left {W3} 1"
    old = world.say(W2, text)
    world.live(W2, config=config)
    assert world.assigned[old].state == "unthemed"
    world.talk(W3, ["violin"], 20)
    world.live(W3, config=config)
    (twin,) = [item for item in world.statements if item.id != old and item.text == text]
    assert world.leaf_of(twin.id) is not None
    assert world.leaf_of(old) == world.leaf_of(twin.id)


def test_every_statement_has_a_state_and_noise_stays_noise(world: World) -> None:
    noise = [
        world.say(W2, "apple broken left n/a", noise="non-answer"),
        world.say(W2, "x", noise="empty"),
    ]
    world.say(W2, "nobody ever says this")
    world.live(W2)
    assert set(world.assigned) == {item.id for item in world.statements}
    for name, why in zip(noise, ("non-answer", "empty"), strict=True):
        assert world.assigned[name] == Assignment(name, None, None, "noise", 1.0, why)
    shas = {item.sha for item in world.statements if item.noise}
    world.talk(W3, ["violin"], 15)
    found = world.live(W3)
    assert not shas & {sha for theme in world.themes for sha in theme.exemplars}
    assert not set(noise) & {item.statement_id for item in found.assignments}


def test_noise_alone_makes_no_theme() -> None:
    world = World()
    for n in range(60):
        world.say(W1, f"apple broken {n}", noise="boilerplate")
    assert world.live(W1).themes == ()
    assert {item.state for item in world.assigned.values()} == {"noise"}


def test_a_week_without_texts_changes_nothing(world: World) -> None:
    found = world.run(W2)
    assert found.themes == world.themes
    assert found.events == ()
    assert found.assignments == ()


def test_an_empty_world() -> None:
    assert World().run(W1) == Remembered((), (), (), ())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_everything_is_irrelevant(world: World, seed: int) -> None:
    world.talk(W2, ["apple", "violin"], 14)
    world.say(W2, "apple broken left n/a", noise="non-answer")
    assert world.run(W2, shuffled=seed) == world.run(W2)


def test_later_weeks_are_not_needed_to_run_an_earlier_one(world: World) -> None:
    """Weeks one by one give the same first week, whatever comes after."""
    other = World()
    other.talk(W1, OLD, 20)
    other.talk(W2, ["violin"], 20)
    assert other.run(W1).themes == world.themes


def test_only_what_changed_is_told(world: World) -> None:
    new = world.talk(W2, ["apple"], 5)
    found = world.run(W2)
    told = {item.statement_id for item in found.assignments}
    assert set(new) <= told
    for item in found.assignments:
        assert world.assigned.get(item.statement_id) != item
    assert told == set(new) | {
        name for name, before in world.assigned.items() if before.state != "leaf" and name in told
    }


def test_near_themes_share_a_parent_that_takes_what_neither_does() -> None:
    world = World()
    world.talk(W1, ["apple", "scarlet", "crimson"], 20)
    found = world.live(W1)
    (scarlet,), (crimson,), (apple,) = (
        world.about(name) - {None} for name in ("scarlet", "crimson", "apple")
    )
    themes = {theme.id: theme for theme in world.themes}
    (parent,) = [theme for theme in world.themes if theme.level == "parent"]
    assert {themes[str(name)].parent_id for name in (scarlet, crimson)} == {parent.id}
    assert themes[str(apple)].parent_id is None
    assert {event.kind for event in found.events if event.theme_id == parent.id} == {"family"}
    for item in world.assigned.values():
        if item.theme_id is not None:
            assert item.parent_theme_id == themes[item.theme_id].parent_id
            assert (item.state, item.method) == ("leaf", "exemplars")


def test_a_leaf_adopted_later_takes_its_statements_along() -> None:
    world = World()
    world.talk(W1, ["apple", "river", "scarlet"], 20)
    world.live(W1)
    assert all(theme.parent_id is None for theme in world.themes)
    old = {name: item for name, item in world.assigned.items() if item.state == "leaf"}
    world.talk(W2, ["crimson"], 20)
    world.talk(W2, ["scarlet"], 3)
    found = world.live(W2)
    parents = {theme.id: theme.parent_id for theme in world.themes}
    for item in world.assigned.values():  # the week's own, too, that were placed before
        assert item.theme_id is None or item.parent_theme_id == parents[item.theme_id]
    (parent,) = [theme.id for theme in world.themes if theme.level == "parent"]
    (scarlet,) = world.about("scarlet") - {None}
    assert ("adopted", scarlet) in {(event.kind, event.theme_id) for event in found.events}
    for name, before in old.items():
        expected = parent if before.theme_id == scarlet else None
        assert world.assigned[name] == replace(before, parent_theme_id=expected)


def test_memory_grows_by_a_step_then_exchanges_a_step_and_keeps_its_anchors(world: World) -> None:
    small = replace(CONFIG, exemplars=replace(CONFIG.exemplars, most=18))
    before = {theme.id: theme for theme in world.themes}
    assert {len(theme.exemplars) for theme in world.themes} == {16}
    for week, least, most in ((W2, 2, 2), (W3, 0, 4)):
        world.talk(week, OLD, 10)
        old = {theme.id: theme.exemplars for theme in world.themes}
        world.live(week, config=small)
        for theme in world.themes:
            assert theme.exemplars[:9] == before[theme.id].exemplars[:9]  # half of 18
            assert len(theme.exemplars) == 18
            assert least <= len(set(theme.exemplars) - set(old[theme.id])) <= most
            assert replace(theme, exemplars=()) == replace(before[theme.id], exemplars=())


def test_a_seed_is_a_theme_at_once_and_only_once() -> None:
    world = World()
    seed = SeedIntent("fiddle", "Violins", tuple(f"violin example {n}" for n in range(6)))
    said = world.talk(W1, ["violin"], 3)
    found = world.live(W1, seeds=[seed])
    (theme,) = world.themes
    assert (theme.label, theme.seeded_by, theme.born_week) == ("Violins", "fiddle", W1)
    assert [event.kind for event in found.events] == ["seeded"]
    assert {world.leaf_of(name) for name in said} == {theme.id}
    world.talk(W2, ["violin"], 3)
    again = world.live(W2, seeds=[seed])
    assert leaves(world.themes) == {theme.id}
    assert again.events == ()


def test_a_renamed_theme_keeps_its_id_and_its_new_name(world: World) -> None:
    theme = world.themes[0]
    found = world.live(
        W2,
        corrections=[
            Correction("rename", theme.id, label="Our own name"),
            Correction("rename", "T-unknown", label="nobody"),
        ],
    )
    assert [(event.kind, event.theme_id) for event in found.events] == [("renamed", theme.id)]
    assert "Our own name" in found.events[0].detail
    assert world.themes[0].id == theme.id
    assert world.themes[0].label == "Our own name"
    assert world.themes[0].exemplars == theme.exemplars
    assert found.assignments == ()
    again = world.live(W3, corrections=[Correction("rename", theme.id, label="Our own name")])
    assert again.events == ()
    assert world.themes[0].label == "Our own name"


def test_a_name_that_is_taken_back_gives_the_found_one_again(world: World) -> None:
    theme = world.themes[0]
    world.live(W2, corrections=[Correction("rename", theme.id, label="Wrong")])
    world.live(W3, corrections=[Correction("rename", theme.id, label="Wrong again")])
    found = world.live(W4, corrections=[])
    assert [event.kind for event in found.events] == ["renamed"]
    assert world.themes[0] == theme


def test_a_newborn_does_not_take_a_name_in_use(world: World) -> None:
    trial = World()
    trial.talk(W1, OLD, 20)
    trial.live(W1)
    trial.talk(W2, ["violin"], 20)
    (name,) = born(trial.run(W2))
    would_be = next(theme.label for theme in trial.run(W2).themes if theme.id == name)
    world.live(W2, corrections=[Correction("rename", world.themes[0].id, label=would_be)])
    world.talk(W3, ["violin"], 20)
    world.live(W3, corrections=[Correction("rename", world.themes[0].id, label=would_be)])
    labels = [theme.label for theme in world.themes]
    assert len(set(labels)) == len(labels) == 4


@settings(max_examples=15)
@given(
    weeks=st.lists(
        st.lists(st.sampled_from([*SUBJECTS, "noise", "stray"]), max_size=25),
        min_size=1,
        max_size=3,
    )
)
def test_the_laws_of_memory(weeks: list[list[str]]) -> None:
    """Whatever is said: all have a state, leaves stay, copies agree, parents are their leaves'."""
    world = World()
    world.talk(W1, OLD, 16)
    for week, said in zip((W1, W2, W3), weeks, strict=False):
        for n, subject in enumerate(said):
            text = f"{subject} broken {n % 5} {week}"
            world.say(week, text, noise="non-answer" if subject == "noise" else None)
        before, themes = dict(world.assigned), {theme.id: theme for theme in world.themes}
        world.live(week)
        after = {theme.id: theme for theme in world.themes}
        assert set(world.assigned) == {item.id for item in world.statements}
        assert set(themes) <= set(after)
        for name, old in before.items():
            if old.state in {"leaf", "noise"}:
                assert world.assigned[name].theme_id == old.theme_id
                assert world.assigned[name].state == old.state
        by_text: dict[str, set[str | None]] = {}
        for item in world.statements:
            placed = world.assigned[item.id]
            assert (placed.theme_id is not None) == (placed.state == "leaf")
            assert (placed.state == "noise") == (item.noise is not None)
            if placed.theme_id is not None:
                assert placed.parent_theme_id == after[placed.theme_id].parent_id
            if item.noise is None:
                by_text.setdefault(item.text, set()).add(placed.theme_id)
        assert all(len(found) == 1 for found in by_text.values())
        assert len({theme.label for theme in after.values()}) == len(after)
