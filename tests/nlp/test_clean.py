from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.clean import clean

_PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<br/>", "<b>", "<div class='a'>", "<blockquote>", "</blockquote>"),
        *("<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<", ">", "&", ";", "&amp;"),
        *(
            "&lt;",
            "&gt;",
            "&#60;",
            "&#x26;",
            "&nbsp;",
            "amp;",
            "lt;",
            "\n",
            "\r\n",
            "\t",
            " ",
            "\xa0",
        ),
        *(
            "\u200b",
            "\u200d",
            "\u200c",
            "\u0301",
            "e",
            "\u05d0",
            "\u0646",
            "\U0001f468",
            "\x00",
            "\ud800",
        ),
        *(
            "> quoted",
            "word",
            "3",
            "\u2028",
            "\ufeff",
            "\x85",
            "<a href='x>y'>",
            '<a "',
            "\U000e0041",
        ),
    ]
)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<p>hey <b>there</b></p><p class='x'>two</p>", "hey there\n\ntwo"),
        ("one<br>two<BR />three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ("<td>a</td><td>b</td>", "a b"),
        ("<style>p{}</style>hello<script>alert('x')</script> you", "hello you"),
        ("use the <script> tag", "use the tag"),
        ("<!-- secret -->shown", "shown"),
        ("<a title='a > b' href=x>link</a>", "link"),
        ("Caf&eacute; &amp; bar &#8364;5", "Caf\xe9 & bar \u20ac5"),
        ("&amp;amp;lt;b&amp;amp;gt;bold", "bold"),
        ("&notanentity; stays", "&notanentity; stays"),
    ],
)
def test_markup_becomes_plain_text(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@pytest.mark.parametrize(
    "text",
    [
        "I <3 it, a < b and c > d",
        "<jane@example.com> wrote <number> times",
        "https://example.com/?a=1&copy=2&region=eu",
        "> quoted line\n> another\n\nmy answer",
        "first paragraph\n\nsecond paragraph",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ],
)
def test_what_a_customer_may_mean_stays(text: str) -> None:
    assert clean(text) == text


def test_a_blockquote_becomes_quoted_lines_and_nests() -> None:
    raw = "<blockquote>one<br>two<blockquote>inner</blockquote></blockquote>my reply"
    assert clean(raw) == "> one\n> two\n>\n> > inner\n\nmy reply"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("ja\u200bne\u2060@\ufeffx", "jane@x"),
        ("e\u0301", "\xe9"),
        ("a\x00b\x07c\ud800d", "abcd"),
        ("a\u202eb\u200dc", "abc"),
        ("a \t\xa0 b\r\n\r\n\r\n\r\nc  ", "a b\n\nc"),
        ("a\u2028b\x0bc", "a\nb\nc"),
        (" \n\u200b ", ""),
    ],
)
def test_invisible_characters_and_blanks_are_settled(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@given(st.one_of(st.lists(_PIECES, max_size=25).map("".join), st.text(max_size=60)))
def test_clean_is_idempotent_and_its_result_can_be_stored(raw: str) -> None:
    once = clean(raw)
    assert clean(once) == once
    assert "\x00" not in once
    assert once == once.strip()
    once.encode("utf-8")


@pytest.mark.parametrize(
    "hostile",
    ["<" * 20_000, "<a " * 7_000, "&" + "amp;" * 5_000, "<" * 3_000 + "b>" * 3_000, "<!--" * 5_000],
)
def test_hostile_markup_costs_no_more_than_a_moment(hostile: str) -> None:
    started = time.process_time()
    assert clean(clean(hostile)) == clean(hostile)
    assert time.process_time() - started < 3
