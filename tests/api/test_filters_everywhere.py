"""Every list and every page of rows takes the filters of the feedback, or says why it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.filters import Known

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
CAUSE = "R-00000000aa"
PARTS = {"since", "until", "kind"}
PLACES = {
    "{theme_id}": LOGIN,
    "{noun}": "themes",
    "{owner_id}": "accounts_access",
    "{cause_id}": CAUSE,
}
_FILE = "of the program itself, or how it does"
_PUBLISHED = "it stays as it was published, of all feedback"
_PEOPLE = "what people decided: no feedback"
_ONE = "one thing as its week told it; the list beside it takes the filters"
_NAMES = "names to choose from, for the other lists' filters"
_WORK = "the program's own work: no customers"
EXCEPTIONS = {
    "/": _PUBLISHED,
    "/weeks/{week}": _PUBLISHED,
    "/v1/reports": _PUBLISHED,
    "/v1/reports/{week}": _PUBLISHED,
    "/v1/reports/{week}/document": _PUBLISHED,
    "/v1/outcomes": _PUBLISHED,
    "/v1/outcomes/{month}": _PUBLISHED,
    "/v1/themes/{theme_id}/history": "its life and the weeks' words on it, as they were published",
    "/v1/root-causes/{cause_id}": _ONE,
    "/causes/{cause_id}": _ONE,
    "/corrections": _PEOPLE,
    "/v1/corrections": _PEOPLE,
    "/themes/{theme_id}/correct": _PEOPLE,
    "/owners/{owner_id}/correct": _PEOPLE,
    "/causes/{cause_id}/correct": _PEOPLE,
    "/statements/{statement_id:path}/correct": _PEOPLE,
    "/v1/events": "dated facts that people told: no customers",
    "/v1/deliveries": _WORK,
    "/v1/runs": _WORK,
    "/v1/runs/{run_id}": _WORK,
    "/v1/ingests": _WORK,
    "/v1/quarantine": "rows that could not be read: nothing of them is known",
    "/v1/data-health": "how far all feedback together can be trusted",
    "/health": "how far all feedback together can be trusted",
    "/v1/weeks": _NAMES,
    "/v1/stages": _NAMES,
    "/v1/exports": "what can be exported",
    "/v1/metrics-definitions": "formulas",
    "/definitions": "formulas",
    "/healthz": _FILE,
    "/readyz": _FILE,
    "/metrics": _FILE,
    "/static/{name}": _FILE,
    "/sign-in": _FILE,
}


def routes(found: Iterable[Any]) -> Iterator[APIRoute]:
    for route in found:
        if isinstance(route, APIRoute):
            if "GET" in (route.methods or ()):
                yield route
        elif inner := getattr(route, "original_router", None):
            yield from routes(inner.routes)


def takes(route: APIRoute) -> bool:
    checks = [one.call for one in route.dependant.dependencies if isinstance(one.call, Known)]
    return any(check.attributes and set(check.names) >= PARTS for check in checks)


def filtered(client: TestClient) -> list[str]:
    app: Any = client.app
    return [route.path for route in routes(app.routes) if takes(route)]


def test_every_address_takes_the_filters_or_is_an_exception(client: TestClient) -> None:
    app: Any = client.app
    found = {route.path: takes(route) for route in routes(app.routes)}
    assert len(found) > 40
    assert {path for path, taken in found.items() if not taken} == EXCEPTIONS.keys()
    assert sum(found.values()) >= 14


def test_what_is_not_known_is_refused_with_what_is(client: TestClient) -> None:
    for path in filtered(client):
        address = path
        for name, value in PLACES.items():
            address = address.replace(name, value)
        # By a statement, not by words: those would load the model.
        more = "like=desk/001%230&" if "search" in path else ""
        assert client.get(f"{address}?{more}segment.plan=Pro").status_code == 200, path
        assert client.get(f"{address}?{more}attribute.plan=Pro").status_code == 200, path
        for wrong in ("segment.plann=Pro", "segment.plan=pro", "plan=Pro"):
            answer = client.get(
                f"{address}?{more}{wrong}", headers={"accept": "application/problem+json"}
            )
            assert answer.status_code == 422, (path, wrong)
            if path.startswith("/v1/"):
                assert any(
                    "plan" in str(one) or one == "Pro" for one in answer.json()["known"]
                ) or ("segment.NAME" in answer.json()["known"]), (path, wrong)
            else:
                assert "segment." in answer.text or "Pro" in answer.text, (path, wrong)


def rows(text: str, what: str) -> list[str]:
    return re.findall(rf'class="main-cell"><a href="/{what}/([^"?]+)', text)


def test_causes_of_a_part_are_counted_there(client: TestClient) -> None:
    query = "segment.plan=Starter&since=2026-W45"
    (listed,) = [
        one for one in client.get(f"/v1/root-causes?{query}").json()["items"] if one["id"] == CAUSE
    ]
    text = client.get(f"/causes?{query}").text
    assert rows(text, "causes")[0] == CAUSE
    assert f'data-label="Customers">{listed["customers"]}<' in text
    assert "Customers are counted in the part" in text
    assert f'data-label="Customers">{listed["customers"]}<' not in client.get("/causes").text
    assert client.get("/causes?state=odd").status_code == 422


def test_a_theme_is_counted_in_the_part(client: TestClient) -> None:
    query = "segment.plan=Starter&kind=survey&since=2026-W44"
    listed = {one["id"]: one for one in client.get("/v1/themes?segment.plan=Pro").json()["items"]}
    told = client.get(f"/v1/themes/{LOGIN}?segment.plan=Pro").json()
    assert told["customers"] == listed[LOGIN]["customers"]
    assert told["customers"] < client.get(f"/v1/themes/{LOGIN}").json()["customers"]
    assert client.get(f"/v1/themes/{LOGIN}?{query}").json()["customers"] == 0


def test_further_causes_keep_the_part(client: TestClient) -> None:
    text = client.get("/causes?segment.plan=Pro&kind=survey&limit=1").text
    more = re.search(r'<a href="([^"]+)" rel="next">More root causes', text)
    assert more
    following = more[1].replace("&amp;", "&")
    assert "segment.plan=Pro" in following
    assert "kind=survey" in following
    assert rows(client.get(following).text, "causes") != rows(text, "causes")


def owner(client: TestClient, query: str, name: str) -> dict[str, Any]:
    (found,) = [
        one for one in client.get(f"/v1/owners?{query}").json()["items"] if one["id"] == name
    ]
    return dict(found)


def test_an_owners_numbers_are_those_of_the_part(client: TestClient) -> None:
    query = "segment.plan=Starter"
    told = owner(client, query, "accounts_access")
    theirs = set(told["theme_ids"])
    points = client.get(f"/v1/friction-points?{query}").json()["items"]
    own = [one for one in points if one["theme_id"] in theirs]
    assert told["score"] == pytest.approx(sum(one["score"] or 0.0 for one in own), abs=1e-6)
    spoken = {one["id"] for one in client.get(f"/v1/themes?{query}").json()["items"]}
    assert theirs <= spoken
    causes = client.get(f"/v1/root-causes?{query}").json()["items"]
    assert told["causes_open"] == sum(
        one["theme_id"] in theirs and one["state"] not in {"confirmed", "rejected"}
        for one in causes
    )
    assert told != owner(client, "", "accounts_access")


def test_themes_nobody_there_speaks_of_are_not_an_owners(client: TestClient) -> None:
    whole = owner(client, "", "gone")
    assert whole["theme_ids"] == [HOSTILE]
    none = owner(client, "since=2025-W01&until=2026-W01", "gone")
    assert (none["theme_ids"], none["themes"], none["score"]) == ([], 0, 0)
    text = client.get("/owners/gone?since=2025-W01&until=2026-W01").text
    assert "No theme of theirs is spoken of in this part" in text


def test_the_owners_pages_say_and_keep_the_part(client: TestClient) -> None:
    query = "segment.plan=Starter"
    told = owner(client, query, "accounts_access")
    text = client.get(f"/owners?{query}").text
    assert "the part of the feedback chosen below" in text
    assert f'href="/owners/accounts_access?{query}"' in text
    page = client.get(f"/owners/accounts_access?{query}").text
    assert "the part of the feedback chosen below" in page
    assert f'href="/themes/{LOGIN}?{query}"' in page
    assert f'<dd class="value">{told["themes"]}</dd>' in page
    assert "the part of the feedback chosen below" not in client.get("/owners").text
