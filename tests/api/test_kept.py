"""What is kept is bounded, and made once."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kept import Kept


@given(keys=st.lists(st.integers(0, 9), max_size=60), most=st.integers(1, 5))
def test_a_value_is_that_of_its_key_and_never_more_than_allowed_are_kept(
    keys: list[int], most: int
) -> None:
    kept: Kept[int, str] = Kept(most)
    for key in keys:
        assert kept.of(key, lambda key=key: f"made of {key}") == f"made of {key}"  # type: ignore[misc]
        assert len(kept) <= most


def test_what_was_asked_for_last_stays() -> None:
    kept: Kept[str, int] = Kept(2)
    made: list[str] = []

    def ask(key: str) -> None:
        kept.of(key, lambda: made.append(key) or 0)  # type: ignore[func-returns-value, redundant-expr]

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]


def test_two_that_ask_at_once_make_it_once_and_hold_up_no_other() -> None:
    kept: Kept[str, int] = Kept(4)
    made: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert go_on.wait(10)
        made.append(1)
        return 7

    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept.of("slow", slow))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    before = time.monotonic()
    assert kept.of("other", lambda: 1) == 1
    assert time.monotonic() - before < 5
    go_on.set()
    for thread in threads:
        thread.join()
    assert (found, made) == ([7, 7, 7], [1])


def test_what_fails_is_tried_again() -> None:
    kept: Kept[str, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.of("a", lambda: 1 // 0)
    assert kept.of("a", lambda: 3) == 3


def test_what_is_not_there_yet_is_not_found_and_not_waited_for() -> None:
    kept: Kept[str, int] = Kept(2)
    assert kept.found("a") is None

    def make() -> int:
        assert kept.found("a") is None
        return 1

    assert kept.of("a", make) == 1
    assert kept.found("a") == 1
    kept.of("b", lambda: 2)
    assert kept.found("a") == 1  # asked for last, so "b" goes next
    kept.of("c", lambda: 3)
    assert (kept.found("a"), kept.found("b")) == (1, None)
