"""Pages for people: what every number means."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse

from api.filters import Known
from api.rendering import render_page
from api.sessions import TheLabels
from api.table_contexts import DefinitionsPage, MetricShown

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/definitions", dependencies=[Depends(Known(attributes=False))])
def definitions(labels: TheLabels) -> HTMLResponse:
    """Every metric: definition, formula, guardian, and what changes when it moves."""
    return render_page(
        "definitions.html",
        DefinitionsPage(
            section="definitions",
            metrics=tuple(
                MetricShown(
                    key=key,
                    name=metric.name,
                    definition=metric.definition,
                    formula=metric.formula,
                    guardian=metric.guardian,
                    moves_when=metric.moves_when,
                )
                for key, metric in labels.metrics.items()
            ),
            own="metrics.yaml" not in labels.packaged,
        ),
    )
