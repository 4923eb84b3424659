from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.in_turn import AT_ONCE, InTurn
from api.tuning import THREADS
from store.database import open_database


class Counting:
    """An app that is at work until it is let go, and counts how often at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.order: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        self.order.append(scope["path"])
        if scope["path"] != "/healthz":
            await self.go.wait()
        self.now -= 1
        if scope["path"] == "/fails":
            raise ValueError("as it may")


async def _nothing() -> Message:
    return {"type": "http.request"}


async def _drop(_message: Message) -> None:
    pass


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_as_many_as_there_is_room_for_are_let_in_and_health_always() -> None:
    app = Counting()
    turns = InTurn(app, at_once=3)

    def ask(path: str) -> asyncio.Task[None]:
        return asyncio.create_task(turns({"type": "http", "path": path}, _nothing, _drop))

    waiting = [ask("/fails"), *(ask(f"/{number}") for number in range(9))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert app.most == 3
    await ask("/healthz")
    assert app.order == ["/fails", "/0", "/1", "/healthz"]
    app.go.set()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [ValueError]
    assert app.most == 4  # three and the one that asked after health
    assert app.order[4:] == [f"/{number}" for number in range(2, 9)]


def test_those_let_in_have_threads_and_connections(
    tmp_path: Path,
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'some.sqlite'}")
    pool = engine.pool
    assert pool.size() + pool._max_overflow > AT_ONCE  # type: ignore[attr-defined]
    assert THREADS > AT_ONCE
    engine.dispose()
