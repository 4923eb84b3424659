from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from api.ranker import Ranker
from nlp.columns import Columns, columns_of
from nlp.population import build_population
from nlp.rank import Known, rank_parts
from nlp.records import Assignment, Feedback, Statement
from nlp.score import ScoringConfig

_DAY = dt.date(2026, 5, 11)
_KNOWN = {
    name: Known(f"theme {name}", "owner", "stage", 0.5, 1.0, ("C1",)) for name in ("T1", "T2")
}


def columns() -> Columns:
    """Forty customers, of whom the even ones suffer from T1, the others from T2."""
    messages, statements, places = [], [], {}
    for number in range(40):
        item = Feedback(
            id=f"{number}",
            source="s",
            kind="survey",
            text="x",
            created_at=dt.datetime.combine(_DAY, dt.time(), dt.UTC),
            week="2026-W20",
            day=_DAY,
            customer_id=f"c{number}",
            score=float(1 + number % 5),
            score_kind="csat",
        )
        statement = Statement(item.key, 0, "x")
        messages.append(item)
        statements.append(statement)
        theme = "T2" if number % 2 else "T1"
        places[statement.id] = Assignment(statement.id, theme, None, "leaf", 1.0, "test")
    return columns_of(build_population(messages, statements, places), ["T1", "T2", "T3"])


@pytest.fixture
def apart() -> Iterator[Ranker]:
    """A ranker with a process of its own."""
    ranker = Ranker(apart=True)
    yield ranker
    ranker.close()


def worker(ranker: Ranker) -> int:
    """The process that it works in."""
    pool = ranker._pool
    assert isinstance(pool, ProcessPoolExecutor)
    return pool.submit(os.getpid).result()


def test_it_says_the_same_wherever_it_works(
    apart: Ranker, caplog: pytest.LogCaptureFixture
) -> None:
    given, scoring = columns(), ScoringConfig()
    expected = rank_parts(given, given, known=_KNOWN, scoring=scoring)
    assert {one.theme_id for one in expected if one.rank} == {"T1", "T2"}
    assert apart.rank(given, given, known=_KNOWN, scoring=scoring) == expected
    assert worker(apart) != os.getpid()
    assert not caplog.records

    os.kill(worker(apart), signal.SIGKILL)
    assert apart.rank(given, given, known=_KNOWN, scoring=scoring) == expected
    assert "the process of the rankings ended" in caplog.text
    # The next one has a process again.
    assert apart.rank(given, given, known=_KNOWN, scoring=scoring) == expected
    assert worker(apart) != os.getpid()

    apart.close()
    assert apart.rank(given, given, known=_KNOWN, scoring=scoring) == expected
    assert apart._pool is None


def test_without_a_process_it_works_where_it_is_asked() -> None:
    here, given = Ranker(apart=False), columns()
    here.start()
    assert here.rank(given, given, known=_KNOWN, scoring=ScoringConfig())
    assert here._pool is None
    here.close()
