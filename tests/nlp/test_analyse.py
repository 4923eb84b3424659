from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from labels.schema import Labels, load
from nlp.analyse import Analysis, Before, Decisions, analyse
from nlp.corrections import Correction, Corrections
from nlp.discover import BirthConfig
from nlp.exemplars import ExemplarConfig
from nlp.granularity import GranularityConfig
from nlp.memory import MemoryConfig
from nlp.neighbours import FloatArray
from nlp.partition import PartitionConfig
from nlp.records import Clause, DatedEvent, Feedback, Statement, text_sha
from nlp.weeks import monday, shift, weeks_between

SUBJECTS = ("apple", "river", "engine")
REASON = "the update broke everything"
FIRST, LAST = "2026-W10", "2026-W19"
MEMORY = MemoryConfig(
    exemplars=ExemplarConfig(least_threshold=0.5, most_threshold=0.75, quantile=0.02),
    births=BirthConfig(
        least_corpus=40,
        ready_corpus=40,
        least_texts=5,
        least_mentions=6,
        least_customers=5,
        cut=PartitionConfig(
            granularity=GranularityConfig(widths=(4, 6, 8), resolutions=(0.5, 1.0, 2.0, 4.0)),
            samples=4,
        ),
    ),
)


def direction(name: str) -> FloatArray:
    row = np.random.default_rng(int(text_sha(name)[:8], 16)).normal(size=32)
    return (row / np.linalg.norm(row)).astype(np.float32)


def encode(texts: Sequence[str]) -> FloatArray:
    """The direction of the subject or the reason that a text names, and noise of its own."""
    rows = np.zeros((len(texts), 32), dtype=np.float32)
    for row, text in enumerate(texts):
        known = [word for word in (*SUBJECTS, "update") if word in text.split()]
        rows[row] = (direction(known[0]) if known else 0.0) + 0.5 * direction(text)
        rows[row] /= np.linalg.norm(rows[row])
    return rows


def records() -> tuple[list[Feedback], list[Statement]]:
    """Ten weeks of three subjects. Engines: on ios, unhappy, half of them because of an update;
    far more in the last week."""
    feedback, statements = [], []
    number = 0
    for week in weeks_between(FIRST, LAST):
        for subject in SUBJECTS:
            for n in range(40 if (subject, week) == ("engine", LAST) else 6):
                number += 1
                engine = subject == "engine"
                text = f"{subject} broken on the way, number {number}"
                clauses: tuple[Clause, ...] = ()
                if engine and n % 2:
                    text, start = f"{text} because {REASON} {number}", len(text) + len(" because ")
                    clauses = (Clause(text[start:], "because", "causal", start, len(text)),)
                day = monday(week) + dt.timedelta(days=n % 7)
                item = Feedback(
                    id=f"{number:04d}",
                    source="plant",
                    kind="survey",
                    text=text,
                    created_at=dt.datetime.combine(day, dt.time(12), dt.UTC),
                    week=week,
                    day=day,
                    customer_id=f"c{number}",
                    score=2.0 if engine else 9.0,
                    score_kind="nps",
                    attributes=(("device", "ios" if engine or n == 0 else "web"),),
                )
                feedback.append(item)
                statements.append(Statement(item.key, 0, text, clauses=clauses))
    return feedback, statements


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load()


def run(
    labels: Labels,
    week: str,
    *,
    before: Before | None = None,
    decisions: Decisions | None = None,
    shuffled: int | None = None,
) -> Analysis:
    feedback, statements = records()
    feedback = [item for item in feedback if item.week <= week]
    keys = {item.key for item in feedback}
    statements = [item for item in statements if item.feedback_key in keys]
    texts = {item.sha: item.text for item in statements}
    texts.update({text_sha(c.text): c.text for item in statements for c in item.clauses})
    if shuffled is not None:
        random = np.random.default_rng(shuffled)
        feedback = [feedback[i] for i in random.permutation(len(feedback))]
        statements = [statements[i] for i in random.permutation(len(statements))]

    def vectors(shas: Sequence[str]) -> FloatArray:
        return encode([texts[sha] for sha in shas])

    return analyse(
        week,
        before=before or Before((), {}, ()),
        feedback=feedback,
        statements=statements,
        events=[DatedEvent(monday(FIRST), "release", "Version 2")],
        labels=labels,
        decisions=decisions or Decisions(),
        vectors=vectors,
        encode=encode,
        memory=MEMORY,
    )


@pytest.fixture(scope="module")
def early(labels: Labels) -> Analysis:
    """The run of the week before the last: a cold start on nine weeks."""
    return run(labels, shift(LAST, -1))


@pytest.fixture(scope="module")
def late(labels: Labels, early: Analysis) -> Analysis:
    return run(labels, LAST, before=state(early))


def state(analysis: Analysis) -> Before:
    return Before(analysis.themes, analysis.assignments, analysis.causes)


def about(analysis: Analysis, subject: str) -> str:
    """The one leaf of a subject's statements."""
    _, statements = records()
    (theme,) = {
        placed.theme_id
        for item in statements
        if subject in item.text.split()
        and (placed := analysis.assignments.get(item.id)) is not None
        and placed.theme_id is not None
    }
    assert theme is not None
    return theme


def test_each_subject_is_a_theme_with_trend_owner_stage_and_place(
    early: Analysis, late: Analysis
) -> None:
    for analysis in (early, late):
        leaves = {theme.id for theme in analysis.themes if theme.level == "leaf"}
        assert leaves == {about(analysis, subject) for subject in SUBJECTS}
        assert {trend.theme_id for trend in analysis.trends} >= leaves
        assert {item.theme_id for item in analysis.friction} == leaves
        assert leaves <= set(analysis.owners)
        assert leaves <= set(analysis.stages)
        assert len(analysis.population) == len(analysis.assignments)
    assert {theme.id for theme in early.themes} <= {theme.id for theme in late.themes}


def test_the_week_is_held_against_its_baseline(early: Analysis, late: Analysis) -> None:
    assert {trend.status for trend in early.trends} <= {"steady", "new"}
    trends = {trend.theme_id: trend for trend in late.trends}
    engine = trends[about(late, "engine")]
    assert (engine.week, engine.statements, engine.status) == (LAST, 40, "rising")
    apple = trends[about(late, "apple")]
    assert (apple.statements, apple.status) == (6, "falling")  # its share is: others speak more


def test_planted_causes_are_found_where_they_were_planted(late: Analysis) -> None:
    engine = about(late, "engine")
    said = [cause for cause in late.causes if cause.kind == "said"]
    assert {cause.theme_id for cause in said} == {engine}
    assert REASON.split()[1] in said[0].statement
    where = [cause for cause in late.causes if cause.kind == "where" and cause.theme_id == engine]
    assert ("device", "ios") in {pair for cause in where for pair in cause.conditions}
    statements = {item.id: item for item in records()[1]}
    for cause in late.causes:
        assert cause.evidence_ids
        for name in cause.evidence_ids:
            assert late.assignments[name].theme_id == cause.theme_id
        if cause.kind == "said":
            assert all(statements[name].clauses for name in cause.evidence_ids)


def test_what_is_tested_on_the_texts_that_formed_a_theme_is_exploratory(
    early: Analysis, late: Analysis
) -> None:
    where = [cause for cause in early.causes if cause.kind == "where"]
    assert where
    assert all(cause.exploratory for cause in where)
    fresh = replace_born(early, FIRST)
    assert not any(cause.exploratory for cause in fresh.causes)


def replace_born(analysis: Analysis, week: str) -> Analysis:
    """The last week after themes that were born in `week`."""
    before = state(analysis)
    aged = tuple(replace(theme, born_week=week) for theme in before.themes)
    return run(load(), LAST, before=replace(before, themes=aged))


def test_the_unhappiest_theme_leads_the_backlog(late: Analysis) -> None:
    ranked = {item.theme_id: item for item in late.friction}
    engine = ranked[about(late, "engine")]
    assert engine.rank == 1
    assert engine.reach == 7 * 6 + 40  # eight weeks
    assert engine.owner
    assert engine.top_causes


def test_shuffled_records_give_the_same_analysis(
    labels: Labels, early: Analysis, late: Analysis
) -> None:
    again = run(labels, LAST, before=state(early), shuffled=1)
    assert again.themes == late.themes
    assert again.assignments == late.assignments
    assert (again.trends, again.causes, again.friction) == (late.trends, late.causes, late.friction)
    assert (again.owners, again.stages, again.events) == (late.owners, late.stages, late.events)


def test_decisions_of_people_stand(labels: Labels, early: Analysis) -> None:
    engine = about(early, "engine")
    owner = labels.owners[-1]
    named = Corrections((Correction("rename", engine, label="Engines stop"),))
    made = Decisions(corrections=named, owners={engine: owner.id})
    found = run(labels, LAST, before=state(early), decisions=made)
    assert (found.owners[engine].owner_id, found.owners[engine].method) == (owner.id, "decision")
    for rows in (found.themes, found.trends, found.friction):
        name = {getattr(row, "theme_id", None) or getattr(row, "id", ""): row.label for row in rows}
        assert name[engine] == "Engines stop"


def test_nothing_to_analyse(labels: Labels) -> None:
    found = run(labels, shift(FIRST, -1))
    assert (found.themes, found.trends, found.causes, found.friction) == ((), (), (), ())
    assert len(found.population) == 0
