"""Deliveries: sent once, tried again where they failed, on record before they leave."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

import flows.delivering
from flows.delivering import (
    DeliveryConfig,
    Wanted,
    bury_dead,
    deliver,
    parcels,
    routes,
    would_deliver,
)
from flows.sending import Message, Route, Sent, send
from flows.settings import Settings
from labels.schema import Labels, load
from report.build import build_report
from report.document import to_json
from service.documents import Documents
from store.database import Engine, migrate, open_database, read_scope, session_scope
from store.deliveries import Delivery, load_deliveries
from store.snapshots import save_snapshot
from tests.report.conftest import inputs

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


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), _Handler)
    server.answers, server.got = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def report_json() -> str:
    return to_json(build_report(**inputs()))


@pytest.fixture
def engine(tmp_path: Path, report_json: str) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    migrate(found)
    _publish(found, WEEK, report_json)
    yield found
    found.dispose()


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load(None)


def _publish(engine: Engine, week: str, report_json: str) -> None:
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


def _settings(tmp_path: Path, *urls: str) -> Settings:
    return Settings(home=tmp_path, database_url="sqlite://", deliver=urls)


def _address(service: Service, *, path: str = "hook", secret: str = "") -> str:
    return f"json://{secret}127.0.0.1:{service.server_port}/{path}"


def _run(
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


def _record(engine: Engine) -> list[Delivery]:
    with read_scope(engine) as session:
        return load_deliveries(session)


def test_the_week_goes_to_a_webhook_as_json_once(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = _settings(tmp_path, _address(service))
    assert _run(engine, settings, labels) == [("sent", 1)]
    ((path, got),) = service.got
    assert path == "/hook"
    assert got["title"] == f"Customer feedback, week {WEEK}"
    assert json.loads(got["message"]) == json.loads(report_json)
    (row,) = _record(engine)
    assert (row.status, row.attempts, row.document, row.period) == ("sent", 1, "week", WEEK)
    assert row.finished_at is not None

    assert _run(engine, settings, labels) == []
    _publish(engine, WEEK, report_json.replace("Sign in", "Signing in"))  # the week is run again
    assert _run(engine, settings, labels) == []
    assert len(service.got) == 1


def test_one_that_fails_is_tried_again_in_the_same_call(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    service.answers = [503, 503]
    assert _run(engine, _settings(tmp_path, _address(service)), labels) == [("sent", 3)]
    assert len(service.got) == 1


def test_one_that_failed_is_taken_up_by_the_next_run(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, _address(service))
    service.answers = [503, 503, 503]
    assert _run(engine, settings, labels) == [("failed", 3)]
    assert "503" in _record(engine)[0].error
    assert service.got == []
    # The next week's run wants nothing of this week, and still takes it up.
    assert _run(engine, settings, labels, week=None) == [("sent", 4)]
    assert _record(engine)[0].error == ""
    assert len(service.got) == 1


@pytest.mark.parametrize(("days", "expected"), [(27, 1), (28, 1), (29, 0)])
def test_what_failed_long_ago_is_stale(
    *,
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    days: int,
    expected: int,
) -> None:
    settings = _settings(tmp_path, _address(service))
    service.answers = [500] * 3
    _run(engine, settings, labels)
    later = NOW + dt.timedelta(days=days)
    assert len(_run(engine, settings, labels, week=None, now=later)) == expected


def test_after_so_many_attempts_it_is_left_to_people(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, _address(service))
    config = DeliveryConfig(waits=(0.0,), attempts=3)
    service.answers = [500] * 9
    assert _run(engine, settings, labels, config=config) == [("failed", 2)]
    assert _run(engine, settings, labels, config=config) == [("failed", 3)]
    assert _run(engine, settings, labels, config=config) == []


def test_no_answer_may_be_an_arrival_and_is_not_tried_again_unasked(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, _address(service))
    service.answers = [0]
    assert _run(engine, settings, labels) == [("unknown", 1)]
    assert len(service.got) == 1  # indeed it had arrived
    assert _run(engine, settings, labels) == []
    assert _run(engine, settings, labels, again=True) == [("sent", 2)]


def test_a_crash_between_claim_and_answer_never_doubles(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = _settings(tmp_path, _address(service))

    def die(*_: object) -> Sent:
        raise KeyboardInterrupt

    monkeypatch.setattr(flows.delivering, "send", die)
    with pytest.raises(KeyboardInterrupt):
        _run(engine, settings, labels)
    monkeypatch.undo()
    assert _record(engine)[0].status == "sending"
    # Somebody may be at it still; nobody else takes it.
    assert _run(engine, settings, labels) == []
    assert bury_dead(engine, now=NOW + dt.timedelta(minutes=59)) == 0
    assert bury_dead(engine, now=NOW + dt.timedelta(minutes=61)) == 1
    assert _record(engine)[0].status == "unknown"
    assert _run(engine, settings, labels) == []
    assert service.got == []
    assert _run(engine, settings, labels, again=True) == [("sent", 2)]


def test_two_processes_at_once_send_once(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, _address(service))
    to, _ = routes(settings, labels)
    todo = parcels(engine, to, Wanted(WEEK), now=NOW)
    ready = threading.Barrier(4)
    done: list[str] = []

    def work() -> None:
        ready.wait()
        ends = deliver(engine, documents(engine), todo, server="", config=QUICK)
        done.extend(str(one.status) for one in ends)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["sent"]
    assert len(service.got) == 1


def test_each_address_has_its_own_record(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    good, bad = _address(service, path="good"), "json://127.0.0.1:1/bad"  # nobody listens there
    settings = _settings(tmp_path, good, bad)
    assert sorted(_run(engine, settings, labels)) == [("failed", 3), ("sent", 1)]
    assert [path for path, _ in service.got] == ["/good"]
    assert _run(engine, settings, labels) == [("failed", 6)]
    assert len(service.got) == 1


def test_secrets_are_nowhere(
    *,
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    address = _address(service, secret="user:hunter22@", path="s3cr3tpath") + "?+X-Key=hidd3nkey"
    service.answers = [403] * 3
    settings = _settings(tmp_path, address)
    to, _ = routes(settings, labels)
    todo = parcels(engine, to, Wanted(WEEK), now=NOW)
    told = [
        would_deliver(documents(engine), todo),
        deliver(engine, documents(engine), todo, server="", config=QUICK),
        _record(engine),
        settings,
        settings.to_json(),
        settings.public(),
        todo,
        caplog.text,
        capfd.readouterr(),
    ]
    engine.dispose()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite*"))
    for secret in ("hunter22", "s3cr3tpath", "hidd3nkey"):
        assert secret not in repr(told)
        assert secret.encode() not in stored
    assert f"json://127.0.0.1:{service.server_port}/***" in repr(told)


def test_an_address_with_another_password_is_the_same(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    before = _settings(tmp_path, _address(service, secret="ana:old-password@"))
    after = _settings(tmp_path, _address(service, secret="ana:new-password@"))
    assert _run(engine, before, labels) == [("sent", 1)]
    assert _run(engine, after, labels) == []
    other = _settings(tmp_path, _address(service, secret="ben:new-password@"))
    assert _run(engine, other, labels) == [("sent", 1)]


def test_a_document_that_cannot_be_built_keeps_no_other_from_being_sent(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = _settings(tmp_path, _address(service))
    _publish(engine, "2026-W46", report_json)
    service.answers = [500] * 3
    assert _run(engine, settings, labels, week="2026-W46") == [("failed", 3)]
    _publish(engine, "2026-W46", '{"format": 0}')  # as another version left it
    assert _run(engine, settings, labels) == [("not built", 3), ("sent", 1)]
    assert len(service.got) == 1


def test_a_process_that_dies_between_two_addresses_forgets_none(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = _settings(tmp_path, _address(service, path="one"), _address(service, path="two"))

    def die_after(route: Route, message: Message) -> Sent:
        send(route, message)
        raise KeyboardInterrupt

    monkeypatch.setattr(flows.delivering, "send", die_after)
    with pytest.raises(KeyboardInterrupt):
        _run(engine, settings, labels)
    monkeypatch.undo()
    assert sorted(row.status for row in _record(engine)) == ["due", "sending"]
    # The next week's run wants nothing of this week, and still sends what was not come to.
    assert _run(engine, settings, labels, week=None) == [("sent", 1)]
    assert sorted(path for path, _ in service.got) == ["/one", "/two"]


def test_what_was_due_long_ago_is_sent_to_nobody(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = _settings(tmp_path, _address(service))
    _publish(engine, WEEK, '{"format": 0}')  # as another version left it
    assert _run(engine, settings, labels) == [("not built", 0)]
    assert [row.status for row in _record(engine)] == ["due"]
    _publish(engine, WEEK, report_json)
    bury_dead(engine, now=NOW + dt.timedelta(days=28))
    assert [row.status for row in _record(engine)] == ["due"]
    bury_dead(engine, now=NOW + dt.timedelta(days=29))
    assert [row.status for row in _record(engine)] == ["failed"]
    later = NOW + dt.timedelta(days=29)
    assert _run(engine, settings, labels, week=None, now=later) == []
    assert _run(engine, settings, labels, now=later) == [("sent", 1)]  # unless asked for


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


@pytest.mark.parametrize(
    ("name", "times", "expected"),
    [
        ("plan", 3, [("sent", 1), ("sent", 1)]),
        ("settle", 2, [("sent", 1), ("sent", 1)]),
        ("settle", 3, [("sent", 1), ("unknown", 1)]),
        ("claim", 2, [("sent", 1), ("sent", 1)]),
        ("claim", 5, [("due", 0), ("sent", 1)]),
    ],
)
def test_a_database_that_is_busy_loses_nobodys_report(
    *,
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    times: int,
    expected: list[tuple[str, int]],
) -> None:
    settings = _settings(tmp_path, _address(service, path="one"), _address(service, path="two"))
    monkeypatch.setattr(flows.delivering, name, Busy(getattr(flows.delivering, name), times))
    assert sorted(_run(engine, settings, labels)) == expected
    _run(engine, settings, labels, week=None)
    assert sorted(path for path, _ in service.got) == ["/one", "/two"]


def test_a_fault_in_a_service_keeps_no_other_from_being_sent_and_tells_no_address(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = _settings(tmp_path, _address(service, path="bad"), _address(service, path="good"))

    def fault(route: Route, message: Message) -> Sent:
        if "bad" in route.target.url:
            raise RuntimeError(route.target.url)
        return send(route, message)

    monkeypatch.setattr(flows.delivering, "send", fault)
    assert sorted(_run(engine, settings, labels)) == [("sent", 1), ("unknown", 1)]
    assert [path for path, _ in service.got] == ["/good"]
    errors = {row.error for row in _record(engine)}
    assert errors == {"", "RuntimeError while it was sent"}


def test_a_document_whose_making_has_a_fault_keeps_no_other_from_being_sent(
    *,
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    report_json: str,
) -> None:
    _publish(engine, "2026-W46", report_json)
    settings = _settings(tmp_path, _address(service))
    packages = Documents.package

    def fault(self: Documents, document: Any, period: str, owner_id: str = "") -> Any:
        if period == "2026-W46":
            raise KeyError("volume")
        return packages(self, document, period, owner_id)

    monkeypatch.setattr(Documents, "package", fault)
    assert _run(engine, settings, labels, week="2026-W46") == [("not built", 0)]
    assert _run(engine, settings, labels) == [("not built", 0), ("sent", 1)]
    monkeypatch.undo()
    assert _run(engine, settings, labels) == [("sent", 1)]  # once it is mended


def test_the_same_recipient_twice_is_one(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    twice = (_address(service, secret="ana:one@"), _address(service, secret="ana:two@"))
    settings = _settings(tmp_path, *twice, f"{_address(service, secret='ana:one@')}?verify=no")
    assert _run(engine, settings, labels) == [("sent", 1)]
    mails = [f"mailto://127.0.0.1:{port}?from=a@x.example&to=b@x.example" for port in (25, 26)]
    to, _ = routes(_settings(tmp_path, *mails), labels)
    assert [route.told for route in to] == ["mailto: b@x.example"]


def test_a_gateway_that_lost_the_answer_is_not_asked_again(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    service.answers = [504]
    settings = _settings(tmp_path, _address(service))
    assert _run(engine, settings, labels) == [("unknown", 1)]
    assert _run(engine, settings, labels) == []


def test_bookkeeping_changes_no_answers(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    from store.revision import revision

    with read_scope(engine) as session:
        before = revision(session)
    _run(engine, _settings(tmp_path, _address(service)), labels)
    with read_scope(engine) as session:
        assert revision(session) == before
