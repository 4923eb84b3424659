"""An owner's own part of a week: what changed in the owner's themes, what to fix and confirm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from nlp.records import Cause, Friction, RootCause, Theme, Trend
from nlp.weeks import monday, shift, sunday
from report import figures, wording
from report.backlog import friction_lines, gaps
from report.changes import cause_news, costliest_first, theme_lines, weeks_rising
from report.document import (
    CauseNews,
    Figure,
    FrictionLine,
    Gap,
    Headline,
    Point,
    Sentence,
    ThemeLine,
    Totals,
)
from report.letter import Letter, Section
from report.quiet import quiet_text
from report.scene import Scene, series
from report.week_letter import (
    FOOT,
    change_sections,
    friction_item,
    gap_section,
    leads,
    more,
    numbers,
    owner_path,
    theme_section,
)

FORMAT = 1
_STATUSES = ("new", "rising", "falling")


@dataclass(frozen=True, slots=True)
class OwnerPart:
    """What one owner is told of one week; the themes are those the owner owned in it.

    headline: of the owner's themes alone. volume: customers a week who spoke of any of them.
    friction: all of the owner's ranked friction points, in the rank they have among everybody's.
    unconfirmed: themes the owner stands beside until somebody confirms it.
    """

    format: int
    week: str
    first_day: str
    last_day: str
    owner_id: str
    owner: str
    themes: int
    sentences: tuple[Sentence, ...]
    headline: Headline
    volume: tuple[Point, ...]
    new: tuple[ThemeLine, ...]
    rising: tuple[ThemeLine, ...]
    falling: tuple[ThemeLine, ...]
    three_months_running: tuple[ThemeLine, ...]
    totals: Totals
    cause_news: tuple[CauseNews, ...]
    cause_news_total: int
    friction: tuple[FrictionLine, ...]
    friction_ranked: int
    friction_weeks: int
    unconfirmed: tuple[Gap, ...]
    input_digest: str
    code_version: str


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """What the week published, for all owners alike; see `report.build.build_report`."""

    scene: Scene
    themes: Sequence[Theme]
    trends: Sequence[Trend]
    previous_trends: Sequence[Trend]
    causes: Sequence[Cause]
    root_causes: Sequence[RootCause]
    friction: Sequence[Friction]
    friction_weeks: int
    input_digest: str
    code_version: str


def build_owner_part(facts: WeekFacts, owner_id: str, owner: str) -> OwnerPart | None:
    """An owner's part of the week; None when the owner has no theme in it."""
    scene = facts.scene
    week = scene.week
    live = [t for t in facts.themes if t.retired_week is None or t.retired_week > week]
    own = {theme.id for theme in live if scene.owner(theme.id)[0] == owner_id}
    if not own:
        return None
    cold = min((theme.born_week for theme in facts.themes), default=week) == week
    current = [] if cold else [t for t in facts.trends if t.week == week and t.theme_id in own]
    rising_for = weeks_rising(facts.previous_trends, week)

    def listed(chosen: Iterable[Trend]) -> tuple[ThemeLine, ...]:
        return theme_lines(scene, chosen, rising_for)

    lists = {name: listed(t for t in current if t.status == name) for name in _STATUSES}
    running = costliest_first(scene, listed(t for t in current if t.three_months), facts.friction)
    pieces = {cause.id: cause for cause in facts.causes}
    roots = [one for one in facts.root_causes if one.theme_id in own]
    news = () if cold else cause_news(scene, roots, pieces)
    points = [one for one in facts.friction if one.theme_id in own]
    lines = tuple(
        line for line in friction_lines(scene, points, facts.causes, roots) if line.rank is not None
    )
    unconfirmed = gaps(scene, [theme for theme in live if theme.id in own]).themes
    headline = _headline(scene, own)
    listed_at_most = scene.config.listed
    return OwnerPart(
        format=FORMAT,
        week=week,
        first_day=monday(week).isoformat(),
        last_day=sunday(week).isoformat(),
        owner_id=owner_id,
        owner=owner,
        themes=len(own),
        sentences=_sentences(headline, lists, lines, len(own)),
        headline=headline,
        volume=_volume(scene, own),
        new=lists["new"][:listed_at_most],
        rising=lists["rising"][:listed_at_most],
        falling=lists["falling"][:listed_at_most],
        three_months_running=running[:listed_at_most],
        totals=Totals(
            found=0,
            new=len(lists["new"]),
            rising=len(lists["rising"]),
            falling=len(lists["falling"]),
            three_months_running=len(running),
        ),
        cause_news=news[:listed_at_most],
        cause_news_total=len(news),
        friction=lines[: scene.config.top],
        friction_ranked=len(lines),
        friction_weeks=facts.friction_weeks,
        unconfirmed=unconfirmed,
        input_digest=facts.input_digest,
        code_version=facts.code_version,
    )


_ADAPTER = TypeAdapter(OwnerPart)


def part_to_json(part: OwnerPart) -> str:
    """The part as indented JSON text; ends with a newline."""
    return _ADAPTER.dump_json(part, indent=2).decode("utf-8") + "\n"


def owner_letter(part: OwnerPart) -> Letter:
    """The part as a letter."""
    path, week = owner_path(part.owner_id), f"/weeks/{part.week}"
    sections = change_sections(part, week)
    running, total = part.three_months_running, part.totals.three_months_running
    if running:
        sections.append(theme_section("Three months running", running, total, week))
    if part.friction:
        sections.append(
            Section(
                "Your friction points",
                intro="By their rank among everybody's; the score weighs customers reached, what a "
                "mention costs them, how sure that is, and the effort to fix it.",
                items=tuple(map(friction_item, part.friction)),
                more=more(part.friction_ranked - len(part.friction)),
                path=path,
            )
        )
    if part.unconfirmed:
        sections.append(gap_section(part.unconfirmed, week, title="Yours to confirm"))
    return Letter(
        title=f"Customer feedback, week {part.week}: {part.owner}",
        subtitle=f"{figures.day(part.first_day)} to {figures.day(part.last_day)}; "
        f"{wording.count(part.themes, 'theme')} of yours",
        path=path,
        leads=leads(part.sentences, week),
        numbers=numbers(part.headline.figures),
        series=part.volume if len(part.volume) > 1 else (),
        sections=tuple(sections),
        foot=f"{FOOT} Made from input {part.input_digest[:12] or 'unnamed'} by Groundswell "
        f"{part.code_version}.",
    )


def _rows(scene: Scene, own: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    none = np.zeros(0, dtype=np.int64)
    parts = [scene.population.members.get(name, none) for name in sorted(own)]
    return np.unique(np.concatenate([none, *parts]))


def _volume(scene: Scene, own: Iterable[str]) -> tuple[Point, ...]:
    """Messages stand in for statements, as in the volume of the whole week."""
    return series(scene, _rows(scene, own), None)


def _headline(scene: Scene, own: set[str]) -> Headline:
    members = _rows(scene, own)
    rows = members[scene.weeks[members] == scene.week]
    before = members[scene.weeks[members] == shift(scene.week, -1)]
    compare = bool(np.any(scene.weeks == shift(scene.week, -1)))
    return Headline(
        (
            Figure(
                "customers",
                scene.population.distinct_customers(rows),
                scene.population.distinct_customers(before) if compare else None,
                "different customers who spoke of your themes",
            ),
            Figure(
                "messages",
                rows.size,
                before.size if compare else None,
                "messages that speak of your themes",
            ),
        )
    )


def _sentences(
    headline: Headline,
    lists: dict[str, tuple[ThemeLine, ...]],
    friction: Sequence[FrictionLine],
    themes: int,
) -> tuple[Sentence, ...]:
    customers = headline.figures[0]
    volume = (
        f"{wording.count(customers.value, 'customer')} spoke of your "
        f"{wording.count(themes, 'theme')} this week"
    )
    compared = "" if customers.before is None else f": {figures.change(customers)}"
    changed = [f"{len(lists[name])} {name}" for name in _STATUSES if lists[name]]
    what = (
        f"Of your themes, {wording.listing(changed)}"
        if changed
        else "None of your themes changed by more than chance would explain"
    )
    found = [Sentence(f"{volume}{compared}.", "numbers"), Sentence(f"{what}.", "changes")]
    if friction:
        top = friction[0]
        quiet = quiet_text(top.series)
        found.append(
            Sentence(
                f"Fix first: {wording.name(top.label)}, rank {top.rank} of all, "
                f"{wording.count(top.reach, 'customer')} reached"
                f"{f'; it {quiet}' if quiet else ''}.",
                "friction",
            )
        )
    return tuple(found)
