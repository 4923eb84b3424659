from __future__ import annotations

import pytest

from nlp.corrections import Correction, Corrections, Part, Plan, made_by_person, plan
from nlp.records import Theme


def theme(name: str, level: str = "leaf") -> Theme:
    return Theme(
        id=name,
        level="parent" if level == "parent" else "leaf",
        parent_id=None,
        label=f"Theme {name}",
        label_reason="said often",
        terms=(),
        exemplars=(f"{name}1", f"{name}2"),
        threshold=0.5,
        born_week="2026-W01",
    )


THEMES = [theme("T-a"), theme("T-b"), theme("T-c"), theme("P-x", "parent")]
TEXTS = frozenset({"s1", "s2", "s3", "s4"})


def resolved(*made: Correction) -> Plan:
    return plan(Corrections(made), THEMES, TEXTS.__contains__)


def merge(name: str, into: str) -> Correction:
    return Correction("merge", name, into=into)


def split(name: str, *parts: str) -> Correction:
    return Correction("split", name, parts=tuple(Part((sha,)) for sha in parts))


def link(kind: str, *shas: str) -> Correction:
    return Correction("must-link" if kind == "must" else "cannot-link", texts=shas)


def test_the_latest_name_pin_and_move_count() -> None:
    found = resolved(
        Correction("rename", "T-a", label="One"),
        Correction("rename", "T-a", label="Two"),
        Correction("move", "T-a", texts=("s1",)),
        Correction("move", "T-b", why="no", texts=("s1",)),
        Correction("pin", "P-x", why="ours"),
    )
    assert found.renames == {"T-a": "Two"}
    assert found.moves == {"s1": ("T-b", "no")}
    assert found.pins == {"P-x": "ours"}
    assert found.not_applied == []


def test_chains_of_merges_resolve_in_order() -> None:
    found = resolved(merge("T-a", "T-b"), merge("T-b", "T-c"))
    assert [(name, end.successors) for name, end in found.ends.items()] == [
        ("T-a", ("T-b",)),
        ("T-b", ("T-c",)),
    ]


@pytest.mark.parametrize(
    ("made", "reason", "waits"),
    [
        (
            [merge("T-a", "T-b"), merge("T-b", "T-a")],
            "T-a was merged into T-b by an earlier",
            False,
        ),
        ([merge("T-a", "T-b"), merge("T-b", "T-c"), merge("T-c", "T-a")], "T-a was merged", False),
        ([merge("T-a", "T-a")], "into itself", False),
        ([merge("T-a", "T-z")], "no theme T-z", True),
        ([merge("P-x", "T-a")], "P-x is a parent", False),
        ([merge("T-a", "P-x")], "P-x is a parent", False),
        ([Correction("dismiss", "T-a"), merge("T-a", "T-b")], "T-a was dismissed", False),
        ([Correction("dismiss", "T-a"), Correction("remove", "T-a")], "T-a was dismissed", False),
        ([split("T-a", "s1")], "two parts", False),
        ([split("T-a", "s1", "s1")], "one text stands in two parts", False),
        ([split("T-a", "s1", "later")], "part 2 has no statement", True),
        ([split("T-a", "s1", "s2"), merge("T-a", "T-b")], "T-a was split into S-", False),
        ([Correction("move", "T-a", texts=("later",))], "no statement has the text later", True),
        ([merge("T-a", "T-b"), Correction("move", "T-a", texts=("s1",))], "T-a was merged", False),
        ([link("must", "s1", "later")], "no statement has the text later", True),
        ([link("cannot", "s1", "s1")], "the two are one text", False),
        ([link("must", "s1", "s2"), link("cannot", "s2", "s1")], "must stand in one", False),
        (
            [link("must", "s1", "s2"), link("cannot", "s2", "s3"), link("must", "s1", "s3")],
            "may not stand in one theme",
            False,
        ),
        ([Correction("birth", texts=("later",))], "no statement has the text", True),
        (
            [Correction("birth", texts=("s1",)), Correction("birth", texts=("s1",))],
            "already",
            False,
        ),
        ([Correction("rename", "T-z", label="x")], "no theme T-z", True),
    ],
)
def test_what_cannot_be_applied_says_why_and_changes_nothing(
    made: list[Correction], reason: str, waits: bool
) -> None:
    found = resolved(*made)
    (refused,) = found.not_applied
    assert reason in refused.reason
    assert (refused.correction, refused.waits) == (made[-1], waits)
    without = resolved(*made[:-1])
    found.not_applied.clear()
    assert found == without


def test_parts_are_themes_from_then_on() -> None:
    made = split("T-a", "s1", "s2")
    first, second = made.children
    found = resolved(made, merge(first, second), Correction("rename", second, label="Both"))
    assert found.not_applied == []
    assert found.ends[first].successors == (second,)
    back = resolved(made, merge(first, "T-a"))
    assert "T-a was split" in back.not_applied[0].reason


def test_ids_follow_from_what_was_decided() -> None:
    one, same, other = split("T-a", "s1", "s2"), split("T-a", "s1", "s2"), split("T-b", "s1", "s2")
    assert one.children == same.children
    assert len({*one.children, *other.children}) == 4
    birth = Correction("birth", texts=("s2", "s1"))
    assert birth.children == Correction("birth", "", "why", texts=("s1", "s2")).children
    assert all(map(made_by_person, (*one.children, *birth.children)))
    assert not any(made_by_person(known.id) for known in THEMES)


def test_must_links_join_into_groups() -> None:
    found = resolved(link("must", "s1", "s2"), link("must", "s3", "s2"))
    assert set(found.groups.values()) == {("s1", "s2", "s3")}
    assert found.groups.keys() == {"s1", "s2", "s3"}


def test_the_order_of_unrelated_corrections_is_irrelevant() -> None:
    made = [
        merge("T-a", "T-b"),
        Correction("rename", "T-c", label="Sea"),
        Correction("move", "T-c", texts=("s1",)),
        link("cannot", "s2", "s3"),
    ]
    assert resolved(*made) == resolved(*reversed(made))
