"""Who may only read is shown no form that would be refused; who may correct is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import CAUSE, LOGIN, settings_at
from tests.api.keys import bearer, file_url, make_key

PAGES = (f"/themes/{LOGIN}", f"/causes/{CAUSE}", "/search?q=text", "/corrections")
LINKS = ('/correct"', "/undo", "Confirm or reject it")


@pytest.fixture
def client(late_home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(settings_at(late_home)), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def keys(late_home: Path) -> dict[str, dict[str, str]]:
    """Headers of somebody who may only read, and of somebody who may correct."""
    scopes = {"reader": ["read"], "corrector": ["read", "correct"]}
    return {
        name: {"accept": "text/html"} | bearer(make_key(file_url(late_home), *has)[1])
        for name, has in scopes.items()
    }


def test_links_to_forms_are_for_who_may_correct(
    client: TestClient, keys: dict[str, dict[str, str]]
) -> None:
    pin = {"kind": "pin", "theme_id": LOGIN, "why": "agreed"}
    assert client.post("/v1/corrections", json=pin, headers=keys["corrector"]).status_code == 201
    linked = 0
    for path in PAGES:
        for name in ("corrector", "reader", "corrector"):  # the same page, drawn once and kept
            answer = client.get(path, headers=keys[name])
            assert answer.status_code == 200
            assert "<!--" not in answer.text, "no mark is left"
            assert answer.text.count("<li") > 1
            assert "</main>" in answer.text
            found = [one for one in LINKS if one in answer.text]
            if name == "reader":
                assert not found, path
            linked += bool(found)
    assert linked >= 6


@pytest.mark.parametrize(
    "path",
    [f"/themes/{LOGIN}/correct", f"/causes/{CAUSE}/correct", "/statements/desk%2F001%230/correct"],
)
def test_a_form_that_could_not_be_sent_is_not_shown(
    client: TestClient, keys: dict[str, dict[str, str]], path: str
) -> None:
    assert 'method="post"' in client.get(path, headers=keys["corrector"]).text
    refused = client.get(path, headers=keys["reader"])
    assert refused.status_code == 403
    assert "Your key may not correct anything (it has: read)" in refused.text
    assert "--scope read --scope correct" in refused.text
    assert 'method="post"' not in refused.text
