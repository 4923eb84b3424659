"""What each page shows, as data: a template sees these fields and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.records import Friction, OwnerMatch, RootCause, StageMatch, Theme, Trend
from nlp.theme_series import WeekRate
from report.cause_wording import ScorePart
from report.document import CauseLine, RootCauseLine, WeekReport
from report.trend_chart import Mark


@dataclass(frozen=True, slots=True)
class NoDataPage:
    """Nothing was published yet. `messages`: how many were ingested so far."""

    section: str
    messages: int


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A published week and its neighbours (None at the ends). `weeks`: all published, in order.

    anew: it waits for a run since an earlier week was run anew; only its report can be read.
    """

    section: str
    report: WeekReport
    earlier: str | None
    later: str | None
    weeks: tuple[str, ...]
    anew: bool


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme in a table. `customers`: all of them, up to the week."""

    theme: Theme
    trend: Trend | None
    note: str
    owner: OwnerMatch | None
    stage: StageMatch | None
    friction: Friction | None
    customers: int


@dataclass(frozen=True, slots=True)
class Said:
    """A statement on a theme's page, in pieces: (text, whether it is a reason)."""

    statement_id: str
    week: str
    kind: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A root cause in a table. `unranked`: why there is no rank, in a few words; else empty.

    `pending`: what people decided since, which the next run applies; else empty.
    """

    cause: RootCause
    text: str
    trend: str
    theme_label: str
    owner: OwnerMatch | None
    unranked: str
    pending: str


@dataclass(frozen=True, slots=True)
class PieceShown:
    """A piece of evidence on a cause's page. `statements` are the latest; `total` counts all."""

    line: CauseLine
    statements: tuple[Said, ...]
    total: int


@dataclass(frozen=True, slots=True)
class CausePage:
    """One root cause, as `week` told it. `friction_rank`: its theme's place in the backlog.

    `changes`: what would change the rank, line by line, as `groundswell explain` has it.
    `pending`: what people decided since, which the next run applies; else empty.
    `latest`: the last published week. `last_week`: the last one that told this cause.
    `weeks`: its theme's series; `marks`: the onsets among its pieces and the events beside them.
    """

    section: str
    week: str
    cause: RootCause
    line: RootCauseLine
    trend: str
    theme_label: str
    friction_rank: int | None
    score_parts: tuple[ScorePart, ...]
    changes: tuple[str, ...]
    pieces: tuple[PieceShown, ...]
    pending: str
    latest: str
    last_week: str
    weeks: tuple[WeekRate, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Where a key is pasted. `following`: the path to go on to. `problem`: why not.

    `reload`: the page loads itself once more, because a link from elsewhere led to it and the
    browser kept its cookie back.
    """

    section: str
    following: str
    problem: str
    reload: bool
