from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.births import (
    Births,
    NamingCorpus,
    SeedIntent,
    give_birth,
    reseed_themes,
    seed_themes,
    theme_id,
)
from nlp.discover import BirthConfig, ResidueText
from nlp.exemplars import ExemplarConfig, member_score
from nlp.granularity import GranularityConfig
from nlp.naming import NamingConfig, background
from nlp.neighbours import FloatArray, IntArray
from nlp.partition import PartitionConfig
from nlp.records import Theme, text_sha
from nlp.registry import build_registry, place

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

MEMORY = ExemplarConfig(most=8, vote=3, vote_share=0.5, least_threshold=0.5, most_threshold=0.75)
BIRTHS = BirthConfig(
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
    cut=PartitionConfig(
        granularity=GranularityConfig(widths=(4, 5, 6, 7, 8), resolutions=(0.5, 1.0, 2.0, 4.0)),
        samples=4,
    ),
)
WORDS = ("blue moon", "red sun", "green tea")


def encode(texts: Sequence[str]) -> FloatArray:
    """The same direction for the same text, whatever else there is."""
    rows = np.stack(
        [np.random.default_rng(int(text_sha(text)[:8], 16)).normal(size=48) for text in texts]
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


def world(
    gaussian: Gaussian, sizes: Sequence[int]
) -> tuple[list[ResidueText], FloatArray, IntArray, dict[str, str]]:
    vectors, truth = gaussian(sizes, seed=1)
    texts = [f"{WORDS[label]} number {row}" for row, label in enumerate(truth.tolist())]
    order = sorted(range(len(texts)), key=lambda row: text_sha(texts[row]))
    residue = [
        ResidueText(
            text_sha(texts[row]), 1, frozenset({f"c{row}"}), frozenset({week}), ((week, 1),)
        )
        for row in order
        for week in [f"2026-W0{1 + row % 2}"]
    ]
    return residue, vectors[order], truth[order], {text_sha(text): text for text in texts}


def birth(
    residue: Sequence[ResidueText],
    rows: FloatArray,
    texts: Mapping[str, str],
    *,
    week: str = "2026-W02",
    known: Sequence[Theme] = (),
    known_vectors: Mapping[str, FloatArray] | None = None,
    taken: frozenset[str] = frozenset(),
    births: BirthConfig = BIRTHS,
    memory: ExemplarConfig = MEMORY,
) -> Births:
    return give_birth(
        week,
        residue,
        rows,
        build_registry(known, known_vectors or {}),
        corpus=NamingCorpus(texts, lambda: background(texts.values()), taken),
        encode=lambda phrases: np.tile(
            rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0)), (len(phrases), 1)
        ),
        births=births,
        memory=memory,
        naming=NamingConfig(),
    )


def test_each_planted_group_is_born_with_a_name_and_a_memory_of_its_own(
    gaussian: Gaussian,
) -> None:
    residue, rows, truth, texts = world(gaussian, [25, 20, 15])
    found = birth(residue, rows, texts)
    born = found.themes
    assert found.refused == ()
    label_of = {item.sha: label for item, label in zip(residue, truth.tolist(), strict=True)}
    origins = [Counter(label_of[sha] for sha in theme.exemplars) for theme in born]
    assert sorted(origin.most_common(1)[0] for origin in origins) == [(0, 8), (1, 8), (2, 8)]
    for theme, origin in zip(born, origins, strict=True):
        (label,) = origin
        assert theme.label.lower().startswith(WORDS[label])
        assert (theme.level, theme.parent_id, theme.born_week) == ("leaf", None, "2026-W02")
    assert len({theme.label for theme in born}) == len({theme.id for theme in born}) == 3


def test_a_newborn_takes_most_of_its_group_and_few_others(gaussian: Gaussian) -> None:
    residue, rows, truth, texts = world(gaussian, [30, 30, 30])
    born = birth(residue, rows, texts).themes
    vectors = {item.sha: row for item, row in zip(residue, rows, strict=True)}
    label_of = {item.sha: label for item, label in zip(residue, truth.tolist(), strict=True)}
    origin = {theme.id: label_of[theme.exemplars[0]] for theme in born}
    placed = place(build_registry(born, vectors), rows, config=MEMORY)
    right = sum(
        found.leaf is not None and origin[found.leaf] == label
        for found, label in zip(placed, truth.tolist(), strict=True)
    )
    wrong = sum(found.leaf is not None for found in placed) - right
    assert right >= 75
    assert wrong == 0


def test_the_same_birth_gives_the_same_theme(gaussian: Gaussian) -> None:
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    first, again = birth(residue, rows, texts), birth(residue, rows, texts)
    assert first == again
    later = birth(residue, rows, texts, week="2026-W03")
    assert not {theme.id for theme in first.themes} & {theme.id for theme in later.themes}
    assert first.founders.keys() == later.founders.keys()


def test_names_in_use_are_not_given_again(gaussian: Gaussian) -> None:
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    used = frozenset(theme.label for theme in birth(residue, rows, texts).themes)
    born = birth(residue, rows, texts, taken=used).themes
    assert not used & {theme.label for theme in born}


def test_themes_born_together_have_names_of_their_own(gaussian: Gaussian) -> None:
    """Three groups that all say "blue moon", each about something else."""
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    alike = {sha: f"blue moon number {n}" for n, sha in enumerate(texts)}
    born = birth(residue, rows, alike).themes
    assert len({theme.label for theme in born}) == len(born) == 3


def test_what_is_refused_is_told_with_its_size(gaussian: Gaussian) -> None:
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    found = birth(residue, rows, texts, births=replace(BIRTHS, least_texts=16))
    assert len(found.themes) == 2
    assert found.refused == ((15, "too small: 15 texts, 15 mentions"),)


def test_what_old_themes_hold_is_not_born_again(gaussian: Gaussian) -> None:
    residue, rows, truth, texts = world(gaussian, [25, 20, 15])
    old = birth(residue, rows, texts).themes
    vectors = {item.sha: row for item, row in zip(residue, rows, strict=True)}
    largest = next(theme for theme in old if len(theme.exemplars) == 8)
    label = {item.sha: n for item, n in zip(residue, truth.tolist(), strict=True)}
    origin = label[largest.exemplars[0]]
    # Of the old theme's group only a few texts are left in the residue.
    few = [n for n in range(60) if truth[n] == origin and residue[n].sha not in largest.exemplars]
    kept = sorted([*few[:6], *(n for n in range(60) if truth[n] != origin)])
    found = birth(
        [residue[n] for n in kept], rows[kept], texts, known=[largest], known_vectors=vectors
    )
    born = {label[sha] for theme in found.themes for sha in theme.exemplars}
    assert born == {0, 1, 2} - {origin}
    assert {label[sha] for sha in found.founders} == born
    assert [(size, why.split(":")[0]) for size, why in found.refused] == [
        (6, "belongs to themes beside it")
    ]


@pytest.mark.parametrize(("quantile", "out"), [(0.0, 0), (0.02, 0), (0.1, 2), (0.5, 14)])
def test_founders_are_the_members_of_a_newborn_but_for_its_loosest(
    gaussian: Gaussian, quantile: float, out: int
) -> None:
    residue, rows, truth, texts = world(gaussian, [30, 30, 30])
    memory = replace(MEMORY, founding_quantile=quantile)
    found = birth(residue, rows, texts, memory=memory)
    label_of = {item.sha: label for item, label in zip(residue, truth.tolist(), strict=True)}
    row_of = {item.sha: row for item, row in zip(residue, rows, strict=True)}
    assert len(found.themes) == 3
    for theme in found.themes:
        label = label_of[theme.exemplars[0]]
        own = {sha for sha, name in found.founders.items() if name == theme.id}
        group = {sha for sha in label_of if label_of[sha] == label}
        assert own <= group
        assert len(group - own) == out
        exemplars = np.stack([row_of[sha] for sha in theme.exemplars])
        score = {
            sha: float(member_score(row_of[sha][None], exemplars, config=memory)[0])
            for sha in group
        }
        assert all(score[far] < score[near] for far in group - own for near in own)


def test_nobody_founds_what_is_refused(gaussian: Gaussian) -> None:
    residue, rows, truth, texts = world(gaussian, [25, 20, 15])
    found = birth(residue, rows, texts, births=replace(BIRTHS, least_texts=16))
    assert set(found.founders.values()) == {theme.id for theme in found.themes}
    small = {item.sha for item, label in zip(residue, truth.tolist(), strict=True) if label == 2}
    assert not small & found.founders.keys()


@pytest.mark.parametrize(
    ("seeded_by", "retired", "founding"),
    [
        ("intent", None, True),  # described intents are not found
        (None, None, False),
        (None, "2026-W01", True),
    ],
)
def test_the_founding_bars_hold_until_a_theme_has_been_found(
    gaussian: Gaussian, seeded_by: str | None, retired: str | None, *, founding: bool
) -> None:
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    far = np.eye(1, 48, dtype=np.float32)
    known = Theme(
        id="T-old",
        level="leaf",
        parent_id=None,
        label="Old",
        label_reason="test",
        terms=(),
        exemplars=("old",),
        threshold=0.9,
        born_week="2026-W01",
        seeded_by=seeded_by,
        retired_week=retired,
    )
    strict = replace(BIRTHS, least_cohesion=1.1)
    found = birth(residue, rows, texts, known=[known], known_vectors={"old": far[0]}, births=strict)
    assert len(found.themes) == (3 if founding else 0)
    reasons = {reason.split(":")[0] for _, reason in found.refused}
    assert reasons == (set() if founding else {"too loose"})


@pytest.mark.parametrize(("week", "born"), [("2026-W02", 3), ("2026-W03", 0)])
def test_later_only_what_is_heard_in_the_week_is_born(
    gaussian: Gaussian, week: str, born: int
) -> None:
    residue, rows, _, texts = world(gaussian, [25, 20, 15])
    first = birth(residue, rows, texts, week=week)
    assert len(first.themes) == 3
    vectors = {item.sha: row for item, row in zip(residue, rows, strict=True)}
    old = replace(first.themes[0], exemplars=("old",))
    held = vectors | {"old": np.eye(1, 48, dtype=np.float32)[0]}
    again = birth(residue, rows, texts, week=week, known=[old], known_vectors=held)
    assert len(again.themes) == born


SEEDS = [
    SeedIntent("refund", "Where is my refund", ("refund please", "no refund yet", "my money")),
    SeedIntent("crash", "It crashes", ("app crash", "it crashes")),
]


def test_each_seed_has_one_theme_from_the_first_week_on() -> None:
    made = seed_themes("2026-W01", SEEDS, frozenset(), encode=encode, config=MEMORY)
    assert [(theme.seeded_by, theme.label) for theme in made] == [
        ("crash", "It crashes"),
        ("refund", "Where is my refund"),
    ]
    assert made[0].exemplars == tuple(text_sha(text) for text in SEEDS[1].examples)
    assert (
        seed_themes("2026-W02", SEEDS, frozenset({"crash", "refund"}), encode=encode, config=MEMORY)
        == []
    )
    only = seed_themes("2026-W02", SEEDS, frozenset({"crash"}), encode=encode, config=MEMORY)
    assert [theme.seeded_by for theme in only] == ["refund"]
    assert only[0].id == made[1].id  # a seed's id does not depend on when it was planted


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=6, unique=True), st.randoms())
def test_an_id_is_of_what_a_theme_was_born_of(members: list[str], random: object) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    name = theme_id("T", "2026-W01", members)
    assert theme_id("T", "2026-W01", shuffled) == name
    assert name.startswith("T-")
    others = {
        theme_id("P", "2026-W01", members)[2:],
        theme_id("T", "2026-W02", members)[2:],
        theme_id("T", "2026-W01", [*members, "new"])[2:],
    }
    assert len(others | {name[2:]}) == 4


@pytest.mark.parametrize("texts", [0, 4])
def test_nothing_to_be_born_of(gaussian: Gaussian, texts: int) -> None:
    residue, rows, _, known = world(gaussian, [25, 20, 15])
    assert birth(residue[:texts], rows[:texts], known) == Births((), {}, ())


def test_a_seed_described_anew_takes_its_new_examples_and_keeps_what_was_learnt() -> None:
    words = {"late": 0, "slow": 1, "payout": 2, "bank": 3}

    def encode(texts: Sequence[str]) -> FloatArray:
        return np.eye(48, dtype=np.float32)[[words[text] for text in texts]]

    memory = ExemplarConfig()
    first = SeedIntent("i", "Late", ("late", "slow"))
    (theme,) = seed_themes("2026-W01", [first], frozenset(), encode=encode, config=memory)
    learnt = replace(theme, exemplars=(*theme.exemplars, "learnt"))
    anew = SeedIntent("i", "Payout late", ("payout", "late"))

    assert reseed_themes([first], [learnt], encode=encode, config=memory) == []
    (changed,) = reseed_themes([anew], [learnt], encode=encode, config=memory)

    assert (changed.id, changed.label) == (theme.id, "Payout late")
    assert changed.exemplars == (
        text_sha("payout"), text_sha("late"), text_sha("slow"), "learnt"
    )  # fmt: skip
    assert reseed_themes([anew], [changed], encode=encode, config=memory) == []
