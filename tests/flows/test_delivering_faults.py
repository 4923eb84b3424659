"""What fails, dies or is busy loses no delivery and doubles none."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flows.delivering
from flows.delivering import (
    Wanted,
    bury_dead,
    deliver,
    parcels,
    routes,
)
from flows.sending import Message, Route, Sent, send
from labels.schema import Labels, load
from report.build import build_report
from report.document import to_json
from service.documents import Documents
from store.database import Engine, migrate, open_database
from tests.flows.delivery_world import (
    NOW,
    QUICK,
    WEEK,
    Busy,
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


def test_no_answer_may_be_an_arrival_and_is_not_tried_again_unasked(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, address(service))
    service.answers = [0]
    assert run(engine, settings, labels) == [("unknown", 1)]
    assert len(service.got) == 1  # indeed it had arrived
    assert run(engine, settings, labels) == []
    assert run(engine, settings, labels, again=True) == [("sent", 2)]


def test_a_crash_between_claim_and_answer_never_doubles(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_for(tmp_path, address(service))

    def die(*_: object) -> Sent:
        raise KeyboardInterrupt

    monkeypatch.setattr(flows.delivering, "send", die)
    with pytest.raises(KeyboardInterrupt):
        run(engine, settings, labels)
    monkeypatch.undo()
    assert record(engine)[0].status == "sending"
    # Somebody may be at it still; nobody else takes it.
    assert run(engine, settings, labels) == []
    assert bury_dead(engine, now=NOW + dt.timedelta(minutes=59)) == 0
    assert bury_dead(engine, now=NOW + dt.timedelta(minutes=61)) == 1
    assert record(engine)[0].status == "unknown"
    assert run(engine, settings, labels) == []
    assert service.got == []
    assert run(engine, settings, labels, again=True) == [("sent", 2)]


def test_two_processes_at_once_send_once(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, address(service))
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


def test_a_document_that_cannot_be_built_keeps_no_other_from_being_sent(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path, report_json: str
) -> None:
    settings = settings_for(tmp_path, address(service))
    publish(engine, "2026-W46", report_json)
    service.answers = [500] * 3
    assert run(engine, settings, labels, week="2026-W46") == [("failed", 3)]
    publish(engine, "2026-W46", '{"format": 0}')  # as another version left it
    assert run(engine, settings, labels) == [("not built", 3), ("sent", 1)]
    assert len(service.got) == 1


def test_a_process_that_dies_between_two_addresses_forgets_none(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_for(tmp_path, address(service, path="one"), address(service, path="two"))

    def die_after(route: Route, message: Message) -> Sent:
        send(route, message)
        raise KeyboardInterrupt

    monkeypatch.setattr(flows.delivering, "send", die_after)
    with pytest.raises(KeyboardInterrupt):
        run(engine, settings, labels)
    monkeypatch.undo()
    assert sorted(row.status for row in record(engine)) == ["due", "sending"]
    # The next week's run wants nothing of this week, and still sends what was not come to.
    assert run(engine, settings, labels, week=None) == [("sent", 1)]
    assert sorted(path for path, _ in service.got) == ["/one", "/two"]


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
    settings = settings_for(tmp_path, address(service, path="one"), address(service, path="two"))
    monkeypatch.setattr(flows.delivering, name, Busy(getattr(flows.delivering, name), times))
    assert sorted(run(engine, settings, labels)) == expected
    run(engine, settings, labels, week=None)
    assert sorted(path for path, _ in service.got) == ["/one", "/two"]


def test_a_fault_in_a_service_keeps_no_other_from_being_sent_and_tells_no_address(
    engine: Engine,
    service: Service,
    labels: Labels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_for(tmp_path, address(service, path="bad"), address(service, path="good"))

    def fault(route: Route, message: Message) -> Sent:
        if "bad" in route.target.url:
            raise RuntimeError(route.target.url)
        return send(route, message)

    monkeypatch.setattr(flows.delivering, "send", fault)
    assert sorted(run(engine, settings, labels)) == [("sent", 1), ("unknown", 1)]
    assert [path for path, _ in service.got] == ["/good"]
    errors = {row.error for row in record(engine)}
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
    publish(engine, "2026-W46", report_json)
    settings = settings_for(tmp_path, address(service))
    packages = Documents.package

    def fault(self: Documents, document: Any, period: str, owner_id: str = "") -> Any:
        if period == "2026-W46":
            raise KeyError("volume")
        return packages(self, document, period, owner_id)

    monkeypatch.setattr(Documents, "package", fault)
    assert run(engine, settings, labels, week="2026-W46") == [("not built", 0)]
    assert run(engine, settings, labels) == [("not built", 0), ("sent", 1)]
    monkeypatch.undo()
    assert run(engine, settings, labels) == [("sent", 1)]  # once it is mended


def test_a_gateway_that_lost_the_answer_is_not_asked_again(
    engine: Engine, service: Service, labels: Labels, tmp_path: Path
) -> None:
    service.answers = [504]
    settings = settings_for(tmp_path, address(service))
    assert run(engine, settings, labels) == [("unknown", 1)]
    assert run(engine, settings, labels) == []
