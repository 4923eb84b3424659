"""Builds the weekly report from the week's records; the same records, the same document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from nlp.population import IntArray, Population
from nlp.records import (
    Assignment,
    Cause,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    State,
    Statement,
    Theme,
    Trend,
)
from nlp.weeks import monday, shift, sunday
from report.backlog import friction_lines, gaps
from report.changes import cause_news, costliest_first, founded, theme_lines, weeks_rising
from report.document import (
    FORMAT,
    DataHealth,
    Figure,
    Headline,
    Intake,
    KnownCustomers,
    Totals,
    WeekReport,
)
from report.journey import journey_map
from report.scene import ReportConfig, Scene, make_scene, series
from report.sentences import sentences

_STATES: tuple[State, ...] = ("leaf", "parent", "unthemed", "noise")


def build_report(
    *,
    week: str,
    population: Population,
    statements: Mapping[str, Statement],
    assignments: Mapping[str, Assignment],
    themes: Sequence[Theme],
    trends: Sequence[Trend],
    previous_trends: Sequence[Trend],
    causes: Sequence[Cause],
    root_causes: Sequence[RootCause],
    friction: Sequence[Friction],
    owners: Mapping[str, OwnerMatch],
    stages: Mapping[str, StageMatch],
    intake: Intake,
    least_statements: int,
    friction_weeks: int,
    cause_weeks: int,
    input_digest: str,
    code_version: str,
    journey: Sequence[tuple[str, str]] = (),
    config: ReportConfig | None = None,
) -> WeekReport:
    """The report of `week`; the order of all sequences is free.

    Args:
        week: the ISO week reported.
        population: all feedback up to and including `week`.
        statements: statement id -> statement; at least those of `population`.
        assignments: statement id -> assignment, as of `week`.
        themes: the registry as of `week`, retired themes included.
        trends: those of `week`.
        previous_trends: those of earlier weeks, as they were published.
        causes: those of `week`.
        root_causes: the same pieces, joined.
        friction: the ranking of `week`.
        owners: theme id -> owner.
        stages: theme id -> journey stage.
        intake: what was read and refused, over all ingests.
        least_statements: distinct statements needed before themes are looked for.
        friction_weeks: weeks that `friction` is counted on.
        cause_weeks: weeks that `causes` are looked for in.
        input_digest: names the input the report was made from.
        code_version: names the program that made it.
        journey: (id, name) of the journey's stages, first to last.
        config: how much is shown.
    """
    config = config or ReportConfig()
    scene = make_scene(
        week,
        config,
        population,
        statements=statements,
        assignments=assignments,
        themes=themes,
        owners=owners,
        stages=stages,
    )
    live = [theme for theme in themes if theme.retired_week is None or theme.retired_week > week]
    born = {theme.born_week for theme in themes}
    cold_start = bool(born) and min(born) == week
    current = [item for item in trends if item.week == week]
    rising_for = weeks_rising(previous_trends, week)
    lists = {
        status: theme_lines(scene, (t for t in current if t.status == status), rising_for)
        for status in ("new", "rising", "falling")
    }
    if cold_start:  # every theme was born today: that is no news about customers
        lists = dict.fromkeys(lists, ())
    newborn = {theme.id for theme in live if theme.born_week == week and not cold_start}
    running = costliest_first(
        scene,
        theme_lines(scene, (t for t in current if t.three_months and not cold_start), rising_for),
        friction,
    )
    found = founded(theme_lines(scene, current if cold_start else (), {}))
    recognised = theme_lines(
        scene, (t for t in current if t.theme_id in newborn and t.status not in lists), {}
    )
    news = cause_news(scene, root_causes, {cause.id: cause for cause in causes})
    lines = friction_lines(scene, friction, causes, root_causes)
    shown = tuple(line for line in lines if line.rank is not None)[: config.top]
    health = _health(scene, intake)
    headline = _headline(scene, health)
    history = sorted({name for name in population.weeks if name <= week})
    said = {item.key for item in population.feedback}
    distinct = len(
        {s.sha for s in statements.values() if s.noise is None and s.feedback_key in said}
    )
    volume = series(scene, np.arange(len(population), dtype=np.int64), None)
    return WeekReport(
        format=FORMAT,
        week=week,
        first_day=monday(week).isoformat(),
        last_day=sunday(week).isoformat(),
        history_weeks=len(history),
        themes=len(live),
        distinct_statements=distinct,
        least_statements=least_statements,
        friction_weeks=friction_weeks,
        cause_weeks=cause_weeks,
        cold_start=cold_start,
        exploratory=cold_start or any(cause.exploratory for cause in causes),
        sentences=sentences(
            headline,
            lists,
            shown,
            cold_start=cold_start,
            history_weeks=len(history),
            leaves=sum(theme.level == "leaf" for theme in live),
            distinct=distinct,
            least=least_statements,
            friction_weeks=friction_weeks,
        ),
        headline=headline,
        volume=volume,
        found=found[: config.listed],
        new=lists["new"][: config.listed],
        rising=lists["rising"][: config.listed],
        falling=lists["falling"][: config.listed],
        three_months_running=running[: config.listed],
        totals=Totals(
            found=len(found),
            new=len(lists["new"]),
            rising=len(lists["rising"]),
            falling=len(lists["falling"]),
            three_months_running=len(running),
        ),
        friction=shown,
        friction_ranked=sum(line.rank is not None for line in lines),
        gaps=gaps(scene, live),
        health=health,
        input_digest=input_digest,
        code_version=code_version,
        recognised=recognised[: config.listed],
        cause_news=() if cold_start else news[: config.listed],
        cause_news_total=0 if cold_start else len(news),
        journey=journey_map(scene, friction, journey, score_weeks=friction_weeks) if live else None,
        base=_base(scene),
    )


def _base(scene: Scene) -> KnownCustomers | None:
    table = scene.population.base
    if not table.size:
        return None
    rows = np.flatnonzero(scene.weeks == scene.week)
    known = table.entries[rows] >= 0
    return KnownCustomers(
        known=table.size,
        heard=int(np.unique(table.entries[rows[known]]).size),
        others=scene.population.distinct_customers(rows[~known]),
    )


def _health(scene: Scene, intake: Intake) -> DataHealth:
    now = {
        message.key
        for message, week in zip(scene.population.feedback, scene.population.weeks, strict=True)
        if week == scene.week
    }
    tally: Counter[str] = Counter()
    for statement in scene.statements.values():
        if statement.feedback_key not in now:
            continue
        placed = scene.assignments.get(statement.id)
        tally[placed.state if placed else ("noise" if statement.noise else "unthemed")] += 1
    themed = sum(tally[state] for state in ("leaf", "parent", "unthemed"))
    return DataHealth(
        intake=intake,
        messages=len(now),
        states=tuple((state, tally[state]) for state in _STATES),
        coverage_leaf=tally["leaf"] / themed if themed else None,
        coverage_any=(tally["leaf"] + tally["parent"]) / themed if themed else None,
    )


def _headline(scene: Scene, health: DataHealth) -> Headline:
    rows = np.flatnonzero(scene.weeks == scene.week)
    before = np.flatnonzero(scene.weeks == shift(scene.week, -1))
    statements = sum(number for state, number in health.states if state != "noise")
    earlier = {scene.population.feedback[int(i)].key for i in before}
    statements_before = sum(
        statement.feedback_key in earlier and statement.noise is None
        for statement in scene.statements.values()
    )
    compare = before.size > 0
    figures = [
        Figure(
            "customers",
            scene.population.distinct_customers(rows),
            scene.population.distinct_customers(before) if compare else None,
            "different customers who wrote or were heard",
        ),
        Figure(
            "messages",
            rows.size,
            before.size if compare else None,
            "tickets, survey answers, call notes and reviews",
        ),
        Figure(
            "statements",
            statements,
            statements_before if compare else None,
            "single points made in them",
        ),
    ]
    score, score_before = _mean_score(scene, rows), _mean_score(scene, before)
    if score is not None:
        figures.append(
            Figure(
                "mean score",
                score,
                score_before,
                "of all scored answers, on one scale from 0 (worst) to 100 (best)",
                decimals=1,
            )
        )
    return Headline(tuple(figures))


def _mean_score(scene: Scene, rows: IntArray) -> float | None:
    scores = [scene.population.feedback[int(i)].unit_score for i in rows]
    told = [score for score in scores if score is not None]
    # Rounded, so that the order of additions cannot show in the last bit.
    return round(100 * sum(told) / len(told), 6) if told else None
