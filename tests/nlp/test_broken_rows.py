from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.broken_rows import without_persons
from nlp.clean import clean


def hashed(given: str) -> str | None:
    return f"h({given})" if given else None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            '{"id": 7, "customer_id": "4711", "text": "cut he',
            '{"id": 7, "customer_id": "h(4711)", "text": "cut he',
        ),
        ('{"customer_id": 4711, "plan": "Pro"', '{"customer_id": "h(4711)", "plan": "Pro"'),
        ('{"customer_id": 4711.0}', '{"customer_id": "h(4711)"}'),
        ('{"customer_id": "a\\u00e9"', '{"customer_id": "h(a\u00e9)"'),
        ('{"accountId":"x"', '{"accountId":"h(x)"'),
        ('{"account_id": "47', '{"account_id": "h(47)"'),
        ('{"customer_id": null, "user": null', '{"customer_id": null, "user": null'),
        ('{"customer_id": "", "x": 1', '{"customer_id": "", "x": 1'),
        ("{'customer_id': '4711', 'x': 1}", "{'customer_id': 'h(4711)', 'x': 1}"),
        ("{customer_id: 4711, x: 1}", "{customer_id: h(4711), x: 1}"),
        ('"{\\"customer_id\\": \\"4711\\"}"', '"{\\"customer_id\\": \\"h(4711)\\"}"'),
        ('{"name": "Jane Smith", "x": 1', '{"name": "[PERSON]", "x": 1'),
        (
            '{"First Name": "Jane", "last_name": "Smith',
            '{"First Name": "[PERSON]", "last_name": "[PERSON]"',
        ),
        ('{"name": "Jane "JJ" Smith", "text": "a"}', '{"name": "[PERSON]", "text": "a"}'),
        ('{"name": "Jane" "text": "a"}', '{"name": "[PERSON]" "text": "a"}'),
        ('{"user": {"id": 1, "mail": ["x"]}, "x": 1', '{"user": "[PERSON]", "x": 1'),
        (
            '{"names": 1, "customer": ["Jane", "Joe"], "x"',
            '{"names": 1, "customer": "[PERSON]", "x"',
        ),
        ('{\u201cname\u201d: \u201cJane\u201d, "x": 1', '{\u201cname\u201d: [PERSON], "x": 1'),
        ('{"text": "the name of the user is wrong", "plan": "Pro"', None),
        ('{"username_format": "short", "id": "12", "rename": "yes"', None),
        (
            "---\ncustomer_id: 4711\nname: Smith, Jane\nname Jane\nx: 1\n---\nname: a button",
            "---\ncustomer_id: h(4711)\nname: [PERSON]\nname [PERSON]\nx: 1\n---\nname: a button",
        ),
        ('---\nCustomer ID = "4711"\nbroken', "---\nCustomer ID = h(4711)\nbroken"),
    ],
)
def test_ids_are_replaced_and_persons_taken_out(text: str, kept: str | None) -> None:
    assert without_persons(text, stand_in=hashed) == (text if kept is None else kept)


def test_columns_that_a_map_takes_ids_from() -> None:
    text = '{"Client Ref": 12, "user": "u7", "x": 1'
    kept = without_persons(text, stand_in=hashed, ids=frozenset({"clientref", "user"}))
    assert kept == '{"Client Ref": "h(12)", "user": "h(u7)", "x": 1'


@given(
    st.text(min_size=1, max_size=20).filter(lambda t: clean(t) == t and t.strip() == t),
    st.sampled_from(["name", "customer_id", "First Name", "userId"]),
    st.integers(0, 30),
)
def test_a_row_cut_anywhere_after_its_key_keeps_no_value(value: str, key: str, cut: int) -> None:
    row = json.dumps({"a": 1, key: f"\u00a7{value}\u00a7", "z": "end"}, ensure_ascii=False)
    start = row.index("\u00a7") + 1
    kept = without_persons(row[: start + cut], stand_in=lambda _: "h_0")
    assert "\u00a7" not in kept


@given(
    st.dictionaries(
        st.sampled_from(["name", "customer_id", "text", "user", "x"]),
        st.one_of(st.text(max_size=8), st.integers(), st.lists(st.text(max_size=3), max_size=2)),
    ),
    st.integers(0, 80),
)
def test_taking_out_twice_is_taking_out_once(row: dict[str, object], cut: int) -> None:
    once = without_persons(json.dumps(row)[:cut], stand_in=lambda _: "h_0")
    assert without_persons(once, stand_in=lambda _: "h_0") == once


@pytest.mark.parametrize(
    "hostile",
    [
        *('"name":' * 30_000, '"user":{' * 30_000, '"user":[' * 30_000, "\\" * 200_000),
        *('"userid":"' * 20_000, "name: " * 30_000, '"' * 200_000, '{"a":"' * 30_000),
        "---\n" + "name " * 30_000,
    ],
)
def test_hostile_rows_cost_no_more_than_a_moment(hostile: str) -> None:
    started = time.process_time()
    without_persons(hostile, stand_in=lambda text: text)
    assert time.process_time() - started < 4
