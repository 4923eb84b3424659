"""How far the numbers can be trusted: runs, coverage, quarantine, residue, models, and ways out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from nlp.residue import ResidueDrift, ResidueWeek, residue_drift
from report.document import DataHealth
from service.health_advice import Advice, advise
from service.under_way import UnderWay, under_way
from service.week_inputs import changed_inputs
from store.database import Session
from store.feedback import feedback_weeks
from store.ingests import intake_totals, total_redactions
from store.quarantine import quarantine_reasons
from store.runs import RunRecord, page_runs
from store.snapshots import load_report_parts

_RUNS = 200  # the latest; four years of weeks
_HEALTH = TypeAdapter(DataHealth)


@dataclass(frozen=True, slots=True)
class CoverageWeek:
    """A week as it was published.

    messages: of the week. statements: of these messages, noise included; the four states add up to
    them. coverage: share in a theme, leaf or broad, noise left out. unthemed_share: the rest of it.
    """

    week: str
    messages: int
    statements: int
    leaf: int
    parent: int
    unthemed: int
    noise: int
    coverage: float | None
    unthemed_share: float | None
    noise_share: float | None


@dataclass(frozen=True, slots=True)
class IntakeTotals:
    """All ingests so far; the four outcomes add up to `rows_read`.

    redactions: (type, pieces of personal data replaced).
    """

    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Rows in quarantine now. `share`: of all rows read; reasons are the most frequent first."""

    rows: int
    share: float | None
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model and the published weeks whose last run used this version of it."""

    name: str
    digest: str
    first_week: str
    last_week: str


@dataclass(frozen=True, slots=True)
class HealthOfData:
    """Everything of the health page. `weeks`: the published ones, the earliest first.

    waiting: (week, messages) of weeks with feedback that were not published.
    changed: inputs that were changed since the last published week was run.
    under_way: runs that have not ended, and published weeks that wait for theirs.
    """

    weeks: tuple[CoverageWeek, ...]
    waiting: tuple[tuple[str, int], ...]
    drift: ResidueDrift
    intake: IntakeTotals
    quarantine: Quarantined
    models: tuple[ModelUse, ...]
    last_run: RunRecord | None
    changed: tuple[str, ...]
    under_way: UnderWay
    advice: tuple[Advice, ...]

    @property
    def last_week(self) -> str | None:
        """The last published week."""
        return self.weeks[-1].week if self.weeks else None


def data_health(
    session: Session,
    *,
    labels_digest: str | None = None,
    weeks: tuple[CoverageWeek, ...] | None = None,
    volumes: Mapping[str, int] | None = None,
) -> HealthOfData:
    """The health of everything stored, as of now.

    Args:
        labels_digest: that of the labels now; None: they are not compared with the last run's.
        weeks: `coverage_weeks`, and volumes: `feedback_weeks`, where they were read before.
    """
    weeks = coverage_weeks(session) if weeks is None else weeks
    volumes = feedback_weeks(session) if volumes is None else volumes
    drift = residue_drift(
        [ResidueWeek(one.week, one.leaf + one.parent, one.unthemed) for one in weeks]
    )
    published = {one.week for one in weeks}
    waiting = tuple((week, messages) for week, messages in volumes.items() if week not in published)
    intake = _intake(session)
    reasons = tuple(quarantine_reasons(session))
    rows = sum(count for _, count in reasons)
    quarantine = Quarantined(rows, rows / intake.rows_read if intake.rows_read else None, reasons)
    runs = page_runs(session, limit=_RUNS)
    models = model_uses(runs)
    changed = changed_inputs(session, weeks[-1].week, labels_digest=labels_digest) if weeks else ()
    last = runs[0] if runs else None
    now = under_way(session)
    return HealthOfData(
        weeks=weeks,
        waiting=waiting,
        drift=drift,
        intake=intake,
        quarantine=quarantine,
        models=models,
        last_run=last,
        changed=changed,
        under_way=now,
        advice=advise(
            last_run=last,
            volumes=[(one.week, one.messages) for one in weeks],
            waiting=waiting,
            drift=drift,
            quarantined=rows,
            rows_read=intake.rows_read,
            models=[(one.name, one.first_week) for one in models],
            changed=changed,
            under_way=now,
        ),
    )


def coverage_weeks(session: Session) -> tuple[CoverageWeek, ...]:
    """Every published week, as its report tells it, the earliest first."""
    return tuple(
        _coverage(week, _HEALTH.validate_json(text))
        for week, text in load_report_parts(session, "health")
    )


def _coverage(week: str, health: DataHealth) -> CoverageWeek:
    states = Counter(dict(health.states))
    said = states.total()
    placed = states["leaf"] + states["parent"]
    themed = placed + states["unthemed"]
    return CoverageWeek(
        week=week,
        messages=health.messages,
        statements=said,
        leaf=states["leaf"],
        parent=states["parent"],
        unthemed=states["unthemed"],
        noise=states["noise"],
        coverage=placed / themed if themed else None,
        unthemed_share=states["unthemed"] / themed if themed else None,
        noise_share=states["noise"] / said if said else None,
    )


def _intake(session: Session) -> IntakeTotals:
    read, accepted, updated, unchanged, quarantined = intake_totals(session)
    return IntakeTotals(
        rows_read=read,
        accepted=accepted,
        updated=updated,
        unchanged=unchanged,
        quarantined=quarantined,
        redactions=tuple(total_redactions(session).items()),
    )


def model_uses(runs: Sequence[RunRecord]) -> tuple[ModelUse, ...]:
    """Versions of models by name, the latest first, and the weeks whose last good run used them.

    Args:
        runs: the last started first.
    """
    by_week: dict[str, Mapping[str, str]] = {}
    for run in runs:
        if run.status == "done" and run.week is not None:
            by_week.setdefault(run.week, json.loads(run.model_digests))
    used: dict[tuple[str, str], list[str]] = {}
    for week in sorted(by_week):
        for name, digest in sorted(by_week[week].items()):
            used.setdefault((name, digest), []).append(week)
    found = [
        ModelUse(name, digest, first_week=weeks[0], last_week=weeks[-1])
        for (name, digest), weeks in used.items()
    ]
    latest = sorted(found, key=lambda one: (one.last_week, one.digest), reverse=True)
    return tuple(sorted(latest, key=lambda one: one.name))
