from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.naming import NamingConfig, name_theme, phrase_counts
from nlp.neighbours import FloatArray

CONFIG = NamingConfig(longest=5, least_texts=2, shortest=2, candidates=60, terms=6)
CENTRE = np.array([1, 0], dtype=np.float32)

CRASH = [
    "The camera scan crashes on my phone",
    "Every camera scan crashes since Monday",
    "camera scan crashes again, please help",
    "My camera scan is grey",
    "Since the update: camera scan crashes",
]
OTHER = [
    "My phone number changed since Monday",
    "Since Monday my invoice total is off, please help",
    "The invoice total on my phone",
    "Every invoice total since the update",
    "Where is my invoice since Monday",
    "A refund since Monday on my phone",
]
BACKGROUND = phrase_counts(CRASH + OTHER)


def alike(texts: Sequence[str]) -> FloatArray:
    """Every phrase means the theme equally much: only counts decide."""
    return np.tile(CENTRE, (len(texts), 1))


def near(*meant: str) -> object:
    """Only phrases with one of these words mean the theme."""

    def encode(texts: Sequence[str]) -> FloatArray:
        rows = [[1, 0] if set(meant) & set(text.split()) else [0, 1] for text in texts]
        return np.array(rows, dtype=np.float32)

    return encode


def label(texts: Sequence[str], **options: object) -> str:
    settings = {
        "background": BACKGROUND,
        "background_texts": len(CRASH) + len(OTHER),
        "encode": alike,
        "config": CONFIG,
        **options,
    }
    return name_theme(texts, CENTRE, **settings).label  # type: ignore[arg-type]


def test_the_name_is_said_here_and_hardly_elsewhere() -> None:
    """ "camera scan" is in all five; "since Monday" is everywhere."""
    name = name_theme(
        CRASH, CENTRE, background=BACKGROUND, background_texts=11, encode=alike, config=CONFIG
    )
    assert name.label.lower().startswith("camera scan")
    assert name.terms[:2] == ("camera", "scan")
    assert "monday" not in name.terms[:3]
    said = sum(name.label.lower() in text.lower() for text in CRASH)
    assert f"said in {said} of 5 texts here, in {said} of 11 everywhere" in name.reason


def test_a_phrase_that_everybody_uses_is_no_name() -> None:
    """ "invoice total" is as frequent in the theme as outside of it."""
    texts = ["invoice total blue moon", "invoice total blue moon", "invoice total rain"]
    counts = phrase_counts([*texts, *(f"invoice total {n}" for n in ("a", "b", "c"))])
    assert label(texts, background=counts, background_texts=6) == "Blue moon"


def test_the_name_means_what_the_theme_means() -> None:
    assert label(CRASH, encode=near("crashes")) == "Camera scan crashes"


def test_names_are_not_given_twice() -> None:
    taken: set[str] = set()
    for _ in range(12):
        given_label = label(CRASH, taken=taken)
        assert given_label not in taken
        taken.add(given_label)


def test_without_a_shared_phrase_the_most_distinctive_words_are_the_name() -> None:
    texts = ["Lens?", "It is my lens", "The lens!"]
    assert label(texts, background=phrase_counts(texts), background_texts=20) == "Lens"
    again = label(
        texts, background=phrase_counts(texts), background_texts=20, taken={"Lens", "Lens (2)"}
    )
    assert again == "Lens (3)"


def test_without_any_word_the_first_text_is_the_name() -> None:
    texts = ["Why is it so", "Was it not"]
    assert label(texts, background={}, background_texts=2) == "Why is it so"


@pytest.mark.parametrize(("said", "named"), [(1, False), (2, True), (3, True)])
def test_words_of_a_single_text_are_no_name(said: int, *, named: bool) -> None:
    texts = ["one"] * (10 - said) + ["purple elephant"] * said
    assert (label(texts, background={}, background_texts=100) == "Purple elephant") is named


def test_a_name_has_at_least_the_words_asked_for() -> None:
    assert label(CRASH, config=NamingConfig(longest=5, shortest=3)).count(" ") >= 2
    assert label(CRASH, config=NamingConfig(longest=2, shortest=2)).count(" ") == 1


@pytest.mark.parametrize(
    "hidden", ["[EMAIL]", "[PHONE]", "[NATIONAL_ID]", "[CREDENTIALS]", "https://example.com/path"]
)
def test_placeholders_and_addresses_are_no_words(hidden: str) -> None:
    texts = [f"Write to {hidden} about ponies", f"I asked {hidden} about ponies", hidden]
    word = hidden.strip("[]").lower().split(":")[0]
    counts = phrase_counts(texts)
    assert counts["ponies"] == 2
    assert [phrase for phrase in counts if word in phrase] == []
    for some in (texts, [hidden, hidden]):
        name = name_theme(
            some, CENTRE, background=counts, background_texts=30, encode=alike, config=CONFIG
        )
        assert word not in name.label.lower()
        assert name.label.strip()
        assert [term for term in name.terms if word in term] == []


def test_phrases_do_not_cross_marks_nor_begin_or_end_with_filler() -> None:
    counts = phrase_counts(["The big red bus, with blue doors", "my big  red bus?"])
    assert counts["big red bus"] == 2
    assert counts["blue doors"] == 1
    assert not {"bus with blue", "bus blue", "the big", "with blue doors"} & set(counts)


def test_a_denial_keeps_its_word() -> None:
    counts = phrase_counts(["It does not sync", "The codes never arrive"])
    assert counts["not sync"] == 1
    assert counts["never arrive"] == 1


def test_curly_and_straight_apostrophes_are_one() -> None:
    assert phrase_counts(["the bank\u2019s feed", "The bank's feed"])["bank's feed"] == 2


@given(st.lists(st.text(alphabet="ab cd.,'X[]", max_size=30), max_size=8), st.integers(1, 5))
def test_counts_are_of_texts_and_of_phrases_no_longer_than_asked(
    texts: list[str], longest: int
) -> None:
    counts = phrase_counts(texts, longest=longest)
    assert counts == phrase_counts(texts[::-1], longest=longest)
    assert all(1 <= count <= len(texts) for count in counts.values())
    assert all(len(phrase.split()) <= longest for phrase in counts)
    twice = phrase_counts(texts + texts, longest=longest)
    assert twice == {phrase: 2 * count for phrase, count in counts.items()}


def test_the_order_of_texts_does_not_matter() -> None:
    assert label(CRASH, encode=near("camera")) == label(CRASH[::-1], encode=near("camera"))
