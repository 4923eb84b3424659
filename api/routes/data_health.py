"""`/v1/data-health`: how far the numbers can be trusted."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.filters import Known
from api.problems import documented
from api.schemas.data_health import DataHealthOut, data_health_out
from api.sessions import Reading, TheLabels
from api.shelved_health import shelved_health

router = APIRouter(prefix="/v1/data-health", tags=["data"])


@router.get(
    "",
    summary="How far the numbers can be trusted",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def get_data_health(session: Reading, labels: TheLabels) -> DataHealthOut:
    """Coverage by week, the drift of the residue, quarantine, models, and what to do now.

    Coverage is as each week published it. The residue is what stands in no theme; when its share
    grows from week to week, something is said that no theme covers.
    """
    return data_health_out(shelved_health(session, labels))
