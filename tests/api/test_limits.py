from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.limits import Buckets, LimitConfig
from api.settings import Settings, load_settings
from tests.api.keys import bearer, make_key, other_machine


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_holds_a_minute_and_refills_evenly() -> None:
    clock = Clock()
    buckets = Buckets(6, most=10, clock=clock)
    taken = [buckets.take("a") for _ in range(6)]
    assert all(verdict.allowed for verdict in taken)
    assert [verdict.left for verdict in taken] == [5, 4, 3, 2, 1, 0]
    refused = buckets.take("a")
    assert (refused.allowed, refused.left, refused.wait) == (False, 0, 10)
    assert buckets.take("b").allowed, "another's bucket is another's"
    clock.now += 9.999
    assert not buckets.take("a").allowed
    clock.now += 0.001
    assert buckets.take("a").allowed
    assert not buckets.take("a").allowed
    clock.now += 3600
    assert buckets.take("a").left == 5, "an hour's rest is no hour's requests"


def test_what_is_refused_costs_nothing() -> None:
    clock = Clock()
    buckets = Buckets(1, most=10, clock=clock)
    assert buckets.take("a").allowed
    for _ in range(59):
        clock.now += 1
        assert not buckets.take("a").allowed
    clock.now += 1
    assert buckets.take("a").allowed


def test_buckets_are_bounded_and_who_asks_is_kept() -> None:
    buckets = Buckets(2, most=3, clock=Clock())
    for number in range(100):
        buckets.take("kept") if number % 3 == 0 else buckets.take(f"{number}")
    assert len(buckets) == 3
    assert not buckets.take("kept").allowed


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(replace(settings, rate_limit=5))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def too_many(answer: Any) -> None:
    assert answer.status_code == 429, answer.text
    assert answer.json()["type"] == "urn:groundswell:problem:too-many-requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 12
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_asks_too_often_is_told_when_to_ask_again(client: TestClient) -> None:
    for left in (4, 3, 2, 1, 0):
        answer = client.get("/v1/events")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"requests";q=5;w=60'
        assert answer.headers["ratelimit"].startswith(f'"requests";r={left};t=')
    too_many(client.get("/v1/events"))
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 429
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_what_is_wrong_counts_too(client: TestClient) -> None:
    for _ in range(5):
        assert client.get("/v1/nothing").status_code == 404
    too_many(client.get("/v1/events"))


def test_addresses_are_counted_apart(app: FastAPI, client: TestClient) -> None:
    for _ in range(5):
        client.get("/v1/events")
    too_many(client.get("/v1/events"))
    assert other_machine(app, "10.0.0.1").get("/v1/events").status_code == 401


def test_a_key_is_counted_wherever_it_is_used_from(app: FastAPI, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    _, other = make_key(settings.database_url, "read")
    here, there = other_machine(app, "10.0.0.1"), other_machine(app, "10.0.0.2")
    # The first request with a key counts for its address: what it opens is not known before.
    assert here.get("/v1/events", headers=bearer(token)).status_code == 200
    for number in range(5):
        asking = here if number % 2 else there
        assert asking.get("/v1/events", headers=bearer(token)).status_code == 200
    too_many(here.get("/v1/events", headers=bearer(token)))
    too_many(there.get("/v1/events", headers=bearer(token)))
    assert here.get("/v1/events", headers=bearer(other)).status_code == 200


def test_made_up_keys_buy_no_more_requests(app: FastAPI, settings: Settings) -> None:
    make_key(settings.database_url, "read")
    client = other_machine(app)
    answers = [
        client.get("/v1/events", headers=bearer(f"gsk_{number:08d}_" + "A" * 43))
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


@pytest.mark.parametrize("others", [1000, 0])
def test_signing_in_has_a_limit_of_its_own(settings: Settings, others: int) -> None:
    make_key(settings.database_url, "read")
    limit = LimitConfig().sign_ins
    with TestClient(create_app(replace(settings, rate_limit=others))) as client:
        for _ in range(limit):
            assert client.post("/sign-in", data={"key": "x"}).status_code == 403
        answer = client.post("/sign-in", data={"key": "x"})
        assert answer.status_code == 429
        assert answer.headers["ratelimit-policy"] == f'"sign-ins";q={limit};w=60'
        assert client.get("/sign-in").status_code == 200


def test_without_a_limit_there_is_none(settings: Settings) -> None:
    with TestClient(create_app(replace(settings, rate_limit=0))) as client:
        for _ in range(30):
            answer = client.get("/v1/events")
            assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize(("text", "limit"), [("", 1200), ("0", 0), ("1", 1), ("60", 60)])
def test_the_limit_is_a_setting(text: str, limit: int) -> None:
    assert load_settings({"GROUNDSWELL_RATE_LIMIT": text}).rate_limit == limit


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "²", " 5"])
def test_a_limit_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="GROUNDSWELL_RATE_LIMIT"):
        load_settings({"GROUNDSWELL_RATE_LIMIT": text})
