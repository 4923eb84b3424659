from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.query_words import cut, read_query
from nlp.word_index import build_word_index, match_words

TEXTS = (
    "refund not received",
    "no refund refund refund",
    "app crashes on 4.2",
    "4 crashes, 2 refunds",
    "received not",
)


def test_scores_follow_bm25_by_hand() -> None:
    index = build_word_index(TEXTS)
    found = match_words(index, read_query("refund"))
    rarity = np.log1p((5 - 3 + 0.5) / (3 + 0.5))
    usual = np.mean([3, 4, 5, 4, 2])
    expected = rarity * 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 4 / usual))
    assert found.score[1] == pytest.approx(expected)
    assert (found.score > 0).tolist() == [True, True, False, True, False]


def test_the_rarer_word_weighs_more() -> None:
    index = build_word_index(TEXTS)
    found = match_words(index, read_query("refund app"))
    assert found.share[2] > 0.5 > found.share[0]
    assert found.share[0] + found.share[2] == pytest.approx(1.0)


def test_words_nobody_uses_are_named_and_do_not_count() -> None:
    index = build_word_index(TEXTS)
    found = match_words(index, read_query("refund xyzzy"))
    assert found.unknown == ("xyzzy",)
    assert found.share[0] == 1.0
    nothing = match_words(index, read_query("xyzzy"))
    assert not nothing.score.any()
    assert not nothing.share.any()


def test_a_phrase_does_not_cross_from_text_to_text() -> None:
    index = build_word_index(("a refund", "received a lot"))
    assert not match_words(index, read_query('"refund received"')).quoted.any()


def test_a_number_with_a_point_stands_in_one_piece() -> None:
    found = match_words(build_word_index(TEXTS), read_query("4.2"))
    assert found.score.nonzero()[0].tolist() == [2]


def test_no_texts_at_all() -> None:
    found = match_words(build_word_index(()), read_query('refund "so late"'))
    assert found.score.shape == (0,)


words = st.lists(st.sampled_from(["ab", "cd", "ef", "gh"]), max_size=6).map(" ".join)


@given(st.lists(words, min_size=1, max_size=8), words.filter(bool))
def test_a_phrase_is_found_just_where_it_stands(texts: list[str], phrase: str) -> None:
    found = match_words(build_word_index(texts), read_query(f'"{phrase}"'))
    sought = cut(phrase)
    for text, held in zip(texts, found.quoted.tolist(), strict=True):
        own = cut(text)
        starts = range(len(own) - len(sought) + 1)
        assert held == any(own[at : at + len(sought)] == sought for at in starts)
