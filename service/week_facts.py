"""What a published week knows, read back for documents that show a part of it.

Only what its run saw counts: a message with a statement that the run gave a place (all statements
get one, if only that of no theme). What came in since waits for the next run.
"""

from __future__ import annotations

from collections.abc import Callable

from nlp.part import Part
from nlp.placed import placed
from report.document import WeekReport
from report.owner_part import WeekFacts
from report.scene import ReportConfig, make_scene
from service.exporting import check_settled
from service.said import SaidLazily
from store.database import Session
from store.layout import load_ledger
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_root_causes,
    load_stages,
    load_trends,
    rising_before,
)
from store.themes import themes_as_of

LaidOut = Callable[[Session, str], Part]


def lay_out(session: Session, week: str) -> Part:
    """All feedback up to a week, read for this once; a server keeps it."""
    return Part(load_ledger(session), week)


def week_facts(
    session: Session, week: str, *, report: WeekReport, laid_out: LaidOut = lay_out
) -> WeekFacts:
    """All that `week` published and the feedback its run saw; `report` is its own document.

    A message that was replaced since is none of it: its words of that time are gone. Statements
    are read with the session when they are asked for. Of the trends before, those that rose
    without a break are there: no other is told.

    Raises:
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    check_settled(session, week)
    part = placed(laid_out(session, week))
    said = SaidLazily(session, part)
    themes = themes_as_of(session, week)
    return WeekFacts(
        scene=make_scene(
            week,
            ReportConfig(),
            part,
            statements=said.statements,
            assignments=said.assignments,
            themes=themes,
            owners=load_owners(session, week),
            stages=load_stages(session, week),
        ),
        themes=themes,
        trends=load_trends(session, week=week),
        previous_trends=rising_before(session, week),
        causes=[cause for _, cause in load_causes(session, week=week)],
        root_causes=[cause for _, cause in load_root_causes(session, week=week)],
        friction=[item for _, item in load_friction(session, week=week)],
        friction_weeks=report.friction_weeks,
        input_digest=report.input_digest,
        code_version=report.code_version,
    )
