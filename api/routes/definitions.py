"""`/v1/metrics-definitions`, `/v1/weeks`, `/v1/stages`: what they mean, which there are."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Depends

from api.filters import Known
from api.problems import documented
from api.schemas.definitions import (
    MetricDefinitions,
    MetricOut,
    StageOut,
    Stages,
    WeekOut,
    Weeks,
)
from api.sessions import Reading, TheLabels
from api.shelved_health import volumes
from nlp.weeks import monday, sunday
from store.snapshots import load_stages, published_weeks

router = APIRouter(prefix="/v1", tags=["definitions"])


@router.get(
    "/metrics-definitions",
    summary="What every number means",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_metrics(labels: TheLabels) -> MetricDefinitions:
    """Every metric: definition, formula, guardian, and what changes when it moves."""
    return MetricDefinitions(
        items=[
            MetricOut(
                key=key,
                name=metric.name,
                definition=metric.definition,
                formula=metric.formula,
                guardian=metric.guardian,
                moves_when=metric.moves_when,
                links={"page": f"/definitions#{key}"},
            )
            for key, metric in labels.metrics.items()
        ]
    )


@router.get(
    "/weeks",
    summary="Weeks with feedback",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_weeks(session: Reading) -> Weeks:
    """All ISO weeks that have feedback or were published, the latest first."""
    published = set(published_weeks(session))
    counts = volumes(session)
    return Weeks(
        items=[
            WeekOut(
                week=week,
                first_day=monday(week).isoformat(),
                last_day=sunday(week).isoformat(),
                messages=counts.get(week, 0),
                published=week in published,
                links={"report": f"/v1/reports/{week}", "page": f"/weeks/{week}"}
                if week in published
                else {},
            )
            for week in sorted(published | counts.keys(), key=monday, reverse=True)
        ]
    )


@router.get(
    "/stages",
    summary="The customer's journey",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_stages(session: Reading, labels: TheLabels) -> Stages:
    """All stages in their order: ids for the filter `stage`, and how many themes stand in each."""
    published = published_weeks(session)
    placed = load_stages(session, published[-1]) if published else {}
    themes = Counter(match.stage_id for match in placed.values())
    names = {match.stage_id: match.stage_name for match in placed.values()}
    known = {stage.id for stage in labels.stages}
    return Stages(
        week=published[-1] if published else None,
        items=[
            *(
                StageOut(
                    id=stage.id,
                    name=stage.name,
                    description=stage.description,
                    themes=themes[stage.id],
                )
                for stage in labels.stages
            ),
            *(
                StageOut(id=name, name=names[name], description="", themes=themes[name])
                for name in sorted(names.keys() - known)
            ),
        ],
    )
