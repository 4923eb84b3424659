from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.locks import Busy, run_lock

HOLD = """
import sys, time
from pathlib import Path
from store.locks import run_lock
with run_lock(sys.argv[1], Path(sys.argv[2]), wait_seconds=0):
    print("held", flush=True)
    time.sleep(60)
"""

HOLD_WITH_CHILDREN = """
import os, sys, time
from pathlib import Path
from store.locks import run_lock
unwound = 0
try:
    with run_lock(sys.argv[1], Path(sys.argv[2]), wait_seconds=0):
        unwound = os.fork()
        if not unwound:
            raise KeyboardInterrupt  # leaves the lock's block as a child
        os.waitpid(unwound, 0)
        child = os.fork()
        if child:
            print(child, flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    os._exit(0)
"""


def holder(url: str, home: Path) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_and_since_when_and_gets_it_after_kill_9(
    database_url: str, tmp_path: Path
) -> None:
    process = holder(database_url, tmp_path)
    try:
        with (
            pytest.raises(Busy, match=rf"pid {process.pid} since 20\d\d-\d\d-\d\dT.*Z.*try again"),
            run_lock(database_url, tmp_path, wait_seconds=0.2),
        ):
            pytest.fail("two hold the lock")
        process.send_signal(signal.SIGKILL)
        with run_lock(database_url, tmp_path, wait_seconds=5):
            pass
    finally:
        process.kill()
        process.communicate()


def test_forked_children_neither_keep_the_lock_nor_free_it(
    database_url: str, tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_WITH_CHILDREN, database_url, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        with (
            pytest.raises(Busy, match=f"pid {process.pid} since"),
            run_lock(database_url, tmp_path, wait_seconds=0.2),
        ):
            pytest.fail("two hold the lock")
        process.kill()
        process.wait()
        os.kill(child, 0)  # it lives on
        with run_lock(database_url, tmp_path, wait_seconds=2):
            pass
    finally:
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.communicate()


def test_it_waits_until_the_first_lets_go(database_url: str, tmp_path: Path) -> None:
    process = holder(database_url, tmp_path)
    try:
        started = time.monotonic()
        with pytest.raises(Busy), run_lock(database_url, tmp_path, wait_seconds=0.5):
            pass
        assert time.monotonic() - started >= 0.5
    finally:
        process.kill()
        process.communicate()
    with run_lock(database_url, tmp_path, wait_seconds=5):
        pass


def test_two_in_one_process_exclude_each_other(database_url: str, tmp_path: Path) -> None:
    with (
        run_lock(database_url, tmp_path, wait_seconds=0),
        pytest.raises(Busy, match=f"pid {os.getpid()} "),
        run_lock(database_url, tmp_path, wait_seconds=0),
    ):
        pass


def test_it_is_free_after_an_error(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(database_url, tmp_path, wait_seconds=0):
        _ = 1 / 0
    with run_lock(database_url, tmp_path, wait_seconds=2):
        pass


def test_other_names_are_other_locks(database_url: str, tmp_path: Path) -> None:
    with (
        run_lock(database_url, tmp_path, wait_seconds=0),
        run_lock(database_url, tmp_path, wait_seconds=0, name="ingest"),
    ):
        pass


def test_a_database_in_memory_is_locked_in_the_home(tmp_path: Path) -> None:
    with run_lock("sqlite://", tmp_path / "home", wait_seconds=0):
        assert (tmp_path / "home" / "memory.db.run.lock").is_file()


def test_the_file_stands_beside_the_database(tmp_path: Path) -> None:
    with run_lock(f"sqlite:///{tmp_path}/a/b.db", Path("/nonexistent"), wait_seconds=0):
        assert (tmp_path / "a" / "b.db.run.lock").read_text().startswith(f"pid {os.getpid()} ")
    assert (tmp_path / "a" / "b.db.run.lock").read_text() == ""
