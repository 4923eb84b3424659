from __future__ import annotations

import datetime as dt
from pathlib import Path

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.settings import Settings
from store.database import open_database, session_scope
from store.runs import RunRecord, save_run
from tests.api.conftest import settings_at
from tests.api.keys import make_key, other_machine

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _samples(client: TestClient) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _requests(samples: Samples) -> dict[tuple[str, str, str], float]:
    return {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"]): value
        for (name, labels), value in samples.items()
        if name == "groundswell_http_requests_total"
    }


def test_requests_are_counted_by_route_and_class_of_status(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        for path in ("/v1/events", "/v1/events", "/v1/events?x=1", "/v1/themes/T-1", "/nothing"):
            client.get(path)
        samples = _samples(client)
        assert _requests(samples) == {
            ("GET", "/v1/events", "2xx"): 2,
            ("GET", "/v1/events", "4xx"): 1,
            ("GET", "/v1/themes/{theme_id}", "4xx"): 1,
            ("GET", "(none)", "4xx"): 1,
        }
        events = (("method", "GET"), ("route", "/v1/events"))
        assert samples["groundswell_http_request_seconds_count", events] == 3
        assert samples["groundswell_http_request_seconds_sum", events] > 0
        assert samples["groundswell_http_requests_in_flight", ()] == 1, "this very request"


def test_made_up_addresses_make_no_numbers(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        client.get("/nothing")
        before = len(_samples(client))
        for number in range(50):
            client.get(f"/nothing/{number}")
        client.get("/metrics")
        for number in range(50):
            client.request(f"MADE{number}", "/nothing")
        # One more method, and /metrics itself.
        assert len(_requests(_samples(client))) == 3
        assert len(_samples(client)) > before


def test_two_apps_have_their_own_numbers(settings: Settings) -> None:
    with TestClient(create_app(settings)) as one, TestClient(create_app(settings)) as other:
        one.get("/v1/events")
        assert _requests(_samples(other)) == {}


def test_weeks_and_the_age_of_the_last_run(late_home: Path) -> None:
    settings = settings_at(late_home)
    with TestClient(create_app(settings)) as client:
        samples = _samples(client)
        assert samples["groundswell_published_weeks", ()] == 2
        assert ("groundswell_last_run_age_seconds", ()) not in samples
        now = dt.datetime.now(dt.UTC)
        engine = open_database(settings.database_url)
        with session_scope(engine) as session:
            for number, status in enumerate(("done", "failed")):
                save_run(
                    session,
                    RunRecord(
                        id=f"{number}",
                        kind="week",
                        week="2026-W47",
                        status="done" if status == "done" else "failed",
                        started_at=now - dt.timedelta(hours=2 - number),
                        finished_at=now - dt.timedelta(hours=1.5 - number),
                    ),
                )
        engine.dispose()
        age = _samples(client)["groundswell_last_run_age_seconds", ()]
        assert 5400 <= age < 5460


def test_the_numbers_are_for_who_may_read(settings: Settings) -> None:
    make_key(settings.database_url, "read")
    app = create_app(settings)
    assert other_machine(app).get("/metrics").status_code == 401
