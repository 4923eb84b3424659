"""A world: real texts dealt into weeks with customers, scores and planted causes, as records."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.population import MISSING, Population, build_population
from nlp.records import Assignment, Feedback, Kind, Statement
from nlp.weeks import monday, shift, week_of
from tests.bench.causes.customers import Customers, make_customers
from tests.bench.causes.cutting import Cut
from tests.bench.causes.dealing import Board, Dealt, deal, make_days, make_drift
from tests.bench.causes.families import Family, carries
from tests.bench.causes.planting import Recipe, choose
from tests.bench.causes.scores import Score, score_messages
from tests.bench.causes.telling import Spoken, put_to_use
from tests.bench.causes.truth import Truth
from tests.bench.corpora import Corpus

FIRST_WEEK = "2026-W01"
WEEKS = 14
_SURVEYS = 0.6  # of the messages; the others are tickets


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Records as the stages take them, beside what was planted.

    `carriers`: (theme, family) -> statements that state this cause; `denials`: those that deny one.
    `added`: statement -> what was added to its text; `stated_by`: -> the family of that.
    """

    name: str
    corpus: str
    truth: Truth
    board: Board
    seed: int
    feedback: tuple[Feedback, ...]
    statements: Mapping[str, Statement]
    assignments: Mapping[str, Assignment]
    population: Population
    carriers: Mapping[tuple[str, str], frozenset[str]]
    denials: frozenset[str]
    added: Mapping[str, str]
    stated_by: Mapping[str, str]
    until: dt.date
    week: str

    @property
    def first_day(self) -> dt.date:
        """Day 0 of the stream."""
        return monday(FIRST_WEEK)

    @property
    def themes(self) -> tuple[str, ...]:
        """All themes, sorted."""
        return tuple(sorted(self.truth.plantings))


def texts_by_label(corpus: Corpus) -> dict[str, list[str]]:
    """Each text under its rarest label, so that what is planted in one theme is in no other."""
    sizes = Counter(label for own in corpus.labels for label in own)
    found: dict[str, list[str]] = {}
    for text, own in zip(corpus.texts, corpus.labels, strict=True):
        found.setdefault(min(own, key=lambda name: (sizes[name], name)), []).append(text)
    return found


def make_world(
    corpus: Corpus,
    *,
    seed: int,
    recipe: Recipe,
    cut: Cut | None = None,
    families: Sequence[Family] = (),
    weeks: int = WEEKS,
    drift: bool = False,
) -> World:
    """Plant and deal; the same arguments give the same world.

    Args:
        cut: the splitter, where stated reasons are planted; without it a text is one statement.
        families: the wordings of reasons.
        drift: the rates of all themes wander from week to week.
    """
    texts = texts_by_label(corpus)
    available = {name: len(own) for name, own in texts.items()}
    first = monday(FIRST_WEEK)
    people = make_customers(max(50, int(0.6 * sum(available.values()))), first_day=first, seed=seed)
    wordings = families if cut else ()
    truth = choose(
        available,
        customers=people,
        first_day=first,
        days=7 * weeks,
        families=wordings,
        recipe=recipe,
        seed=seed,
    )
    wander = np.random.default_rng([seed, 6])
    board = Board(
        people,
        make_days(weeks, seed=seed),
        available,
        {name: make_drift(weeks, rng=wander) for name in sorted(available)} if drift else {},
    )
    dealt = deal(board, truth, seed=seed)
    messages = _messages(
        dealt, put_to_use(texts, dealt, truth, wordings=wordings, seed=seed), truth
    )
    feedback = _feedback(messages, board, truth, seed=seed)
    told = _statements(feedback, messages, truth, cut)
    last = shift(FIRST_WEEK, weeks - 1)
    return World(
        name=f"{corpus.name} {seed}",
        corpus=corpus.name,
        truth=truth,
        board=board,
        seed=seed,
        feedback=feedback,
        statements=told.statements,
        assignments=told.assignments,
        population=build_population(feedback, told.statements.values(), told.assignments),
        carriers={key: frozenset(ids) for key, ids in told.carriers.items()},
        denials=frozenset(told.denials),
        added=told.added,
        stated_by=told.stated_by,
        until=monday(shift(last, 1)) - dt.timedelta(days=1),
        week=last,
    )


@dataclass(slots=True)
class _Message:
    customer: int
    day: int
    parts: list[tuple[str, Spoken]]


def _messages(
    dealt: Mapping[str, Dealt], spoken: Mapping[str, Sequence[Spoken]], truth: Truth
) -> list[_Message]:
    """Mentions as messages; a companion's mention joins the message of the harmful theme."""
    found: dict[tuple[str, int], _Message] = {}
    joins: list[tuple[str, int, int]] = []
    for name in sorted(dealt):
        part = dealt[name]
        for row in range(part.customer.size):
            if int(part.joins[row]) >= 0:
                joins.append((name, row, int(part.joins[row])))
                continue
            said = (name, spoken[name][row])
            found[name, row] = _Message(int(part.customer[row]), int(part.day[row]), [said])
    for name, row, into in joins:
        harmful = truth.plantings[name].companion
        found[harmful, into].parts.append((name, spoken[name][row]))
    return [found[key] for key in sorted(found)]


def _feedback(
    messages: Sequence[_Message], board: Board, truth: Truth, *, seed: int
) -> tuple[Feedback, ...]:
    rng = np.random.default_rng([seed, 8])
    kinds: list[Kind] = ["survey" if rng.random() < _SURVEYS else "ticket" for _ in messages]
    seconds = rng.integers(0, 86_400, len(messages)).tolist()
    scores = score_messages(
        kinds,
        [one.customer for one in messages],
        [_loss(one, truth) for one in messages],
        people=len(board.customers.names),
        seed=seed,
    )
    return tuple(
        _item(f"m{at:06d}", one, board.customers, kind=kinds[at], score=scores[at], second=second)
        for at, (one, second) in enumerate(zip(messages, seconds, strict=True))
    )


def _loss(message: _Message, truth: Truth) -> float:
    """The losses of all themes mentioned add up, each once."""
    names = {name for name, _ in message.parts} & set(truth.plantings)
    return sum(truth.plantings[name].loss for name in sorted(names))


def _item(
    number: str, message: _Message, people: Customers, *, kind: Kind, score: Score, second: int
) -> Feedback:
    day = monday(FIRST_WEEK) + dt.timedelta(days=message.day)
    at = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(seconds=second)
    values = {name: people.values[name][message.customer] for name in people.values}
    channel = values.pop("channel")
    return Feedback(
        id=number,
        source="planted",
        kind=kind,
        text=" ".join(words.text for _, words in message.parts),
        created_at=at,
        week=week_of(day),
        day=day,
        customer_id=people.names[message.customer],
        score=score.value,
        score_kind=score.kind if score.value is not None else None,
        channel=None if channel == MISSING else channel,
        attributes=tuple(sorted((k, v) for k, v in values.items() if v != MISSING)),
    )


@dataclass(slots=True)
class _Told:
    statements: dict[str, Statement] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    carriers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    denials: set[str] = field(default_factory=set)
    added: dict[str, str] = field(default_factory=dict)
    stated_by: dict[str, str] = field(default_factory=dict)


def _statements(
    feedback: Sequence[Feedback], messages: Sequence[_Message], truth: Truth, cut: Cut | None
) -> _Told:
    """Statements under their true themes; texts of themes that state reasons are really cut."""
    told = _Told()
    for item, message in zip(feedback, messages, strict=True):
        no = 0
        for theme, words in message.parts:
            planted = truth.plantings.get(theme)
            pieces: tuple[Statement, ...] = (Statement("", 0, words.text),)
            if cut is not None and planted is not None and planted.stated:
                pieces = cut(words.text, item.kind)
            if all(piece.noise is not None for piece in pieces):
                # The label says that there is a point; without a theme its loss would be nobody's.
                pieces = tuple(replace(piece, noise=None) for piece in pieces)
            for piece in pieces:
                made = replace(piece, feedback_key=item.key, no=no)
                no += 1
                placed = theme if planted is not None and made.noise is None else None
                told.statements[made.id] = made
                told.assignments[made.id] = Assignment(
                    made.id, placed, None, "leaf" if placed else "unthemed", 1.0, "planted"
                )
                if words.added and carries(made.text, words.added):
                    told.added[made.id] = words.added
                    told.stated_by[made.id] = words.family
                    if words.denied:
                        told.denials.add(made.id)
                    else:
                        told.carriers.setdefault((theme, words.family), set()).add(made.id)
    return told
