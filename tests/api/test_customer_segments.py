"""What the customer table says is filtered by like what came with the feedback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from flows.cli import app as command
from nlp.records import Customer
from store.customers import upsert_customers
from store.database import open_database, session_scope
from tests.api.conftest import HOSTILE, LOGIN, settings_at
from tests.api.test_filters_everywhere import PLACES, filtered

# Of the sixty customers, half of whom write of the hostile theme (every fifth message).
NORTH, SOUTH = ("north", range(0, 60, 5)), ("south", range(1, 60, 5))


@pytest.fixture
def client(late_home: Path) -> Iterator[TestClient]:
    engine = open_database(settings_at(late_home).database_url)
    with session_scope(engine) as session:
        upsert_customers(
            session,
            [
                Customer(f"c{number}", (("plan", "Enterprise"), ("region", region)))
                for region, numbers in (NORTH, SOUTH)
                for number in numbers
            ],
        )
    engine.dispose()
    with TestClient(create_app(settings_at(late_home))) as found:
        yield found


def test_every_list_takes_an_attribute_of_the_table(client: TestClient) -> None:
    for path in filtered(client):
        address = path
        for name, value in PLACES.items():
            address = address.replace(name, value)
        # By a statement, not by words: those would load the model.
        more = "like=desk/001%230&" if "search" in path else ""
        assert client.get(f"{address}?{more}segment.region=north").status_code == 200, path
        refused = client.get(f"{address}?{more}segment.region=east")
        assert refused.status_code == 422, path
        if path.startswith("/v1/"):
            assert set(refused.json()["known"]) == {"(missing)", "north", "south"}, path


def test_it_counts_those_customers(client: TestClient) -> None:
    def customers(query: str) -> dict[str, int]:
        found = client.get(f"/v1/themes?{query}").json()["items"]
        return {one["id"]: one["customers"] for one in found}

    assert customers("segment.region=north") == {"T-00000000cc": 12, HOSTILE: 12}
    south = customers("segment.region=south")
    assert HOSTILE not in south
    assert south[LOGIN] == 12


def test_pages_offer_it(client: TestClient) -> None:
    for page in ("/themes", "/causes", "/owners", "/owners/accounts_access", f"/themes/{LOGIN}"):
        text = client.get(page).text
        assert '<select name="segment.region">' in text, page
        assert "<option>north</option>" in text, page


def test_the_feedbacks_own_word_comes_first(client: TestClient) -> None:
    """The messages have a plan each; what the table says of it is not asked."""
    answer = client.get("/v1/themes?segment.plan=Enterprise")
    assert answer.status_code == 422
    assert answer.json()["known"] == ["Pro", "Starter"]


def test_the_command_line_exports_by_it(client: TestClient, late_home: Path) -> None:
    asked = ["export", "themes", "--format", "jsonl", "--out", "-", "--segment", "region=south"]
    told = CliRunner().invoke(command, ["--home", str(late_home), *asked])
    assert told.exit_code == 0
    ids = {json.loads(line)["theme_id"] for line in told.stdout.splitlines()}
    assert ids == {LOGIN, "T-00000000cc"}
    assert told.stdout == client.get("/v1/exports/themes?format=jsonl&segment.region=south").text
