"""Which sentences stay together."""

from __future__ import annotations

import pytest

from nlp.points import Sentence, join


def groups(*texts: str, apart: bool = True, max_words: int = 60) -> list[list[int]]:
    found = join(
        [Sentence(text, opens=at == 0) for at, text in enumerate(texts)],
        fragment_words=4,
        max_words=max_words,
        max_chars=400,
        apart=apart,
        contrast=True,
    )
    return [list(group) for group in found]


@pytest.mark.parametrize(
    "second",
    [
        "It never comes back.",  # a pronoun leans on what went before
        "Very annoying.",  # a fragment
        "Every invoice since May is like that.",  # a shared word
        "Can you please fix it?",  # a bare request
    ],
)
def test_a_sentence_that_leans_stays(second: str) -> None:
    assert groups("The invoice total jumps to page two.", second) == [[0, 1]]


@pytest.mark.parametrize(
    "second",
    [
        "Parking cost us a fortune.",
        "Also the invoice search is slow.",  # "also" outweighs a shared word
        "But the nurses were lovely people.",
    ],
)
def test_a_sentence_of_its_own_starts_a_point(second: str) -> None:
    assert groups("The invoice total jumps to page two.", second) == [[0], [1]]


def test_a_story_stays_together_where_survey_answers_part() -> None:
    texts = ("The card was refused on Friday.", "My bank sees no attempt at all.")
    assert groups(*texts, apart=True) == [[0], [1]]
    assert groups(*texts, apart=False) == [[0, 1]]


@pytest.mark.parametrize(("limit", "parts"), [(11, 2), (12, 1), (13, 1)])
def test_no_point_grows_beyond_the_limit(limit: int, parts: int) -> None:
    texts = ("It froze on the very first page.", "It froze once more today.")  # 7 and 5 words
    assert len(groups(*texts, max_words=limit)) == parts


@pytest.mark.parametrize(("words", "parts"), [("One two three.", 1), ("Rain fell all day.", 2)])
def test_fragment_limit(words: str, parts: int) -> None:
    assert len(groups("The invoice total jumps to page two.", words)) == parts


def test_list_items_are_points() -> None:
    items = [Sentence("dark mode for the invoices", bullet=True) for _ in range(2)]
    found = join(items, fragment_words=4, max_words=60, max_chars=400, apart=False, contrast=False)
    assert found == ((0,), (1,))
