"""What an assistant may ask, and the answers: the API's own, from the same functions.

Pure of any protocol: `api.assistant` carries questions and answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.filters import MAX_LIMIT, Filters, Paging, check_week
from api.friction_list import SORTS, friction_answer
from api.problems import ProblemError
from api.routes.causes import get_cause
from api.routes.themes import get_history, get_theme, list_statements, list_theme_causes
from api.schemas.causes import RootCause, RootCauseDetail
from api.schemas.common import Answer, Page
from api.schemas.friction import FrictionPoint
from api.schemas.search import SearchAnswer, search_answer
from api.schemas.themes import HistoryEvent, StatementOut, ThemeDetail
from api.scope import Populations, pick_week, published_report
from api.search_rows import search as searched
from api.searcher import Searcher
from labels.schema import Labels
from nlp.records import Kind
from report.document import WeekReport
from report.render_markdown import render_markdown
from store.database import Session
from store.snapshots import published_weeks

# A big theme has thousands of statement ids behind its causes: an assistant that reads them all
# has no room left to think. Counts always stand beside.
_IDS = 3
_QUOTES = 5
_CAUSES = 5


class Question(BaseModel):
    """Base of all questions: an argument nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


Week = Annotated[
    str | None, Field(description="Published ISO week, like 2026-W46; the last one if left out.")
]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


class OfFeedback(Question):
    """What part of the feedback is meant; as in the API's lists."""

    since: str | None = Field(None, description="Only feedback from this ISO week on.")
    until: str | None = Field(None, description="Only feedback up to this ISO week.")
    kind: Kind | None = Field(None, description="Only feedback of this kind.")
    segment: dict[str, str] = Field(
        default_factory=dict, description='Only feedback with these values, like {"plan": "Pro"}.'
    )

    def filters(
        self, *, week: str | None = None, owner: str | None = None, stage: str | None = None
    ) -> Filters:
        """The same as the API reads it.

        Raises:
            ProblemError: 422, for what is no week, and weeks in the wrong order.
        """
        first, last = check_week("since", self.since), check_week("until", self.until)
        if first and last and first > last:
            raise ProblemError(422, "empty-range", f"since {first} is later than until {last}")
        return Filters(
            week=check_week("week", week),
            since=first,
            until=last,
            kind=self.kind,
            owner=owner,
            stage=stage,
            attributes=tuple(sorted(self.segment.items())),
        )


class FrictionQuestion(OfFeedback):
    """The filters of `/v1/friction-points`."""

    week: Week = None
    owner: str | None = Field(None, description="Only themes of this owner (id).")
    stage: str | None = Field(None, description="Only themes of this journey stage (id).")
    sort: str = Field(
        "rank", description=f"One of {', '.join(SORTS)}; with a minus the highest first (-score)."
    )
    limit: Limit = Field(5, description="How many friction points, the costliest first.")


class ThemeQuestion(Question):
    """A theme by its id."""

    theme_id: str = Field(description="Like T-4f2a91c07b; lists and search name it.")
    week: Week = None
    statements: int = Field(10, ge=1, le=50, description="How many of the latest statements.")


class CauseQuestion(Question):
    """A root cause by its id."""

    cause_id: str = Field(description="Like R-51c7a0be42; friction points and themes name it.")
    week: str | None = Field(
        None, description="As this published week told it; as it was told last if left out."
    )
    quotes: int = Field(_QUOTES, ge=1, le=50, description="How many quotes for each piece.")


class SearchQuestion(OfFeedback):
    """What `/v1/search` may be asked."""

    text: str = Field(
        "",
        max_length=400,
        description="What is sought, in any words; what means the same is found, too. A phrase in "
        "quotes must be there word for word.",
    )
    like: str = Field(
        "", max_length=500, description="Id of a statement, to find what means the same."
    )
    theme: str = Field("", description="Only statements of this theme (id).")
    limit: Limit = Field(10, description="How many statements, the best first.")


class WeekQuestion(Question):
    """A week's report."""

    week: Week = None
    form: Literal["markdown", "data"] = Field(
        "markdown", description="As text for people, or as the document with all its numbers."
    )


class ThemeAnswer(Answer):
    """A theme with why it happens, its life and what customers said last."""

    week: str
    theme: ThemeDetail
    causes: list[RootCause] = Field(
        description=f"The best evidence first, at most {_CAUSES}; {_IDS} statement ids for each."
    )
    life: list[HistoryEvent]
    statements: list[StatementOut]


class WeekAnswer(Answer):
    """The report of a week, in the form asked for."""

    week: str
    published: list[str] = Field(description="All published weeks.")
    markdown: str | None = None
    report: WeekReport | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers are made from."""

    session: Session
    populations: Populations
    labels: Labels
    searcher: Searcher


Asked = TypeVar("Asked", bound=Question)


@dataclass(frozen=True, slots=True)
class Tool(Generic[Asked]):
    """One kind of question: `describe` tells an assistant when to ask it."""

    name: str
    title: str
    describe: str
    question: type[Asked]
    answer: Callable[[Desk, Asked], Answer]
    answers: type[Answer]

    def ask(self, desk: Desk, arguments: Mapping[str, Any]) -> Answer:
        """The answer.

        Raises:
            pydantic.ValidationError: when the arguments are not those of the question.
            ProblemError: when there is no such week, theme, cause, filter.
        """
        return self.answer(desk, self.question.model_validate(arguments))


def top_friction_points(desk: Desk, asked: FrictionQuestion) -> Page[FrictionPoint]:
    """As `/v1/friction-points`, with fewer statement ids."""
    page = friction_answer(
        desk.session,
        desk.populations,
        desk.labels,
        asked.filters(week=asked.week, owner=asked.owner, stage=asked.stage),
        _first(asked.limit),
        sort=asked.sort,
    )
    short = [
        one.model_copy(update={"causes": [_brief(cause) for cause in one.causes]})
        for one in page.items
    ]
    return page.model_copy(update={"items": short, "next_cursor": None})


def theme(desk: Desk, asked: ThemeQuestion) -> ThemeAnswer:
    """As `/v1/themes/ID` and its causes, history and statements."""
    week = pick_week(desk.session, week=check_week("week", asked.week))
    filters = Filters(week=week)
    found = get_theme(asked.theme_id, desk.session, desk.populations, desk.labels, filters)
    causes = list_theme_causes(
        asked.theme_id, desk.session, desk.populations, filters, _first(_CAUSES)
    )
    statements = list_statements(
        asked.theme_id, desk.session, desk.populations, filters, _first(asked.statements)
    )
    return ThemeAnswer(
        week=week,
        theme=found,
        causes=[_brief(cause) for cause in causes.items],
        life=get_history(asked.theme_id, desk.session, filters).events,
        statements=statements.items,
    )


def cause(desk: Desk, asked: CauseQuestion) -> RootCauseDetail:
    """As `/v1/root-causes/ID`, with fewer quotes."""
    found = get_cause(asked.cause_id, desk.session, Filters(week=check_week("week", asked.week)))
    pieces = [
        piece.model_copy(
            update={
                "quotes": piece.quotes[: asked.quotes],
                "evidence_ids": piece.evidence_ids[:_IDS],
            }
        )
        for piece in found.pieces
    ]
    return found.model_copy(update={"pieces": pieces, "evidence_ids": found.evidence_ids[:_IDS]})


def search(desk: Desk, asked: SearchQuestion) -> SearchAnswer:
    """As `/v1/search`."""
    if bool(asked.text.strip()) == bool(asked.like):
        raise ProblemError(422, "nothing-asked", "give either text or like, not both")
    found = searched(
        desk.session,
        desk.populations,
        desk.searcher,
        asked.filters(),
        _first(asked.limit),
        text=asked.text,
        like=asked.like,
        theme=asked.theme,
    )
    return search_answer(found).model_copy(update={"next_cursor": None})


def week(desk: Desk, asked: WeekQuestion) -> WeekAnswer:
    """As `/v1/reports/WEEK`, or the same as Markdown."""
    name = pick_week(desk.session, week=check_week("week", asked.week))
    report = published_report(desk.session, name)
    markdown = asked.form == "markdown"
    return WeekAnswer(
        week=name,
        published=list(published_weeks(desk.session)),
        markdown=render_markdown(report) if markdown else None,
        report=None if markdown else report,
    )


def _first(limit: int) -> Paging:
    return Paging(limit, None)


def _brief(told: RootCause) -> RootCause:
    pieces = [
        piece.model_copy(update={"evidence_ids": piece.evidence_ids[:_IDS]})
        for piece in told.pieces
    ]
    return told.model_copy(update={"pieces": pieces, "evidence_ids": told.evidence_ids[:_IDS]})


TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "top_friction_points",
        "Top friction points",
        "What to fix first: themes ranked by reach x impact x confidence / effort, with rank "
        "interval, owner, root causes and quotes. Narrow by weeks, kind, owner, stage or segment "
        "(ranks are then made anew); a value nobody has is answered by those there are.",
        FrictionQuestion,
        top_friction_points,
        Page[FrictionPoint],
    ),
    Tool(
        "theme",
        "One theme",
        "A theme by id: how many customers, its trend in plain words, why it happens, its life, "
        "typical texts and what customers said last.",
        ThemeQuestion,
        theme,
        ThemeAnswer,
    ),
    Tool(
        "cause",
        "One root cause",
        "A root cause by id: every piece of evidence with quotes, the sum behind its score, and "
        "people's verdict. Correlation in what customers wrote; never proven.",
        CauseQuestion,
        cause,
        RootCauseDetail,
    ),
    Tool(
        "search",
        "Search what customers say",
        "Statements by meaning and words together, the best first, with counts of all that was "
        "found by theme and by week. Ask by text, or like a statement.",
        SearchQuestion,
        search,
        SearchAnswer,
    ),
    Tool(
        "week",
        "A week's report",
        "The report of a published week: what is new, rising and falling, the top friction "
        "points, the journey, ownership gaps and the health of the data.",
        WeekQuestion,
        week,
        WeekAnswer,
    ),
)
