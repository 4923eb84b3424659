"""The documents that travel, built from the store: a week's, an owner's part of it, a month's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from labels.schema import Labels
from report.document import WeekReport, from_json, to_json
from report.letter import Letter
from report.outcome import outcome_to_json
from report.outcome_letter import outcome_letter
from report.owner_part import (
    OwnerPart,
    WeekFacts,
    build_owner_part,
    owner_letter,
    part_to_json,
)
from report.week_letter import week_letter
from service.exporting import published_week
from service.outcome import month_outcome
from service.week_facts import week_facts
from store.database import Engine, read_scope
from store.snapshots import load_report, published_weeks

Document = Literal["week", "owner", "outcome"]


class OtherVersionError(ValueError):
    """The report was stored by a version whose reports this one does not read."""


@dataclass(frozen=True, slots=True)
class Package:
    """A document ready to be drawn: as a letter, and as its JSON text."""

    letter: Letter
    json: str


class Documents:
    """Builds documents as they are asked for, each once."""

    def __init__(self, engine: Engine, *, labels: Labels, zone: ZoneInfo) -> None:
        self._engine = engine
        self._labels = labels
        self._zone = zone
        self._made: dict[tuple[Document, str, str], Package | None] = {}
        self._facts: dict[str, WeekFacts] = {}

    def package(self, document: Document, period: str, owner_id: str = "") -> Package | None:
        """A document; None where it has nothing to say to this owner.

        Raises:
            NothingPublishedError: the week, or no week of the month, was run.
            OtherVersionError: another version made the report.
        """
        key = (document, period, owner_id)
        if key not in self._made:
            self._made[key] = self._build(document, period, owner_id)
        return self._made[key]

    def _build(self, document: Document, period: str, owner_id: str) -> Package | None:
        match document:
            case "week":
                report = week_document(self._engine, period)
                return Package(week_letter(report), to_json(report))
            case "owner":
                part = self._part(period, owner_id)
                return None if part is None else Package(owner_letter(part), part_to_json(part))
            case "outcome":
                outcome = month_outcome(self._engine, period, labels=self._labels, zone=self._zone)
                return Package(outcome_letter(outcome), outcome_to_json(outcome))

    def _part(self, week: str, owner_id: str) -> OwnerPart | None:
        owner = self._labels.owner(owner_id)
        if week not in self._facts:
            report = week_document(self._engine, week)
            with read_scope(self._engine) as session:
                self._facts[week] = week_facts(session, week, report=report)
        return build_owner_part(self._facts[week], owner_id, owner.name if owner else owner_id)


def week_document(engine: Engine, week: str | None) -> WeekReport:
    """The report of a week as it was published; None: of the last one.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        OtherVersionError: another version made the report.
    """
    with read_scope(engine) as session:
        published = published_weeks(session)
        found = published_week(published, week)
        text = load_report(session, found)
    assert text is not None, f"{found} is published without a report"
    try:
        return from_json(text)
    except ValueError as error:
        raise OtherVersionError(
            f"the report of {found} was made by another version of groundswell; "
            f"make it anew: groundswell run --from {found} --to {published[-1]}"
        ) from error
