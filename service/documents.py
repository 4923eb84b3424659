"""The documents that travel, built from the store: a week's, an owner's part of it, a month's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from labels.schema import Labels
from nlp.part import Part
from report.document import WeekReport, to_json
from report.letter import Letter
from report.outcome import Outcome, outcome_to_json
from report.outcome_letter import outcome_letter
from report.owner_part import (
    OwnerPart,
    build_owner_part,
    owner_letter,
    part_to_json,
)
from report.render_html import render_html
from report.render_mail import render_mail
from report.render_markdown import render_markdown
from report.render_text import render_chat_markdown, render_text
from report.week_letter import week_letter
from service.outcome import read_outcome
from service.stored_report import stored_report
from service.week_facts import LaidOut, lay_out, week_facts
from store.database import Engine, Session, read_scope

Document = Literal["week", "owner", "outcome"]
Drawing = Literal["html", "md", "json", "mail", "text"]


@dataclass(frozen=True, slots=True)
class Package:
    """A document ready to be drawn: itself, as a letter, and as its JSON text."""

    document: WeekReport | OwnerPart | Outcome
    letter: Letter
    json: str

    def drawn(self, how: Drawing, *, server: str = "") -> str:
        """The document as text; `server`: where links lead, "" for none."""
        match how:
            case "json":
                return self.json
            case "text":
                return render_text(self.letter, server=server)
            case "html" if isinstance(self.document, WeekReport):
                return render_html(self.document)
            case "md" if isinstance(self.document, WeekReport):
                return render_markdown(self.document)
            case "md":
                return render_chat_markdown(self.letter, server=server)
            case _:
                return render_mail(self.letter, server=server, images="inside").html


class Documents:
    """Builds documents as they are asked for, each once; `laid_out`: the feedback behind them."""

    def __init__(
        self, engine: Engine, *, labels: Labels, zone: ZoneInfo, laid_out: LaidOut = lay_out
    ) -> None:
        self._laid_out = laid_out
        self._engine = engine
        self._labels = labels
        self._zone = zone
        self._made: dict[tuple[Document, str, str], Package | None] = {}
        self._parts: dict[str, Part] = {}

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
                with read_scope(self._engine) as session:
                    report = stored_report(session, period)
                return Package(report, week_letter(report), to_json(report))
            case "owner":
                part = self._part(period, owner_id)
                return (
                    None if part is None else Package(part, owner_letter(part), part_to_json(part))
                )
            case "outcome":
                with read_scope(self._engine) as session:
                    outcome = read_outcome(
                        session,
                        period,
                        labels=self._labels,
                        zone=self._zone,
                        laid_out=self._part_of,
                    )
                return Package(outcome, outcome_letter(outcome), outcome_to_json(outcome))

    def _part(self, week: str, owner_id: str) -> OwnerPart | None:
        owner = self._labels.owner(owner_id)
        with read_scope(self._engine) as session:
            report = stored_report(session, week)
            facts = week_facts(session, week, report=report, laid_out=self._part_of)
            return build_owner_part(facts, owner_id, owner.name if owner else owner_id)

    def _part_of(self, session: Session, week: str) -> Part:
        if week not in self._parts:
            self._parts[week] = self._laid_out(session, week)
        return self._parts[week]
