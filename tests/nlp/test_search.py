from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp.nearness import Nearness
from nlp.query_words import read_query
from nlp.search import SearchConfig, fuse, leading
from nlp.word_index import build_word_index, match_words

LEAST = SearchConfig().least_cosine


def everything(count: int) -> NDArray[np.bool_]:
    return np.ones(count, dtype=np.bool_)


def near(*values: float) -> Nearness:
    return Nearness(np.array(values, dtype=np.float32)[:, None], np.ones(1, dtype=np.float32))


def test_what_is_first_in_both_orders_is_first() -> None:
    words = match_words(build_word_index(("refund", "late", "refund late")), read_query("refund"))
    found = fuse(near(0.5, 0.6, 0.9), words, everything(3))
    assert found.rows.tolist() == [2, 0, 1]
    assert found.score[0] == pytest.approx(1 / 61 + 0.5 / 62)
    assert found.words[2] == 0.0


def test_only_what_is_near_enough_or_holds_the_words_is_found() -> None:
    found = fuse(near(LEAST - 1e-4, LEAST, LEAST + 1e-4, np.nan), None, everything(4))
    assert found.rows.tolist() == [2, 1]


def test_a_word_that_tells_little_of_the_query_is_not_enough() -> None:
    texts = ("app", "app", "app", "app hydrofoil", "big hydrofoil")
    words = match_words(build_word_index(texts), read_query("app hydrofoil"))
    assert fuse(None, words, everything(5)).rows.tolist() == [3, 4]


def test_phrases_bind_what_is_near_in_meaning_too() -> None:
    words = match_words(build_word_index(("not mine", "mine not")), read_query('"not mine"'))
    assert fuse(near(0.9, 0.95), words, everything(2)).rows.tolist() == [0]


def test_ties_go_by_row_and_what_is_not_kept_is_not_found() -> None:
    keep = np.array([True, False, True, True])
    found = fuse(near(0.7, 0.7, 0.7, 0.7000001), None, keep)
    assert found.rows.tolist() == [0, 2, 3]
    assert len(set(found.score.tolist())) == 1


def test_nothing_to_go_by_finds_nothing() -> None:
    assert fuse(None, None, everything(3)).rows.size == 0
    assert fuse(near(), None, everything(0)).rows.size == 0


def test_words_weigh_as_much_as_they_tell_of_the_query() -> None:
    """Of "can't log in" only "log" is looked up: what is near in meaning goes first."""
    assert read_query("can't log in").telling == pytest.approx(1 / 3)
    assert read_query("refund late").telling == read_query('"log in"').telling == 1.0
    assert read_query("in").telling == 1.0  # nothing else to go by
    assert read_query("we've what doesn't sync").units == (("sync",),)
    texts = ("the access log", *(f"signed out {number}" for number in range(60)))
    index = build_word_index(texts)
    cosine = near(0.1, *(0.9 - number / 200 for number in range(60)))

    def place(text: str) -> int:
        found = fuse(cosine, match_words(index, read_query(text)), everything(61))
        return int(np.flatnonzero(found.rows == 0)[0])

    assert place("log") == 0
    assert place("can't log in") > 10


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=40), st.integers(1, 50))
def test_the_first_few_are_those_of_all_in_order(score: list[float], most: int) -> None:
    values = np.array(score, dtype=np.float64)
    ties = np.random.default_rng(len(score)).permutation(len(score))
    whole = sorted(range(len(score)), key=lambda at: (-score[at], ties[at]))
    assert leading(values, ties).tolist() == whole
    assert leading(values, ties, most=most).tolist() == whole[:most]
