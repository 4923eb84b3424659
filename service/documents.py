"""The documents that travel, built from the store: a week's, an owner's part of it, a month's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from report.document import WeekReport, from_json, to_json
from report.letter import Letter
from report.week_letter import week_letter
from service.exporting import published_week
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

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: dict[tuple[Document, str, str], Package | None] = {}

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
        if document == "week":
            report = week_document(self._engine, period)
            return Package(week_letter(report), to_json(report))
        raise ValueError(f"{owner_id or document}: not built yet")


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
