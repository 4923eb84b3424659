"""The week's report as a letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote as quoted

from report import figures, wording
from report.document import (
    CauseNews,
    Figure,
    FrictionLine,
    Gap,
    RootCauseLine,
    Sentence,
    ThemeLine,
    Totals,
    WeekReport,
)
from report.letter import Item, Lead, Letter, Number, Said, Section, label, pairs, plain, quote

# A letter is read in the ten minutes before a meeting: the longer lists end here, with a link.
LISTED = 5
FOOT = "Customer-stated or correlated, never proven: a cause here is evidence to look at."
_GROUPS = (("new", "New"), ("rising", "Rising"), ("falling", "Falling"))
_NO_CHANGE = "No theme changed by more than chance would explain."


class Changes(Protocol):
    """What changed, of a week or of an owner's part of it."""

    @property
    def new(self) -> tuple[ThemeLine, ...]: ...  # noqa: D102
    @property
    def rising(self) -> tuple[ThemeLine, ...]: ...  # noqa: D102
    @property
    def falling(self) -> tuple[ThemeLine, ...]: ...  # noqa: D102
    @property
    def totals(self) -> Totals: ...  # noqa: D102
    @property
    def cause_news(self) -> tuple[CauseNews, ...]: ...  # noqa: D102
    @property
    def cause_news_total(self) -> int: ...  # noqa: D102


def week_letter(report: WeekReport) -> Letter:
    """The whole week, for whoever leads the meeting."""
    path = f"/weeks/{report.week}"
    sections: list[Section] = []
    if report.cold_start:
        sections.append(theme_section("Themes found", report.found, report.totals.found, path))
    elif report.themes:
        sections += change_sections(report, path)
        running, total = report.three_months_running, report.totals.three_months_running
        if running:
            sections.append(theme_section("Three months running", running, total, path))
    if report.themes:
        sections.append(_friction_section(report, path))
        if report.gaps.themes:
            sections.append(gap_section(report.gaps.themes, path))
    sections.append(_health_section(report, path))
    return Letter(
        title=f"Customer feedback, week {report.week}",
        subtitle=f"{figures.day(report.first_day)} to {figures.day(report.last_day)}",
        path=path,
        leads=leads(report.sentences, path),
        numbers=numbers(report.headline.figures),
        series=report.volume if len(report.volume) > 1 else (),
        sections=tuple(sections),
        foot=f"{FOOT} Made from input {report.input_digest[:12] or 'unnamed'} by Groundswell "
        f"{report.code_version}.",
    )


def leads(sentences: Sequence[Sentence], path: str) -> tuple[Lead, ...]:
    """The sentences on top, each with the place of its numbers."""
    return tuple(Lead(plain(one.text), f"{path}#{one.section}") for one in sentences)


def numbers(found: Sequence[Figure]) -> tuple[Number, ...]:
    """The headline numbers."""
    return tuple(
        Number(
            one.name[:1].upper() + one.name[1:],
            figures.value(one),
            figures.change(one),
        )
        for one in found
    )


def theme_section(
    title: str, lines: Sequence[ThemeLine], total: int, path: str, *, intro: str = ""
) -> Section:
    """Themes with their note and trend, the first of them."""
    shown = lines[:LISTED]
    return Section(
        title if total == len(shown) else f"{title} ({total:,})",
        intro=intro,
        items=tuple(map(_theme_item, shown)),
        more=more(total - len(shown)),
        path=f"{path}#changes",
    )


def change_sections(report: Changes, path: str) -> list[Section]:
    """What is new, rising and falling, or that nothing is; then the news of causes."""
    found = [
        theme_section(title, getattr(report, name), getattr(report.totals, name), path)
        for name, title in _GROUPS
        if getattr(report, name)
    ]
    if not found:
        found = [Section("What changed", intro=_NO_CHANGE)]
    if report.cause_news:
        found.append(news_section(report.cause_news, report.cause_news_total, path))
    return found


def news_section(news: Sequence[CauseNews], total: int, path: str) -> Section:
    """Causes that are new or rising."""
    shown = news[:LISTED]
    items = tuple(
        Item(
            title=plain(line.cause.lead),
            path=cause_path(line.cause.cause_id),
            tags=(line.trend, line.cause.state),
            facts=pairs([("Theme", label(line.label))]),
            lines=(plain(figures.sentence(line.cause.strength)),),
        )
        for line in shown
    )
    return Section(
        "Causes that are new or rising",
        items=items,
        more=more(total - len(shown)),
        path=f"{path}#causes",
    )


def friction_item(line: FrictionLine) -> Item:
    """A place in the backlog: rank, owner, reach, what causes it, and customers' words."""
    spread = (
        f"rank {line.rank_low} to {line.rank_high}, 90% sure"
        if line.rank_low != line.rank_high and line.rank_low is not None
        else ""
    )
    told = [figures.sentence(plain(text)) for text in (line.note, line.copies) if text]
    if line.tied_with:
        tied = plain(figures.tied(line.tied_with))
        told.insert(0, f"Tied: its rank cannot be told apart from {tied}.")
    told += [_cause_told(cause) for cause in line.causes]
    if not line.causes:
        told.append("No cause stands out yet.")
    return Item(
        title=label(line.label),
        path=theme_path(line.theme_id),
        mark="" if line.rank is None else str(line.rank),
        tags=(
            *((spread,) if spread else ()),
            *(("owner needs confirmation",) if line.needs_confirmation else ()),
        ),
        facts=pairs(
            [
                ("Owner", line.owner or "no owner yet"),
                ("Stage", line.stage),
                ("Reach", wording.count(line.reach, "customer")),
                ("Impact", "" if line.impact is None else figures.impact(line)),
                ("Score", "" if line.score is None else figures.short(line.score)),
            ]
        ),
        lines=tuple(told),
        quotes=tuple(
            Said(quote(one.text), f"{wording.SOURCE_NAMES[one.kind]}, {one.week}")
            for one in line.quotes
        ),
        series=line.series,
    )


def gap_section(
    gaps: Sequence[Gap], path: str, *, title: str = "Unowned or unconfirmed"
) -> Section:
    """Themes whose owner somebody has to confirm."""
    shown = gaps[:LISTED]
    items = tuple(
        Item(
            title=label(gap.label),
            path=theme_path(gap.theme_id),
            facts=pairs(
                [
                    ("Beside it for now", gap.owner or "nobody"),
                    ("Why", gap.reason),
                    ("Customers", f"{gap.customers:,}"),
                ]
            ),
        )
        for gap in shown
    )
    return Section(title, items=items, more=more(len(gaps) - len(shown)), path=f"{path}#gaps")


def more(left: int) -> str:
    """That a list goes on; "" when it does not."""
    return f"And {wording.count(left, 'other')}" if left > 0 else ""


def theme_path(theme_id: str) -> str:
    """Where a theme's page is."""
    return f"/themes/{quoted(theme_id, safe='')}"


def cause_path(cause_id: str) -> str:
    """Where a root cause's page is."""
    return f"/causes/{quoted(cause_id, safe='')}"


def owner_path(owner_id: str) -> str:
    """Where an owner's page is."""
    return f"/owners/{quoted(owner_id, safe='')}"


def _theme_item(line: ThemeLine) -> Item:
    told = (line.note, line.copies)
    return Item(
        title=label(line.label),
        path=theme_path(line.theme_id),
        tags=("broad theme",) if line.broad else (),
        facts=pairs([("Owner", line.owner or "no owner yet"), ("Stage", line.stage)]),
        lines=tuple(figures.sentence(plain(text)) for text in told if text),
        series=line.series,
    )


def _cause_told(cause: RootCauseLine) -> str:
    named = cause.headline or len(cause.pieces) != 1
    kind = "Cause" if named else wording.KIND_NAMES[cause.pieces[0].kind]
    sure = f"{cause.state}, exploratory" if cause.exploratory else cause.state
    told = (sure, plain(cause.strength, limit=240), plain(cause.reworded))
    return f"{kind}: {plain(cause.lead, limit=240)} ({'; '.join(one for one in told if one)})"


def _friction_section(report: WeekReport, path: str) -> Section:
    shown = report.friction[: 2 * LISTED]
    if not shown:
        return Section(
            "Top friction points",
            intro="Not enough data yet to rank: a theme needs several customers, and scores or "
            "repeat contacts to measure its impact.",
        )
    return Section(
        "Top friction points",
        intro="The score weighs the customers reached in "
        f"{wording.count(report.friction_weeks, 'week')} by what a mention costs them (impact, "
        "from 0, nothing, to 1, everything a score can lose), by how sure that is, and by the "
        "effort to fix it.",
        items=tuple(map(friction_item, shown)),
        more=more(report.friction_ranked - len(shown)),
        path=f"{path}#friction",
    )


def _health_section(report: WeekReport, path: str) -> Section:
    health = report.health
    told = f"{wording.count(health.messages, 'message')} this week"
    if health.coverage_any is not None:
        told += f"; {figures.share(health.coverage_any)} of their statements stand in a theme"
    quarantined = wording.count(health.intake.quarantined, "row")
    told += f". Of all rows read so far, {quarantined} could not be taken."
    return Section("Data health", intro=told, path=f"{path}#health")
