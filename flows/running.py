"""Run one week: what stood before and what is new in, everything the week publishes out.

All that a week writes is committed at once. A run that dies leaves the weeks before it as they
were, and running it again gives what an undisturbed run would have given. Published weeks after it
stood on what it replaced: of them only the report can be read until each was run, too
(`store.runs.weeks_run_anew`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from flows.intake_total import intake_total
from flows.models import Models
from flows.preparing import Tell, cached_encode, prepare
from flows.settings import Settings
from flows.version import code_version
from labels.schema import Labels, load
from nlp.analyse import Analysis, Before, Decisions, analyse
from nlp.correction_events import untold
from nlp.records import Statement
from nlp.scoring import memory_config
from nlp.segment import SPLITTER_VERSION
from nlp.weeks import shift, sunday
from report.build import build_report
from report.document import to_json
from service.week_inputs import input_digests
from store.assignments import assignments_as_of, save_assignments
from store.corrections import active_corrections
from store.customers import load_customers
from store.database import Engine, Session, session_scope
from store.events import load_events
from store.feedback import feedback_digest, feedback_weeks, load_feedback
from store.runs import RunRecord, last_run, rewind, save_run
from store.snapshots import (
    known_root_causes,
    load_causes,
    load_trends,
    published_weeks,
    save_snapshot,
)
from store.statements import load_statements
from store.themes import save_theme_events, save_themes, theme_events, themes_as_of
from store.vectors import load_vectors
from store.verdicts import active_efforts, active_verdicts


class LaterWeeksError(RuntimeError):
    """Weeks after the one to be run stand on it and would be lost."""


class ModelChangedError(RuntimeError):
    """The themes so far were formed by another model, whose vectors mean something else."""


class NoFeedbackError(RuntimeError):
    """There is nothing to run."""


@dataclass(frozen=True, slots=True)
class WeekOutcome:
    """What running one week came to. `status`: "done", or "unchanged" when nothing was new."""

    week: str
    status: str
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run_week(
    engine: Engine,
    *,
    settings: Settings,
    models: Models,
    week: str,
    last: str,
    tell: Tell,
) -> WeekOutcome:
    """Run `week`, the caller holding the run lock; `last` is the last week of this call.

    A week whose input is what it was when it was last run is left alone.

    Raises:
        ModelChangedError: the weeks before were run with another encoder.
        LaterWeeksError: the week must be run anew, and weeks after `last` are published.
        NoFeedbackError: no feedback is as early as `week`.
    """
    labels = load(settings.labels_dir)
    with session_scope(engine) as session:
        known = feedback_weeks(session)
        _check_feedback(known, week)
        digest = _input_digest(session, week, labels=labels, models=models)
        inputs = input_digests(session, week)
        before = last_run(session, week=week, status="done")
        if before is not None and before.input_digest == digest:
            return WeekOutcome(week, "unchanged", json.loads(before.counts))
        _check_later(published_weeks(session), week, last)
        _check_model(session, week, models)
    run = RunRecord(
        id=uuid.uuid4().hex,
        kind="weekly",
        week=week,
        status="running",
        started_at=dt.datetime.now(dt.UTC),
        config=json.dumps(
            settings.public() | {"labels_digest": labels.digest, "inputs": inputs}, sort_keys=True
        ),
        model_digests=json.dumps(dict(models.digests) | {"splitter": SPLITTER_VERSION}),
        code_version=code_version(),
    )
    with session_scope(engine) as session:
        _bury_dead(session)
        save_run(session, run)
    try:
        outcome = _run(
            engine,
            settings=settings,
            models=models,
            labels=labels,
            run=run,
            digest=digest,
            tell=tell,
        )
    except Exception as error:
        with session_scope(engine) as session:
            save_run(
                session, _ended(run, status="failed", error=f"{type(error).__name__}: {error}")
            )
        raise
    return outcome


def _run(
    engine: Engine,
    *,
    settings: Settings,
    models: Models,
    labels: Labels,
    run: RunRecord,
    digest: str,
    tell: Tell,
) -> WeekOutcome:
    assert run.week is not None
    week = run.week
    clock = time.perf_counter()
    prepared = prepare(engine, week=week, models=models, processes=settings.processes, tell=tell)
    ready = time.perf_counter()
    # The analysis writes nothing but vectors, each batch by itself: on SQLite, one who writes keeps
    # all others from writing.
    with session_scope(engine) as session:
        statements = load_statements(session, until_week=week)
        analysis = _analyse(engine, session, week, statements, labels=labels, models=models)
    for hindered in analysis.remembered.not_applied:
        made = hindered.correction
        subject = f"{made.kind} {made.theme_id}".strip()
        tell(f"{week}: not applied: {subject}: {hindered.reason}")
    analysed = time.perf_counter()
    counts = _counts(analysis, statements, week) | {
        "new_messages": prepared.messages,
        "new_texts_embedded": prepared.texts,
    }
    with session_scope(engine) as session:
        rewind(session, week)
        _publish(session, week, analysis, statements, labels=labels, digest=digest)
        seconds = {
            "prepare": round(ready - clock, 3),
            "analyse": round(analysed - ready, 3),
            "publish": round(time.perf_counter() - analysed, 3),
        }
        save_run(
            session,
            replace(
                _ended(run, status="done"),
                counts=json.dumps(counts, sort_keys=True),
                timings=json.dumps(seconds),
                input_digest=digest,
            ),
        )
    return WeekOutcome(week, "done", counts, seconds)


def _analyse(
    engine: Engine,
    session: Session,
    week: str,
    statements: list[Statement],
    *,
    labels: Labels,
    models: Models,
) -> Analysis:
    earlier = shift(week, -1)

    def vectors(shas: object) -> NDArray[np.float32]:
        return load_vectors(session, models.encoder.digest, list(shas))  # type: ignore[call-overload]

    corrections = active_corrections(session)
    weeks = [name for name in published_weeks(session) if name < week]
    return analyse(
        week,
        before=Before(
            themes=themes_as_of(session, earlier),
            assignments=assignments_as_of(session, earlier),
            causes=tuple(
                cause for _, cause in (load_causes(session, week=weeks[-1]) if weeks else ())
            ),
            root_causes=tuple(known_root_causes(session, before_week=week)),
        ),
        feedback=load_feedback(session, until_week=week),
        statements=statements,
        events=load_events(session, until=sunday(week)),
        customers=load_customers(session),
        labels=labels,
        decisions=Decisions(
            corrections=corrections,
            owners=corrections.owners,
            verdicts=active_verdicts(session),
            efforts=active_efforts(session),
        ),
        vectors=vectors,
        encode=cached_encode(engine, models),
    )


def _publish(
    session: Session,
    week: str,
    analysis: Analysis,
    statements: list[Statement],
    *,
    labels: Labels,
    digest: str,
) -> None:
    save_themes(session, week, analysis.themes)
    told = theme_events(session, until_week=shift(week, -1))
    save_theme_events(session, untold(analysis.events, told))
    save_assignments(session, week, analysis.remembered.assignments)
    report = build_report(
        week=week,
        population=analysis.population,
        statements={item.id: item for item in statements},
        assignments=analysis.assignments,
        themes=analysis.themes,
        trends=analysis.trends,
        previous_trends=[trend for trend in load_trends(session) if trend.week < week],
        causes=analysis.causes,
        root_causes=analysis.root_causes,
        friction=analysis.friction,
        owners=analysis.owners,
        stages=analysis.stages,
        intake=intake_total(session),
        least_statements=memory_config(labels.scoring).births.least_corpus,
        friction_weeks=labels.scoring.window.friction_weeks,
        cause_weeks=labels.scoring.window.cause_weeks,
        input_digest=digest,
        code_version=code_version(),
        journey=[(stage.id, stage.name) for stage in labels.stages],
    )
    save_snapshot(
        session,
        week,
        trends=analysis.trends,
        causes=analysis.causes,
        root_causes=analysis.root_causes,
        friction=analysis.friction,
        owners=analysis.owners,
        stages=analysis.stages,
        report_json=to_json(report),
    )


def _counts(analysis: Analysis, statements: list[Statement], week: str) -> dict[str, int]:
    states = Counter(analysis.assignments[item.id].state for item in statements)
    living = [theme for theme in analysis.themes if theme.retired_week is None]
    return {
        "messages": len(analysis.population),
        "messages_this_week": sum(name == week for name in analysis.population.weeks),
        "statements": len(statements),
        **{
            f"statements_{state}": states[state]
            for state in ("leaf", "parent", "unthemed", "noise")
        },
        "themes_leaf": sum(theme.level == "leaf" for theme in living),
        "themes_parent": sum(theme.level == "parent" for theme in living),
        "born": sum(theme.born_week == week and theme.level == "leaf" for theme in living),
        "causes": len(analysis.causes),
        "root_causes": len(analysis.root_causes),
        "corrections_not_applied": len(analysis.remembered.not_applied),
        "ranked": sum(item.rank is not None for item in analysis.friction),
    }


def _input_digest(session: Session, week: str, *, labels: Labels, models: Models) -> str:
    """Stands for all that a run of the week reads: equal digests, equal results."""
    weeks = [name for name in published_weeks(session) if name < week]
    before = last_run(session, week=weeks[-1], status="done") if weeks else None
    parts = {
        "before": before.input_digest if before else "",
        "feedback": feedback_digest(session, until_week=week),
        **input_digests(session, week),
        "labels": labels.digest,
        "models": models.digests,
        "splitter": SPLITTER_VERSION,
        "code": code_version(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _ended(run: RunRecord, *, status: str, error: str = "") -> RunRecord:
    assert status in ("done", "failed")
    return replace(
        run,
        status="done" if status == "done" else "failed",
        finished_at=dt.datetime.now(dt.UTC),
        error=error,
    )


def _bury_dead(session: Session) -> None:
    """Runs that were killed could not say so; whoever holds the lock knows that none is at work."""
    while (dead := last_run(session, status="running")) is not None:
        save_run(session, _ended(dead, status="failed", error="it was killed before its end"))


def _check_feedback(known: dict[str, int], week: str) -> None:
    if not known:
        raise NoFeedbackError("there is no feedback yet; begin with: groundswell ingest PATH")
    if week < min(known):
        raise NoFeedbackError(
            f"no feedback is as early as {week}: it begins in {min(known)} and ends in {max(known)}"
        )


def _check_later(published: list[str], week: str, last: str) -> None:
    later = [name for name in published if name > last]
    if later:
        raise LaterWeeksError(
            f"{later[0]} to {later[-1]} were published after {week} and stand on it; "
            f"run them together: groundswell run --from {week} --to {later[-1]}"
        )


def _check_model(session: Session, week: str, models: Models) -> None:
    published = published_weeks(session)
    before = [name for name in published if name < week]
    run = last_run(session, week=before[-1], status="done") if before else None
    if run is None:
        return
    known, now = json.loads(run.model_digests).get("encoder"), dict(models.digests)["encoder"]
    if known != now:
        raise ModelChangedError(
            f"{run.week} was run with the encoder {str(known)[:12]}, {week} would be run with "
            f"{now[:12]}: their vectors cannot be compared. Set GROUNDSWELL_MODEL back, or run all "
            f"weeks with the new one: groundswell run --from {published[0]} --to "
            f"{max(published[-1], week)}"
        )
