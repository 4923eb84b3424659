from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nlp.exemplars import ExemplarConfig
from nlp.families import adopt
from nlp.hierarchy import HierarchyConfig
from nlp.naming import Name
from nlp.neighbours import FloatArray
from nlp.records import Theme

HIERARCHY = HierarchyConfig(least_similarity=0.5, quantile=0.0)
MEMORY = ExemplarConfig(most=8, vote=1, vote_share=1.0, least_threshold=0.3, most_threshold=0.9)
WEEK = "2026-W07"


def called(children: Sequence[tuple[Theme, FloatArray]]) -> Name:
    return Name("family of " + ", ".join(child.id for child, _ in children), "a test", ())


def leaf(id: str, angle: float, *, parent: str | None = None, threshold: float = 0.6) -> Theme:
    """A theme whose two exemplars lie two degrees to either side of `angle`."""
    return Theme(
        id=id,
        level="leaf",
        parent_id=parent,
        label=f"Label {id}",
        label_reason="test",
        terms=(f"{id}1", f"{id}2", f"{id}3"),
        exemplars=(f"{id}@{angle - 2}", f"{id}@{angle + 2}"),
        threshold=threshold,
        born_week="2026-W01",
    )


def run(
    themes: Sequence[Theme], *, ended: Collection[str] = ()
) -> tuple[dict[str, Theme], list[tuple[str, str, tuple[str, ...]]]]:
    vectors: dict[str, FloatArray] = {}
    for theme in themes:
        for sha in theme.exemplars:
            angle = np.radians(float(sha.split("@")[1]))
            vectors[sha] = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    state = {theme.id: theme for theme in themes}
    events = adopt(WEEK, state, vectors, name=called, config=HIERARCHY, memory=MEMORY, ended=ended)
    assert all(event.week == WEEK for event in events)
    return state, [(event.kind, event.theme_id, event.related) for event in events]


def test_leaves_near_each_other_found_a_family() -> None:
    state, events = run([leaf("a", 0), leaf("b", 20), leaf("c", 30), leaf("z", 180)])
    (parent,) = [theme for theme in state.values() if theme.level == "parent"]
    assert {name: state[name].parent_id for name in "abcz"} == {
        "a": parent.id,
        "b": parent.id,
        "c": parent.id,
        "z": None,
    }
    assert (parent.label, parent.label_reason) == ("family of a, b, c", "a test")
    assert parent.born_week == WEEK
    assert events == [
        ("family", parent.id, ("a", "b", "c")),
        *(("adopted", name, (parent.id,)) for name in "abc"),
    ]


def test_a_new_family_accepts_at_least_what_its_leaves_do() -> None:
    state, _ = run([leaf("a", 0, threshold=0.55), leaf("b", 20, threshold=0.7)])
    (parent,) = [theme for theme in state.values() if theme.level == "parent"]
    assert parent.threshold == 0.55
    assert set(parent.exemplars) == {"a@-2", "a@2", "b@18", "b@22"}


def test_the_same_leaves_found_the_same_family_in_any_order() -> None:
    themes = [leaf("a", 0), leaf("b", 20), leaf("c", 30), leaf("d", 150), leaf("e", 170)]
    state, events = run(themes)
    again, events_again = run(themes[::-1])
    assert again == state
    assert events_again == events
    assert sum(theme.level == "parent" for theme in state.values()) == 2


def test_a_newborn_is_adopted_and_the_family_remembers_it() -> None:
    before, _ = run([leaf("a", 0), leaf("b", 20)])
    (parent,) = [theme for theme in before.values() if theme.level == "parent"]
    state, events = run([*before.values(), leaf("c", 40, threshold=0.4)])
    assert events == [("adopted", "c", (parent.id,))]
    assert state["c"].parent_id == parent.id
    assert set(state[parent.id].exemplars) == {*parent.exemplars, "c@38", "c@42"}
    assert state[parent.id].threshold == 0.4
    assert replace(state[parent.id], exemplars=(), threshold=0) == replace(
        parent, exemplars=(), threshold=0
    )


def test_a_newborn_far_from_the_family_stays_alone() -> None:
    before, _ = run([leaf("a", 0), leaf("b", 20)])
    state, events = run([*before.values(), leaf("c", 120)])
    assert events == []
    assert state == {**before, "c": leaf("c", 120)}


def test_nobody_changes_parents() -> None:
    """A leaf of one family that lies nearer to another stays where it is."""
    before, _ = run([leaf("a", 0), leaf("b", 20), leaf("c", 150), leaf("d", 170)])
    moved = replace(before["a"], exemplars=("a@148", "a@152"))
    state, events = run([*(theme for theme in before.values() if theme.id != "a"), moved])
    assert events == []
    assert state["a"].parent_id == before["a"].parent_id


def test_the_retired_found_nothing() -> None:
    gone = replace(leaf("a", 0), retired_week="2026-W06")
    state, events = run([gone, leaf("b", 10)])
    assert events == []
    assert state["a"] == gone
    assert state["b"].parent_id is None


@pytest.mark.parametrize("children", [2, 4, 7, 10, 20])
def test_a_family_remembers_some_of_each_leaf(children: int) -> None:
    themes = [leaf(f"{n:02}", n * 3.0) for n in range(children)]
    state, _ = run(themes)
    parents = {theme.id: theme for theme in state.values() if theme.level == "parent"}
    assert (len(parents) == 1) is (children < 10)  # more fall into several families
    for theme in themes:
        parent = parents[state[theme.id].parent_id or ""]
        assert set(theme.exemplars) & set(parent.exemplars)


def test_what_a_person_ended_is_in_no_family() -> None:
    themes = [leaf("a", 0), leaf("b", 20)]
    assert run(themes, ended={"b"})[1] == []
    _, events = run([*themes, leaf("c", 30)], ended={"b"})
    (family, *adopted) = events
    assert family[2] == ("a", "c")
    assert [name for _, name, _ in adopted] == ["a", "c"]
