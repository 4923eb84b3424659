"""`groundswell deliver` and `outcome`, and what a run delivers after its end."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows import delivering, delivery_run
from flows.cli import app
from flows.delivery_run import deliver_after, due
from flows.sending import Route, Sent
from flows.settings import Settings, load_settings
from labels.schema import load
from store.database import migrate, open_database, session_scope
from store.deliveries import Delivery, claim, settle
from tests.api.conftest import LAST, fill, settings_at

MONDAY = dt.date(2026, 11, 23)


class Hook(HTTPServer):
    """Keeps what is posted; refuses while `closed`."""

    got: list[tuple[str, str]]
    closed: bool

    @property
    def url(self) -> str:
        return f"json://ana:hunter22@127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.server.closed:
            self.server.got.append((self.path, body["title"]))
        self.send_response(503 if self.server.closed else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook(("127.0.0.1", 0), _Handler)
    server.got, server.closed = [], False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("delivered")
    fill(settings_at(home).database_url)
    return home


@pytest.fixture
def home(pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(pattern, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(Settings, "today", lambda _self: MONDAY)
    monkeypatch.setattr(delivery_run, "_pause", lambda _seconds: None)
    return tmp_path


@pytest.fixture
def addresses(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_DELIVER", f"{hook.url}/all")


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *words])


def own_labels(home: Path, hook: Hook) -> None:
    labels = home / "labels"
    assert run(home, "init").exit_code == 0
    file = labels / "owners.yaml"
    line = "contact: accounts-access@example.com\n"
    text = file.read_text()
    assert line in text
    file.write_text(text.replace(line, f"{line}    deliver: [{hook.url}/own]\n"))


@pytest.mark.usefixtures("addresses")
def test_a_dry_run_shows_what_would_go_and_sends_nothing(home: Path, hook: Hook) -> None:
    done = run(home, "deliver", "--dry-run")
    assert done.exit_code == 0, done.output
    assert f"week {LAST} to json://127.0.0.1:{hook.server_port}/***: due" in done.output
    assert "hunter22" not in done.output
    assert hook.got == []
    assert "Nothing was sent so far" in run(home, "deliver", "--list").output


@pytest.mark.usefixtures("addresses")
def test_it_is_sent_once_and_on_record(home: Path, hook: Hook) -> None:
    assert f"week {LAST}" in run(home, "deliver").output
    assert hook.got == [("/all", f"Customer feedback, week {LAST}")]
    assert "Nothing to deliver" in run(home, "deliver").output
    assert len(hook.got) == 1
    (row,) = json.loads(run(home, "deliver", "--list", "--json").stdout)
    assert (row["status"], row["attempts"], row["period"]) == ("sent", 1, LAST)
    assert "hunter22" not in run(home, "deliver", "--list").output


@pytest.mark.usefixtures("addresses")
def test_a_week_and_a_month_by_name(home: Path, hook: Hook) -> None:
    assert run(home, "deliver", "--week", "2026-W46").exit_code == 0
    assert run(home, "deliver", "--month", "2026-11").exit_code == 0
    assert [title for _, title in hook.got] == [
        "Customer feedback, week 2026-W46",
        "Customer feedback, November 2026: outcome",
    ]
    assert run(home, "deliver", "--week", "2026-W99").exit_code == 2
    assert run(home, "deliver", "--month", "2026-13").exit_code == 2
    missing = run(home, "deliver", "--week", "2026-W01")
    assert missing.exit_code == 1
    assert "was not run" in missing.output


def test_an_owner_gets_the_own_part_and_nobody_elses(home: Path, hook: Hook) -> None:
    own_labels(home, hook)
    assert run(home, "deliver").exit_code == 0
    assert hook.got == [("/own", f"Customer feedback, week {LAST}: Accounts & access")]


@pytest.mark.usefixtures("addresses")
def test_one_that_fails_ends_the_command_with_a_failure_and_is_taken_up(
    home: Path, hook: Hook
) -> None:
    hook.closed = True
    failed = run(home, "deliver", "--json")
    assert failed.exit_code == 1
    (row,) = json.loads(failed.stdout)
    assert (row["status"], row["attempts"]) == ("failed", 3)
    hook.closed = False
    assert run(home, "deliver").exit_code == 0
    assert len(hook.got) == 1


def test_nobody_to_deliver_to_is_said(home: Path) -> None:
    done = run(home, "deliver", "--json")
    assert done.exit_code == 0
    assert "GROUNDSWELL_DELIVER" in done.stderr
    assert json.loads(done.stdout) == []


def settings_for(home: Path, *urls: str) -> Settings:
    return replace(load_settings(home=home, environment={}), deliver=urls)


def test_after_a_run_the_newest_week_is_sent(home: Path, hook: Hook) -> None:
    told: list[str] = []
    settings = settings_for(home, f"{hook.url}/all")
    deliver_after(settings, first="2026-W40", last="2026-W46", tell=told.append)
    assert (hook.got, told) == ([], [])  # an old week was run again: no mail about a newer one
    deliver_after(settings, first="2026-W46", last=LAST, tell=told.append)
    assert [title for _, title in hook.got] == [f"Customer feedback, week {LAST}"]
    assert told == [f"week {LAST} to json://127.0.0.1:{hook.server_port}/***: sent"]
    deliver_after(settings, first=LAST, last=LAST, tell=told.append)
    assert len(hook.got) == 1


def test_a_delivery_that_goes_wrong_raises_nothing(home: Path, hook: Hook) -> None:
    told: list[str] = []
    hook.closed = True
    settings = settings_for(home, f"{hook.url}/all", "nosuch://hunter22")
    deliver_after(settings, first=LAST, last=LAST, tell=told.append)
    assert "apprise does not understand" in told[0]
    assert "failed" in told[1]
    told.clear()
    deliver_after(settings_for(home, "hunter22"), first=LAST, last=LAST, tell=told.append)
    assert told[0].startswith("not delivered: GROUNDSWELL_DELIVER (address 1) is no address")
    assert "hunter22" not in repr(told)


def test_an_owners_address_is_not_told_by_an_error_either(
    home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_labels(home, hook)

    def boom(route: Route, _message: object) -> None:
        raise RuntimeError(f"cannot reach {route.target.url}")

    told: list[str] = []
    monkeypatch.setattr(delivering, "send", boom)
    deliver_after(settings_for(home), first=LAST, last=LAST, tell=told.append)
    (line,) = told
    assert "unknown (RuntimeError while it was sent)" in line
    monkeypatch.setattr(delivering, "deliver", lambda *_, **__: boom(*_sent_by(home)))
    deliver_after(settings_for(home), first=LAST, last=LAST, tell=told.append)
    assert told[1].startswith("not delivered: RuntimeError")
    assert "hunter22" not in repr(told)
    assert "/own" not in repr(told)


def _sent_by(home: Path) -> tuple[Route, object]:
    settings = settings_for(home)
    (route,), _ = delivering.routes(settings, load(settings.labels_dir))
    return route, None


def test_an_entry_of_an_owner_that_is_wrong_silences_nobody(home: Path, hook: Hook) -> None:
    own_labels(home, hook)
    file = home / "labels" / "owners.yaml"
    file.write_text(file.read_text().replace("/own]", "/own, NO_SUCH_VARIABLE]"))
    told: list[str] = []
    deliver_after(settings_for(home, f"{hook.url}/all"), first=LAST, last=LAST, tell=told.append)
    assert sorted(path for path, _ in hook.got) == ["/all", "/own"]
    assert "NO_SUCH_VARIABLE, which is not set" in told[0]


@pytest.mark.parametrize(
    ("today", "sent"),
    [(MONDAY, 1), (dt.date(2026, 12, 20), 1), (dt.date(2026, 12, 21), 0)],  # 28 days after, 29
)
def test_a_report_whose_run_died_before_delivering_is_sent_by_the_next(
    home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch, today: dt.date, sent: int
) -> None:
    monkeypatch.setattr(Settings, "today", lambda _self: today)
    told: list[str] = []
    deliver_after(settings_for(home, f"{hook.url}/all"), tell=told.append)  # nothing was to be run
    assert [title for _, title in hook.got] == [f"Customer feedback, week {LAST}"] * sent
    deliver_after(settings_for(home, f"{hook.url}/all"), tell=told.append)
    assert len(hook.got) == sent


def test_a_week_whose_delivery_was_never_begun_is_sent_with_the_next_one(
    home: Path, hook: Hook
) -> None:
    settings = settings_for(home, f"{hook.url}/all")
    engine = open_database(settings.database_url)
    # Deliveries are on since W45; the process that ran W46 died before it could deliver.
    with session_scope(engine, changes_answers=False) as session:
        at = dt.datetime(2026, 11, 9, tzinfo=dt.UTC)
        claim(session, Delivery("a", "week", "2026-W45", "", "json", "sending", 1, "", at))
        settle(session, "a", status="sent", error="", when=at)
    engine.dispose()
    told: list[str] = []
    for _ in range(2):
        deliver_after(settings, first=LAST, last=LAST, tell=told.append)
    assert [title for _, title in hook.got] == [
        f"Customer feedback, week {LAST}",
        "Customer feedback, week 2026-W46",
    ]


@pytest.mark.usefixtures("addresses")
def test_again_with_a_period_sends_nothing_else(
    home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "send", lambda *_: Sent("unknown", "no answer"))
    for week in ("2026-W46", LAST):
        assert run(home, "deliver", "--week", week).exit_code == 0
    monkeypatch.undo()
    monkeypatch.setenv("GROUNDSWELL_DELIVER", f"{hook.url}/all")
    monkeypatch.setattr(Settings, "today", lambda _self: MONDAY)
    assert run(home, "deliver", "--week", "2026-W46", "--again").exit_code == 0
    assert [title for _, title in hook.got] == ["Customer feedback, week 2026-W46"]
    assert run(home, "deliver", "--again").exit_code == 0  # nothing named: all of them
    assert [title for _, title in hook.got[1:]] == [f"Customer feedback, week {LAST}"]


@pytest.mark.usefixtures("addresses")
def test_what_was_asked_for_and_was_not_there_is_not_sent_later_unasked(
    home: Path, hook: Hook
) -> None:
    assert run(home, "deliver", "--week", "2026-W01").exit_code == 1
    assert "Nothing was sent so far" in run(home, "deliver", "--list").output
    done = run(home, "deliver")
    assert "2026-W01" not in done.output
    assert len(hook.got) == 1


def test_the_next_run_takes_up_what_failed(home: Path, hook: Hook) -> None:
    told: list[str] = []
    hook.closed = True
    settings = settings_for(home, f"{hook.url}/all")
    deliver_after(settings, first=LAST, last=LAST, tell=told.append)
    hook.closed = False
    deliver_after(settings, tell=told.append)  # a Monday without anything new
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    ("today", "week", "month"),
    [
        (dt.date(2026, 11, 15), None, None),  # the Sunday of 2026-W46
        (dt.date(2026, 11, 16), "2026-W46", None),
        (dt.date(2026, 11, 22), "2026-W46", None),
        (dt.date(2026, 11, 23), LAST, None),
        (dt.date(2026, 12, 31), LAST, None),  # November's last week was never run
    ],
)
def test_a_week_is_due_when_it_is_over(
    home: Path, today: dt.date, week: str | None, month: str | None
) -> None:
    engine = open_database(settings_at(home).database_url)
    assert due(engine, today=today) == (week, month)
    engine.dispose()


def test_nothing_is_due_in_an_empty_store(tmp_path: Path) -> None:
    engine = open_database(settings_at(tmp_path).database_url)
    migrate(engine)
    assert due(engine, today=MONDAY) == (None, None)
    engine.dispose()


@pytest.mark.parametrize("format", ["html", "md", "json"])
def test_an_outcome_pack_is_written(home: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"pack.{format}"
    words = ["outcome", "--month", "2026-11", "--format", format, "--out", str(out), "--json"]
    done = run(home, *words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["month"] == "2026-11"
    assert "2026" in out.read_text(encoding="utf-8")
    assert "November 2026" in out.read_text(encoding="utf-8") or format == "json"


def test_an_outcome_pack_without_a_whole_month_asks_for_one(home: Path) -> None:
    done = run(home, "outcome")
    assert done.exit_code == 1
    assert "--month" in done.output
    assert run(home, "outcome", "--month", "soon").exit_code == 2
