"""Small worlds whose numbers are counted by hand."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from nlp.population import Population, build_population
from nlp.rank import PRAISE
from nlp.records import Assignment, Feedback, Friction, StageMatch, Statement, Theme
from nlp.weeks import monday
from report.document import JourneyMap, JourneyStage
from report.journey import MapConfig, journey_lead, journey_map
from report.scene import ReportConfig, make_scene

WEEK, BEFORE = "2026-W47", "2026-W46"
IMPORT, LOGIN, LOVE, BROAD = "T-a", "T-b", "T-c", "T-d"
ORDER = (("signin", "Sign in"), ("setup", "Set up"), ("pay", "Get paid"))
STAGES = {IMPORT: "setup", LOGIN: "signin", LOVE: "setup", BROAD: "setup"}
LOW = MapConfig(least_problems=1, least_scored=2)


class World:
    """Messages said one by one: (customer, theme, week, NPS)."""

    def __init__(self) -> None:
        self.feedback: list[Feedback] = []
        self.statements: dict[str, Statement] = {}
        self.assignments: dict[str, Assignment] = {}
        self.stages = {
            theme: StageMatch(stage, dict(ORDER)[stage], "words", 0.9)
            for theme, stage in STAGES.items()
        }

    def say(
        self,
        customer: str,
        *themes: str | None,
        week: str = WEEK,
        nps: float | None = None,
        broad: bool = False,
    ) -> None:
        number = len(self.feedback)
        message = Feedback(
            id=f"{number:03d}",
            source="desk",
            kind="survey",
            text="text",
            created_at=dt.datetime.combine(monday(week), dt.time(9), tzinfo=dt.UTC),
            week=week,
            day=monday(week),
            customer_id=customer,
            score=nps,
            score_kind=None if nps is None else "nps",
        )
        self.feedback.append(message)
        for place, theme in enumerate(themes):
            one = Statement(message.key, place, f"text {place}")
            self.statements[one.id] = one
            state: Any = "unthemed" if theme is None else "parent" if broad else "leaf"
            self.assignments[one.id] = Assignment(
                one.id, None if broad else theme, theme if broad else None, state, 0.9, "exemplar"
            )

    def population(self) -> Population:
        return build_population(self.feedback, self.statements.values(), self.assignments)

    def map(self, *, order: Any = ORDER, config: MapConfig = LOW, praise: str = LOVE) -> JourneyMap:
        scene = make_scene(
            WEEK,
            ReportConfig(),
            self.population(),
            statements=self.statements,
            assignments=self.assignments,
            themes=[_theme(name) for name in sorted(STAGES)],
            owners={},
            stages=self.stages,
        )
        return journey_map(scene, [_unranked(praise, PRAISE)], order, score_weeks=2, config=config)


def _theme(theme_id: str) -> Theme:
    return Theme(
        id=theme_id,
        level="parent" if theme_id == BROAD else "leaf",
        parent_id=None,
        label=f"label {theme_id}",
        label_reason="terms",
        terms=(),
        exemplars=(),
        threshold=0.5,
        born_week="2026-W40",
    )


def _unranked(theme_id: str, note: str) -> Friction:
    return Friction(
        theme_id=theme_id,
        label="label",
        owner="",
        journey_stage="",
        reach=1,
        impact=None,
        impact_low=None,
        impact_high=None,
        confidence=0.5,
        effort=1.0,
        score=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=(),
        top_causes=(),
        note=note,
    )


def by_id(found: JourneyMap) -> dict[str, JourneyStage]:
    return {stage.stage_id: stage for stage in found.stages}


def test_a_problem_is_one_customer_with_one_theme() -> None:
    world = World()
    world.say("ana", IMPORT, IMPORT)  # twice in one message
    world.say("ana", IMPORT)  # and again
    world.say("ana", LOGIN)
    world.say("ben", IMPORT, LOGIN)
    found = world.map()
    stages = by_id(found)
    assert [stage.stage_id for stage in found.stages] == ["signin", "setup", "pay"]
    assert (found.problems, found.customers, found.statements, found.praise) == (4, 2, 6, 0)
    setup = stages["setup"]
    assert (setup.problems, setup.customers, setup.statements) == (2, 2, 4)
    assert (setup.share, setup.theme_id, setup.label) == (0.5, IMPORT, "label T-a")
    assert (stages["pay"].problems, stages["pay"].share, stages["pay"].theme_id) == (0, 0.0, "")


def test_praise_unthemed_and_other_weeks_do_not_count() -> None:
    world = World()
    world.say("ana", LOVE, None)
    world.say("ana", LOGIN, week=BEFORE)
    world.say("ben", IMPORT, week=BEFORE)
    world.say("cem", LOGIN, week=BEFORE)
    world.say("dan", LOGIN, week=BEFORE)
    world.say("eva", IMPORT)
    found = world.map()
    assert (found.problems, found.statements, found.praise) == (1, 1, 1)
    assert by_id(found)["setup"].share == 1.0
    assert by_id(found)["setup"].share_before == 0.25
    assert found.lead == (
        "100% of this week's problems are in “Set up” (1 of 1; 25% the week before, within chance)"
    )


@pytest.mark.parametrize(("now", "apart"), [(8, False), (16, False), (17, True), (18, True)])
def test_a_share_that_changed_by_chance_is_told_so(now: int, apart: bool) -> None:
    """8 of 24 before: with three stages, 2.39 standard errors are between 16 and 17 of 24."""
    world = World()
    for number in range(24):
        world.say(f"b{number}", IMPORT if number < 8 else LOGIN, week=BEFORE)
        world.say(f"c{number}", IMPORT if number < now else LOGIN)
    setup = by_id(world.map())["setup"]
    assert setup.share_apart is apart


def test_several_problems_of_one_customer_prove_no_more() -> None:
    """8 of 24 problems before and 18 of 24 now; of 24 customers, or of 12 with two each."""
    alone, double = World(), World()
    double.stages[LOVE] = StageMatch("signin", "Sign in", "words", 0.9)
    for number in range(24):
        alone.say(f"c{number}", IMPORT if number < 8 else LOGIN, week=BEFORE)
        alone.say(f"c{number}", IMPORT if number < 18 else LOGIN)
    for number in range(12):
        for week, here in ((BEFORE, 4), (WEEK, 9)):
            first, second = (IMPORT, BROAD) if number < here else (LOGIN, LOVE)
            double.say(f"c{number}", first, week=week)
            double.say(f"c{number}", second, week=week, broad=second == BROAD)
    found = by_id(alone.map())["setup"], by_id(double.map(praise="T-none"))["setup"]
    assert [(one.problems, one.share_before) for one in found] == [(18, 0.333333)] * 2
    assert [one.share_apart for one in found] == [True, False]


def test_a_share_with_nothing_before_is_not_compared() -> None:
    world = World()
    world.say("ana", IMPORT)
    found = world.map()
    assert by_id(found)["setup"].share_apart is None
    assert found.lead.endswith("(1 of 1)")


def test_a_statement_in_a_broad_theme_only_stands_in_its_stage() -> None:
    world = World()
    world.say("ana", BROAD, broad=True)
    assert by_id(world.map())["setup"].theme_id == BROAD


def test_themes_without_a_stage_come_last_and_never_lead() -> None:
    world = World()
    del world.stages[LOGIN]
    for name in ("ana", "ben", "cem"):
        world.say(name, LOGIN)
    world.say("ana", IMPORT)
    found = world.map()
    assert (found.stages[-1].name, found.stages[-1].problems) == ("Not placed", 3)
    assert found.lead.startswith("25% of this week's problems are in “Set up” (1 of 4")


def test_stages_beyond_the_labels_are_kept() -> None:
    world = World()
    world.say("ana", LOGIN)
    found = world.map(order=[("pay", "Get paid")])
    assert [stage.name for stage in found.stages] == ["Get paid", "Set up", "Sign in"]


@pytest.mark.parametrize(("problems", "told"), [(19, False), (20, True), (21, True)])
def test_shares_begin_at_twenty_problems(problems: int, told: bool) -> None:
    world = World()
    for number in range(problems):
        world.say(f"c{number}", IMPORT)
    found = world.map(config=MapConfig())
    assert (by_id(found)["setup"].share is not None) is told
    assert found.lead.startswith("not enough data") is not told
    if not told:
        assert found.lead == ("not enough data for shares: 19 problems this week, 20 are needed")


@pytest.mark.parametrize(("scored", "told"), [(9, False), (10, True), (11, True)])
def test_a_mean_score_begins_at_ten_scored_messages(scored: int, told: bool) -> None:
    world = World()
    for number in range(scored):
        world.say(f"c{number}", IMPORT, nps=float(number % 2))
    setup = by_id(world.map(config=MapConfig()))["setup"]
    assert setup.scored == scored
    assert (setup.score is not None) is told


def test_a_mean_score_and_its_interval() -> None:
    """NPS 2, 4 and 9 of three customers: mean 50; deviations -30, -10 and 40 of 100.

    Variance of the mean 3/2 * (900 + 100 + 1600) / 9, t with 2 degrees of freedom 4.302653:
    half the interval is 89.57, so it is cut to 0 .. 100.
    """
    world = World()
    for customer, nps in (("ana", 2.0), ("ben", 4.0), ("cem", 9.0)):
        world.say(customer, IMPORT, IMPORT, nps=nps)
    setup = by_id(world.map())["setup"]
    assert (setup.score, setup.score_low, setup.score_high) == (50.0, 0.0, 100.0)
    assert setup.scored == 3


def test_answers_of_one_customer_are_one_voice_for_the_interval() -> None:
    """Two customers, four answers, mean 55; sums of deviations -10 and 10.

    Error sqrt(2 * 200) / 4 = 5, t with 1 degree of freedom 12.7062: wider than the scale.
    """
    world = World()
    for customer, nps in (("ana", 4.0), ("ana", 6.0), ("ben", 5.0), ("ben", 7.0)):
        world.say(customer, IMPORT, nps=nps)
    setup = by_id(world.map())["setup"]
    assert (setup.score, setup.score_low, setup.score_high) == (55.0, 0.0, 100.0)
    world = World()
    for number in range(40):
        world.say(f"c{number}", IMPORT, nps=5.0 + number % 2)
    setup = by_id(world.map())["setup"]
    # Deviations of 5 each: error sqrt(40 / 39 * 1000) / 40 = 0.800641; t(39) = 2.022691.
    assert setup.score_low == pytest.approx(55 - 2.022691 * 0.800641, abs=1e-4)
    assert setup.score_high == pytest.approx(55 + 2.022691 * 0.800641, abs=1e-4)


def test_one_customer_alone_has_no_interval_and_so_no_score() -> None:
    world = World()
    for _ in range(12):
        world.say("ana", IMPORT, nps=3.0)
    setup = by_id(world.map(config=MapConfig()))["setup"]
    assert (setup.scored, setup.score) == (12, None)


def test_the_order_of_the_input_does_not_matter() -> None:
    world = World()
    rng = random.Random(7)
    for number in range(60):
        themes = rng.sample([IMPORT, LOGIN, LOVE, None], 2)
        world.say(f"c{number % 23}", *themes, nps=float(number % 11))
    expected = world.map()
    pairs = list(world.statements.items())
    rng.shuffle(pairs)
    world.statements = dict(pairs)
    rng.shuffle(world.feedback)
    assert world.map() == expected


def test_no_problems_at_all() -> None:
    found = World().map(config=MapConfig())
    assert found.problems == 0
    assert found.lead == "not enough data for shares: 0 problems this week, 20 are needed"
    assert journey_lead((), 30, least=20) == (
        "none of this week's 30 problems has a place on the journey"
    )


def test_mean_scores_are_of_several_weeks_and_no_longer() -> None:
    world = World()
    world.say("ana", IMPORT, nps=2.0)
    world.say("ben", IMPORT, week=BEFORE, nps=4.0)
    world.say("cem", IMPORT, week="2026-W45", nps=10.0)
    world.say("dan", LOVE, nps=10.0)
    setup = by_id(world.map())["setup"]
    assert (setup.problems, setup.scored, setup.score) == (1, 2, 30.0)
