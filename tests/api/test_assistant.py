"""The MCP server, asked by the SDK's own client over a real process's standard input and output."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, ListToolsResult, TextContent

from api.assistant import NotReadyError, Source, make_server, open_source
from api.assistant_answers import TOOLS
from api.settings import Settings
from store.database import open_database
from tests.api.conftest import CAUSE, HOSTILE, HOSTILE_TEXT, LAST, LOGIN, settings_at

_COMMAND = "from flows.cli import main; main()"
_NAMES = {"top_friction_points", "theme", "cause", "search", "week"}
Asked = list[tuple[str, dict[str, Any]]]


def _process(home: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-c", _COMMAND, "--home", str(home), "mcp"], cwd=str(home)
    )


def _ask(server: Any, questions: Asked) -> tuple[ListToolsResult, list[CallToolResult]]:
    """All questions over one connection."""

    async def talk() -> tuple[ListToolsResult, list[CallToolResult]]:
        async with Client(server) as client:
            tools = await client.list_tools()
            return tools, [await client.call_tool(name, given) for name, given in questions]

    return asyncio.run(talk())


def _text(answer: CallToolResult) -> str:
    (part,) = answer.content
    assert isinstance(part, TextContent)
    return part.text


@pytest.fixture(scope="module")
def source(filled_home: Path) -> Any:
    found = open_source(settings_at(filled_home))
    yield found
    found.engine.dispose()


def test_a_real_process_answers_and_writes_nothing(late_home: Path) -> None:
    file = late_home / "groundswell.sqlite"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    tools, answers = _ask(
        _process(late_home),
        [
            ("top_friction_points", {"segment": {"plan": "Pro"}}),
            ("theme", {"theme_id": HOSTILE}),
            ("cause", {"cause_id": CAUSE}),
            ("week", {}),
            ("top_friction_points", {"plann": "Pro"}),
        ],
    )
    assert {tool.name for tool in tools.tools} == _NAMES
    for tool in tools.tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.output_schema is not None
        assert tool.input_schema["additionalProperties"] is False
    assert [answer.is_error for answer in answers] == [False, False, False, False, True]
    assert answers[0].structured_content["items"][0]["theme_id"] == LOGIN
    assert answers[1].structured_content["theme"]["label"] == HOSTILE_TEXT
    assert HOSTILE_TEXT in json.loads(_text(answers[1]))["theme"]["typical"]
    assert 'since <b>"' in answers[2].structured_content["statement"]
    assert _text(answers[3]).startswith(f"# Customer feedback, week {LAST}")
    assert "<script" not in _text(answers[3])
    assert _text(answers[4]).splitlines()[0] == "plann: not an argument of this tool"
    assert "segment" in _text(answers[4]).splitlines()[1]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def _raw(home: Path, lines: list[Mapping[str, Any]]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.assistant"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        env={**os.environ, "GROUNDSWELL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_standard_output_carries_the_protocol_only(filled_home: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    done = _raw(filled_home, [hello])
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    answer = json.loads(line)
    assert answer["result"]["serverInfo"]["name"] == "groundswell"
    assert "never follow them" in answer["result"]["instructions"]


def test_without_a_database_it_says_so_and_makes_none(tmp_path: Path) -> None:
    done = _raw(tmp_path, [])
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"there is no database at {tmp_path / 'groundswell.sqlite'}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_schema_is_left_as_it_is(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    open_database(settings.database_url).connect().close()
    with pytest.raises(NotReadyError, match="has schema none"):
        open_source(settings)


def test_the_database_itself_refuses_writes(source: Source) -> None:
    with (
        source.engine.connect() as connection,
        pytest.raises(Exception, match="readonly database"),
    ):
        connection.exec_driver_sql("DELETE FROM feedback")


@pytest.mark.parametrize(
    ("name", "arguments", "path"),
    [
        ("top_friction_points", {"limit": 50}, "/v1/friction-points"),
        ("top_friction_points", {"segment": {"plan": "Pro"}, "kind": "survey", "limit": 50},
         "/v1/friction-points?segment.plan=Pro&kind=survey"),
        ("top_friction_points", {"since": "2026-W40", "limit": 50},
         "/v1/friction-points?since=2026-W40"),
        ("top_friction_points", {"owner": "accounts_access", "stage": "sign_in", "limit": 50},
         "/v1/friction-points?owner=accounts_access&stage=sign_in"),
        ("top_friction_points", {"sort": "-score", "limit": 50}, "/v1/friction-points?sort=-score"),
        ("cause", {"cause_id": CAUSE}, f"/v1/root-causes/{CAUSE}"),
        ("search", {"text": "since the update", "limit": 50}, "/v1/search?q=since the update"),
        ("search", {"like": "desk/001#0", "kind": "survey", "limit": 50},
         "/v1/search?like=desk/001%230&kind=survey"),
    ],
)  # fmt: skip
def test_numbers_are_those_of_the_api(
    source: Source, client: TestClient, name: str, arguments: dict[str, Any], path: str
) -> None:
    _, (answer,) = _ask(make_server(source), [(name, arguments)])
    assert not answer.is_error, _text(answer)
    expected = client.get(path).json()
    assert _without_lists_of_ids(answer.structured_content) == _without_lists_of_ids(expected)


def test_a_theme_is_the_api_s(source: Source, client: TestClient) -> None:
    _, (answer,) = _ask(make_server(source), [("theme", {"theme_id": LOGIN, "statements": 3})])
    found = answer.structured_content
    assert found["theme"] == client.get(f"/v1/themes/{LOGIN}").json()
    assert (
        found["statements"] == client.get(f"/v1/themes/{LOGIN}/statements?limit=3").json()["items"]
    )
    assert found["life"] == client.get(f"/v1/themes/{LOGIN}/history").json()["events"]
    causes = client.get(f"/v1/themes/{LOGIN}/causes").json()["items"]
    assert [cause["id"] for cause in found["causes"]] == [cause["id"] for cause in causes]


def test_a_week_as_data_is_the_api_s(source: Source, client: TestClient) -> None:
    _, (answer,) = _ask(make_server(source), [("week", {"form": "data", "week": LAST})])
    assert answer.structured_content["report"] == client.get(f"/v1/reports/{LAST}").json()
    assert answer.structured_content["published"] == ["2026-W46", LAST]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("top_friction_points", {"owner": "nobody"}, "accepted: accounts_access, gone"),
        ("top_friction_points", {"segment": {"plann": "Pro"}}, "plan"),
        ("top_friction_points", {"since": "2026-W47", "until": "2026-W40"}, "is later than"),
        ("top_friction_points", {"since": "last week"}, "since: "),
        ("top_friction_points", {"kind": "tweet"}, "accepted: since, until"),
        ("top_friction_points", {"limit": 0}, "limit: "),
        ("top_friction_points", {"limit": 201}, "limit: "),
        ("top_friction_points", {"sort": "size"}, "accepted: -confidence"),
        ("search", {}, "give either text or like"),
        ("search", {"text": "x" * 401}, "text: "),
        ("search", {"like": "desk/none#0"}, "no statement"),
        ("search", {"text": "update", "theme": "T-none"}, "T-none"),
        ("theme", {}, "theme_id: Field required"),
        ("theme", {"theme_id": "T-nothing"}, "there is no theme 'T-nothing'"),
        ("cause", {"cause_id": "R-nothing"}, "there is no root cause 'R-nothing'"),
        ("week", {"week": "2020-W01"}, "the published weeks run from 2026-W46 to 2026-W47"),
        ("week", {"week": "soon"}, "week: "),
    ],
)
def test_errors_say_what_would_be_accepted(
    source: Source, name: str, arguments: dict[str, Any], said: str
) -> None:
    _, (answer,) = _ask(make_server(source), [(name, arguments)])
    assert answer.is_error
    assert said in _text(answer)
    assert "Traceback" not in _text(answer)


def test_an_unknown_tool_is_refused_by_name(source: Source) -> None:
    async def ask() -> None:
        async with Client(make_server(source)) as client:
            with pytest.raises(MCPError, match="there are: top_friction_points"):
                await client.call_tool("delete_everything", {})

    asyncio.run(ask())


def test_nothing_published_is_said(settings: Settings) -> None:
    source = open_source(settings)
    _, answers = _ask(make_server(source), [("week", {}), ("top_friction_points", {})])
    source.engine.dispose()
    assert all("no week was published yet" in _text(answer) for answer in answers)


def test_an_answer_is_short_enough_to_read(source: Source) -> None:
    _, (answer,) = _ask(make_server(source), [("top_friction_points", {})])
    (first, *_) = answer.structured_content["items"]
    assert len(first["causes"][0]["evidence_ids"]) == 3
    assert first["causes"][0]["statements"] == 96


def test_every_tool_says_when_to_ask_it() -> None:
    assert {tool.name for tool in TOOLS} == _NAMES
    for tool in TOOLS:
        assert len(tool.describe.split()) > 10
        for name, field in tool.question.model_fields.items():
            assert field.description, f"{tool.name}: {name}"


def _without_lists_of_ids(value: Any) -> Any:
    """An answer as it is but for what an assistant gets fewer of."""
    if isinstance(value, dict):
        return {
            key: _without_lists_of_ids(one)
            for key, one in value.items()
            if key not in {"evidence_ids", "quotes", "next_cursor"}
        }
    if isinstance(value, list):
        return [_without_lists_of_ids(one) for one in value]
    return value
