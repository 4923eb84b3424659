from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nlp.encoding import Encode
from nlp.family_names import FamilyNameConfig, Member, name_family
from nlp.naming import background
from nlp.neighbours import FloatArray

KINDS = ("late", "lost", "wrong", "double", "torn")
EVERYWHERE = background([*(f"something else {n}" for n in range(200))])


def unit(*row: float) -> FloatArray:
    found: FloatArray = (np.array(row) / np.linalg.norm(row)).astype(np.float32)
    return found


def member(number: int, *, text: str = "bank transfer", label: str = "") -> Member:
    kind = KINDS[number]
    return Member(
        id=f"T-{number}",
        label=label or f"{kind.title()} {text}",
        centroid=unit(1, 0.1 * number, 0),
        texts=tuple(f"{text} was {kind}, number {n}" for n in range(6)),
        terms=(kind, *text.split()),
    )


def meaning(cosine: float) -> Encode:
    """Every phrase lies that near to the first theme, a little less near to the others."""

    def encode(texts: Sequence[str]) -> FloatArray:
        return np.tile(unit(cosine, 0, (1 - cosine**2) ** 0.5), (len(texts), 1))

    return encode


def label(
    children: Sequence[Member],
    *,
    near: float = 0.9,
    taken: Sequence[str] = (),
    config: FamilyNameConfig | None = None,
) -> str:
    return name_family(
        children, background=EVERYWHERE, encode=meaning(near), taken=taken, config=config
    ).label


def test_a_family_is_called_after_what_its_themes_share() -> None:
    name = name_family([member(n) for n in range(4)], background=EVERYWHERE, encode=meaning(0.9))
    assert name.label == "Bank transfer"
    assert name.reason == "what customers of 4 of its 4 themes speak of"
    assert {"bank", "transfer"} <= set(name.terms)


@pytest.mark.parametrize(("sharing", "shared"), [(2, False), (3, True), (4, True)])
def test_most_of_the_themes_must_speak_of_it(sharing: int, *, shared: bool) -> None:
    children = [member(n) for n in range(sharing)]
    children += [member(n, text=f"thing {KINDS[n]}") for n in range(sharing, 5)]
    assert (label(children) == "Bank transfer") is shared


@pytest.mark.parametrize(("near", "shared"), [(0.34, False), (0.36, True)])
def test_it_must_be_near_to_each_of_them(near: float, *, shared: bool) -> None:
    children = [member(0), member(0, label="Another one")]
    assert (label(children, near=near) == "Bank transfer") is shared


@pytest.mark.parametrize(("labels", "named"), [(1, False), (2, True), (3, True)])
def test_one_word_is_a_name_when_the_themes_names_hold_it(labels: int, *, named: bool) -> None:
    """Four themes, each with words of its own around "refund"."""
    children = [
        Member(
            f"T-{n}",
            f"Refund {KINDS[n]}" if n < labels else f"The {KINDS[n]} one",
            unit(1, 0.1 * n, 0),
            tuple(f"refund! {KINDS[n]}, number {i}" for i in range(6)),
        )
        for n in range(4)
    ]
    assert (label(children) == "Refund") is named


@pytest.mark.parametrize("taken", ["Bank transfer", "bank transfers", "BANK TRANSFER"])
def test_it_differs_from_all_other_names(taken: str) -> None:
    children = [member(n) for n in range(3)]
    assert label(children, taken=[taken]).lower() not in {taken.lower(), "bank transfer"}
    own = [member(0, label=taken), *children[1:]]
    assert label(own).lower() not in {taken.lower(), "bank transfer"}


def test_without_a_common_phrase_it_is_the_two_in_the_middle() -> None:
    children = [member(n, text=f"thing {KINDS[n]}", label=f"Label {n}") for n in range(4)]
    name = name_family(children, background=EVERYWHERE, encode=meaning(0.9))
    assert name.label == "Label 1 · Label 2"
    assert name.reason == "the two most central of its themes; they share no phrase"
    assert label(children, taken=[name.label]) == "Label 1 · Label 2 (2)"


def test_the_order_of_the_themes_leaves_no_trace() -> None:
    children = [member(n) for n in range(4)]
    for some in (children, [member(n, text=f"thing {KINDS[n]}") for n in range(4)]):
        assert label(some) == label(some[::-1])


def test_every_theme_has_the_same_say() -> None:
    """The texts of one large theme do not name the family."""
    large = Member("T-9", "Large", unit(1, 0, 0), tuple(f"green train, {n}" for n in range(500)))
    assert label([member(0), member(1), large]) == "Bank transfer"
