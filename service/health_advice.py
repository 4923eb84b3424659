"""What is off with the data, and what to do about it, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from nlp.residue import ResidueDrift
from report.wording import count, listing, percent
from service.under_way import UnderWay, weeks_told
from store.runs import RunRecord


@dataclass(frozen=True, slots=True)
class AdviceConfig:
    """When something counts as off.

    quarantined: as labels/metrics.yaml has it: above, the export at the source is mended.
    volume: a week with less than half of the usual messages misses a source, or a holiday.
    usual_weeks: two months, a holiday's dip is not the usual.
    """

    quarantined: float = 0.01
    volume: float = 0.5
    usual_weeks: int = 8


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that is off: what, and the way out. `metric`: the key of the number it is about."""

    key: str
    what: str
    todo: str
    metric: str = ""


def advise(
    *,
    last_run: RunRecord | None,
    volumes: Sequence[tuple[str, int]],
    waiting: Sequence[tuple[str, int]],
    drift: ResidueDrift,
    quarantined: int,
    rows_read: int,
    models: Sequence[tuple[str, str]],
    changed: Collection[str],
    under_way: UnderWay | None = None,
    config: AdviceConfig | None = None,
) -> tuple[Advice, ...]:
    """What is off, the most urgent first; nothing when all is well.

    Args:
        last_run: the run that started last.
        volumes: (week, messages) of the published weeks, the earliest first.
        waiting: (week, messages) of weeks with feedback that were not published.
        drift: of the residue.
        quarantined: rows in quarantine now.
        rows_read: rows read so far.
        models: (name, first week that used this version), each version of a model.
        changed: inputs changed since the last published week was run.
        under_way: runs that have not ended, and weeks that wait for theirs; None: nothing is.
        config: when something counts as off.
    """
    config = config or AdviceConfig()
    last_week = volumes[-1][0] if volumes else None
    return (
        *_of_runs(last_run),
        *_of_under_way(under_way),
        *_of_waiting(waiting, last_week),
        *_of_changed(changed, last_week),
        *_of_volume(volumes, config),
        *_of_quarantine(quarantined, rows_read, config),
        *_of_drift(drift),
        *_of_models(models, last_week, volumes[0][0] if volumes else None),
    )


def _of_runs(last: RunRecord | None) -> list[Advice]:
    if last is None or last.status != "failed":
        return []
    return [
        Advice(
            "run-failed",
            f"The last run{f' of {last.week}' if last.week else ''} failed: {last.error}",
            "Pages show the last week that was published. Look with: groundswell doctor; then run "
            f"it again: groundswell run{f' --week {last.week}' if last.week else ''}",
        )
    ]


def _of_under_way(now: UnderWay | None) -> list[Advice]:
    found: list[Advice] = []
    if now is not None and now.anew:
        found.append(
            Advice(
                "run-anew",
                f"{weeks_told(now.anew)} being run anew, since an earlier week has changed.",
                "Until each has its own run, its lists and pages cannot be answered (503) and a "
                "correction's effect cannot be previewed; its report stays as it was published. "
                "If no run is at work: groundswell run",
            )
        )
    if now is not None and now.since is not None:
        began = now.began()
        found.append(
            Advice(
                "run-under-way",
                f"{began[:1].upper()}{began[1:]}.",
                "Until it ends, pages show what was published before it, and a correction made now "
                "may count with the run after it. If it was killed, the next run says so: "
                "groundswell run",
            )
        )
    return found


def _of_waiting(waiting: Sequence[tuple[str, int]], last_week: str | None) -> list[Advice]:
    found: list[Advice] = []
    later = [one for one in waiting if last_week is None or one[0] > last_week]
    missed = [one for one in waiting if last_week is not None and one[0] < last_week]
    if later:
        messages = sum(number for _, number in later)
        found.append(
            Advice(
                "not-run",
                f"{count(messages, 'message')} of {_span([week for week, _ in later])} "
                f"{'waits' if messages == 1 else 'wait'} for a run.",
                "A week is run when it is over: groundswell run",
            )
        )
    if missed:
        found.append(
            Advice(
                "weeks-missing",
                f"{_span([week for week, _ in missed])} {'has' if len(missed) == 1 else 'have'} "
                "feedback, but no report: trends there have holes.",
                "To run them and what follows in order: "
                f"groundswell run --from {min(week for week, _ in missed)} --to {last_week}",
            )
        )
    return found


def _of_changed(changed: Collection[str], last_week: str | None) -> list[Advice]:
    if not changed or last_week is None:
        return []
    names = listing(sorted(changed))
    return [
        Advice(
            "inputs-changed",
            f"{names[:1].upper()}{names[1:]} were changed since {last_week} was run.",
            "The next week's run uses them, or now: groundswell run --week " + last_week,
        )
    ]


def _of_volume(volumes: Sequence[tuple[str, int]], config: AdviceConfig) -> list[Advice]:
    before = [number for _, number in volumes[:-1]][-config.usual_weeks :]
    if not before:
        return []
    week, now = volumes[-1]
    usual = median(before)
    if now >= config.volume * usual:
        return []
    return [
        Advice(
            "few-messages",
            f"{week} has {count(now, 'message')}; about {usual:,.0f} are usual.",
            "Look whether a source did not deliver (ingests below). If it comes later: ingest it, "
            f"then groundswell run --week {week}",
            metric="rows_read",
        )
    ]


def _of_quarantine(quarantined: int, rows_read: int, config: AdviceConfig) -> list[Advice]:
    if not quarantined or quarantined <= config.quarantined * rows_read:
        return []
    of_all = f", {percent(quarantined / rows_read)} of all rows read" if rows_read else ""
    return [
        Advice(
            "quarantine",
            f"{count(quarantined, 'row')} in quarantine{of_all}.",
            "Mend the export at its source, or the rows: groundswell quarantine export --out "
            "mend.jsonl, then groundswell quarantine feed mend.jsonl",
            metric="quarantined_share",
        )
    ]


def _of_drift(drift: ResidueDrift) -> list[Advice]:
    if drift.trend != "rising" or drift.recent is None or drift.before is None:
        return []
    return [
        Advice(
            "residue-grows",
            f"More is said that no theme covers: {percent(drift.recent)} of statements in the last "
            f"{count(drift.recent_weeks, 'week')}, {percent(drift.before)} before.",
            "Read the residue: groundswell export assignments, state unthemed. Themes are looked "
            "for in every run; seed one in labels/intents.yaml where you know what it is.",
            metric="coverage",
        )
    ]


def _of_models(
    models: Sequence[tuple[str, str]], last_week: str | None, first: str | None
) -> list[Advice]:
    newest: dict[str, str] = {}
    for name, since in models:
        newest[name] = max(newest.get(name, since), since)
    several = {name for name, _ in models if sum(other == name for other, _ in models) > 1}
    new = sorted(name for name in several if newest[name] == last_week)
    return [
        Advice(
            "model-changed",
            f"The {name} is another one since {last_week}.",
            "Changes of that week may come from it. To have all weeks from one model, set the "
            f"former one again, or run them anew: groundswell run --from {first} --to {last_week}",
        )
        for name in new
    ]


def _span(weeks: Sequence[str]) -> str:
    first, last = min(weeks), max(weeks)
    return first if first == last else f"{first} to {last}"
