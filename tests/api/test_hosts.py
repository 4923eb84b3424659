from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.hosts import LOCAL, host_name, known_hosts
from api.settings import Settings, load_settings


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000", "testserver"]
)
def test_this_machine_is_answered(empty: TestClient, host: str) -> None:
    assert empty.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "evil@localhost", ""],
)
@pytest.mark.parametrize("path", ["/", "/v1/themes", "/pages.css", "/nothing"])
def test_another_name_is_refused(empty: TestClient, host: str, path: str) -> None:
    answer = empty.get(path, headers={"host": host})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GROUNDSWELL_HOSTS" in answer.json()["detail"]
    assert "evil" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_is_taken_from_another_name(empty: TestClient) -> None:
    row = {
        "id": "1",
        "source": "s",
        "kind": "ticket",
        "text": "It broke.",
        "created_at": "2026-11-16",
    }
    for host, status in (("evil.example", 400), ("localhost", 200)):
        answer = empty.post("/v1/feedback", json={"items": [row]}, headers={"host": host})
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        ("feedback.example.com", "feedback.example.com", 200),
        ("feedback.example.com", "localhost", 200),
        ("feedback.example.com", "other.example.com", 400),
        ("a.example, 10.0.0.5", "10.0.0.5:80", 200),
        ("*", "anything.example", 200),
    ],
)
def test_further_hosts_of_the_environment(
    settings: Settings, hosts: str, host: str, status: int
) -> None:
    named = load_settings({"GROUNDSWELL_HOSTS": hosts}).hosts
    with TestClient(create_app(replace(settings, hosts=named))) as client:
        assert client.get("/healthz", headers={"host": host}).status_code == status


def test_lists_of_hosts() -> None:
    assert known_hosts("") == known_hosts(" , ") == LOCAL
    assert known_hosts("A.Example:8000,[fe80::1],fe80::2") - LOCAL == {
        "a.example",
        "fe80::1",
        "fe80::2",
    }
    for wrong in ("http://a.example", "*.example", "a b", "[x"):
        with pytest.raises(ValueError, match="is no host"):
            known_hosts(f"a.example,{wrong}")


def test_a_host_with_broken_brackets_is_none() -> None:
    assert host_name("[::1") == host_name("[nonsense]:80") == ""
