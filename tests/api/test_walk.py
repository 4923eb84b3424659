"""The README's first walk leads where it says, past what it names, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import CAUSE, LAST, LOGIN
from tests.screenshots import FOLDER, HEIGHT, MOST_BYTES, WIDTH

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = README.partition("\n## A first walk\n")[2].partition("\n## ")[0]
ADDRESSES = sorted(set(re.findall(r"http://127\.0\.0\.1:8000(/[^\s'`]*)", WALK)))
PICTURES = re.findall(r"!\[([^\]]+)\]\(docs/([\w-]+\.png)\)", WALK)


def test_the_walk_goes_past_every_kind_of_page() -> None:
    for address in ("/", "/themes", "/causes", "/corrections", "/search"):
        assert address in ADDRESSES
    assert any(address.startswith("/v1/friction-points?") for address in ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_of_the_walk_answers(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text


def test_what_the_walk_names_stands_on_the_pages(client: TestClient) -> None:
    named = {
        "/": ("What changed", "Top friction points", "Journey map", "Data health"),
        f"/themes/{LOGIN}": (
            *("How often", "Why it happens", "Who speaks of it", "What it costs"),
            *("What customers say", "Correct this theme"),
        ),
        f"/causes/{CAUSE}": ("Evidence", "What it is worth"),
    }
    bold = set(re.findall(r"\*\*([^*]+?)[.,]?\*\*", WALK))
    for address, names in named.items():
        page = client.get(address).text
        for name in names:
            assert name in bold, f"the walk does not name {name}"
            assert name in page, f"{name} is not on {address}"


def test_the_walk_begins_with_the_last_week_of_the_samples() -> None:
    from flows.commands.demo import LAST as LAST_OF_SAMPLES

    assert f"/weeks/{LAST_OF_SAMPLES}" in ADDRESSES
    assert LAST_OF_SAMPLES < LAST  # so that the made-up store has it, too


def test_the_pictures_are_there_small_and_of_one_size() -> None:
    assert [name for _, name in PICTURES] == ["this-week.png", "theme.png"]
    for text, name in PICTURES:
        assert len(text) > 20, "a picture needs its text alternative"
        content = (FOLDER / name).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        size = (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
        assert size == (WIDTH, HEIGHT)
        assert len(content) <= MOST_BYTES


def test_the_assistant_s_configuration_starts_the_command_there_is() -> None:
    import json

    from flows.cli import app

    part = README.partition("\n## For assistants\n")[2].partition("\n## ")[0]
    config = json.loads(part.partition("```json\n")[2].partition("```")[0])
    server = config["mcpServers"]["groundswell"]
    assert urlsplit(server["command"]).path.endswith("/bin/groundswell")
    assert server["args"][-1] in {command.name for command in app.registered_commands}
    from api.assistant_answers import TOOLS

    for tool in TOOLS:
        assert f"`{tool.name}`" in part
