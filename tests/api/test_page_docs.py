"""PAGES.md, the contexts and what the routes draw say the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from jinja2 import meta

from api import rendering
from api.app import create_app
from api.page_docs import context_classes, describe, meanings
from api.page_map import page_map
from tests.api.conftest import settings_at
from tests.api.keys import make_key, other_machine

ROOT = Path(__file__).parents[2]
LOGIN, CAUSE = "T-00000000aa", "R-00000000aa"
# An address of every page that can be asked for; a new page needs one here.
ADDRESSES = {
    "/": ["/"],
    "/weeks/{week}": ["/weeks/2026-W46"],
    "/themes": ["/themes"],
    "/themes/{theme_id}": [f"/themes/{LOGIN}"],
    "/themes/{theme_id}/correct": [f"/themes/{LOGIN}/correct"],
    "/causes": ["/causes"],
    "/causes/{cause_id}": [f"/causes/{CAUSE}"],
    "/causes/{cause_id}/correct": [f"/causes/{CAUSE}/correct"],
    "/statements/{statement_id:path}/correct": ["/statements/desk/001%230/correct"],
    "/owners": ["/owners"],
    "/owners/{owner_id}": ["/owners/accounts_access"],
    "/owners/{owner_id}/correct": ["/owners/accounts_access/correct"],
    "/search": ["/search", "/search?q=signed+out"],
    "/health": ["/health"],
    "/definitions": ["/definitions"],
    "/corrections": ["/corrections"],
    "/sign-in": ["/sign-in"],
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """(template, context) of every page that is drawn."""
    found: list[tuple[str, Any]] = []
    real = rendering.render_page

    def record(template: str, context: Any, **options: Any) -> Any:
        found.append((template, context))
        return real(template, context, **options)

    for name, module in list(sys.modules.items()):
        if name.startswith("api.") and getattr(module, "render_page", None) is real:
            monkeypatch.setattr(module, "render_page", record)
    return found


def pages() -> list[str]:
    """Addresses of pages that can be asked for, from the map."""
    told = {address for page in page_map(context_classes()) for address in page.addresses}
    return sorted(address for address in told if not address.startswith("POST "))


def test_the_file_is_what_the_contexts_say() -> None:
    written = (ROOT / "PAGES.md").read_text(encoding="utf-8")
    assert written == describe(), "run: python -m api.page_docs > PAGES.md"


@pytest.fixture(scope="module")
def fresh(filled_home: Path) -> Iterator[TestClient]:
    """An app that has kept no answers: what is kept is not drawn again."""
    with TestClient(create_app(settings_at(filled_home))) as found:
        yield found


@pytest.fixture
def stranger(late_home: Path) -> TestClient:
    """Somebody who is not signed in, where there are keys."""
    settings = settings_at(late_home)
    make_key(settings.database_url, "read")
    return other_machine(create_app(settings))


@pytest.mark.parametrize("address", pages())
def test_a_page_draws_the_context_that_is_told(
    fresh: TestClient, stranger: TestClient, drawn: list[tuple[str, Any]], address: str
) -> None:
    told = {
        (page.template, page.context)
        for page in page_map(context_classes())
        if address in page.addresses
    }
    for asked in ADDRESSES[address]:
        drawn.clear()
        answer = (stranger if asked == "/sign-in" else fresh).get(asked)
        assert answer.status_code == 200, asked
        assert [(name, type(context).__name__) in told for name, context in drawn] == [True]
        kind = type(drawn[0][1])
        assert context_classes()[kind.__name__] is kind


def test_every_page_is_on_the_map(client: TestClient) -> None:
    html = {
        route.path
        for router in client.app.routes  # type: ignore[attr-defined]
        if (inner := getattr(router, "original_router", None))
        for route in inner.routes
        if isinstance(route, APIRoute)
        and "GET" in (route.methods or ())
        and not route.include_in_schema
        and "{name}" not in route.path  # files
        and route.path != "/metrics"
    }
    assert len(html) > 10
    assert html <= set(pages())


@pytest.mark.parametrize("page", page_map(context_classes()), ids=lambda page: page.template)
def test_a_template_uses_every_field_of_its_context(page: Any) -> None:
    """That it uses no other name is seen by drawing it: unknown names are errors there."""
    environment = rendering._environment()
    assert environment.loader is not None
    used = {"week"}  # a page of one thing may leave the week to its words
    waiting, seen = [page.template], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        waiting.extend(part for part in meta.find_referenced_templates(tree) if part)
        used |= meta.find_undeclared_variables(tree)
    assert set(meanings(context_classes()[page.context])) <= used


@pytest.mark.parametrize(
    "kind",
    [context_classes()[page.context] for page in page_map(context_classes())],
    ids=lambda kind: kind.__name__,
)
def test_every_field_of_a_page_says_what_it_means(kind: type[Any]) -> None:
    silent = [name for name, meaning in meanings(kind).items() if not meaning]
    assert silent == [], f"tell of them in the docstring of {kind.__name__}"


def test_meanings_are_read_from_the_docstring() -> None:
    found = meanings(context_classes()["OwnersPage"])
    assert found["most"] == "The highest sum of scores among them"
    assert found["unowned"] == found["unconfirmed"]
    assert found["week"] == "The published week shown"
    assert meanings(context_classes()["WeekPage"])["report"] == "The report of one ISO week."
