from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from api.hosts import LOCAL
from api.settings import load_settings
from flows.cli import app
from flows.commands.opening import open_store
from flows.commands.serve import check_open, serve_pages
from flows.commands.shell import CommandError
from flows.settings import Settings
from store.access_keys import create_key, revoke_key
from store.database import Engine, session_scope


@pytest.mark.parametrize(
    ("address", "given", "further"),
    [
        ("127.0.0.1", "", set()),
        ("10.0.0.5", "", {"10.0.0.5"}),
        ("10.0.0.5", "a.example", {"a.example", "10.0.0.5"}),
        ("0.0.0.0", "a.example", {"a.example"}),
        ("::", "", set()),
    ],
)
def test_the_address_listened_on_is_a_host_that_is_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, given: str, further: set[str]
) -> None:
    for name in ("HOME", "DATABASE_URL"):
        monkeypatch.setenv(f"GROUNDSWELL_{name}", "")  # serve_pages sets them; undone afterwards
    monkeypatch.setenv("GROUNDSWELL_HOSTS", given)
    found: list[frozenset[str]] = []
    monkeypatch.setattr(
        uvicorn, "run", lambda *_, **__: found.append(load_settings(os.environ).hosts)
    )
    # The addresses are no one's here.
    monkeypatch.setattr("flows.commands.serve._check_free", lambda *_: None)
    serve_pages(Settings(tmp_path, "sqlite://"), host=address, port=8000)
    assert found == [LOCAL | further]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = open_store(Settings(tmp_path, f"sqlite:///{tmp_path}/groundswell.sqlite"))
    yield found
    found.dispose()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "LOCALHOST"])
def test_without_keys_this_machine_is_served(engine: Engine, host: str) -> None:
    check_open(engine, host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.5", "box.example", "128.0.0.1"])
def test_without_keys_others_are_not_served(engine: Engine, host: str) -> None:
    with pytest.raises(CommandError, match="groundswell keys create NAME"):
        check_open(engine, host)


def test_an_active_key_opens_other_addresses_and_a_spent_one_does_not(engine: Engine) -> None:
    now = dt.datetime.now(dt.UTC)
    with session_scope(engine, changes_answers=False) as session:
        long_ago = now - dt.timedelta(days=2)
        create_key(session, "x", scopes=["read"], now=long_ago, expires_at=now)
        key, _ = create_key(session, "y", scopes=["read"], now=now)
    check_open(engine, "0.0.0.0")
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=now)
    with pytest.raises(CommandError, match="every key is expired or revoked"):
        check_open(engine, "0.0.0.0")


def test_without_keys_the_command_says_who_may_do_everything(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "DATABASE_URL"):
        monkeypatch.setenv(f"GROUNDSWELL_{name}", "")
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: None)
    asked = ["--home", str(tmp_path), "serve", "--port", "0"]
    told = "everybody who reaches this address, also through a proxy"
    assert told in CliRunner().invoke(app, asked).stderr
    now = dt.datetime.now(dt.UTC)
    with session_scope(engine, changes_answers=False) as session:
        key, _ = create_key(session, "x", scopes=["read"], now=now)
    done = CliRunner().invoke(app, asked)
    assert (done.exit_code, "everybody" in done.stderr) == (0, False)
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=now)
    assert told in CliRunner().invoke(app, asked).stderr


def test_the_command_refuses_before_it_listens(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--home", str(tmp_path), "serve", "--host", "0.0.0.0"])
    assert done.exit_code == 1
    assert "keys create" in done.stderr
