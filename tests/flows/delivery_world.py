"""A service that answers as it is told, a published week, and a run of deliveries."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError

from flows.delivering import (
    DeliveryConfig,
    Wanted,
    deliver,
    parcels,
    routes,
)
from flows.settings import Settings
from labels.schema import Labels, load
from service.documents import Documents
from store.database import Engine, read_scope, session_scope
from store.deliveries import Delivery, load_deliveries
from store.snapshots import save_snapshot

WEEK = "2026-W47"
NOW = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)
QUICK = DeliveryConfig(waits=(0.0, 0.0))


def documents(engine: Engine) -> Documents:
    return Documents(engine, labels=load(None), zone=ZoneInfo("UTC"))


class Service(HTTPServer):
    """Takes posts on the loopback address; `answers` are the statuses to come, then 200."""

    answers: list[int]
    got: list[tuple[str, dict[str, Any]]]


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 0:  # takes it, and hangs up without a word
            self.server.got.append((self.path, json.loads(body)))
            self.close_connection = True
            return
        if status == 200:
            self.server.got.append((self.path, json.loads(body)))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def publish(engine: Engine, week: str, report_json: str) -> None:
    with session_scope(engine) as session:
        save_snapshot(
            session,
            week,
            trends=[],
            causes=[],
            friction=[],
            owners={},
            stages={},
            report_json=report_json,
        )


def settings_for(tmp_path: Path, *urls: str) -> Settings:
    return Settings(home=tmp_path, database_url="sqlite://", deliver=urls)


def address(service: Service, *, path: str = "hook", secret: str = "") -> str:
    return f"json://{secret}127.0.0.1:{service.server_port}/{path}"


def run(
    engine: Engine,
    settings: Settings,
    labels: Labels,
    *,
    week: str | None = WEEK,
    now: dt.datetime = NOW,
    again: bool = False,
    config: DeliveryConfig = QUICK,
    clock: Callable[[], dt.datetime] = lambda: NOW,
) -> list[tuple[str, int]]:
    to, problems = routes(settings, labels)
    assert problems == ()
    todo = parcels(engine, to, Wanted(week), now=now, again=again, config=config)
    done = deliver(
        engine, documents(engine), todo, server="", again=again, config=config, clock=clock
    )
    return [(one.status, one.attempts) for one in done]


def record(engine: Engine) -> list[Delivery]:
    with read_scope(engine) as session:
        return load_deliveries(session)


@contextmanager
def serving() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), _Handler)
    server.answers, server.got = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Busy:
    """Stands in for a function of the store's, and finds the database locked so many times."""

    def __init__(self, function: Callable[..., Any], times: int) -> None:
        self.function = function
        self.left = times

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.left:
            self.left -= 1
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return self.function(*arguments, **options)
