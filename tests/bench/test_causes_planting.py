"""The planted-cause generator plants what its record says, and the same for the same seed."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from nlp.population import MISSING
from nlp.records import Clause, Kind, Statement
from tests.bench.causes.customers import Condition, Customers, make_customers
from tests.bench.causes.dealing import Board, cell_customers, cell_days, deal, make_days
from tests.bench.causes.families import carries, worded
from tests.bench.causes.matching import in_segment
from tests.bench.causes.planting import NOISE, Recipe
from tests.bench.causes.scores import score_messages
from tests.bench.causes.shuffles import attributes_permuted, dates_permuted, scores_permuted
from tests.bench.causes.truth import Cell, Onset, Planting, Truth
from tests.bench.causes.wordings_dev import DEV
from tests.bench.causes.wordings_held import HELD
from tests.bench.causes.world import World, make_world
from tests.bench.corpora import Corpus, make_corpus

DAY = dt.date(2025, 12, 29)
LABELS = 20


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return make_corpus(
        "invented",
        [
            (f"message {number} about matter {label}", [f"matter {label:02d}"])
            for label in range(LABELS)
            for number in range(90 + 10 * label)
        ],
    )


def whole(text: str, kind: Kind) -> tuple[Statement, ...]:
    """A splitter that cuts nothing, and whose clause is the last word."""
    start = text.rstrip(".").rfind(" ") + 1
    return (
        Statement("", 0, text, clauses=(Clause(text[start:], "as", "causal", start, len(text)),)),
    )


@pytest.fixture(scope="module")
def world(corpus: Corpus) -> World:
    return make_world(corpus, seed=3, recipe=Recipe(), cut=whole, families=(*DEV, *HELD))


@pytest.fixture(scope="module")
def people() -> Customers:
    return make_customers(4000, first_day=DAY, seed=5)


def dealt_share(people: Customers, cell: Cell) -> tuple[float, float]:
    """Share of 40,000 dealt mentions inside a cell, and what its lift says it should be."""
    days = make_days(14, seed=5)
    truth = Truth({"a": Planting("a", "where", (cell,))}, (), frozenset())
    found = deal(Board(people, days, {"a": 45_000}, {}), truth, seed=5)["a"]
    who, then = cell_customers(people, cell), cell_days(days.size, cell)
    volume = people.writes[who].sum() / people.writes.sum() * days[then].sum() / days.sum()
    assert np.array_equal(found.inside, who[found.customer] & then[found.day])
    return float(found.inside.mean()), float(cell.lift * volume / (1 + (cell.lift - 1) * volume))


@pytest.mark.parametrize(
    "cell",
    [
        Cell(1.5, (Condition("plan", "pro"),)),
        Cell(3.0, (Condition("device", "phone"), Condition("os", "iOS"))),
        Cell(4.0, (Condition("version", MISSING),)),
        Cell(2.0, (Condition("seats", low=20.0),)),
        Cell(5.0, (), Onset(30, 40, "burst", None)),
        Cell(8.0, (Condition("region", "APAC"),), Onset(60, 97, "shift", None)),
    ],
    ids=["one", "two", "missing", "range", "burst", "segment and onset"],
)
def test_the_lift_on_record_is_the_lift_dealt(people: Customers, cell: Cell) -> None:
    found, wanted = dealt_share(people, cell)
    assert found == pytest.approx(wanted, abs=0.01)


def test_two_independent_cells_leave_each_other_alone(people: Customers) -> None:
    cells = (Cell(3.0, (Condition("plan", "pro"),)), Cell(4.0, (), Onset(50, 97, "shift", None)))
    days = make_days(14, seed=5)
    truth = Truth({"a": Planting("a", "apart", cells)}, (), frozenset())
    found = deal(Board(people, days, {"a": 45_000}, {}), truth, seed=5)["a"]
    pro = cell_customers(people, cells[0])[found.customer]
    late = cell_days(days.size, cells[1])[found.day]
    assert late[pro].mean() == pytest.approx(late[~pro].mean(), abs=0.02)


def test_the_same_seed_gives_the_same_world(corpus: Corpus, world: World) -> None:
    again = make_world(corpus, seed=3, recipe=Recipe(), cut=whole, families=(*DEV, *HELD))
    assert again.feedback == world.feedback
    assert again.statements == world.statements
    assert again.truth == world.truth
    assert make_world(corpus, seed=4, recipe=Recipe()).feedback != world.feedback


def test_every_role_is_planted_and_noise_is_noise(corpus: Corpus, world: World) -> None:
    roles = Counter(one.role for one in world.truth.plantings.values())
    assert set(roles) == {"where", "when", "joined", "apart", "noise"}
    quiet = make_world(corpus, seed=3, recipe=NOISE)
    assert all(not one.cells and not one.stated for one in quiet.truth.plantings.values())


def test_texts_are_real_used_once_and_stand_under_their_label(corpus: Corpus, world: World) -> None:
    label_of = dict(zip(corpus.texts, corpus.labels, strict=True))
    plain = [one for one in world.statements.values() if one.id not in world.added]
    assert len({one.text for one in plain}) == len(plain)
    for one in plain:
        theme = world.assignments[one.id].theme_id
        (label,) = label_of[one.text]
        assert theme == label or (theme is None and label in world.truth.unthemed)


def test_stated_reasons_are_in_the_statements_on_record(world: World) -> None:
    planned = {
        (theme, stated.family): stated
        for theme, planted in world.truth.plantings.items()
        for stated in planted.stated
    }
    assert set(world.carriers) <= set(planned)
    for key, names in world.carriers.items():
        assert 3 <= len(names) <= planned[key].count
        assert all(world.added[name] in world.statements[name].text for name in names)
    assert world.denials
    assert not world.denials & {name for names in world.carriers.values() for name in names}


def test_reasons_of_a_joined_cause_are_stated_inside_it(world: World) -> None:
    joined = [one for one in world.truth.plantings.values() if one.role == "joined" and one.stated]
    assert joined
    rows = {item.key: row for row, item in enumerate(world.population.feedback)}
    for planted in joined:
        mask = in_segment(world, planted.segment)
        names = [
            n for (theme, _), ids in world.carriers.items() if theme == planted.theme for n in ids
        ]
        assert names
        assert all(mask[rows[name.split("#")[0]]] for name in names)


def test_unexplained_onsets_keep_away_from_events(world: World) -> None:
    days = [(event.day - world.first_day).days for event in world.truth.events]
    onsets = [one.onset for one in world.truth.plantings.values() if one.onset]
    assert onsets
    for onset in onsets:
        if onset.event is None:
            assert min(abs(onset.first - day) for day in days) > 6
        else:
            assert 0 <= onset.first - (onset.event.day - world.first_day).days <= 2


def test_losses_are_in_the_scores() -> None:
    customers = list(range(4000)) * 2
    losses = [0.0] * 4000 + [0.25] * 4000
    kinds: list[Kind] = ["survey"] * 8000
    scores = score_messages(kinds, customers, losses, people=4000, seed=1)
    told = np.array([np.nan if one.value is None else one.value / 10 for one in scores])
    assert 0.35 < np.isnan(told).mean() < 0.45
    assert np.nanmean(told[:4000]) - np.nanmean(told[4000:]) == pytest.approx(0.25, abs=0.012)
    assert set(told[~np.isnan(told)]) <= {at / 10 for at in range(11)}


def test_companions_come_with_a_harmful_theme(world: World) -> None:
    paired = [one for one in world.truth.plantings.values() if one.companion]
    assert paired
    for one in paired:
        mine = world.population.members[one.theme]
        other = world.population.members[one.companion]
        assert one.loss == 0.0
        assert world.truth.plantings[one.companion].loss > 0.0
        assert np.isin(mine, other).mean() > 0.35


def test_permutations_keep_all_but_the_permuted(world: World) -> None:
    before = world.population
    attributes, dates, scores = (
        permute(world, 1) for permute in (attributes_permuted, dates_permuted, scores_permuted)
    )
    for after in (attributes, dates, scores):
        assert {k: v.tolist() for k, v in after.members.items()} == {
            k: v.tolist() for k, v in before.members.items()
        }
    assert attributes.attributes["plan"] != before.attributes["plan"]
    assert attributes.weeks == before.weeks
    assert dates.weeks != before.weeks
    assert Counter(dates.weeks) == Counter(before.weeks)
    assert dates.attributes == before.attributes
    given = [[item.unit_score for item in one.feedback] for one in (before, scores)]
    assert given[0] != given[1]
    assert Counter(given[0]) == Counter(given[1])


def test_families_are_many_and_varied() -> None:
    for family in (*DEV, *HELD):
        assert len(set(family.wordings)) >= 10
        assert all(one.count("{}") == 1 for one in family.wordings)
        assert all(family.name in one for one in family.denials)
    assert min(len(DEV), len(HELD)) >= 8
    assert len({family.key for family in (*DEV, *HELD)}) == len(DEV) + len(HELD)


@pytest.mark.parametrize(
    ("wording", "text", "made"),
    [
        ("{} because it rains.", "I am late!", "I am late because it rains."),
        ("{}. It rains.", "Am I late?", "Am I late? It rains."),
        ("{}. It rains.", "I am late", "I am late. It rains."),
        ("Since it rains {}", "I am late", "Since it rains I am late"),
    ],
)
def test_a_wording_is_put_to_a_text(wording: str, text: str, made: str) -> None:
    told, added = worded(wording, text)
    assert told == made
    assert carries(made, added)
    assert not carries(text, added)
