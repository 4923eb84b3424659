from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlp.query_words import cut, fold, holds_all, read_query, word_spans


def test_words_are_folded_alike_in_texts_and_queries() -> None:
    assert cut("Refunds, REFUND and the refund’s ﬁles") == [
        *("refund", "refund", "and", "the", "refund", "file")
    ]
    assert [fold(word) for word in ("companies", "bus", "glass", "this", "ios", "fees")] == [
        *("company", "bus", "glass", "this", "ios", "fee")
    ]


def test_function_words_count_only_where_nothing_else_is_said() -> None:
    assert read_query("the refund is late").units == (("refund",), ("late",))
    assert read_query("where is it").units == (("where",), ("is",), ("it",))
    assert read_query('"where is it"').phrases == (("where", "is", "it"),)
    assert read_query(" ,; ").empty


def test_what_is_cut_in_several_stands_in_one_piece() -> None:
    query = read_query("4.2 ERR-402")
    assert query.units == (("4", "2"), ("err", "402"))
    assert holds_all("since err 402 in 4.2", query)
    assert not holds_all("since 4 or 2, err 402", query)


def test_a_phrase_in_quotes_must_be_there() -> None:
    query = read_query('refund "not received"')
    assert holds_all("Not received: my refund!", query)
    assert not holds_all("refund received, not mine", query)


def test_an_unclosed_quote_is_no_phrase() -> None:
    assert read_query('say "hello').phrases == ()


def test_words_sought_are_found_where_they_stand() -> None:
    text = "Two REFUNDS? Not one refund’s here"
    found = [text[start:end] for start, end in word_spans(text, read_query("refund"))]
    assert found == ["REFUNDS", "refund’s"]


@given(st.text(max_size=80), st.text(max_size=40))
def test_spans_are_ordered_and_inside_any_text(text: str, query: str) -> None:
    spans = word_spans(text, read_query(query))
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(max_size=60))
def test_a_text_holds_itself(text: str) -> None:
    assert holds_all(text, read_query(text.replace('"', " ").replace("“", " ").replace("”", " ")))
