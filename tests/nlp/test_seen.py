from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.seen import is_seen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "\u00a0\u2003\u3000",  # blanks of other widths
        "\u200b",  # zero-width space
        "\u200c\u200d\u2060\ufeff\u00ad\u180e",
        "\u202e\u2066\u2069\u061c",  # directions
        "\U000e0041\U000e007f",  # tags
        "\ufe0f\u034f\u0301",  # marks without anything to stand on
        "\u3164\u115f\u1160\uffa0\u2800",
        "\x00\x1b",
        "\u2028\u2029",
        "\ud800",
        "\ue000",
    ],
)
def test_what_is_drawn_as_nothing_is_not_seen(text: str) -> None:
    assert not is_seen(text)


@pytest.mark.parametrize(
    "text", ["a", "7", "?", "€", "😀", "é", "e\u0301", "ب", "漢", "한", "\u200bx", "क\u094d"]
)
def test_what_is_drawn_is_seen(text: str) -> None:
    assert is_seen(text)


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_text_is_seen_where_a_part_of_it_is(one: str, other: str) -> None:
    assert is_seen(one + other) == (is_seen(one) or is_seen(other))
