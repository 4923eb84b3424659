"""The one place that calls Groundswell's theme engine, as the weekly run calls it.

Every row of a corpus becomes one message of one customer with one statement. Ids come from the
text, so that the order in which rows are given cannot matter unless the engine lets it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from labels.schema import load
from nlp.corrections import Corrections
from nlp.encoding import Encode, FloatArray
from nlp.exemplars import ExemplarConfig
from nlp.memory import MemoryConfig, remember
from nlp.partition import partition
from nlp.rebuild import Decided, Proposal, compare
from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent, text_sha
from nlp.registry import build_registry, theme_scores
from nlp.scoring import memory_config
from nlp.segment import NON_ANSWER
from nlp.weeks import monday, shift
from nlp.wording import is_non_answer
from tests.bench.corpora import Corpus
from tests.bench.row import say

FIRST_WEEK = "2026-W01"


@dataclass(frozen=True, slots=True)
class Week:
    """Where every row that has arrived stands after a week, and what happened in it.

    `leaf`, `parent`, `state`: by row; rows that have not arrived are missing.
    `assigned`, `feedback`, `statements`: the engine's own state, to go on from.
    """

    number: int
    name: str
    leaf: Mapping[int, str | None]
    parent: Mapping[int, str | None]
    state: Mapping[int, str]
    themes: tuple[Theme, ...]
    events: tuple[ThemeEvent, ...]
    assigned: Mapping[str, Assignment]
    feedback: Mapping[str, Feedback]
    statements: tuple[Statement, ...]
    seconds: float

    @property
    def leaves(self) -> tuple[Theme, ...]:
        """Living leaf themes."""
        return tuple(one for one in self.themes if one.level == "leaf" and not one.retired_week)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A corpus, its vectors and the encoder: what every row of the table is measured on."""

    corpus: Corpus
    vectors: FloatArray
    encode: Encode


@lru_cache(maxsize=1)
def defaults() -> MemoryConfig:
    """The engine's settings as a fresh installation has them."""
    return memory_config(load().scoring)


def weekly(
    texts: Sequence[str],
    arrivals: Sequence[Sequence[int]],
    *,
    vectors_in: Callable[[int], FloatArray],
    encode: Encode,
    before: Week | None = None,
    corrections: Corrections | None = None,
) -> Iterator[Week]:
    """Run the engine week by week; yields the state after each.

    Args:
        texts: distinct texts.
        arrivals: the rows that arrive in each week.
        vectors_in: number of the week (from 0) -> unit rows of all texts as they are seen then.
        encode: for label candidates.
        before: go on after this week.
        corrections: what people decided.
    """
    shas = [text_sha(text) for text in texts]
    row_of = {sha: row for row, sha in enumerate(shas)}
    assigned: dict[str, Assignment] = dict(before.assigned) if before else {}
    feedback: dict[str, Feedback] = dict(before.feedback) if before else {}
    statements: list[Statement] = list(before.statements) if before else []
    themes = before.themes if before else ()
    start = before.number + 1 if before else 0
    for number, rows in enumerate(arrivals, start=start):
        name = shift(FIRST_WEEK, number)
        rows_now = vectors_in(number)
        day = monday(name)
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        for row in rows:
            item = Feedback(shas[row], "bench", "survey", texts[row], at, name, day, shas[row])
            feedback[item.key] = item
            noise = NON_ANSWER if is_non_answer(texts[row]) else None
            statements.append(Statement(item.key, 0, texts[row], noise))

        def vectors(wanted: Sequence[str], rows_now: FloatArray = rows_now) -> FloatArray:
            at = np.array([row_of[sha] for sha in wanted], dtype=np.int64)
            return rows_now[at]

        clock = time.perf_counter()
        done = remember(
            name,
            themes=themes,
            assigned=assigned,
            statements=statements,
            feedback=feedback,
            vectors=vectors,
            encode=encode,
            corrections=corrections,
            config=defaults(),
        )
        seconds = time.perf_counter() - clock
        themes = done.themes
        assigned = {**assigned, **{item.statement_id: item for item in done.assignments}}
        by_row = {row_of[key.removeprefix("bench/").partition("#")[0]]: key for key in assigned}
        yield Week(
            number,
            name,
            {row: assigned[key].theme_id for row, key in by_row.items()},
            {row: assigned[key].parent_theme_id for row, key in by_row.items()},
            {row: assigned[key].state for row, key in by_row.items()},
            themes,
            done.events,
            assigned,
            dict(feedback),
            tuple(statements),
            seconds,
        )


def cold_start(texts: Sequence[str], vectors: FloatArray, encode: Encode) -> Week:
    """All texts as the statements of one week, with nothing known before."""
    arrivals = [list(range(len(texts)))]
    return next(weekly(texts, arrivals, vectors_in=lambda _: vectors, encode=encode))


@lru_cache(maxsize=32)
def answer(subject: Subject) -> Week:
    """The cold start on a corpus; made once for all rows of the table."""
    say(f"{subject.corpus.name}: groundswell, {len(subject.corpus.texts)} texts")
    done = cold_start(subject.corpus.texts, subject.vectors, subject.encode)
    say(f"{subject.corpus.name}: {len(done.leaves)} leaf themes in {done.seconds:.1f} s")
    return done


def rebuild(
    week: Week, texts: Sequence[str], vectors: FloatArray, *, decided: Decided | None = None
) -> tuple[Proposal, ...]:
    """What `groundswell themes rebuild` would propose after a week."""
    from flows.rebuilding import known_texts  # brings the encoder, which must be told to be quiet

    row_of = {text_sha(text): row for row, text in enumerate(texts)}
    known = known_texts(week.statements, dict(week.assigned), dict(week.feedback))
    fresh = partition(vectors[[row_of[one.sha] for one in known]], config=defaults().births.cut)
    return compare(week.themes, known, fresh.labels, decided=decided)


def leaves_of(week: Week, count: int) -> list[str | None]:
    """The leaf of rows 0 to `count` - 1; None where a row has none."""
    return [week.leaf.get(row) for row in range(count)]


def forced(week: Week, texts: Sequence[str], vectors: FloatArray) -> list[str | None]:
    """As `leaves_of`, but a row without a leaf goes to the one that scores best on it."""
    found = leaves_of(week, len(texts))
    rows_of = {text_sha(text): vector for text, vector in zip(texts, vectors, strict=True)}
    open_rows = [row for row, leaf in enumerate(found) if leaf is None]
    if not open_rows or not week.leaves:
        return found
    registry = build_registry(week.themes, rows_of)
    scores = theme_scores(registry, registry.leaves, vectors[open_rows], config=ExemplarConfig())
    for row, best in zip(open_rows, scores.argmax(axis=1).tolist(), strict=True):
        found[row] = registry.leaves[best].id
    return found


def subset(subject: Subject, rows: Sequence[int]) -> Subject:
    """The subject with these rows only."""
    corpus = subject.corpus
    part = Corpus(
        corpus.name,
        tuple(corpus.texts[row] for row in rows),
        tuple(corpus.labels[row] for row in rows),
        corpus.kind,
    )
    return Subject(part, subject.vectors[np.asarray(rows, dtype=np.int64)], subject.encode)
