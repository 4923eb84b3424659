from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from nlp.drift import (
    DriftConfig,
    anchors_of,
    exchanged,
    lately_placed,
    learned,
    moves_too_far,
)
from nlp.exemplars import ExemplarConfig, calibrate, choose_exemplars
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Feedback, Statement, Theme, text_sha
from nlp.registry import Placement, build_registry, place
from nlp.weeks import monday, shift

DIMENSIONS = 64
SPREAD = 0.6  # texts of one subject have a cosine of about .74
MEMORY = ExemplarConfig()
DRIFT = DriftConfig()
FROZEN = replace(DRIFT, anchored=1.0)


def unit(row: FloatArray) -> FloatArray:
    made: FloatArray = (row / np.linalg.norm(row)).astype(np.float32)
    return made


def axis(number: int) -> FloatArray:
    row: FloatArray = np.eye(DIMENSIONS, dtype=np.float32)[number]
    return row


def turned(degrees: float) -> FloatArray:
    """The theme's direction, turned towards the third axis."""
    angle = np.deg2rad(degrees)
    made: FloatArray = (np.cos(angle) * axis(0) + np.sin(angle) * axis(2)).astype(np.float32)
    return made


def around(direction: FloatArray, count: int, *, seed: int) -> FloatArray:
    noise = np.random.default_rng(seed).normal(size=(count, DIMENSIONS))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.stack([unit(direction + SPREAD * row) for row in noise.astype(np.float32)])


@dataclass
class Talk:
    """What was said in which week, and where it stands."""

    statements: list[Statement] = field(default_factory=list)
    assigned: dict[str, Assignment] = field(default_factory=dict)
    feedback: dict[str, Feedback] = field(default_factory=dict)

    def say(self, text: str, week: str, found: Placement) -> None:
        day = monday(week)
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        item = Feedback(f"{len(self.feedback)}", "plant", "survey", text, at, week, day)
        self.feedback[item.key] = item
        said = Statement(item.key, 0, text)
        self.statements.append(said)
        self.assigned[said.id] = Assignment(
            said.id, found.leaf, None, found.state, found.confidence, "exemplars"
        )

    def late(
        self, week: str, placements: dict[str, Placement], *, config: DriftConfig = DRIFT
    ) -> dict[str, tuple[str, Placement]]:
        return lately_placed(
            week, self.statements, self.assigned, self.feedback, placements, config=config
        )


@dataclass
class World:
    """Two themes and the weeks they live through."""

    themes: tuple[Theme, ...]
    vectors: dict[str, FloatArray]
    config: DriftConfig
    talk: Talk = field(default_factory=Talk)

    def hear(self, rows: FloatArray, week: int) -> tuple[Placement, ...]:
        """A week's texts are placed, and the memories learn."""
        name = shift("2026-W01", week)
        texts = [f"w{week:02d}-{n:03d}" for n in range(len(rows))]
        shas = [text_sha(text) for text in texts]
        self.vectors.update(zip(shas, rows, strict=True))
        registry = build_registry(self.themes, self.vectors)
        placed = place(registry, rows, config=MEMORY)
        state = {theme.id: theme for theme in self.themes}
        placements = dict(zip(shas, placed, strict=True))
        late = self.talk.late(name, placements, config=self.config)
        stand = {sha: found for sha, (_, found) in late.items()} | placements
        heard = sorted(stand)
        for theme in learned(
            registry,
            heard,
            np.stack([self.vectors[sha] for sha in heard]),
            stand,
            frozenset(),
            memory=MEMORY,
            config=self.config,
        ):
            state[theme.id] = theme
        for text, found in zip(texts, placed, strict=True):
            self.talk.say(text, name, found)
        self.themes = tuple(state[name] for name in sorted(state))
        return placed

    def centre(self, name: str) -> FloatArray:
        registry = build_registry(self.themes, self.vectors)
        return registry.centroid(next(one for one in self.themes if one.id == name))


def world(config: DriftConfig = DRIFT, *, neighbour: FloatArray | None = None) -> World:
    vectors: dict[str, FloatArray] = {}
    themes = []
    for number, direction in enumerate((axis(0), axis(1) if neighbour is None else neighbour)):
        members = around(direction, 120, seed=number)
        chosen = members[choose_exemplars(members, config=MEMORY)]
        shas = tuple(f"T{number}-{n:02d}" for n in range(len(chosen)))
        vectors.update(zip(shas, chosen, strict=True))
        limit = calibrate(members, chosen, config=MEMORY)
        themes.append(Theme(f"T{number}", "leaf", None, "", "", (), shas, limit, "2026-W01"))
    return World(tuple(themes), vectors, config)


def share(placed: tuple[Placement, ...], name: str) -> float:
    return sum(one.leaf == name for one in placed) / len(placed)


def test_a_theme_that_turns_slowly_keeps_its_texts_and_a_frozen_memory_loses_them() -> None:
    following, frozen = world(), world(FROZEN)
    shares: list[tuple[float, float]] = []
    for week in range(1, 21):
        rows = around(turned(2.25 * week), 25, seed=100 + week)  # 45 degrees in all
        kept, lost = following.hear(rows, week), frozen.hear(rows, week)
        shares.append((share(kept, "T0"), share(lost, "T0")))
        assert share(kept, "T1") == 0
    assert np.mean([kept for kept, _ in shares[-5:]]) >= 0.8
    assert shares[-1][0] >= 0.7
    assert shares[-1][1] <= 0.4
    assert following.themes[0].threshold == world().themes[0].threshold


@pytest.mark.parametrize(("degrees", "threshold"), [(50, 0.5), (50, 0.55), (60, 0.5), (60, 0.55)])
def test_a_loud_neighbour_does_not_pull_a_theme_over(degrees: int, threshold: float) -> None:
    """Eighteen weeks in which a subject that it takes in part is a hundred times as loud."""
    seen = world()
    seen.themes = tuple(replace(theme, threshold=threshold) for theme in seen.themes)
    before = seen.centre("T0")
    own = around(axis(0), 100, seed=7)
    taken: list[float] = []
    for week in range(1, 19):
        neighbour = around(turned(degrees), 100, seed=200 + week)
        placed = seen.hear(np.concatenate([neighbour, own[week : week + 1]]), week)
        taken.append(share(placed[:100], "T0"))
        assert float(seen.centre("T0") @ before) >= DRIFT.least_founding - 0.01
    assert taken[-1] <= taken[0] + 0.1
    assert share(seen.hear(own, 20), "T0") >= 0.95


def test_a_theme_of_two_mentions_a_week_is_followed_too() -> None:
    following, alone = world(), world(replace(DRIFT, witness_weeks=1))
    kept, lost = [], []
    for week in range(1, 31):
        rows = around(turned(week), 2, seed=700 + week)  # 30 degrees in all
        kept.append(share(following.hear(rows, week), "T0"))
        lost.append(share(alone.hear(rows, week), "T0"))
    assert np.mean(kept[-10:]) >= 0.8
    assert np.mean(lost[-10:]) <= 0.6


@pytest.mark.parametrize("degrees", [50, 60])
def test_a_quiet_neighbour_does_not_pull_a_quiet_theme_over(degrees: int) -> None:
    """Thirty weeks in which a subject that it takes in part is four times as loud."""
    seen = world()
    seen.themes = tuple(replace(theme, threshold=0.5) for theme in seen.themes)
    before = seen.centre("T0")
    own = around(axis(0), 100, seed=7)
    taken: list[float] = []
    for week in range(1, 31):
        neighbour = around(turned(degrees), 4, seed=800 + week)
        placed = seen.hear(np.concatenate([neighbour, own[week : week + 1]]), week)
        taken.append(share(placed[:4], "T0"))
        assert float(seen.centre("T0") @ before) >= DRIFT.least_founding - 0.01
    assert np.mean(taken[-10:]) <= np.mean(taken[:10]) + 0.1
    assert share(seen.hear(own, 40), "T0") >= 0.95


NOW = "2026-W20"
OWN = Placement("T0", "P0", "leaf", 0.8, 0.9)


@pytest.mark.parametrize(("ago", "heard"), [(2, True), (3, True), (4, False)])
def test_witnesses_are_of_the_last_four_weeks(ago: int, *, heard: bool) -> None:
    talk = Talk()
    talk.say("late again", shift(NOW, -ago), OWN)
    assert (text_sha("late again") in talk.late(NOW, {})) == heard


@pytest.mark.parametrize(("now", "more"), [(0, 12), (10, 2), (11, 1), (12, 0), (13, 0)])
def test_a_week_that_lacks_witnesses_has_the_latest_of_the_weeks_before(
    now: int, more: int
) -> None:
    talk = Talk()
    for n in range(10):
        talk.say(f"older {n}", shift(NOW, -2), OWN)
        talk.say(f"newer {n}", shift(NOW, -1), OWN)
        talk.say(f"nowhere {n}", shift(NOW, -1), Placement(None, None, "unthemed", 0.1, 0.0))
    late = talk.late(NOW, {f"now {n}": OWN for n in range(now)})
    assert len(late) == more
    assert sum(text.startswith("newer") for text, _ in late.values()) == min(more, 10)
    shuffled = Talk(talk.statements[::-1], talk.assigned, talk.feedback)
    assert shuffled.late(NOW, {f"now {n}": OWN for n in range(now)}) == late


def test_a_theme_that_stands_still_stays_where_it_is() -> None:
    still = world()
    before = still.centre("T0")
    shares = [
        share(still.hear(around(axis(0), 30, seed=400 + week), week), "T0") for week in range(1, 21)
    ]
    assert float(still.centre("T0") @ before) >= 0.97
    assert np.mean(shares[10:]) >= np.mean(shares[:3]) - 0.05


def test_at_most_a_step_a_week_and_never_an_anchor() -> None:
    seen = world()
    for week in range(1, 12):
        before = seen.themes
        seen.hear(around(turned(4 * week), 60, seed=500 + week), week)
        for old, new in zip(before, seen.themes, strict=True):
            assert len(new.exemplars) == len(old.exemplars) == MEMORY.most
            assert len(set(new.exemplars) - set(old.exemplars)) <= MEMORY.grow
            assert new.exemplars[:16] == old.exemplars[:16]
            assert [x for x in old.exemplars if x in new.exemplars] == [
                x for x in new.exemplars if x in old.exemplars
            ]


@pytest.mark.parametrize(("confidence", "learns"), [(0.49, False), (0.5, True), (0.51, True)])
def test_only_texts_that_are_clearly_its_own_teach(confidence: float, *, learns: bool) -> None:
    seen = world()
    rows = around(turned(20), 8, seed=1)
    shas = [f"n{n}" for n in range(8)]
    found = learned(
        build_registry(seen.themes, seen.vectors),
        shas,
        rows,
        {sha: Placement("T0", None, "leaf", 0.8, confidence) for sha in shas},
        frozenset(),
        memory=MEMORY,
        config=DRIFT,
    )
    assert bool(found) == learns


def taught_by(rows: FloatArray) -> int:
    """How many exemplars change where these texts are surely its own."""
    seen = world()
    shas = [f"n{n}" for n in range(len(rows))]
    found = learned(
        build_registry(seen.themes, seen.vectors),
        shas,
        rows,
        {sha: Placement("T0", None, "leaf", 0.8, 0.9) for sha in shas},
        frozenset(),
        memory=MEMORY,
        config=DRIFT,
    )
    return sum(len({*new.exemplars} - {*seen.themes[0].exemplars}) for new in found)


@pytest.mark.parametrize(("count", "learns"), [(2, False), (3, True), (4, True)])
def test_drift_needs_three_witnesses(count: int, *, learns: bool) -> None:
    rows = np.stack([unit(turned(20) + 0.5 * axis(n)) for n in range(10, 10 + count)])
    assert bool(taught_by(rows)) == learns


def test_texts_that_fit_as_well_as_ever_change_nothing() -> None:
    assert taught_by(np.stack([unit(axis(0) + 0.3 * axis(n)) for n in range(10, 18)])) == 0
    assert taught_by(around(turned(20), 8, seed=1)) > 0


def test_what_people_described_is_an_anchor() -> None:
    assert anchors_of(32, config=DRIFT, memory=MEMORY) == frozenset(range(16))
    assert anchors_of(9, config=DRIFT, memory=MEMORY) == frozenset(range(9))
    assert anchors_of(32, described=[20], config=DRIFT, memory=MEMORY) == {*range(16), 20}


def test_the_least_heard_gives_way_the_oldest_first() -> None:
    memory = replace(MEMORY, most=4, grow=1)
    loose = replace(DRIFT, least_founding=-1.0)
    current = np.stack([axis(n) for n in range(4)])
    new = unit(axis(2) + axis(5))
    heard_two = np.stack([unit(axis(2) + 0.1 * axis(6)), unit(axis(2) + 0.1 * axis(7)), new])
    pairs = exchanged(current, heard_two, [2], anchors={0, 1}, config=loose, memory=memory)
    assert pairs == ((3, 2),)
    nobody = np.stack([unit(axis(0) + 0.1 * axis(6)), unit(axis(1) + 0.1 * axis(7)), new])
    unheard = replace(memory, grow=1)
    members = np.concatenate([nobody[:2], np.stack([unit(axis(0) + axis(5))])])
    pairs = exchanged(current, members, [2], anchors={0, 1}, config=loose, memory=unheard)
    assert pairs == ((2, 2),)


def test_a_copy_teaches_nothing() -> None:
    memory = replace(MEMORY, most=4)
    current = np.stack([axis(n) for n in range(4)])
    alike = np.stack([unit(axis(0) + 0.3 * axis(9))])
    assert float(alike[0] @ current[0]) >= MEMORY.too_alike
    assert exchanged(current, alike, [0], anchors={0, 1}, config=DRIFT, memory=memory) == ()


@pytest.mark.parametrize(("degrees", "far"), [(25.7, False), (25.9, True)])
def test_the_centre_may_not_leave_its_founding(degrees: float, *, far: bool) -> None:
    before = np.stack([turned(0), turned(0)])
    after = np.stack([turned(degrees), turned(degrees)])  # cos 25.84 degrees = .9
    assert moves_too_far(before, after, {0}, config=DRIFT) == far


def test_what_is_too_far_may_come_back() -> None:
    before = np.stack([turned(0), turned(80)])
    assert not moves_too_far(before, np.stack([turned(0), turned(70)]), {0}, config=DRIFT)
    assert moves_too_far(before, np.stack([turned(0), turned(85)]), {0}, config=DRIFT)
