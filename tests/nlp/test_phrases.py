from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.function_words import language_of
from nlp.phrases import in_one_language, is_content, phrases, spoken


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("My invoice total is wrong", "invoice total"),
        ("Cannot allocate enough memory", "cannot allocate enough memory"),
        ("It does not sync", "not sync"),
        ("The codes never arrive", "never arrive"),
        ("I can't log in", "can't log in"),
        ("How do I top up?", "top up"),
        ("I was locked out", "locked out"),
        ("visa and mastercard", "visa and mastercard"),
        ("The payment should not be pending", "payment should not be pending"),
        ("the bank\u2019s feed", "bank's feed"),
        ("card isn't working", "card isn't working"),
        ("a fee for each transfer abroad", "fee for each transfer"),
    ],
)
def test_what_could_be_a_name(text: str, phrase: str) -> None:
    assert phrases([text], longest=6).texts[phrase] == 1


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        # No open end, no open beginning.
        ("the invoice total of the month", "invoice total of"),
        ("the invoice total of the month", "the invoice total"),
        ("Problema que tengo", "problema que"),
        ("When I transfer money in cash", "transfer money in"),
        # No question turned round, nor its remains.
        ("How long does a transfer take", "long does a transfer"),
        ("What places can I pay at", "places can i pay"),
        ("Hasn't my transaction arrived", "hasn't my transaction"),
        ("Card is it declined", "card is it declined"),
        # No clause within.
        ("card declined because funds", "card declined because funds"),
        ("Cash what happened", "cash what happened"),
        ("transfer and want", "transfer and want"),
        ("payment be pending", "payment be pending"),
        # Not across marks, numbers and placeholders.
        ("big red bus, blue doors", "bus blue"),
        ("Reply after 3 working days", "reply after working days"),
        ("call [PHONE] line", "call line"),
        ("bus - doors", "bus doors"),
        ("It crashed.Then nothing", "crashed.then"),
        # Nor what is no word.
        ("paid to zzzz account", "zzzz account"),
        ("key abcdefghijklmnopqrstuvwxyz here", "abcdefghijklmnopqrstuvwxyz"),
        ("x", "x"),
    ],
)
def test_what_could_not(text: str, phrase: str) -> None:
    found = phrases([text], longest=6)
    assert phrase not in found.texts
    assert phrase not in found.uses


def test_a_piece_of_a_longer_phrase_is_not_whole() -> None:
    found = phrases(["end of the billing period"] * 2 + ["billing period", "my period"], longest=4)
    assert found.cut_right["end of the billing"] == found.uses["end of the billing"] == 2
    assert found.whole("billing period") == 1.0
    assert found.whole("end of the billing") == pytest.approx(1 / 3)
    assert found.whole("period") == pytest.approx(1 - 3 / 5)
    assert phrases(["top up", "top"], longest=1).cut_right["top"] == 1


def test_domains_and_marks_inside_words_stay() -> None:
    found = phrases(["booking.com account on C++ and AT&T", "pre-paid top-up"], longest=2).texts
    assert {"booking.com account", "c++", "at&t", "pre-paid top-up"} <= set(found)


def test_what_is_spoken() -> None:
    assert (
        spoken("Write  to [EMAIL] at https://a.example/b now &amp; then") == "Write to at now then"
    )


@given(st.lists(st.text(alphabet="ab cd.,'X[]4", max_size=30), max_size=8), st.integers(1, 5))
def test_counts_are_of_texts_and_of_phrases_no_longer_than_asked(
    texts: list[str], longest: int
) -> None:
    found = phrases(texts, longest=longest)
    assert found == phrases(texts[::-1], longest=longest)
    assert all(1 <= count <= len(texts) for count in found.texts.values())
    assert all(len(phrase.split()) <= longest for phrase in found.texts)
    assert all(found.uses[phrase] >= count for phrase, count in found.texts.items())
    assert all(0 < found.whole(phrase) <= 1 for phrase in found.texts)
    twice = phrases(texts + texts, longest=longest)
    assert twice.texts == {phrase: 2 * count for phrase, count in found.texts.items()}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I cannot log in to the app", "en"),
        ("Ich kann mich nicht in der App anmelden", "de"),
        ("no puedo entrar en la cuenta que tengo", "es"),
        ("je ne peux pas me connecter à mon compte", "fr"),
        ("ik kan niet inloggen op mijn rekening", "nl"),
        ("non riesco ad accedere alla mia app", "it"),
        ("não consigo entrar na minha conta", "pt"),
        ("login broken", ""),
        ("", ""),
    ],
)
def test_the_language_by_its_little_words(text: str, language: str) -> None:
    assert language_of(text.lower().split()) == language


def test_the_texts_of_the_language_that_most_are_in() -> None:
    english = ["I cannot log in to the app", "the app is down for me"]
    german = ["Ich kann mich nicht in der App anmelden"]
    assert in_one_language([*german, *english, "login"]) == [*english, "login"]
    assert in_one_language(german) == german
    assert in_one_language(["login", "app"]) == ["login", "app"]


@pytest.mark.parametrize("word", ["bill", "system", "call", "amount", "interest", "top", "find"])
def test_what_customers_speak_of_is_no_stop_word(word: str) -> None:
    assert is_content(word)


@pytest.mark.parametrize("word", ["the", "please", "nicht", "not", "que", "monday", "problem"])
def test_what_says_nothing_of_its_own_is_one(word: str) -> None:
    assert not is_content(word)
