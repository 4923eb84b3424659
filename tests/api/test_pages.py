from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

CAUSE, GONE = "R-00000000aa", "R-00000000cc"
LOGIN, HOSTILE = "T-00000000aa", "T-00000000bb"
# In the navigation, and on their way; each goes from here with its page.
NOT_YET = {"/search", "/corrections"}
OWN_SCRIPT = '<script src="/static/pages.js" defer></script>'
PAGES = [
    "/",
    "/weeks/2026-W46",
    "/themes",
    "/themes?status=rising&owner=accounts_access&stage=sign_in",
    "/themes?sort=-label&level=leaf&words=signed&week=2026-W46&limit=1",
    "/health",
    "/definitions",
    f"/themes/{LOGIN}",
    f"/themes/{HOSTILE}",
    "/causes",
    "/causes?week=2026-W46&state=corroborated&status=steady&owner=accounts_access&stage=sign_in",
    "/causes?state=confirmed",
    f"/causes/{CAUSE}",
    f"/causes/{GONE}",
    "/owners",
    "/owners/accounts_access",
    "/owners/gone",
    "/owners/billing",
]


class Page(HTMLParser):
    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        self.addresses += [str(found[name]) for name in ("href", "src", "action") if name in found]
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_and_loads_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    page = Page(answer.text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("h1") == 1
    assert page.tags.count("script") == 1  # our own file, by address
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert all(re.match(r"[/#?](?!/)", address) for address in page.addresses)


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_links_to_is_there(client: TestClient, path: str) -> None:
    page = Page(client.get(path).text)
    for address in {a for a in page.addresses if a.startswith("/")}:
        assert client.get(address).status_code == 200, address
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("path", PAGES)
def test_headers_close_the_page(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/themes", f"/themes/{HOSTILE}", "/owners/gone"])
def test_hostile_text_is_shown_as_text(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert text.count("<script") == 1
    assert OWN_SCRIPT in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} {% raw %}" in text
    assert '" onclick="' not in text


def test_the_theme_page_shows_reasons_in_their_sentence(client: TestClient) -> None:
    text = client.get(f"/themes/{LOGIN}").text
    assert "<mark>since the update</mark>" in text
    assert "exploratory" in text
    assert "3 more customers than usual" in text


def test_statements_go_on_on_a_next_page(client: TestClient) -> None:
    first = client.get(f"/themes/{LOGIN}").text
    found = re.search(r'href="(\?cursor=[^"#]+)', first)
    assert found is not None
    second = client.get(f"/themes/{LOGIN}{found[1]}")
    assert second.status_code == 200
    assert second.text.count("<blockquote>") == 20
    assert second.text != first


def test_filters_of_the_table(client: TestClient) -> None:
    text = client.get("/themes?status=rising").text
    assert "1 of 3 themes as of" in text
    assert "No theme fits" in client.get("/themes?status=new").text


def test_weeks_lead_to_each_other(client: TestClient) -> None:
    assert "← 2026-W46" in client.get("/").text
    assert "2026-W47 →" in client.get("/weeks/2026-W46").text


def test_the_theme_page_tells_why_it_is_called_that(client: TestClient) -> None:
    text = client.get(f"/themes/{LOGIN}").text
    assert "Why this name: <bdi>Terms" in text
    assert "Most distinctive words: <bdi>signed out</bdi></p>" in text
    assert 'id="typical"' not in text
    typical = client.get(f"/themes/{HOSTILE}").text.partition('id="typical"')[2]
    assert typical.partition("</blockquote>")[0].count("&lt;script&gt;") == 1


def test_the_theme_page_tells_of_copies(client: TestClient) -> None:
    assert "24 of 24 mentions of the last 12 weeks" in client.get(f"/themes/{HOSTILE}").text
    assert "mentions of the last" not in client.get(f"/themes/{LOGIN}").text


@pytest.mark.parametrize("path", ["/", "/themes", "/causes", "/owners"])
def test_without_data_a_page_says_what_to_run(empty: TestClient, path: str) -> None:
    answer = empty.get(path)
    assert answer.status_code == 200
    assert "groundswell ingest" in answer.text
    assert Page(answer.text).open == []


def test_with_feedback_and_no_run_it_says_run(empty: TestClient) -> None:
    row = {"id": "1", "created_at": "2026-11-10", "text": "Signed out"}
    empty.post("/v1/feedback", json={"source": "a", "kind": "ticket", "items": [row]})
    text = empty.get("/").text
    assert "1 message is in the store" in text
    assert "groundswell run" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/weeks/2020-W01", 404),
        ("/weeks/%3Cb%3E", 422),
        ("/themes/T-none", 404),
        ("/themes/%3Cscript%3E", 404),
        ("/owners/nobody", 404),
        ("/themes?owner=nobody", 422),
        ("/themes?x=1", 422),
        ("/causes?owner=nobody", 422),
        ("/causes?week=W1", 422),
        ("/causes?week=2020-W01", 404),
        ("/causes?x=1", 422),
        ("/static/nothing.css", 404),
        ("/static/..%2Fapp.py", 404),
    ],
)
def test_errors_for_people_are_pages(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.count("<script") == 1
    assert OWN_SCRIPT in answer.text
    assert Page(answer.text).open == []
