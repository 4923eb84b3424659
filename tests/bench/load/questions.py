"""What the clients ask: every list and page, over all themes, weeks, filters and cursors.

Endpoints are drawn by weight, and of each the address anew: any theme that the week knows, any
published week (half of the time the last), any filter, any page that an answer before led to.
"""

from __future__ import annotations

import random
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import numpy as np

from labels.schema import Labels
from nlp.months import month_of
from nlp.records import KINDS
from tests.bench.load.published import Publisher
from tests.bench.load.world import World

EMPTY = "/healthz"
FRICTION = "/v1/friction-points"

_CURSOR = re.compile(rb'next_cursor":"([^"]+)"|[?&;]cursor=([A-Za-z0-9_-]+)')
_KEPT = 400  # cursors of an endpoint that are remembered
_SEGMENTS = {
    "plan": ("Free", "Starter", "Pro", "Enterprise"),
    "region": ("EMEA", "Americas", "APAC", "DACH", "Nordics", "LATAM"),
    "device": ("web", "ios", "android"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One request: its row in the table, and its address. `follow`: where its cursor leads to."""

    row: str
    url: str
    follow: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """An endpoint: how often it is drawn, and how an address of it is."""

    row: str
    weight: float
    draw: Callable[[random.Random], str]
    pages: bool = False


class Questions:
    """All that can be asked of a world."""

    def __init__(self, world: World, labels: Labels, *, search: bool = True) -> None:
        self.world = world
        self.owners = sorted({owner.id for owner in labels.owners})
        self.stages = sorted({stage.id for stage in labels.stages})
        self.causes = _told(world, labels)
        self.months = sorted({month_of(week) for week in world.weeks})[:-1]
        self._searchable = np.flatnonzero(world.state < 3).tolist()  # what is noise is not found
        self.subjects = self._subjects() + (self._searches() if search else [])
        self._cursors: dict[str, deque[str]] = {}
        self._lock = threading.Lock()

    def ask(self, draw: random.Random) -> Question:
        """One question."""
        subject = draw.choices(self.subjects, [one.weight for one in self.subjects])[0]
        if subject.pages and draw.random() < 0.3:
            with self._lock:
                known = self._cursors.get(subject.row)
                url = draw.choice(known) if known else ""
            if url:
                return Question(subject.row, url, url)
        url = subject.draw(draw)
        return Question(subject.row, url, url if subject.pages else "")

    def answered(self, question: Question, body: bytes) -> None:
        """Remember the page that an answer leads to."""
        if not question.follow:
            return
        found = [first or second for first, second in _CURSOR.findall(body)]
        if not found:
            return
        cursor = found[-1].decode()
        path, _, query = question.url.partition("?")
        left = [part for part in query.split("&") if part and not part.startswith("cursor=")]
        url = f"{path}?{'&'.join([*left, f'cursor={cursor}'])}"
        with self._lock:
            self._cursors.setdefault(question.row, deque(maxlen=_KEPT)).append(url)

    def _subjects(self) -> list[Subject]:
        api, page = 1.0, 1.0
        return [
            Subject(EMPTY, 2.0, lambda _: EMPTY),
            Subject(FRICTION, 1.5 * api, self._friction, pages=True),
            Subject(f"{FRICTION} (filtered)", 1.5 * api, self._friction_filtered, pages=True),
            Subject("/v1/themes", api, self._list("/v1/themes"), pages=True),
            Subject("/v1/themes/ID", api, self._of_theme("/v1/themes/{}")),
            Subject(
                "/v1/themes/ID/statements",
                api,
                self._of_theme("/v1/themes/{}/statements", filtered=True),
                pages=True,
            ),
            Subject(
                "/v1/themes/ID/causes",
                api,
                self._of_theme("/v1/themes/{}/causes", filtered=True),
                pages=True,
            ),
            Subject("/v1/themes/ID/history", api, self._of_theme("/v1/themes/{}/history")),
            Subject("/v1/root-causes", api, self._list("/v1/root-causes"), pages=True),
            Subject("/v1/root-causes/ID", api, self._of_cause("/v1/root-causes/{}")),
            Subject("/v1/owners", api, self._narrowed(self._weekly("/v1/owners"))),
            Subject("/v1/reports/WEEK", api, self._report),
            Subject("/v1/events", api, lambda _: "/v1/events"),
            Subject(
                "/v1/themes/ID/series", api, self._of_theme("/v1/themes/{}/series", filtered=True)
            ),
            Subject(
                "/v1/themes/ID/segments",
                api,
                self._of_theme("/v1/themes/{}/segments", filtered=True),
            ),
            Subject("/health", page, lambda _: "/health"),
            Subject("/definitions", page, lambda _: "/definitions"),
            Subject("/corrections", page, lambda _: "/corrections"),
            *(
                Subject(path, api / 2, self._same(path))
                for path in (
                    "/v1/data-health",
                    "/v1/metrics-definitions",
                    "/v1/weeks",
                    "/v1/stages",
                    "/v1/corrections",
                    "/v1/runs",
                    "/v1/ingests",
                    "/v1/quarantine",
                    "/v1/deliveries",
                    "/v1/exports",
                    "/v1/outcomes",
                    "/v1/reports",
                    "/readyz",
                    "/metrics",
                )
            ),
            Subject("/v1/runs/ID", api / 2, lambda draw: f"/v1/runs/run-{self._any_week(draw)}"),
            Subject("/v1/reports/WEEK/document", api / 2, self._document),
            Subject("/v1/outcomes/MONTH", api / 2, self._outcome),
            Subject("/", page, lambda _: "/"),
            Subject("/weeks/WEEK", page, lambda draw: f"/weeks/{self._any_week(draw)}"),
            Subject("/themes", page, self._table("/themes"), pages=True),
            Subject("/themes/ID", page, self._theme_page, pages=True),
            Subject("/causes", page, self._table("/causes"), pages=True),
            Subject("/causes/ID", page, self._of_cause("/causes/{}")),
            Subject("/owners", page, self._narrowed(lambda _: "/owners")),
            Subject("/owners/ID", page, self._narrowed(self._owner)),
            Subject("/themes/ID/correct", page / 4, self._form(self._theme_page)),
            Subject("/causes/ID/correct", page / 4, self._form(self._of_cause("/causes/{}"))),
            Subject("/owners/ID/correct", page / 4, self._form(self._owner)),
            Subject("/statements/ID/correct", page / 4, self._form(self._statement)),
        ]

    def _searches(self) -> list[Subject]:
        return [Subject(path, 1.0, self._search(path)) for path in ("/v1/search", "/search")]

    def _same(self, path: str) -> Callable[[random.Random], str]:
        return lambda _: path

    def _search(self, path: str) -> Callable[[random.Random], str]:
        """Some words of a theme's name, or what is like a statement."""

        def drawn(draw: random.Random) -> str:
            if draw.random() < 0.3:
                like = self.world.statement_id(draw.choice(self._searchable))
                return f"{path}?{urlencode({'like': like})}"
            words = self.world.label(draw.randrange(len(self.world.leaf_ids))).split()
            return f"{path}?{urlencode({'q': ' '.join(draw.sample(words, min(3, len(words))))})}"

        return drawn

    def _any_week(self, draw: random.Random) -> str:
        return draw.choice(self.world.weeks)

    def _friction(self, draw: random.Random) -> str:
        """The backlog of a week, all of it or an owner's or a stage's."""
        query = self._themes_of(draw) | self._week(draw) | {"limit": draw.choice((10, 20, 50, 100))}
        return f"{FRICTION}?{urlencode(query)}"

    def _friction_filtered(self, draw: random.Random) -> str:
        """The backlog of a segment: it is ranked anew."""
        query = self._themes_of(draw) | {"limit": draw.choice((10, 20, 50))}
        query |= self._segment(draw)
        if draw.random() < 0.3:
            query["kind"] = draw.choice(KINDS)
        if draw.random() < 0.3:
            query["since"] = self.world.weeks[-draw.choice((4, 8, 12)) :][0]
        return f"{FRICTION}?{urlencode(query)}"

    def _list(self, path: str) -> Callable[[random.Random], str]:
        def drawn(draw: random.Random) -> str:
            query = self._themes_of(draw) | self._filters(draw)
            query |= {"limit": draw.choice((20, 50, 100))}
            return f"{path}?{urlencode(query)}"

        return drawn

    def _of_theme(self, path: str, *, filtered: bool = False) -> Callable[[random.Random], str]:
        def drawn(draw: random.Random) -> str:
            query = self._filters(draw) if filtered else self._week(draw)
            week = str(query.get("week") or query.get("until") or self.world.size.last)
            name = self._theme(draw, self.world.weeks.index(week))
            return f"{path.format(name)}?{urlencode(query)}".rstrip("?")

        return drawn

    def _of_cause(self, path: str) -> Callable[[random.Random], str]:
        return lambda draw: path.format(draw.choice(self.causes))

    def _weekly(self, path: str) -> Callable[[random.Random], str]:
        return lambda draw: f"{path}?{urlencode(self._week(draw))}".rstrip("?")

    def _report(self, draw: random.Random) -> str:
        week = "latest" if draw.random() < 0.3 else self._any_week(draw)
        return f"/v1/reports/{week}"

    def _document(self, draw: random.Random) -> str:
        form = draw.choice(("html", "mail", "md", "text", "json"))
        return f"/v1/reports/{self._any_week(draw)}/document?format={form}"

    def _outcome(self, draw: random.Random) -> str:
        return f"/v1/outcomes/{draw.choice(self.months)}"

    def _owner(self, draw: random.Random) -> str:
        return f"/owners/{quote(draw.choice(self.owners))}"

    def _statement(self, draw: random.Random) -> str:
        return f"/statements/{quote(self.world.statement_id(draw.choice(self._searchable)))}"

    def _segment(self, draw: random.Random) -> dict[str, str | int]:
        name = draw.choice(list(_SEGMENTS))
        return {f"segment.{name}": draw.choice(_SEGMENTS[name])}

    def _form(self, page: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
        return lambda draw: f"{page(draw)}/correct"

    def _table(self, path: str) -> Callable[[random.Random], str]:
        def drawn(draw: random.Random) -> str:
            query = self._themes_of(draw) | self._filters(draw)
            return f"{path}?{urlencode(query)}".rstrip("?")

        return drawn

    def _narrowed(self, page: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
        """A page, a third of the time of a part of the feedback."""

        def drawn(draw: random.Random) -> str:
            if draw.random() < 2 / 3:
                return page(draw)
            query = self._segment(draw)
            if draw.random() < 0.3:
                query["since"] = self.world.weeks[-draw.choice((4, 8, 12)) :][0]
            return f"{page(draw).partition('?')[0]}?{urlencode(query)}"

        return drawn

    def _theme_page(self, draw: random.Random) -> str:
        return f"/themes/{self._theme(draw, len(self.world.weeks) - 1)}"

    def _theme(self, draw: random.Random, week: int) -> str:
        while True:
            at = draw.randrange(self.world.size.themes)
            if at < len(self.world.parent_ids):
                return self.world.parent_ids[at]
            leaf = at - len(self.world.parent_ids)
            if self.world.born[leaf] <= week:
                return self.world.leaf_ids[leaf]

    def _week(self, draw: random.Random) -> dict[str, str | int]:
        return {"week": self._any_week(draw)} if draw.random() < 0.5 else {}

    def _themes_of(self, draw: random.Random) -> dict[str, str | int]:
        """An owner's or a stage's themes, or all."""
        which = draw.random()
        if which < 0.3:
            return {"owner": draw.choice(self.owners)}
        return {"stage": draw.choice(self.stages)} if which < 0.5 else {}

    def _filters(self, draw: random.Random) -> dict[str, str | int]:
        """A week, or a part of the feedback; half of the time one of both."""
        query = self._week(draw)
        if draw.random() < 0.5:
            return query
        name = draw.choice([*_SEGMENTS, "kind", "since", "until"])
        if name in _SEGMENTS:
            query |= self._segment(draw)
        elif name == "kind":
            query["kind"] = draw.choice(KINDS)
        elif not query:
            query[name] = self._any_week(draw)
        return query


def _told(world: World, labels: Labels) -> list[str]:
    """Ids of root causes that were told last week, or a quarter ago."""
    publisher = Publisher(world, labels)
    weeks = {len(world.weeks) - 1, max(0, len(world.weeks) - 13)}
    return sorted({one.id for week in weeks for one in publisher.publish(week).root_causes})
