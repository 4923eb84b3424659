from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.encoding import Encode
from nlp.naming import (
    Background,
    NamingConfig,
    background,
    label_key,
    name_theme,
    rank_names,
    spread,
    written,
)
from nlp.neighbours import FloatArray

CENTRE = np.array([1, 0, 0], dtype=np.float32)
SIBLING = np.array([0, 1, 0], dtype=np.float32)

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
EVERYWHERE = background(CRASH + OTHER)


def alike(texts: Sequence[str]) -> FloatArray:
    """Every phrase means the theme equally much: only what is said decides."""
    return np.tile(CENTRE, (len(texts), 1))


def meaning(*own: str, sibling: Sequence[str] = ()) -> Encode:
    """Phrases with one of these words mean the theme, those with another its sibling, too."""

    def encode(texts: Sequence[str]) -> FloatArray:
        rows = np.array(
            [
                [bool(set(own) & set(text.split())), bool(set(sibling) & set(text.split())), 0.1]
                for text in texts
            ],
            dtype=np.float32,
        )
        unit: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    return encode


def label(
    texts: Sequence[str],
    *,
    everywhere: Background = EVERYWHERE,
    encode: Encode = alike,
    others: FloatArray | None = None,
    taken: Sequence[str] = (),
    config: NamingConfig | None = None,
) -> str:
    return name_theme(
        texts,
        CENTRE,
        background=everywhere,
        encode=encode,
        others=others,
        taken=taken,
        config=config,
    ).label


def test_the_name_is_said_here_and_hardly_elsewhere() -> None:
    """ "camera scan" is in all five; "since Monday" is everywhere."""
    name = name_theme(CRASH, CENTRE, background=EVERYWHERE, encode=alike)
    assert name.label.lower().startswith("camera scan")
    assert name.terms[:2] == ("camera", "scan")
    assert "monday" not in name.terms
    said = sum(name.label.lower() in text.lower() for text in CRASH)
    assert f"said in {said} of 5 texts here, in {said} of 11 read everywhere" in name.reason


def test_a_phrase_that_everybody_uses_is_no_name() -> None:
    """ "invoice total" is as frequent in the theme as outside of it."""
    texts = ["invoice total. blue moon", "invoice total! blue moon?", "invoice total"]
    everywhere = background([*texts, *(f"invoice total {n}" for n in ("pear", "plum", "fig"))])
    assert label(texts, everywhere=everywhere) == "Blue moon"


def test_the_name_means_what_the_theme_means() -> None:
    assert label(CRASH, encode=meaning("crashes")) == "Camera scan crashes"


def test_a_name_that_a_sibling_could_have_is_none() -> None:
    texts = [f"paper jam {n}" for n in range(6)] + [f"paper tray {n}" for n in range(4)]
    encode = meaning("paper", sibling=["jam"])
    assert label(texts, encode=meaning("paper")) == "Paper jam"
    assert label(texts, encode=encode, others=SIBLING[None, :]) == "Paper tray"


def test_names_are_not_given_twice() -> None:
    taken: list[str] = []
    for _ in range(12):
        found = label(CRASH, taken=taken)
        assert found.lower() not in {one.lower() for one in taken}
        taken.append(found)


@pytest.mark.parametrize("taken", ["Camera scans", "CAMERA SCAN", "Camera without scan"])
def test_what_a_reader_would_take_for_one_name_is_one(taken: str) -> None:
    texts = [*(f"camera scan {n}" for n in range(6)), *(f"grey picture {n}" for n in range(3))]
    assert label(texts) == "Camera scan"
    expected = "Camera scan" if "without" in taken else "Grey picture"
    assert label(texts, taken=[taken]) == expected


def test_without_a_shared_phrase_the_most_distinctive_words_are_the_name() -> None:
    texts = ["Lens?", "It is my lens", "The lens!"]
    everywhere = background([*texts, "one", "two", "three"])
    assert label(texts, everywhere=everywhere) == "Lens"
    assert label(texts, everywhere=everywhere, taken=["Lens", "LENS (2)"]) == "Lens (3)"


def test_without_any_word_the_first_text_by_digest_is_the_name() -> None:
    texts = ["Why is it so", "Was it not"]
    assert label(texts) == label(texts[::-1])
    assert label(texts) in texts


@pytest.mark.parametrize(("said", "named"), [(1, False), (2, True), (3, True)])
def test_words_of_a_single_text_are_no_name(said: int, *, named: bool) -> None:
    texts = [f"oh {n}" for n in range(10 - said)] + [f"purple elephant {n}" for n in range(said)]
    everywhere = background(f"text {n}" for n in range(100))
    assert (label(texts, everywhere=everywhere) == "Purple elephant") is named


def test_a_name_has_at_least_and_at_most_the_words_asked_for() -> None:
    assert label(CRASH, config=NamingConfig(shortest=3)).count(" ") >= 2
    assert label(CRASH, config=NamingConfig(longest=2)).count(" ") == 1


@pytest.mark.parametrize(("words", "named"), [(3, True), (4, False)])
def test_of_two_names_that_mean_the_same_the_short_one_is_better(
    words: int, *, named: bool
) -> None:
    """Above three words, each costs; up to there, none does."""
    phrase = ["alpha", "beta", "gamma", "delta"][:words]
    texts = [" ".join(phrase)] * 1 + [" ".join(phrase) + "!"]
    found = label(texts, config=NamingConfig(frequency=0.0, exact=0.0, wordy=0.02))
    assert (found.lower() == " ".join(phrase)) is (named and found.count(" ") == words - 1)
    assert found.count(" ") <= 2


@pytest.mark.parametrize(
    "hidden",
    [
        *("[EMAIL]", "[PHONE]", "[NATIONAL_ID]", "[CREDENTIALS]", "https://example.com/path"),
        *("bob@example.com", "&quot;", "<script>", "4711", "xxxxx"),
    ],
)
def test_placeholders_addresses_and_numbers_are_no_words(hidden: str) -> None:
    word = hidden.strip("[]<>&;").lower().split(":")[0].split("@")[0]
    texts = [f"Write to {hidden} about ponies", f"I asked {hidden} about ponies", hidden]
    for some in (texts, [hidden, hidden]):
        name = name_theme(some, CENTRE, background=background(texts), encode=alike)
        assert word not in name.label.lower() or some[0] == hidden
        assert name.label.strip()
        assert [term for term in name.terms if word in term] == []


def test_names_are_written_as_customers_write_them() -> None:
    texts = ["My iOS app and PayPal", "the iOS app, the vpn", "The VPN of PayPal", "A VPN IS BAD"]
    assert written("ios app", texts) == "iOS app"
    assert written("vpn and paypal", texts) == "VPN and PayPal"
    assert written("payment i sent", texts) == "Payment I sent"
    assert written("paypal account", ["Paypal account", "my PayPal account"]) == "PayPal account"
    # The capital at the beginning of a sentence, and those of a text that shouts, tell nothing.
    assert written("sync the app", ["App is down", "APP DOWN, SYNC"]) == "Sync the app"


def test_the_names_of_a_theme_in_two_languages_are_of_the_one_that_most_speak() -> None:
    spanish = [f"no puedo pagar la factura con mi tarjeta {n}" for n in range(3)]
    english = [f"I cannot pay the bill with my card {n}" for n in range(5)]
    texts = [f"{text} {word}" for text, word in zip(spanish + english, "abcdefgh", strict=True)]
    everywhere = background([*texts, *(f"something else {n}" for n in range(30))])
    config = NamingConfig(candidates=1000)
    ranking = rank_names(texts, CENTRE, background=everywhere, encode=alike, config=config)
    assert ranking.names
    assert not [name for _, name in ranking.names if set(name.split()) & {"factura", "tarjeta"}]


def test_any_label_is_rated_by_the_same_measure() -> None:
    ranking = rank_names(CRASH, CENTRE, background=EVERYWHERE, encode=alike)
    assert [ranking.score(name) for _, name in ranking.names] == [one for one, _ in ranking.names]
    best = ranking.best()
    assert best is not None
    assert ranking.score(best[1]) == best[0] == max(score for score, _ in ranking.names)
    assert ranking.score("Invoice total") < min(score for score, _ in ranking.names)
    assert ranking.score("...") < best[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Exchange rate", "exchange rates", True),
        ("Rate of the exchange", "Exchange rate", True),
        ("Card declined", "Card not declined", False),
        ("Card can't be linked", "Card won't be linked", True),
        ("Tax", "Taxes", False),
        ("Log in", "Log out", False),
        ("?!", "!?", False),
    ],
)
def test_when_two_labels_are_one(one: str, other: str, *, same: bool) -> None:
    assert (label_key(one) == label_key(other)) is same


@given(st.integers(0, 40), st.integers(1, 12))
def test_a_sample_is_even_and_bounded(count: int, most: int) -> None:
    kept = spread(list(range(count)), most)
    assert len(kept) <= most
    assert list(kept) == list(range(0, count, max(1, -(-count // most))))


def test_the_background_counts_texts_once() -> None:
    found = background(["A blue moon", "A blue moon", "the Blue, Moon [EMAIL]"])
    assert (found.words["blue"], found.words["moon"], len(found.texts)) == (2, 2, 2)
    assert found.said("blue moon") == 1


@given(
    st.lists(
        st.text(alphabet=st.sampled_from("ab cdI.,'<>[]{}%_\u202e\u0130ß4\n\0é=(*"), max_size=40),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.text(max_size=6), max_size=3),
)
def test_hostile_texts_have_a_name_that_no_one_has(texts: list[str], taken: list[str]) -> None:
    name = name_theme(texts, CENTRE, background=background(texts), encode=alike, taken=taken)
    again = name_theme(
        texts[::-1], CENTRE, background=background(texts[::-1]), encode=alike, taken=taken[::-1]
    )
    assert name == again
    assert name.label.strip()
    assert name.label.lower() not in {one.lower() for one in taken}
