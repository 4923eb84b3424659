"""What a published week knows, read back for documents that show a part of it."""

from __future__ import annotations

from nlp.population import build_population
from report.document import WeekReport
from report.owner_part import WeekFacts
from report.scene import ReportConfig, make_scene
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
    """All that `week` published and the feedback behind it; `report` is its own document."""
    statements = load_statements(session, until_week=week)
    assignments = assignments_as_of(session, week)
    themes = themes_as_of(session, week)
    trends = load_trends(session)
    population = build_population(
        load_feedback(session, until_week=week),
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
