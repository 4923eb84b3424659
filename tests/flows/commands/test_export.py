"""A part of the feedback as a file: the same from the command line as over HTTP."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from flows.cli import app
from tests.api.conftest import fill, settings_at

PART = ["--segment", "plan=Pro", "--kind", "survey", "--since", "2026-W44", "--until", "2026-W46"]
QUERY = "segment.plan=Pro&kind=survey&since=2026-W44&until=2026-W46"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("home")
    fill(settings_at(found).database_url)
    return found


def export(home: Path, *arguments: str) -> tuple[int, bytes, str]:
    told = CliRunner().invoke(app, ["--home", str(home), "export", *arguments])
    return told.exit_code, told.stdout_bytes, told.stderr


@pytest.mark.parametrize("noun", ["feedback", "statements", "assignments", "themes"])
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_part_is_that_of_the_web(home: Path, noun: str, format: str) -> None:
    code, whole, _ = export(home, noun, "--format", format, "--out", "-")
    assert code == 0
    code, part, _ = export(home, noun, "--format", format, "--out", "-", *PART)
    assert code == 0
    assert part != whole
    with TestClient(create_app(settings_at(home))) as client:
        assert client.get(f"/v1/exports/{noun}?format={format}&{QUERY}").content == part


def test_the_file_is_what_the_digest_says(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "part.jsonl"
    code, told, _ = export(
        home, "feedback", "--format", "jsonl", "--json", "--out", str(out), "--segment", "plan=Pro"
    )
    assert code == 0
    facts = json.loads(told)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["attributes"]["plan"] for line in lines} == {"Pro"}
    assert facts["rows"] == len(lines)
    assert facts["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["feedback", "--segment", "plann=Pro"], 1, "Known: kind, plan, source"),
        (["feedback", "--segment", "plan=pro"], 1, "Known: Pro, Starter"),
        (["feedback", "--segment", "plan"], 2, "is not NAME=VALUE"),
        (["feedback", "--segment", "plan=Pro", "--segment", "plan=Starter"], 2, "once only"),
        (["feedback", "--since", "2026-46"], 2, "2026-46"),
        (["feedback", "--since", "2026-W46", "--until", "2026-W45"], 2, "later than"),
        (["friction", "--kind", "survey"], 2, "of all feedback only"),
    ],
)
def test_what_would_do_nothing_is_refused(
    home: Path, arguments: list[str], code: int, told: str
) -> None:
    found, out, said = export(home, *arguments, "--out", "-")
    assert (found, out) == (code, b"")
    assert told in " ".join(said.replace("│", " ").split())
