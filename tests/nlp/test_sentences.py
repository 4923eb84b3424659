"""Sentence boundaries: nothing is lost, abbreviations hold, long sentences are cut sensibly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.sentences import chop, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It froze. I restarted it.", ["It froze.", "I restarted it."]),
        ("it froze. i restarted it", ["it froze.", "i restarted it"]),
        ("It froze.Then it died.", ["It froze.", "Then it died."]),
        ("Version 64.0.2 on Mr. Lee's PC, e.g. at work.", None),
        ("Hmm... not sure", None),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("See www.Example.com please", None),
        ("很慢。真的！", ["很慢。", "真的！"]),
        ("I paid approx. 5 euros at 9 a.m. today.", None),
    ],
)
def test_boundaries(text: str, parts: list[str] | None) -> None:
    assert list(sentences(text)) == (parts or [text])


@given(st.text())
def test_no_character_but_space_is_lost(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_a_long_sentence_is_cut_at_its_comma() -> None:
    text = "one two three four five, six seven eight nine ten eleven"
    assert chop(text, max_words=7, max_chars=400) == (
        "one two three four five,",
        "six seven eight nine ten eleven",
    )


@pytest.mark.parametrize(("words", "parts"), [(9, 1), (10, 1), (11, 2)])
def test_word_limit_just_below_at_and_above(words: int, parts: int) -> None:
    assert len(chop(" ".join(["word"] * words), max_words=10, max_chars=400)) == parts


@given(st.text(min_size=1), st.integers(1, 20), st.integers(5, 60))
def test_chop_keeps_everything_within_limits(text: str, max_words: int, max_chars: int) -> None:
    parts = chop(text.strip(), max_words=max_words, max_chars=max_chars)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part) <= max_chars and len(part.split()) <= max_words for part in parts)
