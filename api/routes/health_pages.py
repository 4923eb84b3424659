"""Pages for people: how far the numbers can be trusted, and what to do when something is off."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse

from api.filters import Known
from api.rendering import render_page
from api.schemas.runs import ingest_out, run_out
from api.sessions import Reading, TheLabels
from api.shelved_health import shelved_health
from api.table_contexts import HealthPage
from nlp.residue import ResidueDrift
from report.share_chart import share_chart
from report.wording import count, percent
from store.ingests import page_ingests
from store.runs import page_runs

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ROWS = 12  # of runs and ingests: a quarter of weekly ones; the API has all
_WEEKS = 52  # bars that can still be told apart
_COVERAGE = 26


@router.get("/health", dependencies=[Depends(Known(attributes=False))])
def health(session: Reading, labels: TheLabels) -> HTMLResponse:
    """Runs, coverage, quarantine, the drift of the residue and the models."""
    found = shelved_health(session, labels)
    runs = page_runs(session, limit=_ROWS + 1)
    ingests = page_ingests(session, limit=_ROWS + 1)
    shares = [(one.week, one.unthemed_share) for one in found.weeks[-_WEEKS:]]
    return render_page(
        "health.html",
        HealthPage(
            section="health",
            health=found,
            drift_text=drift_text(found.drift),
            chart=share_chart(shares, of="statements that stand in no theme"),
            weeks=tuple(reversed(found.weeks))[:_COVERAGE],
            more_weeks=len(found.weeks) > _COVERAGE,
            runs=tuple(run_out(run) for run in runs[:_ROWS]),
            more_runs=len(runs) > _ROWS,
            ingests=tuple(ingest_out(one) for one in ingests[:_ROWS]),
            more_ingests=len(ingests) > _ROWS,
        ),
    )


def drift_text(drift: ResidueDrift) -> str:
    """The drift of the residue in a sentence or two."""
    low, high = drift.low, drift.high
    if drift.recent is None or drift.before is None or low is None or high is None:
        return (
            "Not enough weeks to tell whether it grows: it takes three of them after the one that "
            "formed the themes, and three more to compare with."
        )
    what = (
        f"{percent(drift.recent)} of statements in the last {count(drift.recent_weeks, 'week')}, "
        f"{percent(drift.before)} in the {count(drift.before_weeks, 'week')} before"
    )
    span = f"95% sure of {_points(low)} to {_points(high)} points"
    if drift.trend == "rising":
        return f"It grows: {what} ({span}). More is said that no theme covers."
    if drift.trend == "falling":
        return f"It shrinks: {what} ({span})."
    return f"It is steady: {what} ({span})."


def _points(share: float) -> str:
    text = f"{share * 100:+.0f}"
    return "0" if text in {"+0", "-0"} else text.replace("-", "\N{MINUS SIGN}")
