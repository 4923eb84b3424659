"""The filters that lists share, read strictly: an unknown one is an error that lists the known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from api.cursors import Cursor, decode, question_of
from api.problems import ProblemError
from nlp.records import KINDS, Kind
from nlp.weeks import monday

# The family of filters on what is known of the feedback or its customer; the second is an alias.
SEGMENT = "segment."
ATTRIBUTE = "attribute."
# Two hundred rows of the widest list are about 400 kB.
MAX_LIMIT = 200
# Windows reach back from a week and its days are named: beyond these there is no calendar left.
FIRST_WEEK, LAST_WEEK = "1900-W01", "2999-W52"

# FastAPI cannot declare a family of parameters; this entry shows one of it.
ATTRIBUTE_PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "name": "segment.plan",
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": (
                "Only feedback with this value. Any column of the feedback or of the customer "
                "table as segment.NAME, several together; attribute.NAME is the same. An unknown "
                "name or value is an error that lists the known."
            ),
            "example": "Pro",
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of the feedback a question is about, and which themes of it.

    week: the published week whose themes, owners and ranking are meant; None is the last one.
    since, until: only feedback of these ISO weeks, both included; they choose no themes.
    """

    week: str | None = None
    since: str | None = None
    until: str | None = None
    kind: Kind | None = None
    owner: str | None = None
    stage: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def restricts(self) -> bool:
        """Whether only a part of the feedback is meant, so that counts must be made anew."""
        return bool(self.since or self.until or self.kind or self.attributes)

    def last_week(self, published: str) -> str:
        """The last week counted: `until`, but never one after the published week that is asked."""
        return min(self.until or published, published)

    def parts(self) -> tuple[object, ...]:
        """Everything that makes this question another one."""
        return (
            self.week,
            self.since,
            self.until,
            self.kind,
            self.owner,
            self.stage,
            self.attributes,
        )

    @property
    def part(self) -> tuple[str | None, str | None, str | None, tuple[tuple[str, str], ...]]:
        """What chooses feedback, apart from the week: equal parts are of the same feedback."""
        return (self.since, self.until, self.kind, self.attributes)

    def of_the_feedback(self) -> dict[str, str | None]:
        """The parameters that choose feedback, for links to what lies behind a number."""
        return {
            "week": self.week,
            "since": self.since,
            "until": self.until,
            "kind": self.kind,
            **{f"{SEGMENT}{name}": value for name, value in self.attributes},
        }

    def parameters(self) -> dict[str, str | None]:
        """All of them, as a request gives them."""
        return {**self.of_the_feedback(), "owner": self.owner, "stage": self.stage}


def as_query(parameters: Mapping[str, str | None]) -> str:
    """`?name=value&...` of those that have a value; empty when none has."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How many rows, and after which."""

    limit: int
    cursor: Cursor | None


def check_week(name: str, week: str | None) -> str | None:
    """The week as it was given.

    Raises:
        ProblemError: 422, when it is no ISO week, or of no year that feedback can be of.
    """
    if week is None:
        return None
    try:
        monday(week)
    except ValueError as error:
        raise ProblemError(422, "not-a-week", f"{name}: {error}") from error
    if not FIRST_WEEK <= week <= LAST_WEEK:
        raise ProblemError(
            422, "not-a-week", f"{name}: {week} is not between {FIRST_WEEK} and {LAST_WEEK}"
        )
    return week


def check_known(request: Request, known: Iterable[str], *, attributes: bool) -> None:
    """Refuse filters that would silently do nothing, and one that is given twice.

    Raises:
        ProblemError: 422, listing the filters of this list.
    """
    names = sorted(known)
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if attributes and segment_name(name):
            continue
        if name not in names:
            raise ProblemError(
                422,
                "unknown-filter",
                f"{name!r} is not a filter of this list",
                known=[*names, f"{SEGMENT}NAME"] if attributes else names,
            )
    plain = [f"{SEGMENT}{segment_name(name)}" if segment_name(name) else name for name in given]
    twice = sorted({name for name in plain if plain.count(name) > 1})
    if twice:
        raise ProblemError(422, "filter-given-twice", f"{twice[0]!r} may be given once only")


def segment_name(parameter: str) -> str:
    """The attribute that `segment.NAME` or `attribute.NAME` filters by; empty for others."""
    for family in (SEGMENT, ATTRIBUTE):
        if parameter.startswith(family):
            return parameter.removeprefix(family)
    return ""


Week = Annotated[
    str | None,
    Query(description="Published ISO week; the last one when left out.", examples=["2026-W46"]),
]
Since = Annotated[
    str | None, Query(description="Only feedback from this ISO week on.", examples=["2026-W40"])
]
Until = Annotated[
    str | None, Query(description="Only feedback up to this ISO week.", examples=["2026-W46"])
]
OnlyKind = Annotated[Kind | None, Query(description=f"Only feedback of this kind: {KINDS}.")]
Owner = Annotated[
    str | None, Query(description="Only themes of this owner (id).", examples=["billing"])
]
Stage = Annotated[
    str | None, Query(description="Only themes of this journey stage (id).", examples=["pay"])
]


def read_filters(
    request: Request,
    *,
    week: Week = None,
    since: Since = None,
    until: Until = None,
    kind: OnlyKind = None,
    owner: Owner = None,
    stage: Stage = None,
) -> Filters:
    """The filters of a request; whether their names are known is checked by the route's list."""
    segments = {name: value for name, value in request.query_params.items() if segment_name(name)}
    own = {
        "week": week,
        "since": since,
        "until": until,
        "kind": kind,
        "owner": owner,
        "stage": stage,
    }
    return filters_given(segments | {name: text for name, text in own.items() if text is not None})


def filters_given(given: Mapping[str, str]) -> Filters:
    """The filters among some parameters.

    Raises:
        ProblemError: 422, for a kind there is none of, a week that is none, or an empty range.
    """
    since, until = check_week("since", given.get("since")), check_week("until", given.get("until"))
    if since and until and since > until:
        raise ProblemError(422, "empty-range", f"since {since} is later than until {until}")
    kind = next((one for one in KINDS if one == given.get("kind")), None)
    if "kind" in given and kind is None:
        raise ProblemError(422, "unknown-kind", "there is no such kind", known=list(KINDS))
    return Filters(
        week=check_week("week", given.get("week")),
        since=since,
        until=until,
        kind=kind,
        owner=given.get("owner"),
        stage=given.get("stage"),
        attributes=tuple(
            sorted((name, value) for key, value in given.items() if (name := segment_name(key)))
        ),
    )


def read_paging(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows on a page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(max_length=2000, description="`next_cursor` of the page before.", examples=[None]),
    ] = None,
) -> Paging:
    """Page size and place of a request."""
    return Paging(limit, decode(cursor) if cursor else None)


class Known:
    """A dependency that refuses filters a route does not know."""

    SHARED = ("week", "since", "until", "kind", "owner", "stage", "limit", "cursor")

    def __init__(self, *names: str, attributes: bool = True) -> None:
        self.names = names
        self.attributes = attributes

    def __call__(self, request: Request) -> None:
        """Check one request."""
        check_known(request, self.names, attributes=self.attributes)


AnyFilters = Annotated[Filters, Depends(read_filters)]
AnyPaging = Annotated[Paging, Depends(read_paging)]


def question(name: str, filters: Filters, *more: object) -> str:
    """The digest that ties a cursor to a list and its filters; the week is tied separately."""
    return question_of((name, *filters.parts(), *more))
