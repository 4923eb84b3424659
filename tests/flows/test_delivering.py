"""Deliveries: sent once, tried again where they failed, on record before they leave."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.delivering import (
    DeliveryConfig,
    Wanted,
    bury_dead,
    deliver,
    parcels,
    routes,
    would_deliver,
)
from labels.schema import Labels, load
from report.build import build_report
from report.document import to_json
from store.database import Engine, migrate, open_database, read_scope
from tests.flows.delivery_world import (
    NOW,
    QUICK,
    WEEK,
    Service,
    address,
    documents,
    publish,
    record,
    run,
    serving,
    settings_for,
)
from tests.report.conftest import inputs


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def report_json() -> str:
    return to_json(build_report(**inputs()))


@pytest.fixture
def engine(tmp_path: Path, report_json: str) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    migrate(found)
    publish(found, WEEK, report_json)
    yield found
    found.dispose()


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load(None)


def test_the_week_goes_to_a_webhook_as_json_once(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = settings_for(tmp_path, address(service))
    assert run(engine, settings, labels) == [("sent", 1)]
    ((path, got),) = service.got
    assert path == "/hook"
    assert got["title"] == f"Customer feedback, week {WEEK}"
    assert json.loads(got["message"]) == json.loads(report_json)
    (row,) = record(engine)
    assert (row.status, row.attempts, row.document, row.period) == ("sent", 1, "week", WEEK)
    assert row.finished_at is not None

    assert run(engine, settings, labels) == []
    publish(engine, WEEK, report_json.replace("Sign in", "Signing in"))  # the week is run again
    assert run(engine, settings, labels) == []
    assert len(service.got) == 1


def test_one_that_fails_is_tried_again_in_the_same_call(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    service.answers = [503, 503]
    assert run(engine, settings_for(tmp_path, address(service)), labels) == [("sent", 3)]
    assert len(service.got) == 1


def test_one_that_failed_is_taken_up_by_the_next_run(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, address(service))
    service.answers = [503, 503, 503]
    assert run(engine, settings, labels) == [("failed", 3)]
    assert "503" in record(engine)[0].error
    assert service.got == []
    # The next week's run wants nothing of this week, and still takes it up.
    assert run(engine, settings, labels, week=None) == [("sent", 4)]
    assert record(engine)[0].error == ""
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
    settings = settings_for(tmp_path, address(service))
    service.answers = [500] * 3
    run(engine, settings, labels)
    later = NOW + dt.timedelta(days=days)
    assert len(run(engine, settings, labels, week=None, now=later)) == expected


def test_after_so_many_attempts_it_is_left_to_people(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, address(service))
    config = DeliveryConfig(waits=(0.0,), attempts=3)
    service.answers = [500] * 9
    assert run(engine, settings, labels, config=config) == [("failed", 2)]
    assert run(engine, settings, labels, config=config) == [("failed", 3)]
    assert run(engine, settings, labels, config=config) == []


def test_each_address_has_its_own_record(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    good, bad = address(service, path="good"), "json://127.0.0.1:1/bad"  # nobody listens there
    settings = settings_for(tmp_path, good, bad)
    assert sorted(run(engine, settings, labels)) == [("failed", 3), ("sent", 1)]
    assert [path for path, _ in service.got] == ["/good"]
    assert run(engine, settings, labels) == [("failed", 6)]
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
    hook = address(service, secret="user:hunter22@", path="s3cr3tpath") + "?+X-Key=hidd3nkey"
    service.answers = [403] * 3
    settings = settings_for(tmp_path, hook)
    to, _ = routes(settings, labels)
    todo = parcels(engine, to, Wanted(WEEK), now=NOW)
    told = [
        would_deliver(documents(engine), todo),
        deliver(engine, documents(engine), todo, server="", config=QUICK),
        record(engine),
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
    before = settings_for(tmp_path, address(service, secret="ana:old-password@"))
    after = settings_for(tmp_path, address(service, secret="ana:new-password@"))
    assert run(engine, before, labels) == [("sent", 1)]
    assert run(engine, after, labels) == []
    other = settings_for(tmp_path, address(service, secret="ben:new-password@"))
    assert run(engine, other, labels) == [("sent", 1)]


def test_what_was_due_long_ago_is_sent_to_nobody(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = settings_for(tmp_path, address(service))
    publish(engine, WEEK, '{"format": 0}')  # as another version left it
    assert run(engine, settings, labels) == [("not built", 0)]
    assert [row.status for row in record(engine)] == ["due"]
    publish(engine, WEEK, report_json)
    bury_dead(engine, now=NOW + dt.timedelta(days=28))
    assert [row.status for row in record(engine)] == ["due"]
    bury_dead(engine, now=NOW + dt.timedelta(days=29))
    assert [row.status for row in record(engine)] == ["failed"]
    later = NOW + dt.timedelta(days=29)
    assert run(engine, settings, labels, week=None, now=later) == []
    assert run(engine, settings, labels, now=later) == [("sent", 1)]  # unless asked for


def test_the_same_recipient_twice_is_one(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    twice = (address(service, secret="ana:one@"), address(service, secret="ana:two@"))
    settings = settings_for(tmp_path, *twice, f"{address(service, secret='ana:one@')}?verify=no")
    assert run(engine, settings, labels) == [("sent", 1)]
    mails = [f"mailto://127.0.0.1:{port}?from=a@x.example&to=b@x.example" for port in (25, 26)]
    to, _ = routes(settings_for(tmp_path, *mails), labels)
    assert [route.told for route in to] == ["mailto: b@x.example"]


def test_bookkeeping_changes_no_answers(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    from store.revision import revision

    with read_scope(engine) as session:
        before = revision(session)
    run(engine, settings_for(tmp_path, address(service)), labels)
    with read_scope(engine) as session:
        assert revision(session) == before
