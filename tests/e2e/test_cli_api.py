"""The story of a week through the command line, and then through the API over the same database."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api.app import create_app
from api.settings import Settings as ApiSettings
from flows.cli import app
from service.exports.columns import NOUNS, TABLES

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

SAMPLES = Path(__file__).parents[2] / "samples"
FIRST, LAST, NEXT = "2026-W38", "2026-W41", "2026-W42"
pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Shell:
    """`groundswell` on one home."""

    home: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'groundswell.sqlite'}"

    def __call__(self, *arguments: str, exit_code: int = 0) -> Result:
        labels = ("--labels", str(SAMPLES / "labels"))
        told = CliRunner().invoke(app, ["--home", str(self.home), *labels, *arguments])
        assert told.exit_code == exit_code, told.output
        return told

    def json(self, *arguments: str, exit_code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", exit_code=exit_code).stdout)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    kept = {name: os.environ.pop(name) for name in list(os.environ) if "GROUNDSWELL_" in name}
    yield Shell(tmp_path_factory.mktemp("cli") / "home")
    os.environ.update(kept)


@pytest.fixture(scope="module")
def told(pipeline: Pipeline, shell: Shell, prefect_server: None) -> dict[str, Any]:
    """Everything from the files to the published weeks, through the command line."""
    maps = {name: SAMPLES / "maps" / f"{name}.yaml" for name in ("surveys", "tickets")}
    found: dict[str, Any] = {"run on nothing": shell("run").stderr}
    for name in ("tickets.csv", "surveys.csv", "call_notes", "broken/tickets_broken.csv"):
        mapping = maps.get(Path(name).stem)
        extra = ("--map", str(mapping)) if mapping and mapping.is_file() else ()
        found[name] = shell.json("ingest", str(pipeline.input / name), *extra)
    found["events"] = shell.json("events", "import", str(SAMPLES / "events.csv"))
    engine = pipeline.open(pipeline.settings(shell.home))
    pipeline.lend_vectors(engine)
    engine.dispose()
    found["run"] = shell.json("run", "--from", FIRST, "--to", LAST)
    return found


def test_each_step_says_what_it_did(told: dict[str, Any], shell: Shell) -> None:
    assert told["run on nothing"] == (
        "Nothing to run: there is no feedback yet; begin with: groundswell ingest PATH\n"
    )
    for name in ("tickets.csv", "surveys.csv", "call_notes", "broken/tickets_broken.csv"):
        one = told[name]
        ended = one["accepted"] + one["updated"] + one["unchanged"] + one["quarantined"]
        assert one["rows_read"] == ended > 0
    assert sum(told["tickets.csv"]["redactions"].values()) > 0
    assert told["events"]["accepted"] == told["events"]["rows_read"] > 0
    assert [(one["week"], one["status"]) for one in told["run"]] == [
        (week, "done") for week in (FIRST, "2026-W39", "2026-W40", LAST)
    ]
    again = shell("run")
    assert again.stderr == "Nothing to run: every week that has feedback was run.\n"
    assert again.stdout == ""


@pytest.mark.parametrize("noun", NOUNS)
def test_exports_are_those_of_the_functions_in_every_format(
    told: dict[str, Any],
    shell: Shell,
    finished_exports: dict[str, bytes],
    tmp_path: Path,
    noun: str,
) -> None:
    paths = {}
    for kind in ("csv", "jsonl", "parquet"):
        paths[kind] = tmp_path / f"{noun}.{kind}"
        made = shell.json("export", noun, "--format", kind, "--out", str(paths[kind]))
        assert made["noun"] == noun
    assert paths["csv"].read_bytes() == finished_exports[f"{noun}.csv"]
    assert paths["jsonl"].read_bytes() == finished_exports[f"{noun}.jsonl"]
    columns = [column.name for column in TABLES[noun].columns]  # type: ignore[index]
    rows = paths["jsonl"].read_text(encoding="utf-8").splitlines()
    table = pq.read_table(paths["parquet"])
    assert table.column_names == columns
    assert table.num_rows == len(rows) == made["rows"] > 0
    with paths["csv"].open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == columns
    assert all(list(json.loads(row)) == columns for row in rows[:5])
    printed = shell("export", noun, "--out", "-")
    assert printed.stdout_bytes == finished_exports[f"{noun}.csv"]


def test_the_report_in_three_forms(told: dict[str, Any], shell: Shell, tmp_path: Path) -> None:
    for kind in ("html", "md", "json"):
        path = tmp_path / f"report.{kind}"
        shell("report", "--week", LAST, "--format", kind, "--out", str(path))
        text = path.read_text(encoding="utf-8")
        assert LAST in text
        assert "Top friction points" in text or kind == "json"
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page), "self-contained"
    assert not re.search(r"<script[^>]+src", page)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert document["week"] == LAST
    refused = shell("report", "--week", "2026-W50", exit_code=1).stderr
    assert refused == (
        "groundswell: 2026-W50 was not run; published are 2026-W38 to 2026-W41 (4 weeks). "
        "Run it with: groundswell run --week 2026-W50\n"
    )


def test_doctor_finds_nothing_wrong(told: dict[str, Any], shell: Shell) -> None:
    findings = shell.json("doctor")
    assert [one for one in findings if not one["ok"]] == []
    subjects = {one["subject"] for one in findings}
    assert subjects >= {"python", "packages", "sentence encoder", "labels", "database", "disk"}


def test_init_writes_labels_that_can_be_used(shell: Shell, tmp_path: Path) -> None:
    written = shell.json("init", str(tmp_path / "labels"))["written"]
    assert set(written) >= {"owners.yaml", "journey.yaml", "scoring.yaml", "metrics.yaml"}
    told = CliRunner().invoke(app, ["--labels", str(tmp_path / "labels"), "doctor", "--json"])
    findings = {one["subject"]: one for one in json.loads(told.stdout)}
    assert findings["labels"]["ok"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (("run", "--week", "W39"), 2, "'W39' is not an ISO week; write it as 2026-W47"),
        (("run", "--from", LAST), 2, "a range needs both --from and --to; or give --week"),
        (("run", "--from", LAST, "--to", FIRST), 2, f"--from {LAST} is after --to {FIRST}"),
        (("ingest", "nowhere.csv"), 1, "nowhere.csv: is not there; check the path"),
        (("correct", "rename", "T7", "x", "--why", "y"), 1, "there is no theme T7"),
        (("correct", "undo", "77"), 1, "no decision 77 is in force; see: groundswell correct list"),
        (("export", "nonsense"), 2, "nonsense"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_message(
    told: dict[str, Any],
    shell: Shell,
    arguments: tuple[str, ...],
    exit_code: int,
    message: str,
) -> None:
    refused = shell(*arguments, exit_code=exit_code)
    # Usage errors stand in a frame that breaks lines.
    assert message in " ".join(refused.stderr.replace("│", " ").split())
    assert "Traceback" not in refused.stderr


# The API reads what the command line wrote.


@pytest.fixture(scope="module")
def client(told: dict[str, Any], shell: Shell) -> Iterator[TestClient]:
    settings = ApiSettings(shell.home, shell.url, SAMPLES / "labels")
    with TestClient(create_app(settings)) as found:
        yield found


@pytest.fixture(scope="module")
def get(client: TestClient) -> Callable[..., Any]:
    def ask(path: str, **query: str | int) -> Any:
        answer = client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def _rows(exports: dict[str, bytes], noun: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in io.BytesIO(exports[f"{noun}.jsonl"])]


def _all(get: Callable[..., Any], path: str, **query: str | int) -> list[dict[str, Any]]:
    """Every page of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(path, **query, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_the_api_is_ready(get: Callable[..., Any]) -> None:
    assert get("/readyz") == {"status": "ready", "last_week": LAST}
    assert get("/healthz") == {"status": "ok"}


def test_the_backlog_of_the_api_is_that_of_the_export(
    get: Callable[..., Any], finished_exports: dict[str, bytes]
) -> None:
    exported = _rows(finished_exports, "friction")
    found = _all(get, "/v1/friction-points", limit=3)
    assert [(one["rank"], one["theme_id"]) for one in found if one["rank"]] == [
        (row["rank"], row["theme_id"]) for row in exported if row["rank"]
    ]
    by_id = {row["theme_id"]: row for row in exported}
    for one in found:
        row = by_id[one["theme_id"]]
        assert (one["label"], one["owner"]["name"]) == (row["label"], row["owner"])
        assert (one["reach"], one["score"]) == (row["reach"], row["score"])
    owner = found[0]["owner"]["id"]
    mine = _all(get, "/v1/friction-points", owner=owner)
    assert mine
    assert {one["owner"]["id"] for one in mine} == {owner}


def test_a_theme_its_statements_causes_and_history(
    get: Callable[..., Any], finished_exports: dict[str, bytes]
) -> None:
    assert {one["id"] for one in _all(get, "/v1/themes", limit=4)} == {
        row["theme_id"] for row in _rows(finished_exports, "themes")
    }
    causes = _rows(finished_exports, "causes")
    theme_id = causes[0]["theme_id"]
    theme = get(f"/v1/themes/{theme_id}")
    (row,) = [row for row in _rows(finished_exports, "themes") if row["theme_id"] == theme_id]
    assert (theme["label"], theme["statements"]) == (row["label"], row["statements"])
    assert (theme["customers"], theme["owner"]["name"]) == (row["customers"], row["owner"])
    said = _all(get, f"/v1/themes/{theme_id}/statements", limit=7)
    assert {(one["feedback_id"], one["text"]) for one in said} == {
        (row["feedback_id"], row["statement"])
        for row in _rows(finished_exports, "assignments")
        if row["theme_id"] == theme_id
    }
    assert len(said) == row["statements"]
    of_theme = _all(get, f"/v1/themes/{theme_id}/causes")
    root_of = {row["cause_id"]: row["root_cause_id"] for row in causes}
    pieces = {row["cause_id"] for row in causes if row["theme_id"] == theme_id}
    assert {one["id"] for one in of_theme} == {root_of[name] for name in pieces}
    assert {piece["id"] for one in of_theme for piece in one["pieces"]} == pieces
    assert {one["id"] for one in _all(get, "/v1/root-causes", limit=2)} == set(root_of.values())
    history = get(f"/v1/themes/{theme_id}/history")
    assert "born" in {event["kind"] for event in history["events"]}
    assert [one["week"] for one in history["weeks"]][-1] == LAST


def test_owners_and_reports(get: Callable[..., Any], shell: Shell) -> None:
    owners = _all(get, "/v1/owners")
    leading = [one for one in owners if one["best_rank"] == 1]
    assert len(leading) == 1
    assert leading[0]["themes"] == len(leading[0]["theme_ids"]) > 0
    report = json.loads(shell("report", "--format", "json", "--out", "-").stdout)
    assert get(f"/v1/reports/{LAST}") == report


@pytest.mark.parametrize("path", ["/", "/owners", "/themes", f"/weeks/{LAST}"])
def test_pages_are_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")


def test_posted_feedback_is_in_the_next_run(
    client: TestClient, get: Callable[..., Any], shell: Shell, finished_exports: dict[str, bytes]
) -> None:
    text = "Mail me at joe@example.com, the invoice has no logo"
    items = [{"id": f"p{n}", "text": text, "created_at": f"2026-10-1{n}T09:00:00Z"} for n in (2, 3)]
    body = {"kind": "ticket", "source": "api", "items": [*items, {"id": "p9", "text": text}]}
    first = client.post("/v1/feedback", json=body).json()
    assert [row["outcome"] for row in first["results"]] == ["accepted"] * 2 + ["quarantined"]
    second = client.post("/v1/feedback", json=body).json()
    assert [row["outcome"] for row in second["results"]] == ["unchanged"] * 2 + ["quarantined"]
    assert get("/readyz")["last_week"] == LAST

    (outcome,) = shell.json("run")
    assert (outcome["week"], outcome["status"]) == (NEXT, "done")
    assert outcome["counts"]["messages_this_week"] == 2
    assert get("/readyz")["last_week"] == NEXT
    rows = [
        row
        for row in map(
            json.loads,
            shell("export", "assignments", "--format", "jsonl", "--out", "-").stdout.splitlines(),
        )
        if row["source"] == "api"
    ]
    assert {row["feedback_id"] for row in rows} == {"p2", "p3"}
    assert "joe@example.com" not in json.dumps(rows)
    assert "[EMAIL]" in rows[0]["statement"]
    # What was published before is what it was.
    before = shell("export", "friction", "--week", LAST, "--out", "-")
    assert before.stdout_bytes == finished_exports["friction.csv"]


def test_quarantined_rows_are_mended_and_fed_again(shell: Shell, tmp_path: Path) -> None:
    listed = shell("quarantine", "list").stdout
    assert "tickets_broken.csv:3: no id:" in listed
    before = shell.json("quarantine", "list")
    path = tmp_path / "mend.jsonl"
    shell("quarantine", "export", "--out", str(path))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(before)
    for row in rows:
        if row.get("id") == "brk-03":
            row["created_at"] = "2026-10-05T09:00:00Z"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    fed = shell.json("quarantine", "feed", str(path), exit_code=3)
    assert fed["rows_read"] == len(rows) == fed["accepted"] + fed["quarantined"]
    after = shell.json("quarantine", "list")
    assert len(after) == len(before) - fed["accepted"]
    assert "brk-03" not in {row["id"] for row in after}
    late = shell("run").stderr
    assert f"groundswell run --from {LAST} --to {NEXT}" in late


def test_a_decision_by_command_shows_everywhere(
    client: TestClient, get: Callable[..., Any], shell: Shell
) -> None:
    theme_id = get("/v1/friction-points", limit=1)["items"][0]["theme_id"]
    found = get(f"/v1/themes/{theme_id}")["label"]
    made = shell.json("correct", "rename", theme_id, "Zebra trouble", "--why", "they say so")
    assert "Zebra trouble" in shell("correct", "list").stdout
    shell("run", "--from", LAST, "--to", NEXT)
    assert get(f"/v1/themes/{theme_id}")["label"] == "Zebra trouble"
    assert "Zebra trouble" in client.get(f"/themes/{theme_id}").text
    assert "Zebra trouble" in shell("report", "--format", "md", "--out", "-").stdout
    undone = shell("correct", "undo", str(made["id"])).stdout
    assert f"or now: groundswell run --week {NEXT}" in undone
    assert f"Decisions were added or changed since {NEXT} was run" in shell("run").stderr
    shell("run", "--week", NEXT)
    assert "changed" not in shell("run").stderr
    assert get(f"/v1/themes/{theme_id}")["label"] == found
