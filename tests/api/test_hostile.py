"""Hostile feedback shows as text everywhere: page, mail, Markdown, CSV, JSON, MCP."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.assistant_answers import TOOLS, Desk
from api.scope import Populations
from api.searcher import Searcher
from api.settings import Settings
from labels.schema import load
from report.document import from_json
from report.render_html import render_html
from report.render_mail import render_mail
from report.render_markdown import render_markdown
from report.render_text import render_chat_markdown, render_text
from report.week_letter import week_letter
from service.exporting import export
from service.exports.columns import NOUNS
from store.database import open_database, read_scope
from store.feedback import load_feedback
from store.snapshots import load_report
from tests.api.conftest import settings_at
from tests.api.hostile_store import (
    ATTACKS,
    BROAD,
    CAUSES,
    LAST,
    OWNERS,
    THEMES,
    WORD,
    fill_hostile,
)
from tests.browser.addresses import addresses, page_paths

# A page of this store is some 100 kB; one word of 100 kB must not stand in it dozens of times.
MOST_BYTES = 3_000_000
HOSTILE_STORE = {
    "week": (LAST,),
    "theme_id": (*THEMES.values(), BROAD),
    "cause_id": tuple(CAUSES.values()),
    "owner_id": tuple(OWNERS.values()),
    "statement_id": tuple(f"=desk/{name}-0#0" for name in ATTACKS),
    "number": tuple(str(number) for number in range(1, len(ATTACKS) + 1)),
}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufe0f]"
)
# Texts that nothing can be put around; a browser isolates each from what stands beside it.
_ALONE = {"title", "option", "textarea", "bdi", "text", "desc"}


class Shown(HTMLParser):
    """What a page would show, run, load and follow."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "wbr", "col"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.wrong: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, dict(attrs))
        if tag not in self.VOID:
            self.open.append((tag, any(name == "dir" for name, _ in attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop()[0] != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] not in {"style", "script"}:
            self.text.append(data)
            isolated = any(tag in _ALONE or has_dir for tag, has_dir in self.open)
            if _TURNING.search(data) and not isolated:
                self.wrong.append(f"turns what is around it: {data.strip()[:60]!a}")

    def _look_at(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in {"iframe", "object", "embed", "base", "foreignobject"}:
            self.wrong.append(f"<{tag}>")
        if tag == "script" and not str(given.get("src", "")).startswith("/static/"):
            self.wrong.append("a script of somebody else's")
        for name, value in given.items():
            if name.startswith("on"):
                self.wrong.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction", "poster", "xlink:href"}:
                found = str(value)
                local = found.startswith(("/", "#", "?", "cid:", "data:image/png;"))
                if not local or found.startswith("//"):
                    self.wrong.append(f"{tag} {name}={found[:60]}")


def _seen(text: str) -> str:
    """Text as a reader sees it: no invisible characters, one blank between words."""
    return " ".join(_INVISIBLE.sub(" ", text).split()).replace(" ", "")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("hostile")
    # Without the model, search goes by words: what is found is shown just the same, seconds sooner.
    found = replace(settings_at(home), model_path=home / "no-model")
    fill_hostile(found)
    return found


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture(scope="module")
def report_json(settings: Settings) -> str:
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        text = load_report(session, LAST)
    engine.dispose()
    assert text is not None
    return text


@pytest.mark.parametrize("path", page_paths())
def test_pages_show_text(client: TestClient, path: str) -> None:
    wrong: dict[str, list[str]] = {}
    for address in addresses(path, HOSTILE_STORE):
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.headers["content-type"].startswith("text/html"):
            found = Shown(answer.text).wrong
            if len(answer.content) > MOST_BYTES:
                found.append(f"{len(answer.content):,} bytes")
            wrong |= {address: sorted(set(found))} if found else {}
    assert wrong == {}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_was_said_stands_on_its_pages_word_for_word(client: TestClient, name: str) -> None:
    said = _seen(ATTACKS[name])[:500]
    for address in (
        f"/themes/{THEMES[name]}",
        f"/causes/{CAUSES[name]}",
        f"/owners/{OWNERS[name]}",
    ):
        assert said in _seen("".join(Shown(client.get(address).text).text)), address


@pytest.mark.parametrize("address", ["/search?q={}", "/themes?owner={}", "/causes?state={}", "/{}"])
@pytest.mark.parametrize("name", [name for name in ATTACKS if name != "word"])
def test_what_is_asked_is_shown_as_text(client: TestClient, address: str, name: str) -> None:
    from urllib.parse import quote

    answer = client.get(address.format(quote(ATTACKS[name], safe="")))
    assert answer.status_code < 500
    assert Shown(answer.text).wrong == []


def test_the_intake_keeps_texts_without_markup_and_what_cannot_be_seen(settings: Settings) -> None:
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        texts = [one.text for one in load_feedback(session, until_week=LAST)]
    engine.dispose()
    assert len(texts) == 4 * len(ATTACKS)
    together = " ".join(texts)
    assert "<script" not in together
    assert not set("\x00\x07\x08\x1b\u202e\u200b\ufeff") & set(together)
    assert ATTACKS["template"] in together


@pytest.mark.parametrize(
    "render",
    [
        render_html,
        lambda report: render_mail(week_letter(report), server="https://here.example").html,
        lambda report: render_mail(week_letter(report), images="inside").html,
    ],
    ids=["report", "mail", "mail-as-file"],
)
def test_report_and_mail_show_text(report_json: str, render: Any) -> None:
    text = render(from_json(report_json)).replace("https://here.example", "")
    assert Shown(text).wrong == []
    assert len(text.encode()) < MOST_BYTES
    assert ATTACKS["script"] in "".join(Shown(text).text)
    assert "<script" not in text


@pytest.mark.parametrize("render", [render_markdown, render_text, render_chat_markdown])
def test_texts_for_reading_hold_no_markup(report_json: str, render: Any) -> None:
    report = from_json(report_json)
    text = render(report if render is render_markdown else week_letter(report))
    assert len(text.encode()) < MOST_BYTES
    assert not _TURNING.search(text)
    assert not set(text) & set("\x00\x07\x08\x1b\x7f")
    if render is not render_text:  # plain text has no markup that could be meant
        assert not re.search(r"(?<!\\)<(script|img|iframe|a )", text)
        assert not re.search(r"(?<!\\)\]\(javascript:", text)
        assert "](http://evil" not in text


@pytest.mark.parametrize("noun", NOUNS)
def test_no_cell_of_a_csv_is_a_formula(settings: Settings, noun: Any) -> None:
    engine = open_database(settings.database_url)
    content = export(engine, noun, format="csv").content.decode("utf-8")
    lines = export(engine, noun, format="jsonl").content.decode("utf-8").split("\n")[:-1]
    engine.dispose()
    csv.field_size_limit(10_000_000)
    head, *rows = csv.reader(io.StringIO(content.removeprefix("\ufeff")))
    assert len(rows) == len(lines)
    for row in rows:
        assert len(row) == len(head)
        for cell in row:
            assert not re.match(r"[\s\x00-\x1f]*[=@]|[\t\r]", cell), (noun, cell[:40])
            assert not re.match(r"[+-](?!\d+(\.\d+)?(e-?\d+)?$)", cell), (noun, cell[:40])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(key)
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/friction-points",
        "/v1/themes",
        "/v1/root-causes",
        "/v1/owners",
        "/v1/events",
        "/v1/corrections",
        f"/v1/reports/{LAST}",
    ],
)
def test_json_is_the_text_and_is_served_as_json(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    together = "\n".join(_strings(answer.json()))
    if address != "/v1/events":
        assert ATTACKS["script"] in together
    assert ATTACKS["template"] in together
    assert "alert('script')" in together


@pytest.mark.parametrize("name", ATTACKS)
def test_an_assistant_gets_text(settings: Settings, name: str) -> None:
    engine = open_database(settings.database_url, read_only=True)
    tools = {tool.name: tool for tool in TOOLS}
    asked: dict[str, dict[str, Any]] = {
        "theme": {"theme_id": THEMES[name]},
        "cause": {"cause_id": CAUSES[name]},
        "top_friction_points": {"owner": OWNERS[name]},
    }
    if name not in {"script", "image", "closing", "emoji"}:  # of these the intake leaves no words
        asked["search"] = {"like": f"=desk/{name}-0#0", "theme": THEMES[name]}
    with read_scope(engine) as session:
        desk = Desk(
            session, Populations(), load(settings.labels_dir), Searcher(settings.model_path)
        )
        for tool, arguments in asked.items():
            data = tools[tool].ask(desk, arguments).model_dump(mode="json")
            line = json.dumps(data)
            assert "\n" not in line  # the protocol is one message a line
            assert ATTACKS[name] in set(_strings(json.loads(line))), tool
    engine.dispose()


def test_a_long_word_is_no_attack_on_a_list(client: TestClient) -> None:
    """Where an answer has to bring the word, it brings it once for each thing it names."""
    answer = client.get("/v1/friction-points?limit=200")
    assert answer.text.count(WORD) < 12


def test_a_file_of_an_owner_is_named_without_its_name(client: TestClient, tmp_path: Path) -> None:
    """Names from outside are in no header that a browser acts upon."""
    for address in (f"/owners/{OWNERS['image']}", f"/themes/{THEMES['closing']}"):
        for value in client.get(address).headers.values():
            assert "<" not in value
