from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "LABELS"):
        monkeypatch.delenv(f"GROUNDSWELL_{name}", raising=False)
    return tmp_path


def _run(home: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["--home", str(home), "keys", *words])


def _listed(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_run(home, "list", "--json").stdout)
    return found


def test_a_key_is_printed_once_and_listed_without_its_secret(home: Path) -> None:
    made = _run(
        home, "create", "Ana", "--scope", "read", "--scope", "correct", "--expires-days", "90"
    )
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert token.startswith("gsk_")
    assert "not shown again" in " ".join(made.stderr.split())
    listed = _run(home, "list")
    assert token not in listed.output
    assert token.split("_")[1] in listed.stdout
    assert "Ana: read, correct" in listed.stdout
    assert "never used" in listed.stdout
    (key,) = _listed(home)
    assert key["state"] == "active"
    assert key["scopes"] == ["read", "correct"]
    lasts = dt.datetime.fromisoformat(key["expires_at"]) - dt.datetime.fromisoformat(
        key["created_at"]
    )
    assert lasts == dt.timedelta(days=90)


def test_as_json_the_token_comes_with_the_key(home: Path) -> None:
    made = json.loads(_run(home, "create", "export", "--scope", "ingest", "--json").stdout)
    assert made["token"].split("_")[1] == made["id"]
    assert made["expires_at"] is None
    assert "token" not in _listed(home)[0]


def test_read_is_the_scope_of_who_asks_for_none(home: Path) -> None:
    _run(home, "create", "x")
    assert _listed(home)[0]["scopes"] == ["read"]


def test_a_revoked_key_stays_listed(home: Path) -> None:
    _run(home, "create", "one")
    _run(home, "create", "two")
    first, second = (key["id"] for key in _listed(home))
    done = _run(home, "revoke", first)
    assert done.exit_code == 0
    assert "No key is left" not in done.stdout
    assert {key["id"]: key["state"] for key in _listed(home)} == {
        first: "revoked",
        second: "active",
    }
    assert "No key is left" in _run(home, "revoke", second).stdout
    assert json.loads(_run(home, "revoke", second, "--json").stdout)["state"] == "revoked"


def test_without_keys_the_list_says_what_that_means(home: Path) -> None:
    assert "this machine only" in _run(home, "list").stdout
    assert _listed(home) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("revoke", "00000000"), "groundswell keys list"),
        (("create", "x", "--scope", "write"), "read, correct, ingest, admin"),
        (("create", " "), "a key's name"),
    ],
)
def test_what_cannot_be_done_says_what_can(home: Path, words: tuple[str, ...], said: str) -> None:
    done = _run(home, *words)
    assert done.exit_code == 1
    assert said in done.stderr


@pytest.mark.parametrize(("days", "code"), [("0", 2), ("1", 0), ("3650", 0), ("3651", 2)])
def test_days_of_a_key(home: Path, days: str, code: int) -> None:
    assert _run(home, "create", "x", "--expires-days", days).exit_code == code
