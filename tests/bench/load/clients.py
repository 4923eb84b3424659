"""Clients that ask one question after the other over connections kept open, and take the time."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np

from tests.bench.load.questions import EMPTY, Question, Questions

Ask = Callable[[str], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One answer: its row, when it was asked (of all), how long it took, in milliseconds.

    `fresh`: nobody had asked for this address before.
    """

    row: str
    place: int
    ms: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; times in milliseconds. `ratio`: p95 to that of the empty endpoint.

    first: the very first answer. cold, warm: p95 over addresses asked for the first time, and over
    repeated ones; None where there were none.
    """

    row: str
    n: int
    median: float
    p95: float
    ratio: float
    first: float
    cold: float | None
    warm: float | None
    slowest: float


class AnswerError(RuntimeError):
    """An answer that was none."""


@contextmanager
def keep_alive(port: int) -> Iterator[Ask]:
    """Asks a server on loopback over one connection, which is opened anew when it was closed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(url: str) -> tuple[int, bytes]:
        try:
            connection.request("GET", url)
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            connection.close()
            connection.request("GET", url)
            answer = connection.getresponse()
        return answer.status, answer.read()

    try:
        yield ask
    finally:
        connection.close()


def run(
    questions: Questions,
    *,
    requests: int,
    clients: int,
    connect: Callable[[], AbstractContextManager[Ask]],
    seed: int = 1,
    milestones: Mapping[int, Callable[[], None]] | None = None,
) -> list[Taken]:
    """Ask `requests` questions with `clients` at once.

    Args:
        connect: gives each client its way of asking.
        milestones: what is done when so many were asked.

    Raises:
        AnswerError: when an answer is not a 200, naming the address.
    """
    lock = threading.Lock()
    taken: list[Taken] = []
    seen: set[str] = set()
    problems: list[BaseException] = []
    asked = 0

    def next_question(draw: random.Random) -> tuple[int, Question, bool] | None:
        nonlocal asked
        question = questions.ask(draw)
        with lock:
            if asked >= requests or problems:
                return None
            asked += 1
            fresh = question.url not in seen
            seen.add(question.url)
            return asked, question, fresh

    def work(number: int) -> None:
        draw = random.Random(f"{seed}/{number}")
        try:
            with connect() as ask:
                while (given := next_question(draw)) is not None:
                    place, question, fresh = given
                    begun = time.perf_counter()
                    status, body = ask(question.url)
                    ms = (time.perf_counter() - begun) * 1000
                    _check(status, body, question.url)
                    questions.answered(question, body)
                    taken.append(Taken(question.row, place, ms, fresh))
                    if milestones and place in milestones:
                        milestones[place]()
        except BaseException as problem:  # noqa: BLE001 - raised again by the caller's thread
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return taken


def _check(status: int, body: bytes, url: str) -> None:
    if status != 200:
        raise AnswerError(f"{status} for {url}: {body[:300]!r}")


def lines(taken: list[Taken]) -> list[Line]:
    """The table, the slowest rows first."""
    base = _p95([one.ms for one in taken if one.row == EMPTY]) or float("nan")
    found = []
    for row in sorted({one.row for one in taken}):
        own = sorted((one for one in taken if one.row == row), key=lambda one: one.place)
        times = [one.ms for one in own]
        p95 = _p95(times)
        assert p95 is not None
        found.append(
            Line(
                row=row,
                n=len(own),
                median=round(float(np.median(times)), 2),
                p95=p95,
                ratio=round(p95 / base, 2),
                first=round(own[0].ms, 2),
                cold=_p95([one.ms for one in own if one.fresh]),
                warm=_p95([one.ms for one in own if not one.fresh]),
                slowest=round(max(times), 1),
            )
        )
    return sorted(found, key=lambda line: (-line.ratio, line.row))


def _p95(times: list[float]) -> float | None:
    return round(float(np.quantile(times, 0.95)), 2) if times else None
