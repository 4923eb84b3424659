"""What a published week knows, read back for documents that show a part of it.

Only what its run saw counts: a message with a statement that the run gave a place (all statements
get one, if only that of no theme). What came in since waits for the next run.
"""

from __future__ import annotations

from nlp.population import build_population
from report.document import WeekReport
from report.owner_part import WeekFacts
from report.scene import ReportConfig, make_scene
from service.exporting import check_settled
from store.assignments import assignments_as_of
from store.customers import load_customers
from store.database import Session
from store.feedback import load_feedback
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_root_causes,
    load_stages,
    load_trends,
)
from store.statements import load_statements
from store.themes import themes_as_of


def week_facts(session: Session, week: str, *, report: WeekReport) -> WeekFacts:
    """All that `week` published and the feedback its run saw; `report` is its own document.

    A message that was replaced since is none of it: its words of that time are gone.

    Raises:
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    check_settled(session, week)
    assignments = assignments_as_of(session, week)
    statements = [one for one in load_statements(session, until_week=week) if one.id in assignments]
    seen = {one.feedback_key for one in statements}
    themes = themes_as_of(session, week)
    trends = load_trends(session)
    population = build_population(
        [one for one in load_feedback(session, until_week=week) if one.key in seen],
        statements,
        assignments,
        customers=load_customers(session),
    )
    return WeekFacts(
        scene=make_scene(
            week,
            ReportConfig(),
            population,
            statements={item.id: item for item in statements},
            assignments=assignments,
            themes=themes,
            owners=load_owners(session, week),
            stages=load_stages(session, week),
        ),
        themes=themes,
        trends=[trend for trend in trends if trend.week == week],
        previous_trends=[trend for trend in trends if trend.week < week],
        causes=[cause for _, cause in load_causes(session, week=week)],
        root_causes=[cause for _, cause in load_root_causes(session, week=week)],
        friction=[item for _, item in load_friction(session, week=week)],
        friction_weeks=report.friction_weeks,
        input_digest=report.input_digest,
        code_version=report.code_version,
    )
