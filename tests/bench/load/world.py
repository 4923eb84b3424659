"""A made-up company of any size: messages, statements, themes, and what each week said of them.

Everything is drawn from one seed, in columns: the same size and seed give the same records. It is
made to be asked about, not to be analysed: counts are true to the records, while lifts, intervals
and the like are plausible numbers that nobody computed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlp.records import (
    KINDS,
    Assignment,
    Clause,
    Customer,
    Feedback,
    Kind,
    ScoreKind,
    Statement,
    Theme,
    ThemeEvent,
    text_sha,
)
from nlp.weeks import monday, shift

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_PARTS = (
    "export", "invoice", "login", "dashboard", "search", "calendar", "import", "report", "webhook",
    "password reset", "mobile app", "notification", "permission", "billing page", "attachment",
    "template", "comment", "filter", "chart", "profile", "onboarding guide", "trial", "refund",
    "card payment", "address form", "time zone", "sync", "backup", "archive", "tag", "shortcut",
    "spreadsheet", "contact list", "audit log", "single sign-on", "chat", "upload", "download",
    "print view", "dark mode",
)  # fmt: skip
_TROUBLES = (
    "fails without a message", "takes far too long", "shows the wrong numbers", "is hard to find",
    "loses what I entered", "asks me again and again", "does not arrive", "was charged twice",
    "freezes the page", "needs too many clicks", "is missing for my team", "changed overnight",
    "cuts off long names", "ignores my settings", "sends everything twice", "cannot be undone",
    "stopped working", "is out of date", "is confusing for new people", "breaks on the phone",
    "contradicts the help page", "is locked for no reason",
)  # fmt: skip
_OPENINGS = ("", "Again: ", "For us ", "Honestly, ", "Since Monday ", "Every time: ", "Hello, ")
_SOURCES: dict[Kind, str] = {
    "ticket": "desk", "survey": "pulse", "call_note": "calls", "review": "stores",
}  # fmt: skip
_KIND_SHARES = (0.55, 0.3, 0.05, 0.1)
_PLANS, _PLAN_SHARES = ("Free", "Starter", "Pro", "Enterprise"), (0.4, 0.3, 0.2, 0.1)
_REGIONS = ("EMEA", "Americas", "APAC", "DACH", "Nordics", "LATAM")
_DEVICES = ("web", "ios", "android")
_STATES = ("leaf", "parent", "unthemed", "noise")
_STATE_SHARES = (0.82, 0.06, 0.08, 0.04)
_MOVED = 0.03  # of the statements come to stand elsewhere some weeks later
_CLAUSED = 0.2  # of the statements name a reason
_EXEMPLARS = 8


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. `last` is the last published week."""

    messages: int = 200_000
    statements: int = 300_000
    themes: int = 800
    weeks: int = 104
    customers: int = 40_000
    last: str = "2026-W46"
    seed: int = 5


FULL = Size()
QUICK = Size(messages=20_000, statements=30_000, themes=160, weeks=26, customers=4_000)
TINY = Size(messages=600, statements=900, themes=30, weeks=6, customers=150)


class World:
    """The columns of a size; records are made from them when they are asked for.

    week, day, kind, customer, score: per message. owner: message per statement. leaf: place in
    `leaves` per statement; state: place in leaf, parent, unthemed, noise.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        draw = np.random.default_rng(size.seed)
        self.weeks = [shift(size.last, at + 1 - size.weeks) for at in range(size.weeks)]
        parents = max(2, size.themes // 10)
        self.parent_ids = [f"T-{at:010x}" for at in range(parents)]
        self.leaf_ids = [f"T-{at:010x}" for at in range(parents, size.themes)]
        self.parent_of = np.arange(len(self.leaf_ids)) % parents
        # Two thirds of the themes are there from the start, the others are born along the way.
        born = np.sort(draw.integers(0, max(1, size.weeks - 2), len(self.leaf_ids)))
        born[: len(born) * 2 // 3] = 0
        self.born = born
        self.harm = draw.beta(2, 6, len(self.leaf_ids))
        self._messages(draw)
        self._statements(draw)

    def _messages(self, draw: np.random.Generator) -> None:
        size = self.size
        volume = np.linspace(0.7, 1.3, size.weeks) * draw.uniform(0.9, 1.1, size.weeks)
        self.week = np.sort(draw.choice(size.weeks, size.messages, p=volume / volume.sum()))
        self.day = draw.integers(0, 7, size.messages)
        self.minute = draw.integers(7 * 60, 20 * 60, size.messages)
        self.kind = draw.choice(len(KINDS), size.messages, p=_KIND_SHARES)
        often = 1.0 / (np.arange(size.customers) + 200.0) ** 0.5
        self.customer = draw.choice(size.customers, size.messages, p=often / often.sum())
        self.plan = draw.choice(len(_PLANS), size.customers, p=_PLAN_SHARES)
        self.region = draw.integers(0, len(_REGIONS), size.customers)
        self.seats = draw.choice(("1-9", "10-99", "100+"), size.customers)
        self.device = draw.integers(0, len(_DEVICES), size.messages)
        self.known = draw.random(size.messages) > 0.05
        self.resolved = draw.exponential(2.5, size.messages)
        self.revenue = np.round(draw.lognormal(6, 1, size.customers), 2)

    def _statements(self, draw: np.random.Generator) -> None:
        size = self.size
        more = np.sort(draw.choice(size.messages, size.statements - size.messages, replace=False))
        self.owner = np.sort(np.concatenate([np.arange(size.messages), more]))
        first = np.r_[True, self.owner[1:] != self.owner[:-1]]
        self.number = np.where(first, 0, 1)
        leaves = len(self.leaf_ids)
        liked = 1.0 / (np.arange(leaves) + 12.0) ** 0.8
        liked = liked[draw.permutation(leaves)]
        phase, pace = draw.uniform(0, 2 * np.pi, leaves), draw.uniform(8, 60, leaves)
        when = self.week[self.owner]
        self.leaf = np.zeros(size.statements, dtype=np.int64)
        for week in range(size.weeks):
            weights = liked * (1.2 + np.sin(phase + 2 * np.pi * week / pace)) * (self.born <= week)
            here = np.flatnonzero(when == week)
            self.leaf[here] = draw.choice(leaves, here.size, p=weights / weights.sum())
        self.state = draw.choice(len(_STATES), size.statements, p=_STATE_SHARES)
        self.claused = draw.random(size.statements) < _CLAUSED
        self.opening = draw.integers(0, len(_OPENINGS), size.statements)
        self.sure = np.round(draw.uniform(0.45, 0.98, size.statements), 4)
        later = when + draw.integers(1, 12, size.statements)
        moves = (draw.random(size.statements) < _MOVED) & (later < size.weeks) & (self.state == 0)
        self.moved_week = np.where(moves, later, -1)
        self.moved_leaf = (self.leaf + draw.integers(1, leaves, size.statements)) % leaves
        self.moved_week[self.born[self.moved_leaf] > self.moved_week] = -1
        noise = draw.normal(0, 0.18, size.messages)
        hurt = np.bincount(self.owner, self.harm[self.leaf], size.messages)
        self.score = np.clip(0.85 - hurt + noise, 0, 1)

    def label(self, leaf: int) -> str:
        """The name of a leaf: unlike all others."""
        again = leaf // (len(_PARTS) * len(_TROUBLES))
        part = _PARTS[leaf % len(_PARTS)]
        trouble = _TROUBLES[leaf // len(_PARTS) % len(_TROUBLES)]
        return f"{part} {trouble}{f' ({again + 1})' if again else ''}"

    def key(self, message: int) -> str:
        """A message's key."""
        return f"{_SOURCES[KINDS[self.kind[message]]]}/{message:07d}"

    def statement_id(self, statement: int) -> str:
        """A statement's id."""
        return f"{self.key(int(self.owner[statement]))}#{self.number[statement]}"

    def text(self, statement: int) -> tuple[str, tuple[Clause, ...]]:
        """What a statement says, and the reason in it."""
        said = (
            f"{_OPENINGS[self.opening[statement]]}the {self.label(int(self.leaf[statement]))}, "
            f"case {statement % 9973}"
        )
        if not self.claused[statement]:
            return said, ()
        reason = f"of change {int(self.leaf[statement]) % 7 + 1}.{statement % 5}"
        text = f"{said} because {reason}"
        start = len(text) - len(reason)
        return text, (Clause(reason, "because", "causal", start, len(text)),)

    def feedback(self, message: int, text: str) -> Feedback:
        """One message."""
        kind = KINDS[self.kind[message]]
        day = monday(self.weeks[self.week[message]]) + dt.timedelta(int(self.day[message]))
        time = dt.time(int(self.minute[message]) // 60, int(self.minute[message]) % 60)
        written = dt.datetime.combine(day, time, tzinfo=dt.UTC)
        who = int(self.customer[message])
        score_kind: ScoreKind | None = {"survey": "nps", "review": "csat"}.get(kind)  # type: ignore[assignment]
        unit = float(self.score[message])
        score = {"nps": round(unit * 10), "csat": 1 + round(unit * 4)}.get(score_kind or "")
        ticket = kind == "ticket"
        known = bool(self.known[message])
        return Feedback(
            id=f"{message:07d}",
            source=_SOURCES[kind],
            kind=kind,
            text=text,
            created_at=written,
            week=self.weeks[self.week[message]],
            day=day,
            customer_id=f"c{who:06d}" if known else None,
            account_id=f"a{who // 3:06d}" if known and kind == "ticket" else None,
            score=None if score is None else float(score),
            score_kind=score_kind,
            revenue=float(self.revenue[who // 3]) if known and ticket else None,
            resolved_at=written + dt.timedelta(days=round(float(self.resolved[message]), 3))
            if ticket
            else None,
            reopened=bool(message % 17 == 0) if ticket else None,
            channel=("email", "chat", "form")[message % 3] if ticket else None,
            language="en",
            attributes=(
                ("device", _DEVICES[self.device[message]]),
                ("plan", _PLANS[self.plan[who]]),
                ("region", _REGIONS[self.region[who]]),
                ("version", f"4.{int(self.week[message]) // 8}"),
            ),
        )

    def customers(self) -> list[Customer]:
        """The customer table."""
        return [
            Customer(f"c{who:06d}", (("seats", str(self.seats[who])),))
            for who in range(self.size.customers)
        ]

    def written(self) -> Iterator[tuple[Feedback, list[Statement]]]:
        """Each message with its statements."""
        edges = np.searchsorted(self.owner, np.arange(self.size.messages + 1))
        for message in range(self.size.messages):
            said = [self.text(at) for at in range(edges[message], edges[message + 1])]
            item = self.feedback(message, ". ".join(text for text, _ in said))
            at = int(edges[message])
            yield (
                item,
                [
                    Statement(
                        item.key,
                        no,
                        text,
                        "non-answer" if self.state[at + no] == 3 else None,
                        clauses,
                    )
                    for no, (text, clauses) in enumerate(said)
                ],
            )

    def assignments(self) -> Iterator[tuple[str, Assignment]]:
        """(week, assignment): where each statement stood from a week on."""
        for at in range(self.size.statements):
            name = self.statement_id(at)
            week = int(self.week[self.owner[at]])
            yield self.weeks[week], self._placed(name, int(self.leaf[at]), int(self.state[at]), at)
            if self.moved_week[at] >= 0:
                yield (
                    self.weeks[self.moved_week[at]],
                    self._placed(name, int(self.moved_leaf[at]), 0, at),
                )

    def _placed(self, name: str, leaf: int, state: int, at: int) -> Assignment:
        parent = self.parent_ids[self.parent_of[leaf]]
        return Assignment(
            name,
            self.leaf_ids[leaf] if state == 0 else None,
            parent if state <= 1 else None,
            _STATES[state],  # type: ignore[arg-type]
            float(self.sure[at]) if state <= 1 else 0.0,
            "exemplar" if state <= 1 else "none",
        )

    @cached_property
    def exemplars(self) -> list[tuple[str, ...]]:
        """Digests of the texts that a leaf remembers."""
        order = np.argsort(self.leaf, kind="stable")
        edges = np.searchsorted(self.leaf[order], np.arange(len(self.leaf_ids) + 1))
        return [
            tuple(
                sorted(
                    {text_sha(self.text(int(at))[0]) for at in order[a : min(a + _EXEMPLARS, b)]}
                )
            )
            for a, b in pairwise(edges.tolist())
        ]

    def themes(self) -> Iterator[tuple[str, Theme]]:
        """(week, theme): each theme when it was born, some of them renamed later."""
        for at, name in enumerate(self.parent_ids):
            children = [self.label(leaf) for leaf in np.flatnonzero(self.parent_of == at)[:3]]
            yield self.weeks[0], self._theme(name, None, f"{children[0]} and {at} more", 0, ())
        for leaf, name in enumerate(self.leaf_ids):
            born = int(self.born[leaf])
            parent = self.parent_ids[self.parent_of[leaf]]
            label = self.label(leaf)
            yield self.weeks[born], self._theme(name, parent, label, born, self.exemplars[leaf])
            if leaf % 11 == 0 and born + 2 < self.size.weeks:
                again = self._theme(name, parent, f"{label} still", born, self.exemplars[leaf])
                yield self.weeks[born + 2], again

    def _theme(
        self, name: str, parent: str | None, label: str, born: int, exemplars: tuple[str, ...]
    ) -> Theme:
        return Theme(
            id=name,
            level="parent" if parent is None else "leaf",
            parent_id=parent,
            label=label,
            label_reason="words this theme's customers use and others do not",
            terms=tuple(label.split()[:4]),
            exemplars=exemplars,
            threshold=0.55,
            born_week=self.weeks[born],
        )

    def life(self) -> list[ThemeEvent]:
        """What happened to the themes."""
        found = [
            ThemeEvent(self.weeks[0], name, "family", "founded from narrower themes")
            for name in self.parent_ids
        ]
        for leaf, name in enumerate(self.leaf_ids):
            born = int(self.born[leaf])
            parent = self.parent_ids[self.parent_of[leaf]]
            found.append(ThemeEvent(self.weeks[born], name, "born", "from 12 texts"))
            found.append(ThemeEvent(self.weeks[born], name, "adopted", "", (parent,)))
            if leaf % 11 == 0 and born + 2 < self.size.weeks:
                found.append(ThemeEvent(self.weeks[born + 2], name, "renamed", "its words changed"))
        return found
