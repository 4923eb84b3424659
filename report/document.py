"""The weekly report as data: everything a reader sees, and nothing else.

HTML, Markdown and the API are drawn from this document alone. It holds no wall-clock time, so that
the same input gives a byte-identical report. All parts are frozen, and sorted by their builder.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from nlp.records import CauseKind, CauseState, TrendStatus

# Raised whenever a field changes its meaning, so that an old stored report is recognised.
FORMAT = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the sentences on top, and the section that holds its numbers (an HTML id)."""

    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number and what it was the week before (None: nothing to compare with)."""

    name: str
    value: float
    before: float | None
    meaning: str
    decimals: int = 0

    @property
    def change(self) -> float | None:
        """Difference to the week before."""
        return None if self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True)
class Headline:
    """The week's headline numbers, in reading order."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One week of a series: distinct customers and statements."""

    week: str
    customers: int
    statements: int


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One theme in one of the sections new, rising, falling, three months running or found.

    `broad`: it holds narrower themes. `usual`: customers one would expect from the theme's own
    recent weeks (None: not enough data). `copies`: that many of the week's mentions are one text.
    """

    theme_id: str
    label: str
    broad: bool
    owner_id: str
    owner: str
    stage: str
    status: TrendStatus
    customers: int
    statements: int
    usual: float | None
    rate_ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    q_value: float | None
    note: str
    series: tuple[Point, ...]
    copies: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many themes each list would hold in full: the report shows the first of them."""

    found: int
    new: int
    rising: int
    falling: int
    three_months_running: int


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One piece of evidence for a cause.

    `statement` is the cause as it is exported; `text` and `strength` say the same in plain words:
    what it is, and how strong. `events`: all dated events about an onset with their ISO days,
    `event` first; empty in a document of before.
    """

    cause_id: str
    kind: CauseKind
    statement: str
    text: str
    strength: str
    customers: int
    statements: int
    share_of_theme: float
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    q_value: float | None
    onset: str | None
    event: str | None
    exploratory: bool
    events: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RootCauseLine:
    """A cause: all evidence that speaks of the same thing. `state_text`: how sure, by whose word.

    `text` and `strength` say it in plain words; of a single piece they are that piece's.
    `headline`: one short sentence; empty in a document of before. `reworded`: what a person judged,
    where it was called otherwise.
    """

    cause_id: str
    state: CauseState
    state_text: str
    standing: str
    text: str
    strength: str
    customers: int
    statements: int
    share_of_theme: float
    first_week: str
    exploratory: bool
    pieces: tuple[CauseLine, ...]
    headline: str = ""
    reworded: str = ""

    @property
    def lead(self) -> str:
        """What it is called: its headline, or its text in documents of before."""
        return self.headline or self.text


@dataclass(frozen=True, slots=True)
class CauseNews:
    """A root cause that is new or rising this week, and the theme it belongs to."""

    trend: TrendStatus
    theme_id: str
    label: str
    cause: RootCauseLine


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's own words, shortened at a word, and where they stand."""

    statement_id: str
    kind: str
    week: str
    text: str


@dataclass(frozen=True, slots=True)
class FrictionLine:
    """A place in the backlog. `rank` is None where there is not enough data; `note` says so.

    `tied_with`: labels of the themes whose rank cannot be told apart from this one's. `copies`:
    that many of the mentions in the weeks shown are one text.
    """

    rank: int | None
    rank_low: int | None
    rank_high: int | None
    tied_with: tuple[str, ...]
    theme_id: str
    label: str
    owner_id: str
    owner: str
    needs_confirmation: bool
    stage: str
    reach: int
    impact: float | None
    impact_low: float | None
    impact_high: float | None
    confidence: float
    effort: float
    score: float | None
    causes: tuple[RootCauseLine, ...]
    quotes: tuple[Quote, ...]
    series: tuple[Point, ...]
    note: str
    copies: str = ""


@dataclass(frozen=True, slots=True)
class JourneyStage:
    """One stage of the customer's journey in this week.

    problems: different pairs of a customer and a theme. share, share_before: part of all problems
    of this week and of the week before, 0..1; None under `JourneyMap.least_problems` of them.
    score: mean score of the `scored` messages of `JourneyMap.score_weeks` weeks that speak of a
    problem here, 0..100, with its 95% interval; None under `JourneyMap.least_scored` messages, or
    where all are one customer's.
    theme_id, label: the theme most customers spoke of here; empty where nobody did.
    share_apart: whether the two shares differ by more than chance explains; None where one of them
    is missing, or where nobody looked (reports of before).
    """

    stage_id: str
    name: str
    problems: int
    customers: int
    statements: int
    share: float | None
    share_before: float | None
    score: float | None
    score_low: float | None
    score_high: float | None
    scored: int
    theme_id: str
    label: str
    share_apart: bool | None = None


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """Where this week's problems lie on the customer's journey, first stage first.

    problems: of all stages; customers and statements behind them. praise: statements left out,
    because their themes are praise; `statements + praise` is all that stands in a theme this week.
    lead: the map in one sentence.
    """

    stages: tuple[JourneyStage, ...]
    score_weeks: int
    problems: int
    customers: int
    statements: int
    praise: int
    least_problems: int
    least_scored: int
    lead: str


@dataclass(frozen=True, slots=True)
class KnownCustomers:
    """The customer table: `known` are in it; of those, `heard` spoke this week.

    others: customers heard this week that are not in the table.
    """

    known: int
    heard: int
    others: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A theme whose owner somebody has to confirm, and why."""

    theme_id: str
    label: str
    owner_id: str
    owner: str
    reason: str
    customers: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Ownership that is open: unowned or unconfirmed themes, those with most customers first."""

    themes: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the door took, over all ingests so far: the four outcomes add up to `rows_read`.

    reasons: (quarantine reason, rows), most frequent first. redactions: (type, places replaced).
    """

    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    reasons: tuple[tuple[str, int], ...] = ()
    redactions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What the report stands on.

    states: (state, statements of the week), over leaf, parent, unthemed and noise.
    coverage_leaf, coverage_any: share of the week's statements (noise left out) that stand in a
        leaf theme, in a leaf or a parent; None in a week without statements.
    """

    intake: Intake
    messages: int
    states: tuple[tuple[str, int], ...]
    coverage_leaf: float | None
    coverage_any: float | None


@dataclass(frozen=True, slots=True)
class WeekReport:
    """The report of one ISO week.

    first_day, last_day: ISO dates. history_weeks: weeks with feedback up to this one.
    themes: living themes, broad ones included. distinct_statements: different texts said so far,
    of which `least_statements` are needed before themes are looked for. friction_weeks,
    cause_weeks: the weeks up to this one that reach and causes are counted on.
    cold_start: the theme registry was built in this week. exploratory: at least one number was
    tested on the weeks that formed the themes. found: the largest themes, on a cold start only.
    recognised: themes born this week that no test calls new. cause_news: causes that are new or
    rising, the surest first; `cause_news_total` of them in all. journey: None while there are no
    themes, and in a document of format 2. base: None without a customer table, and in format 2.
    """

    format: int
    week: str
    first_day: str
    last_day: str
    history_weeks: int
    themes: int
    distinct_statements: int
    least_statements: int
    friction_weeks: int
    cause_weeks: int
    cold_start: bool
    exploratory: bool
    sentences: tuple[Sentence, ...]
    headline: Headline
    volume: tuple[Point, ...]
    found: tuple[ThemeLine, ...]
    new: tuple[ThemeLine, ...]
    rising: tuple[ThemeLine, ...]
    falling: tuple[ThemeLine, ...]
    three_months_running: tuple[ThemeLine, ...]
    totals: Totals
    friction: tuple[FrictionLine, ...]
    friction_ranked: int
    gaps: Gaps
    health: DataHealth
    input_digest: str
    code_version: str
    recognised: tuple[ThemeLine, ...] = ()
    cause_news: tuple[CauseNews, ...] = ()
    cause_news_total: int = 0
    journey: JourneyMap | None = None
    base: KnownCustomers | None = None


_ADAPTER = TypeAdapter(WeekReport)


def to_json(report: WeekReport) -> str:
    """The report as indented JSON text, UTF-8 kept as it is; ends with a newline."""
    return _ADAPTER.dump_json(report, indent=2).decode("utf-8") + "\n"


def from_json(text: str) -> WeekReport:
    """Read what `to_json` wrote.

    Raises:
        ValueError: when the text is no such document (names the field).
    """
    return _ADAPTER.validate_json(text)
