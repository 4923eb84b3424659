from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from nlp.impact import ImpactConfig, measure_impacts
from nlp.population import Population
from nlp.rank import ScoringConfig, rank_causes, rank_friction
from nlp.records import Cause, CauseKind, CauseState, Friction, OwnerMatch, RootCause, StageMatch
from nlp.standing import stand
from nlp.weeks import week_of

Plant = Callable[..., Population]
WEEK = week_of(dt.date(2026, 1, 5))
OWNER = OwnerMatch("mobile", "Mia", "rule", "", 1.0, needs_confirmation=False)
STAGE = StageMatch("use", "Use", "", 1.0)


def world(
    plant: Plant,
    sizes: Mapping[str, int],
    *,
    scores: Mapping[str, float] | None = None,
    seed: int = 0,
    day: int = 0,
    shuffled: int | None = None,
) -> Population:
    """Themes of the given numbers of customers, with their mean NPS; 200 without theme score 8."""
    random = np.random.default_rng(seed)
    themes: dict[str, range] = {}
    drawn: list[float] = random.normal(8, 1, 200).clip(0, 10).tolist()
    for name, size in sizes.items():
        themes[name] = range(len(drawn), len(drawn) + size)
        mean = (scores or {}).get(name, 3.0)
        drawn += random.normal(mean, 1, size).clip(0, 10).tolist()
    return plant([day] * len(drawn), themes, scores=drawn, shuffled=shuffled)


def rank(
    population: Population,
    *,
    causes: Sequence[Cause] = (),
    root_causes: Sequence[RootCause] = (),
    **options: object,
) -> dict[str, Friction]:
    names = sorted(population.members)
    found = rank_friction(
        population,
        week=options.pop("week", WEEK),  # type: ignore[arg-type]
        themes=names,
        labels_of={},
        owners=dict.fromkeys(names, OWNER),
        stages=dict.fromkeys(names, STAGE),
        causes=causes,
        root_causes=root_causes,
        impacts=measure_impacts(population, themes=names, config=ImpactConfig(resamples=200)),
        **options,  # type: ignore[arg-type]
    )
    return {item.theme_id: item for item in found}


def cause(theme: str, kind: str, *, share: float = 0.5, lift: float | None = None) -> Cause:
    return Cause(
        id=f"C-{theme}-{kind}",
        theme_id=theme,
        kind=kind,  # type: ignore[arg-type]
        statement="",
        customers=20,
        statements=20,
        share_of_theme=share,
        evidence_ids=(),
        lift=lift,
        lift_low=lift and lift * 0.7,
        lift_high=lift and lift * 1.4,
    )


def root(theme: str, *kinds: CauseKind, state: CauseState | None = None, no: int = 1) -> RootCause:
    return RootCause(
        id=f"R-{theme}-{no}",
        theme_id=theme,
        statement="",
        state=state or ("corroborated" if len(kinds) > 1 else "observed"),
        kinds=kinds,
        evidence=tuple(f"C-{theme}-{kind}" for kind in kinds),
        customers=20,
        statements=20,
        share_of_theme=0.5,
        evidence_ids=(),
        first_week=WEEK,
        independent=1 if state == "observed" else len(kinds),
    )


def test_the_score_is_reach_times_impact_times_confidence_over_effort(plant: Plant) -> None:
    scoring = ScoringConfig(effort_by_owner={"mobile": 2.0}, effort_by_theme={"B": 4.0})
    causes = [cause("A", "said"), cause("A", "where", lift=3.0), cause("A", "where", lift=2.0)]
    found = rank(
        world(plant, {"A": 40, "B": 30}),
        causes=causes,
        root_causes=[root("A", "said", "where")],
        scoring=scoring,
    )
    a, b = found["A"], found["B"]
    assert (a.effort, b.effort) == (2.0, 4.0)
    assert (a.confidence, b.confidence) == (0.85, 0.5)
    for item in (a, b):
        assert item.impact is not None
        assert item.impact_low is not None
        assert item.impact_high is not None
        assert item.impact_low <= item.impact <= item.impact_high
        assert item.score is not None
        expected = item.reach * item.impact * item.confidence / item.effort
        assert item.score == pytest.approx(expected, abs=1e-5)
        assert item.score_low is not None
        assert item.score_high is not None
        assert item.score_low < item.score < item.score_high
        assert item.reach_low is not None
        assert item.reach_high is not None
        assert item.reach_low < item.reach < item.reach_high
        assert item.loss == pytest.approx(item.impact, abs=1e-5)  # nobody could come back
    assert a.top_causes[0] == "C-A-said"


def test_clear_differences_are_ranked_and_close_ones_are_tied(plant: Plant) -> None:
    found = rank(world(plant, {"big": 150, "small": 12, "tiny": 12}))
    assert (found["big"].rank, found["big"].rank_low, found["big"].rank_high) == (1, 1, 1)
    assert found["big"].tied_with == ()
    assert found["small"].tied_with == ("tiny",)
    assert found["tiny"].tied_with == ("small",)
    assert {found["small"].rank_low, found["small"].rank_high} == {2, 3}
    assert all(item.top5_probability == 1.0 for item in found.values())


@pytest.mark.parametrize(("customers", "ranked"), [(4, False), (5, True), (6, True)])
def test_fewest_customers(plant: Plant, customers: int, *, ranked: bool) -> None:
    item = rank(world(plant, {"A": 40, "T": customers}))["T"]
    assert (item.rank is not None) is ranked
    assert (item.note == "not enough data") is not ranked
    assert (item.score is None) is not ranked


def test_praise_is_no_friction(plant: Plant) -> None:
    found = rank(world(plant, {"A": 40, "praise": 60}, scores={"praise": 9.7}))
    assert found["praise"].rank is None
    assert found["praise"].note.startswith("praise")
    assert found["A"].rank == 1


def test_reach_is_counted_in_the_window(plant: Plant) -> None:
    population = world(plant, {"A": 40}, day=0)
    later = "2026-W05"
    assert rank(population, week=later, window_weeks=3) == {}
    assert rank(population, week=later, window_weeks=4)["A"].reach == 40
    assert rank(population, week=later)["A"].reach == 40


def test_more_causes_and_less_effort_move_a_theme_up(plant: Plant) -> None:
    population = world(plant, {"A": 40, "B": 40})
    before = rank(population)
    last = max(before, key=lambda name: before[name].rank or 0)
    for scoring, causes in (
        (ScoringConfig(effort_by_theme={last: 0.3}), []),
        (ScoringConfig().with_efforts({last: 0.3}), []),
        (ScoringConfig(), [root(last, "said", "where", "when")]),
    ):
        assert rank(population, scoring=scoring, root_causes=causes)[last].rank == 1


@pytest.mark.parametrize(
    ("causes", "confidence"),
    [
        ([], 0.5),
        ([root("A", "said")], 0.7),
        # two causes that nothing ties to each other do not make each other surer
        ([root("A", "said"), root("A", "where", no=2)], 0.7),
        ([root("A", "said", "where")], 0.85),
        ([root("A", "said", "where", "when")], 1.0),
        # kinds that are not independent of each other are one
        ([root("A", "where", "when", state="observed")], 0.7),
        ([root("A", "said", state="confirmed")], 0.95),
        ([root("A", "said", "where", "when", state="rejected")], 0.5),
    ],
)
def test_confidence_is_that_of_the_best_known_cause(
    causes: list[RootCause], confidence: float
) -> None:
    assert ScoringConfig(confirmed=0.95).confidence(causes) == confidence


def test_the_most_specific_effort_counts() -> None:
    scoring = ScoringConfig(effort_by_owner={"o": 2.0}, effort_by_theme={"T": 3.0})
    told = [(scoring.effort(t, o), scoring.effort_source(t, o)) for t, o in ("To", "Uo", "Up")]
    assert told == [(3.0, "theme"), (2.0, "owner"), (1.0, "default")]
    people = scoring.with_efforts({"T": 5.0, "p": 7.0})
    assert [people.effort(t, o) for t, o in ("To", "Uo", "Up")] == [5.0, 2.0, 7.0]


@pytest.mark.parametrize(
    ("decided", "effort", "source"),
    [
        ({"T": 5.0, "o": 7.0}, 5.0, "theme"),
        ({"o": 7.0}, 7.0, "owner"),  # before the theme's effort in the labels
        ({"other": 7.0}, 3.0, "theme"),
    ],
)
def test_a_persons_word_on_effort_comes_before_the_labels(
    decided: dict[str, float], effort: float, source: str
) -> None:
    labels = ScoringConfig(effort_by_owner={"o": 2.0}, effort_by_theme={"T": 3.0})
    people = labels.with_efforts(decided)
    assert (people.effort("T", "o"), people.effort_source("T", "o")) == (effort, source)


def test_evidence_of_rejected_causes_is_not_shown_as_leading(plant: Plant) -> None:
    population = world(plant, {"A": 40})
    causes = [cause("A", "said"), cause("A", "where", lift=3.0)]
    found = rank(population, causes=causes, root_causes=[root("A", "said", state="rejected")])
    assert found["A"].top_causes == ("C-A-where",)


def test_order_of_rows_does_not_matter(plant: Plant) -> None:
    sizes = {"A": 30, "B": 25, "C": 8}
    assert rank(world(plant, sizes)) == rank(world(plant, sizes, shuffled=4))


def test_the_rank_interval_holds_the_true_rank() -> None:
    truth = np.array([30.0, 26.0, 22.0, 21.0, 15.0, 9.0, 8.5, 3.0])
    held, runs = 0, 60
    for seed in range(runs):
        random = np.random.default_rng(seed)
        seen = truth + random.normal(0, 3, truth.size)
        found = stand(seen, seen + random.normal(0, 3, (300, truth.size)), level=0.9)
        true_rank = np.arange(1, truth.size + 1)
        held += int(((found.rank_low <= true_rank) & (true_rank <= found.rank_high)).sum())
    assert held / (runs * truth.size) >= 0.85


def test_ties_are_mutual_and_equal_items_share_everything() -> None:
    random = np.random.default_rng(0)
    draws = np.repeat(random.normal(5, 1, (100, 1)), 3, axis=1)
    found = stand(np.array([5.0, 5.0, 5.0]), draws, level=0.9)
    assert found.rank.tolist() == [1, 2, 3]
    assert found.rank_low.tolist() == [1, 1, 1]
    assert found.rank_high.tolist() == [3, 3, 3]
    assert found.tied == ((1, 2), (0, 2), (0, 1))


def test_causes_are_ranked_by_the_harm_that_would_go(plant: Plant) -> None:
    causes = [
        cause("big", "where", share=0.8, lift=6.0),
        cause("big", "when", share=0.1, lift=1.5),
        cause("small", "said", share=0.2),
        cause("few", "said"),
    ]
    population = world(plant, {"big": 150, "small": 12, "few": 3})
    friction = tuple(rank(population, causes=causes).values())
    ranked = rank_causes(causes, friction)
    assert ranked[0].id == "C-big-where"
    assert [item.rank for item in ranked] == [1, 2, 3, None]
    for item in ranked[:3]:
        assert item.rank is not None
        assert item.rank_low is not None
        assert item.rank_high is not None
        assert 1 <= item.rank_low <= item.rank <= item.rank_high <= 3
    assert rank_causes(causes[::-1], friction[::-1]) == ranked
    assert {
        dataclasses.replace(item, rank=None, rank_low=None, rank_high=None) for item in ranked
    } == set(causes)
