from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.duplicates import (
    Copies,
    CopyConfig,
    Said,
    copies_of,
    distinct,
    is_long,
    most_copied,
    normalised,
)

LONG = "I demand that you give me back the fee for order {} before the end of this week, {}"


def groups(texts: dict[str, str], config: CopyConfig | None = None) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sha, stands in copies_of(texts, config=config).items():
        found.setdefault(stands, set()).add(sha)
    return {frozenset(group) for group in found.values()}


def together(one: str, other: str, config: CopyConfig | None = None) -> bool:
    return len(groups({"a": one, "b": other}, config)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cancel my card!", "cancel  MY card"),
        ("\uff23\uff41\uff4e\uff43\uff45\uff4c it", "cancel it"),  # full width
        ("Where is order 17 — please?", "where is order 17, please"),
        (LONG.format(4711, "Ann"), LONG.format("#A-12", "Ann")),
        (LONG.format(4711, "Ann"), LONG.format("\u0664\u0667", "Ann")),
        (LONG.format("[CARD]", "[PERSON]"), LONG.format(12, "Bob")),
        (LONG.format(4711, "Ann Miller"), LONG.format(4712, "Bob")),
    ],
)
def test_copies_are_told(one: str, other: str) -> None:
    assert together(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cancel my card", "Replace my card"),
        ("Where is order 17?", "Where is order 18?"),  # short: so people write by themselves
        ("7", "8"),
        ("!!!", "???"),
        ("\U0001f621", "\U0001f600"),
        (
            "I cannot log in to the app on my phone since the update of last week",
            "Since last week the app on my phone is slow and I cannot pay with it at all",
        ),
        ("\u9000\u6b3e\u8fd8\u6ca1\u6709\u5230", "\u8ba2\u5355\u8fd8\u6ca1\u6709\u5230"),
    ],
)
def test_what_people_write_by_themselves_is_no_copy(one: str, other: str) -> None:
    assert not together(one, other)


def test_from_twelve_words_on_numbers_are_set_aside() -> None:
    words = [chr(97 + n) * 3 for n in range(11)]
    eleven, twelve = " ".join(words[:10]), " ".join(words)
    assert not together(f"{eleven} 1", f"{eleven} 2")
    assert together(f"{twelve} 1", f"{twelve} 2")
    assert not is_long(f"{eleven} 1")
    assert is_long(f"{twelve} 1")


def test_half_of_all_runs_must_be_shared() -> None:
    # Of 18 runs of three words each: 12 shared of 24 are .5, 11 of 25 are not.
    words = [chr(97 + n) * 4 for n in range(20)]

    def ending(own: int, mark: str) -> str:
        return " ".join([*words[: 20 - own], *(mark + word for word in words[20 - own :])])

    assert together(ending(6, ""), ending(6, "x"))
    assert not together(ending(7, ""), ending(7, "x"))
    assert together(ending(7, ""), ending(7, "x"), CopyConfig(least_alike=0.44))


def test_a_long_script_without_spaces_is_compared_letter_by_letter() -> None:
    text = "\u6211\u7684\u8ba2\u5355{}\u5df2\u7ecf\u4e24\u4e2a\u661f\u671f\u6ca1\u6709\u5230\u4e86"
    assert together(text.format(4711), text.format(12))
    assert normalised(text.format(4711))[4] == "0"


def test_a_mass_mail_is_one_text_and_others_are_not() -> None:
    mail = {
        f"m{n}": LONG.format(n, f"Name{chr(97 + n % 26)} Sur{chr(97 + n // 26)}")
        for n in range(300)
    }
    others = {"x": "Give me back the fee", "y": "Where is my order?"}
    assert groups(mail | others) == {frozenset(mail), frozenset("x"), frozenset("y")}
    assert set(copies_of(mail).values()) == {"m0"}


words = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14).map(" ".join)
texts_of = st.dictionaries(st.text("0123456789", min_size=1, max_size=3), words, max_size=12)
SMALL = CopyConfig(least_words=4, shingle=2, least_alike=0.6)


def resemblance(one: str, other: str) -> float:
    runs = [
        {tuple(text.split()[at : at + 2]) for at in range(len(text.split()) - 1)}
        for text in (one, other)
    ]
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


@given(texts_of, st.randoms(use_true_random=False))
def test_the_order_of_texts_does_not_matter(texts: dict[str, str], random: object) -> None:
    keys = sorted(texts)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert copies_of({key: texts[key] for key in keys}, config=SMALL) == copies_of(
        texts, config=SMALL
    )


@settings(max_examples=300)
@given(texts_of)
def test_blocking_loses_no_pair(texts: dict[str, str]) -> None:
    """Each group has a leader that all are alike to, and no two leaders are alike."""
    leaders: list[str] = []
    for group in groups(texts, SMALL):
        members = [texts[sha] for sha in sorted(group)]
        if len(members[0].split()) < SMALL.least_words:
            assert len(set(members)) == 1
            continue
        leads = [
            one
            for one in members
            if all(other == one or resemblance(one, other) >= 0.6 - 1e-9 for other in members)
        ]
        assert leads
        fewest = min(len(set(zip(one.split(), one.split()[1:], strict=False))) for one in members)
        leaders.append(
            min(
                one
                for one in leads
                if len(set(zip(one.split(), one.split()[1:], strict=False))) == fewest
            )
        )
    for one, other in combinations(leaders, 2):
        assert resemblance(one, other) < 0.6


@given(texts_of)
def test_each_text_is_stood_for_by_one_that_stands_for_itself(texts: dict[str, str]) -> None:
    found = copies_of(texts, config=SMALL)
    assert found.keys() == texts.keys()
    assert all(found[stands] == stands for stands in found.values())


def test_the_first_of_each_is_kept() -> None:
    texts = ["b", "a", "B!", LONG.format(1, "Ann"), LONG.format(2, "Bob")]
    assert distinct(texts) == ("b", "a", LONG.format(1, "Ann"))


def test_the_most_copied_text_is_counted() -> None:
    said = [Said(LONG.format(n, "Ann"), f"m{n}", f"c{n % 3}") for n in range(5)]
    said.append(Said(LONG.format(0, "Ann"), "m9", "c9"))
    said.extend([Said("Where is it?", "m7", "c1"), Said("Where is it", "m8", "c1")])
    assert most_copied(said) == Copies(
        LONG.format(0, "Ann"), mentions=6, all_mentions=8, customers=4, texts=5, long=True
    )
    assert most_copied(reversed(said)) == most_copied(said)
    assert most_copied([]) is None


@pytest.mark.parametrize(("copies", "others", "told"), [(4, 0, 0), (5, 45, 5), (5, 46, 0)])
def test_few_copies_are_not_told_of(copies: int, others: int, told: int) -> None:
    said = [Said("Too expensive", f"m{n}", f"c{n}") for n in range(copies)]
    said += [Said(f"Other {n}", f"o{n}", f"c{n}") for n in range(others)]
    found = most_copied(said)
    assert (found.mentions if found else 0) == told
    assert found is None or not found.long
