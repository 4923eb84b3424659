"""What was run, what came in, and what could not be taken."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer, Listing
from nlp.records import Rejected
from store.ingests import IngestCounts
from store.runs import RunRecord, RunStatus

_RUN: dict[str, Any] = {
    "id": "48fd63c7c271405dbf2911c9a7ce9c2f",
    "kind": "weekly",
    "week": "2026-W46",
    "status": "done",
    "started_at": "2026-11-16T05:00:13Z",
    "finished_at": "2026-11-16T05:00:17Z",
    "seconds": 3.8,
    "code_version": "0.1.0",
    "counts": {"messages_this_week": 86, "statements": 1879, "themes_leaf": 20, "ranked": 20},
    "timings": {"prepare": 1.671, "analyse": 1.959, "publish": 0.125},
    "model_digests": {"encoder": "c4a57a7f2011f256", "splitter": "3-16bf56b3"},
    "settings": {"zone": "UTC", "customer_ids": "as given", "names_of_people": "as given"},
    "labels_digest": "2d566b561f63afe6",
    "error": "",
    "links": {
        "self": "/v1/runs/48fd63c7c271405dbf2911c9a7ce9c2f",
        "report": "/v1/reports/2026-W46",
    },
}
_INGEST: dict[str, Any] = {
    "id": "20261116T045909Z-46c5aeee",
    "started_at": "2026-11-16T04:59:09Z",
    "files": ["tickets.csv"],
    "files_in_all": 1,
    "rows_read": 475,
    "accepted": 470,
    "updated": 3,
    "unchanged": 0,
    "quarantined": 2,
    "redactions": {"EMAIL": 17, "PHONE": 9},
}
_ROW: dict[str, Any] = {
    "digest": "9d5e3a77",
    "id": "1907",
    "file": "tickets.csv",
    "line": 14,
    "stage": "parse",
    "reason": "created_at: no date",
    "raw": '{"id": "1907", "text": "call me at [PHONE]", "created_at": "soon"}',
}
# Settings of a run that say how to read its numbers; the others name the machine.
_SETTINGS = ("zone", "customer_ids", "names_of_people", "model")
_FILES = 20  # call notes are a file each


class RunOut(Answer):
    """One run. Timings are seconds a step; `error` is empty unless it failed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]}, protected_namespaces=())

    id: str
    kind: str
    week: str | None
    status: RunStatus
    started_at: dt.datetime
    finished_at: dt.datetime | None
    seconds: float | None = Field(description="From start to end; null while it runs.")
    code_version: str
    counts: dict[str, int] = Field(description="What it read and found, by name.")
    timings: dict[str, float]
    model_digests: dict[str, str] = Field(description="Model -> version or SHA-256.")
    settings: dict[str, str | None]
    labels_digest: str | None
    error: str
    links: dict[str, str]


class IngestOut(Answer):
    """One ingest: a run of `groundswell ingest`, or a batch that was posted."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INGEST]})

    id: str
    started_at: dt.datetime
    files: list[str] = Field(description=f"Their names, the first {_FILES}.")
    files_in_all: int
    rows_read: int = Field(description="accepted + updated + unchanged + quarantined.")
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: dict[str, int] = Field(description="Personal data replaced, by type.")


class QuarantinedOut(Answer):
    """A row that was not taken, as it is stored: personal data is replaced in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    digest: str
    id: str
    file: str
    line: int
    stage: str
    reason: str
    raw: str


class ReasonOut(Answer):
    """How many rows wait for the same reason."""

    reason: str = Field(examples=["created_at: no date"])
    rows: int = Field(examples=[2])


class QuarantineList(Listing[QuarantinedOut]):
    """One page of the quarantine, and all its reasons."""

    rows: int = Field(description="Rows in quarantine, whatever the page and the filter.")
    reasons: list[ReasonOut] = Field(description="The most frequent first.")


def run_out(run: RunRecord) -> RunOut:
    """A run as the API shows it."""
    config = json.loads(run.config)
    ended = run.finished_at
    return RunOut(
        id=run.id,
        kind=run.kind,
        week=run.week,
        status=run.status,
        started_at=run.started_at,
        finished_at=ended,
        seconds=None if ended is None else round((ended - run.started_at).total_seconds(), 3),
        code_version=run.code_version,
        counts=json.loads(run.counts),
        timings=json.loads(run.timings),
        model_digests=json.loads(run.model_digests),
        settings={name: config[name] for name in _SETTINGS if name in config},
        labels_digest=config.get("labels_digest"),
        error=run.error,
        links={
            "self": f"/v1/runs/{run.id}",
            **({"report": f"/v1/reports/{run.week}"} if run.week and run.status == "done" else {}),
        },
    )


def ingest_out(counts: IngestCounts) -> IngestOut:
    """An ingest as the API shows it: names of files, without the folders of this machine."""
    return IngestOut(
        id=counts.id,
        started_at=counts.started_at,
        files=[_name(file) for file in counts.files[:_FILES]],
        files_in_all=len(counts.files),
        rows_read=counts.rows_read,
        accepted=counts.accepted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        quarantined=counts.quarantined,
        redactions=dict(counts.redactions),
    )


def quarantined_out(digest: str, row: Rejected) -> QuarantinedOut:
    """A quarantined row as the API shows it."""
    return QuarantinedOut(
        digest=digest,
        id=_told(row.id),
        file=_told(_name(row.file)),
        line=row.line,
        stage=row.stage,
        reason=_told(row.reason),
        raw=_told(row.raw),
    )


def reason_out(reason: str, rows: int) -> ReasonOut:
    """A reason and how many rows wait for it."""
    return ReasonOut(reason=_told(reason), rows=rows)


def _name(file: str) -> str:
    # What the API itself took is kept under "POST /v1/feedback ..." and has no folder.
    return file if file.startswith("POST ") else file.replace("\\", "/").rpartition("/")[2]


def _told(text: str) -> str:
    """JSON in UTF-8 has no place for a lone surrogate, which a broken row may hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
