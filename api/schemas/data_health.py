"""How far the numbers can be trusted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from api.schemas.runs import ReasonOut, RunOut, reason_out, run_out
from nlp.residue import ResidueTrend
from service.data_health import HealthOfData

_WEEK: dict[str, Any] = {
    "week": "2026-W46",
    "messages": 86,
    "statements": 142,
    "leaf": 49,
    "parent": 10,
    "unthemed": 39,
    "noise": 44,
    "coverage": 0.602041,
    "unthemed_share": 0.397959,
    "noise_share": 0.309859,
}
_EXAMPLE: dict[str, Any] = {
    "last_week": "2026-W46",
    "weeks": [_WEEK],
    "waiting": [{"week": "2026-W47", "messages": 31}],
    "drift": {
        "trend": "steady",
        "recent_weeks": 4,
        "before_weeks": 8,
        "recent": 0.41,
        "before": 0.4,
        "difference": 0.01,
        "low": -0.03,
        "high": 0.05,
    },
    "intake": {
        "rows_read": 1101,
        "accepted": 1099,
        "updated": 0,
        "unchanged": 0,
        "quarantined": 2,
        "redactions": {"EMAIL": 17, "PHONE": 9},
    },
    "quarantine": {
        "rows": 2,
        "share": 0.001817,
        "reasons": [{"reason": "created_at: no date", "rows": 2}],
    },
    "models": [
        {
            "name": "encoder",
            "digest": "c4a57a7f2011f256",
            "first_week": "2026-W35",
            "last_week": "2026-W46",
        }
    ],
    "last_run": None,
    "run_anew": [],
    "running_since": None,
    "changed": ["events"],
    "advice": [
        {
            "key": "inputs-changed",
            "what": "Events were changed since 2026-W46 was run.",
            "todo": "The next week's run uses them, or now: groundswell run --week 2026-W46",
            "metric": "",
        }
    ],
}


class CoverageWeekOut(Answer):
    """A week as it was published. The four states add up to its statements."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEEK]})

    week: str
    messages: int
    statements: int
    leaf: int = Field(description="In a theme.")
    parent: int = Field(description="In a broad theme, in none of its narrower ones.")
    unthemed: int = Field(description="In no theme: the residue.")
    noise: int = Field(description="Nothing to act on.")
    coverage: float | None = Field(description="(leaf + parent) / all but noise.")
    unthemed_share: float | None = Field(description="unthemed / all but noise.")
    noise_share: float | None = Field(description="noise / all.")


class WaitingWeek(Answer):
    """A week with feedback that was not published."""

    week: str
    messages: int


class DriftOut(Answer):
    """The residue's share over the last weeks against those before, by Welch's t-test."""

    trend: ResidueTrend
    recent_weeks: int
    before_weeks: int
    recent: float | None
    before: float | None
    difference: float | None = Field(description="In share; with its 95 percent interval.")
    low: float | None
    high: float | None


class IntakeOut(Answer):
    """All ingests so far; the four outcomes add up to the rows read."""

    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: dict[str, int]


class QuarantineOut(Answer):
    """Rows in quarantine now; `share` is of all rows read."""

    rows: int
    share: float | None
    reasons: list[ReasonOut]


class ModelUseOut(Answer):
    """A version of a model and the weeks whose last run used it."""

    name: str
    digest: str
    first_week: str
    last_week: str


class AdviceOut(Answer):
    """One thing that is off, and the way out. `metric`: the key of the number it is about."""

    key: str
    what: str
    todo: str
    metric: str


class DataHealthOut(Answer):
    """Runs, coverage, quarantine, residue and models; `advice` is empty when all is well."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    last_week: str | None
    weeks: list[CoverageWeekOut] = Field(description="The published ones, the earliest first.")
    waiting: list[WaitingWeek]
    drift: DriftOut
    intake: IntakeOut
    quarantine: QuarantineOut
    models: list[ModelUseOut]
    last_run: RunOut | None = Field(description="The one that started last.")
    run_anew: list[str] = Field(
        description="Published weeks that wait for their own run since an earlier one was run anew."
    )
    running_since: dt.datetime | None = Field(
        description="When a run began that has not ended; null where none is under way."
    )
    changed: list[str] = Field(
        description="Inputs changed since the last published week was run, by name."
    )
    advice: list[AdviceOut]


def data_health_out(found: HealthOfData) -> DataHealthOut:
    """The health of the data as the API shows it."""
    drift = found.drift
    return DataHealthOut(
        last_week=found.last_week,
        weeks=[
            CoverageWeekOut(
                week=one.week,
                messages=one.messages,
                statements=one.statements,
                leaf=one.leaf,
                parent=one.parent,
                unthemed=one.unthemed,
                noise=one.noise,
                coverage=_rounded(one.coverage),
                unthemed_share=_rounded(one.unthemed_share),
                noise_share=_rounded(one.noise_share),
            )
            for one in found.weeks
        ],
        waiting=[WaitingWeek(week=week, messages=number) for week, number in found.waiting],
        drift=DriftOut(
            trend=drift.trend,
            recent_weeks=drift.recent_weeks,
            before_weeks=drift.before_weeks,
            recent=_rounded(drift.recent),
            before=_rounded(drift.before),
            difference=_rounded(drift.difference),
            low=_rounded(drift.low),
            high=_rounded(drift.high),
        ),
        intake=IntakeOut(
            rows_read=found.intake.rows_read,
            accepted=found.intake.accepted,
            updated=found.intake.updated,
            unchanged=found.intake.unchanged,
            quarantined=found.intake.quarantined,
            redactions=dict(found.intake.redactions),
        ),
        quarantine=QuarantineOut(
            rows=found.quarantine.rows,
            share=_rounded(found.quarantine.share),
            reasons=[reason_out(told, rows) for told, rows in found.quarantine.reasons],
        ),
        models=[
            ModelUseOut(
                name=one.name,
                digest=one.digest,
                first_week=one.first_week,
                last_week=one.last_week,
            )
            for one in found.models
        ],
        last_run=run_out(found.last_run) if found.last_run else None,
        run_anew=list(found.under_way.anew),
        running_since=found.under_way.since,
        changed=list(found.changed),
        advice=[
            AdviceOut(key=one.key, what=one.what, todo=one.todo, metric=one.metric)
            for one in found.advice
        ],
    )


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)
