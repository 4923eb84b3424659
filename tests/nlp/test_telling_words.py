from __future__ import annotations

from nlp import telling_words as module


def telling_words(texts: list[str], others: list[str]) -> tuple[str, ...]:
    everything = [*texts, *others]
    return module.telling_words(texts, module.word_counts(everything), len(everything))


OTHERS = ["the page does not load", "my bookmarks are gone", "the page is slow"] * 10


def test_the_words_that_only_these_texts_share_come_first() -> None:
    texts = ["Avast blocked the page", "blocked by avast since 65.0.1", "page blocked", "Avast!"]
    assert telling_words(texts, OTHERS)[:2] == ("avast", "blocked")


def test_one_text_alone_and_rare_words_tell_nothing() -> None:
    assert telling_words(["avast once"], OTHERS) == ()
    slow = [f"number {letter}" for letter in "abcdef"]
    assert "avast" in telling_words([*slow, "avast", "avast"], OTHERS)  # a quarter of eight
    assert "avast" not in telling_words([*slow, "number g", "avast", "avast"], OTHERS)


def test_function_words_and_what_is_said_everywhere_are_left_out() -> None:
    assert telling_words(["the page is mine"] * 3, OTHERS) == ()
    assert "the" not in telling_words(["the avast"] * 3, OTHERS)


def test_versions_count_as_words() -> None:
    assert telling_words(["broken in 65.0.1", "65.0.1 broke it"], OTHERS)[0] == "65.0.1"
