"""What the cause bench counts as right, near and false."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from nlp.records import Cause, DatedEvent
from tests.bench.causes.bench import ROWS, main, split_lines
from tests.bench.causes.counting import band, share, splits
from tests.bench.causes.customers import Condition
from tests.bench.causes.families import read_families
from tests.bench.causes.matching import (
    judge_when,
    judge_where,
    majority,
    mentions_inside,
    realised_lift,
    right_event,
)
from tests.bench.causes.planting import Recipe
from tests.bench.causes.truth import Cell, Onset, Planting
from tests.bench.causes.world import World, make_world
from tests.bench.corpora import CorpusError, make_corpus
from tests.bench.row import Row

RELEASE = DatedEvent(dt.date(2026, 1, 30), "release", "4.2")
PLAIN = Cause("C-1", "a", "where", "", 5, 5, 0.5, ())


@pytest.fixture(scope="module")
def world() -> World:
    pairs = [(f"text {number} of {name}", [name]) for name in "abcdefgh" for number in range(150)]
    return make_world(make_corpus("invented", pairs), seed=1, recipe=Recipe())


def planted(world: World, *cells: Cell) -> Planting:
    return Planting(world.themes[0], "where", cells)


@pytest.mark.parametrize(
    ("conditions", "verdict"),
    [
        ((("os", "iOS"), ("region", "EU")), "right"),
        ((("os", "iOS"),), "near"),
        ((("os", "iOS"), ("plan", "pro"), ("region", "EU")), "near"),
        ((("os", "iOS"), ("region", "US")), "near"),
        ((("plan", "pro"),), "false"),
    ],
)
def test_a_segment_is_right_when_it_is_the_planted_one(
    world: World, conditions: tuple[tuple[str, str], ...], verdict: str
) -> None:
    truth = planted(world, Cell(3.0, (Condition("os", "iOS"), Condition("region", "EU"))))
    assert judge_where(world, truth, replace(PLAIN, conditions=conditions)) == verdict
    assert judge_where(world, planted(world), replace(PLAIN, conditions=conditions)) == "false"


def test_a_range_is_right_when_it_holds_most_of_the_same_mentions(world: World) -> None:
    truth = planted(world, Cell(3.0, (Condition("seats", low=20.0),)))
    inside = sorted(mentions_inside(world, truth))
    told = replace(PLAIN, conditions=(("seats", "above 25"),))
    most = replace(told, evidence_ids=tuple(inside[: len(inside) // 2 + 1]))
    few = replace(told, evidence_ids=tuple(inside[: len(inside) // 3]))
    assert judge_where(world, truth, most) == "right"
    assert judge_where(world, truth, few) == "near"


def test_another_name_for_the_same_mentions_is_near(world: World) -> None:
    truth = planted(world, Cell(3.0, (Condition("os", "Windows"),)))
    told = replace(PLAIN, conditions=(("device", "computer"),))
    inside = tuple(mentions_inside(world, truth))
    assert judge_where(world, truth, replace(told, evidence_ids=inside)) == "near"
    assert judge_where(world, truth, told) == "false"


def test_lift_counts_rates_not_numbers(world: World) -> None:
    everyone = planted(world, Cell(1.0, (Condition("plan", "free"),)))
    assert realised_lift(world, everyone) == pytest.approx(1.0, abs=0.4)


@pytest.mark.parametrize(
    ("off", "verdict"),
    [(0, "right"), (3, "right"), (-3, "right"), (4, "near"), (-10, "near"), (11, "false")],
)
def test_an_onset_may_be_three_days_off(world: World, off: int, verdict: str) -> None:
    truth = planted(world, Cell(3.0, (), Onset(32, 50, "burst", RELEASE)))
    onset = world.first_day + dt.timedelta(days=32 + off)
    assert judge_when(world, truth, replace(PLAIN, kind="when", onset=onset)) == verdict
    assert judge_when(world, planted(world), replace(PLAIN, kind="when", onset=onset)) == "false"


def test_the_event_must_be_the_planted_one_or_rightly_none(world: World) -> None:
    tied = planted(world, Cell(3.0, (), Onset(32, 50, "burst", RELEASE)))
    free = planted(world, Cell(3.0, (), Onset(32, 50, "burst", None)))
    named = replace(PLAIN, event="release: 4.2")
    assert right_event(tied, named)
    assert not right_event(tied, PLAIN)
    assert right_event(free, PLAIN)
    assert not right_event(free, named)


def test_a_group_states_what_more_than_half_of_it_states(world: World) -> None:
    told = replace(world, carriers={("a", "update"): frozenset({"s/1#0", "s/2#0"})})
    most = replace(PLAIN, kind="said", evidence_ids=("s/1#0", "s/2#0", "s/3#0"))
    half = replace(most, evidence_ids=("s/1#0", "s/2#0", "s/3#0", "s/4#0"))
    assert majority(told, "a", most) == "update"
    assert majority(told, "a", half) is None
    assert majority(told, "b", most) is None


def test_shares_come_with_their_counts() -> None:
    figure = share("found", [True, True, False, True], must=0.75)
    assert (figure.name, figure.value, figure.reached) == ("found: 3 of 4", 0.75, "must")
    assert share("found", [], must=0.75).value is None


def test_splits_count_within_each_value() -> None:
    cases = [{"depth": 1, "hit": True}, {"depth": 1, "hit": False}, {"depth": 2, "hit": True}]
    assert splits(cases, "hit", ["depth"]) == {"depth": {"1": "1/2", "2": "1/1"}}
    row = Row("where", (), {"splits": splits(cases, "hit", ["depth"]), "cases": cases})
    assert split_lines(row) == ["where, splits, by depth: 1 1/2, 2 1/1"]


@pytest.mark.parametrize(
    ("value", "name"), [(1.4, "under 1.5"), (1.5, "1.5 to 2"), (2, "2 and more")]
)
def test_bands(value: float, name: str) -> None:
    assert band(value, (1.5, 2)) == name


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nonsense"]) == 2
    told = capsys.readouterr().out
    assert all(name in told for name in ROWS)


def test_families_of_ones_own_are_read(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(
        '{"families": {"rain": {"name": "the rain", "wordings": ["{} because it rains."]}},'
        ' "denials": ["{}. It is not <name>."]}'
    )
    (family,) = read_families(file)
    assert family.side == "file"
    assert family.denials == ("{}. It is not the rain.",)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"families": {"rain": {}}}',
        '{"families": {"r": {"name": "r", "wordings": ["x"]}}}',
    ],
)
def test_a_file_without_families_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "own.json"
    file.write_text(content)
    with pytest.raises(CorpusError, match=r"own\.json"):
        read_families(file)
