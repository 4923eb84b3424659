from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nlp.discover import BirthConfig, Proposal, ResidueText, discover
from nlp.granularity import GranularityConfig
from nlp.neighbours import FloatArray, IntArray
from nlp.partition import PartitionConfig

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = BirthConfig(
    least_corpus=40,
    ready_corpus=40,
    least_texts=5,
    least_mentions=6,
    least_customers=5,
    least_weeks=2,
    burst=10,
    least_share_new=0.7,
    least_cohesion=0.4,
    least_stability=0.5,
    founding_cohesion=0.15,
    founding_stability=0.25,
    cut=PartitionConfig(
        granularity=GranularityConfig(
            widths=(4, 5, 6, 7, 8, 10),
            resolutions=(0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8),
        ),
        samples=4,
        seed=7,
        least_nodes=12,
    ),
)
NONE = np.zeros((0, 48), dtype=np.float32)


def text(
    row: int, *, customer: str | None = None, weeks: Sequence[str] = (), mentions: int = 1
) -> ResidueText:
    """A text of a customer of its own, said in one of two weeks, unless told otherwise."""
    said = list(weeks) or [f"2026-W0{1 + row % 2}"]
    return ResidueText(
        sha=f"{row:04d}",
        mentions=mentions,
        customers=frozenset({customer or f"c{row}"}),
        weeks=frozenset(said),
        by_week=tuple((week, mentions) for week in sorted(said)),
    )


def of(proposals: Sequence[Proposal], rows: IntArray) -> Proposal:
    """The proposal that is these rows."""
    (found,) = [one for one in proposals if sorted(one.rows) == sorted(rows)]
    return found


def planted(
    gaussian: Gaussian, texts: Callable[[int], ResidueText], config: BirthConfig = CONFIG
) -> Proposal:
    """The first of three groups of 20 whose texts are made by `texts`; the others are ordinary."""
    vectors, truth = gaussian([20, 20, 20], seed=1, spread=0.4)
    residue = [texts(row) if truth[row] == 0 else text(row) for row in range(60)]
    found = discover(residue, vectors, NONE, config=config)
    for other in (1, 2):
        assert of(found, np.flatnonzero(truth == other)).reason == "" or config is not CONFIG
    return of(found, np.flatnonzero(truth == 0))


def test_planted_groups_are_born_on_a_cold_start(gaussian: Gaussian) -> None:
    vectors, truth = gaussian([30, 25, 20, 15], seed=2)
    found = discover([text(row) for row in range(90)], vectors, NONE, config=CONFIG)
    assert [one.reason for one in found] == [""] * 4
    for label in range(4):
        of(found, np.flatnonzero(truth == label))
    assert [len(one.rows) for one in found] == [30, 25, 20, 15]


def test_a_new_group_is_born_and_one_at_the_edge_of_an_old_theme_is_not(
    gaussian: Gaussian,
) -> None:
    vectors, truth = gaussian([42, 32, 32, 25], seed=3)
    residue_rows = np.concatenate([np.flatnonzero(truth == 0)[:10], np.flatnonzero(truth == 3)])
    old = np.setdiff1d(np.arange(len(vectors)), residue_rows)
    found = discover(
        [text(int(row)) for row in residue_rows], vectors[residue_rows], vectors[old], config=CONFIG
    )
    new = of(found, np.arange(10, 35))
    edge = of(found, np.arange(10))
    assert new.reason == ""
    assert edge.reason == "belongs to themes beside it: 24% of the group is new"


def test_without_the_old_themes_the_edge_would_be_born(gaussian: Gaussian) -> None:
    """It is the exemplars that keep it from being proposed, not its size."""
    vectors, truth = gaussian([42, 32, 32, 25], seed=3)
    rows = np.concatenate([np.flatnonzero(truth == 0)[:10], np.flatnonzero(truth == 3)])
    config = replace(CONFIG, least_corpus=35)
    found = discover([text(int(row)) for row in rows], vectors[rows], NONE, config=config)
    assert of(found, np.arange(10)).reason == ""


@pytest.mark.parametrize(("exemplars", "born"), [(5, True), (6, True), (7, False)])
def test_share_that_is_new(gaussian: Gaussian, exemplars: int, *, born: bool) -> None:
    """14 new texts beside 6 exemplars are 70%: just enough."""
    vectors, truth = gaussian([14 + exemplars, 20, 20], seed=4, spread=0.4)
    first = np.flatnonzero(truth == 0)
    old = first[14:]
    rest = np.setdiff1d(np.arange(len(vectors)), old)
    found = discover([text(int(r)) for r in rest], vectors[rest], vectors[old], config=CONFIG)
    proposal = of(found, np.flatnonzero(np.isin(rest, first[:14])))
    assert proposal.reason.startswith("" if born else "belongs to themes beside it")
    assert (proposal.reason == "") is born


@pytest.mark.parametrize(("size", "born"), [(19, False), (20, True), (21, True)])
def test_texts(gaussian: Gaussian, size: int, *, born: bool) -> None:
    vectors, truth = gaussian([30, 30, size], seed=5, spread=0.4)
    found = discover(
        [text(row) for row in range(60 + size)],
        vectors,
        NONE,
        config=replace(CONFIG, least_texts=20),
    )
    reason = of(found, np.flatnonzero(truth == 2)).reason
    assert reason == ("" if born else "too small: 19 texts, 19 mentions")


@pytest.mark.parametrize(("least", "born"), [(39, True), (40, True), (41, False)])
def test_mentions(gaussian: Gaussian, least: int, *, born: bool) -> None:
    found = planted(
        gaussian, lambda row: text(row, mentions=2), replace(CONFIG, least_mentions=least)
    )
    assert found.reason == ("" if born else "too small: 20 texts, 40 mentions")


@pytest.mark.parametrize(("customers", "born"), [(4, False), (5, True), (6, True)])
def test_customers(gaussian: Gaussian, customers: int, *, born: bool) -> None:
    names = iter([f"loud{n % customers}" for n in range(20)])
    found = planted(gaussian, lambda row: text(row, customer=next(names)))
    assert found.reason == ("" if born else "too few customers: 4")


@pytest.mark.parametrize(
    ("weeks", "burst", "born"),
    [(1, 21, False), (1, 20, True), (1, 19, True), (2, 21, True), (3, 21, True)],
)
def test_weeks_or_a_burst(gaussian: Gaussian, weeks: int, burst: int, *, born: bool) -> None:
    names = iter([f"2026-W0{1 + n % weeks}" for n in range(20)])
    found = planted(
        gaussian, lambda row: text(row, weeks=[next(names)]), replace(CONFIG, burst=burst)
    )
    assert found.reason == ("" if born else "seen in one week only, 20 mentions")


def test_where_there_is_one_week_only_nobody_is_asked_for_two(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([20, 20, 20], seed=1, spread=0.4)
    residue = [text(row, weeks=["2026-W01"]) for row in range(60)]
    found = discover(residue, vectors, NONE, config=replace(CONFIG, burst=100))
    assert [one.reason for one in found] == [""] * 3


@pytest.mark.parametrize("founding", [False, True])
@pytest.mark.parametrize(
    ("measure", "told"), [("cohesion", "too loose: cohesion "), ("stability", "not stable: ")]
)
def test_cohesion_and_stability(
    gaussian: Gaussian, measure: str, told: str, *, founding: bool
) -> None:
    """Just below, at and above the bar; the founding bar holds for the first themes only."""
    vectors, _ = gaussian([25] * 5, seed=6, spread=1.8)
    residue = [text(row) for row in range(125)]
    lax = replace(
        CONFIG,
        least_cohesion=-1.0,
        least_stability=0.0,
        founding_cohesion=-1.0,
        founding_stability=0.0,
        least_share_new=0.0,
    )
    all_born = discover(residue, vectors, NONE, founding=founding, config=lax)
    loosest = min(
        (one for one in all_born if not one.reason), key=lambda one: float(getattr(one, measure))
    )
    value = float(getattr(loosest, measure))
    assert 0 < value < 1
    bars = {True: f"founding_{measure}", False: f"least_{measure}"}
    for least, born in (
        (np.nextafter(value, 0), True),
        (value, True),
        (np.nextafter(value, 1), False),
    ):
        config = replace(lax, **{bars[founding]: float(least), bars[not founding]: 1 - born})  # type: ignore[arg-type]
        found = discover(residue, vectors, NONE, founding=founding, config=config)
        reason = of(found, loosest.rows).reason
        assert (reason == "") is born
        assert reason.startswith("" if born else f"{told}{value:.2f}")


def test_the_first_themes_may_be_looser_than_later_ones(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([25] * 5, seed=6, spread=2.0)
    residue = [text(row) for row in range(125)]
    bars = replace(CONFIG, least_cohesion=0.7, founding_cohesion=0.55)
    first = discover(residue, vectors, NONE, founding=True, config=bars)
    later = discover(residue, vectors, NONE, founding=False, config=bars)
    assert [one.cohesion for one in first] == [one.cohesion for one in later]
    assert all((one.reason == "") is (one.cohesion >= 0.55) for one in first)
    assert all((one.reason == "") is (one.cohesion >= 0.70) for one in later)
    assert 0 < sum(not one.reason for one in later) < sum(not one.reason for one in first) < 5


@pytest.mark.parametrize(("corpus", "looked"), [(59, True), (60, True), (61, False)])
def test_no_theme_is_looked_for_in_a_handful_of_texts(
    gaussian: Gaussian, corpus: int, *, looked: bool
) -> None:
    vectors, _ = gaussian([20, 20, 20], seed=1, spread=0.4)
    config = replace(CONFIG, least_corpus=corpus)
    residue = [text(row) for row in range(60)]
    assert bool(discover(residue, vectors, NONE, founding=True, config=config)) is looked
    # Once there are themes, a small residue is looked at, too.
    assert discover(residue[:40], vectors[:40], vectors[40:], config=config)


def test_fewer_texts_than_a_theme_needs_are_not_looked_at(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([30, 30], seed=1, spread=0.4)
    residue = [text(row) for row in range(60)]
    assert discover(residue[:4], vectors[:4], vectors[4:], config=CONFIG) == ()
    assert discover(residue[:5], vectors[:5], vectors[5:], config=CONFIG) != ()


@pytest.mark.parametrize("founding", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texts_about_nothing_in_common_are_no_theme(
    gaussian: Gaussian, seed: int, *, founding: bool
) -> None:
    vectors, _ = gaussian([1] * 200, seed=seed)
    residue = [text(row) for row in range(200)]
    found = discover(residue, vectors, NONE, founding=founding, config=CONFIG)
    assert sum(len(one.rows) for one in found) == 200
    assert [one for one in found if not one.reason] == []


def test_every_residue_text_is_in_one_proposal_the_same_each_time(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([25] * 4 + [1] * 20, seed=8, spread=0.8)
    residue = [text(row) for row in range(90)]
    first = discover(residue, vectors[:90], vectors[90:], config=CONFIG)
    second = discover(residue, vectors[:90], vectors[90:], config=CONFIG)
    assert sorted(int(row) for one in first for row in one.rows) == list(range(90))
    assert [(one.rows.tolist(), one.cohesion, one.stability, one.reason) for one in first] == [
        (one.rows.tolist(), one.cohesion, one.stability, one.reason) for one in second
    ]


@pytest.mark.parametrize(
    ("week", "founding", "reason"),
    [
        ("2026-W02", False, ""),
        ("2026-W03", False, "not heard in 2026-W03"),
        ("2026-W03", True, ""),
        (None, False, ""),
    ],
)
def test_once_there_are_themes_only_what_is_heard_is_born(
    gaussian: Gaussian, week: str | None, founding: bool, reason: str
) -> None:
    """Described intents beside them do not make the first themes that are found later ones."""
    vectors, truth = gaussian([20, 20, 20], seed=1, spread=0.4)

    found = discover(
        [text(row) for row in range(40)],
        vectors[truth < 2],
        vectors[truth == 2],
        week=week,
        founding=founding,
        config=CONFIG,
    )

    assert [one.reason for one in found] == [reason, reason]


def heard(count: int, weeks: list[str]) -> list[ResidueText]:
    """Texts dealt evenly into weeks, the later ones first where they do not share evenly."""
    names = [weeks[-1 - row % len(weeks)] for row in range(count)]
    return [
        ResidueText(f"{row:03}", 1, frozenset({str(row)}), frozenset({name}), ((name, 1),))
        for row, name in enumerate(names)
    ]


@pytest.mark.parametrize(
    ("count", "weeks", "looked"),
    [
        (90, ["2026-W01", "2026-W02", "2026-W03"], False),  # few, and more come every week
        (99, ["2026-W01", "2026-W02", "2026-W03"], False),
        (100, ["2026-W01", "2026-W02", "2026-W03"], True),  # enough
        (90, ["2026-W02", "2026-W03"], True),  # half of all came this week
        (90, ["2026-W03"], True),
        (90, ["2025-W52", "2026-W01", "2026-W02", "2026-W03"], True),  # patience has an end
    ],
)
def test_first_themes_wait_for_texts_that_are_still_to_come(
    gaussian: Gaussian, count: int, weeks: list[str], *, looked: bool
) -> None:
    vectors, _ = gaussian([34, 33, 33], seed=6, spread=0.4)
    config = replace(CONFIG, ready_corpus=100, backlog=0.5, patience=4)
    residue = heard(count, weeks)
    found = discover(residue, vectors[:count], NONE, week="2026-W03", founding=True, config=config)
    assert bool(found) is looked
    later = discover(residue, vectors[:count], NONE, week="2026-W03", founding=False, config=config)
    assert later


def test_what_is_no_better_off_by_itself_is_not_born(gaussian: Gaussian) -> None:
    vectors, truth = gaussian([30, 30, 30], seed=8, spread=0.4)
    residue = [text(row) for row in range(90)]
    for claim, born in ((0.0, True), (0.99, False)):
        claims = np.full(90, claim, dtype=np.float32)
        found = discover(residue, vectors, NONE, claims=claims, config=CONFIG)
        reasons = [one.reason for one in found]
        assert all((reason == "") is born for reason in reasons), reasons
        assert born or all("no better off by itself" in reason for reason in reasons)
    assert truth.max() == 2


@pytest.mark.parametrize(("founding", "fewer"), [(True, False), (False, True)])
def test_only_later_groups_that_are_one_thing_are_rejoined(
    gaussian: Gaussian, *, founding: bool, fewer: bool
) -> None:
    """With every union tight enough, all that is found later is one group."""
    vectors, _ = gaussian([30, 30, 30], seed=8, spread=0.4)
    granularity = replace(CONFIG.cut.granularity, tightness=-1.0, tightness_reach=0.0)
    config = replace(CONFIG, cut=replace(CONFIG.cut, granularity=granularity))
    residue = [text(row) for row in range(90)]
    found = discover(residue, vectors, NONE, founding=founding, config=config)
    assert (len(found) == 1) is fewer
