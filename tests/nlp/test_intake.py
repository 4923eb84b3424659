from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.fields import DEEPEST_RAW, LONGEST_RAW, is_too_deep
from nlp.intake import ORIGIN, IntakeConfig, intake, reject, take
from nlp.records import Feedback, Rejected

CONFIG = IntakeConfig(kind="ticket", source="desk")


def row(**fields: object) -> dict[str, object]:
    return {"id": "1", "text": "It broke.", "created_at": "2026-11-16T10:00:00Z"} | fields


def accepted(config: IntakeConfig = CONFIG, **fields: object) -> Feedback:
    found = intake(row(**fields), config=config, file="f.csv", line=2)
    assert isinstance(found, Feedback), found
    return found


def refused(config: IntakeConfig = CONFIG, **fields: object) -> Rejected:
    found = intake(row(**fields), config=config, file="f.csv", line=2)
    assert isinstance(found, Rejected), found
    return found


def test_a_full_row() -> None:
    item = accepted(
        id=" 42 ",
        kind="Call note",
        text="<p>Hi, <b>mail</b> me: a@example.com</p>",
        created_at="2026-11-16 00:30",
        source="phone",
        customer_id=77,
        account_id="acme",
        score="9",
        score_kind="NPS",
        revenue="12.50",
        resolved_at=1794824553,
        reopened="yes",
        channel=" web ",
        language="pt-BR",
        plan="Pro",
        seats=5.0,
        beta=True,
        empty=" ",
        config=IntakeConfig(zone="Europe/Berlin"),
    )
    assert (item.id, item.kind, item.source, item.key) == ("42", "call_note", "phone", "phone/42")
    assert item.text == "Hi, mail me: [EMAIL]"
    assert item.created_at == dt.datetime(2026, 11, 15, 23, 30, tzinfo=dt.UTC)
    assert (item.day, item.week) == (dt.date(2026, 11, 16), "2026-W47")
    assert (item.customer_id, item.account_id) == ("77", "acme")
    assert (item.score, item.score_kind, item.revenue, item.reopened) == (9.0, "nps", 12.5, True)
    assert (item.channel, item.language) == ("web", "pt")
    assert item.attributes == (("beta", "true"), ("plan", "Pro"), ("seats", "5"))


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), "\u200b", []])
def test_no_id(value: object) -> None:
    assert "no id" in refused(id=value).reason


@pytest.mark.parametrize("value", [None, "", " \n ", "<p> </p>", "\u200b", float("nan")])
def test_empty_text(value: object) -> None:
    assert "empty text" in refused(text=value).reason


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b"])
def test_undecodable_text(value: str) -> None:
    wrong = refused(text=value)
    assert "undecodable" in wrong.reason
    wrong.raw.encode()
    assert json.loads(wrong.raw)["text"] == "ab"


@pytest.mark.parametrize("value", ["3/4/2026", "soon", None, "1989-12-31"])
def test_unparsable_date(value: object) -> None:
    assert "created_at" in refused(created_at=value).reason
    assert "ISO 8601" in refused(created_at="soon").reason


def test_a_wrong_date_of_resolution() -> None:
    assert "resolved_at" in refused(resolved_at="later").reason


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("nps", [0, 10], [-0.1, 10.1]),
        ("csat", [1, 5], [0.9, 5.1]),
        ("ces", [1, 7], [0.9, 7.1]),
    ],
)
def test_a_score_within_the_range_of_its_kind(
    kind: str, good: list[float], bad: list[float]
) -> None:
    for score in good:
        assert accepted(score=score, score_kind=kind).score == score
    for score in bad:
        assert "outside" in refused(score=score, score_kind=kind).reason


def test_a_score_is_never_guessed() -> None:
    assert "score without score_kind" in refused(score=3).reason
    assert "unknown score_kind" in refused(score=3, score_kind="stars").reason
    assert accepted(score=None, score_kind="nps").score_kind is None


@pytest.mark.parametrize("value", ["nine", "9,5", "1e999", True, float("inf"), "$9", [9]])
def test_numbers_are_numbers(value: object) -> None:
    assert "not a number" in refused(score=value, score_kind="nps").reason
    assert "not a number" in refused(revenue=value).reason


@pytest.mark.parametrize(("value", "number"), [("-3", -3.0), (Decimal("1.5"), 1.5), (".5", 0.5)])
def test_numbers_in_all_their_types(value: object, number: float) -> None:
    assert accepted(revenue=value).revenue == number


@pytest.mark.parametrize(
    ("value", "truth"), [("TRUE", True), (False, False), ("n", False), (0, False), ("3", True)]
)
def test_reopened(value: object, truth: bool) -> None:
    assert accepted(reopened=value).reopened is truth
    assert "neither yes nor no" in refused(reopened="maybe").reason


def test_kind_and_source_come_from_the_row_or_the_call() -> None:
    assert accepted(kind="review", source="store").key == "store/1"
    assert "unknown kind" in refused(kind="mail").reason
    assert "no kind" in refused(IntakeConfig(source="s")).reason
    assert "no source" in refused(IntakeConfig(kind="ticket")).reason
    assert "slash" in refused(source="a/b").reason


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_text(over: int) -> None:
    text = "a" * (20_000 + over)
    if over:
        assert "20,001 characters, more than the limit of 20,000" in refused(text=text).reason
    else:
        assert accepted(text=text).text == text


def test_a_cell_too_long_to_look_at_is_kept_cut() -> None:
    wrong = refused(text="a" * (LONGEST_RAW + 1))
    assert "even before cleaning" in wrong.reason
    assert len(json.loads(wrong.raw)["text"]) == LONGEST_RAW


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_id(over: int) -> None:
    if over:
        assert "id has 257" in refused(id="x" * 257).reason
    else:
        assert accepted(id="x" * 256).id == "x" * 256


@pytest.mark.parametrize("field", ["id", "text", "customer_id", "channel", "plan"])
def test_bytes_are_no_text(field: str) -> None:
    assert f"{field} is a bytes" in refused(CONFIG, **{field: b"abc"}).reason


def test_customer_ids_are_hashed_with_the_secret_and_stay_apart() -> None:
    config = IntakeConfig(kind="ticket", source="desk", hash_secret="salt-one")
    other = IntakeConfig(kind="ticket", source="desk", hash_secret="salt-two")
    first = accepted(config, customer_id="jo@example.com", account_id="acme")
    assert first.customer_id is not None
    assert first.customer_id == accepted(config, customer_id="jo@example.com").customer_id
    assert first.customer_id != accepted(config, customer_id="al@example.com").customer_id
    assert first.customer_id != accepted(other, customer_id="jo@example.com").customer_id
    assert "jo" not in first.customer_id
    assert first.account_id not in {None, "acme"}
    assert accepted(config, customer_id=first.customer_id).customer_id == first.customer_id
    assert "salt" not in repr(config)


def test_an_address_as_id_is_replaced_even_without_a_secret() -> None:
    jo, al = accepted(customer_id="jo@example.com"), accepted(customer_id="al@example.com")
    assert jo.customer_id != al.customer_id
    assert (jo.customer_id or "").startswith("[EMAIL]-")
    assert "example" not in accepted(id="jo@example.com").id


def test_attributes_are_sorted_redacted_and_without_names_of_people() -> None:
    found = take(
        row(
            zeta="z",
            alpha="write to a@example.com",
            mobile_phone="4155550142",
            First_Name="Jo",
            tags=["b", "a"],
            nested={"k": 1},
            day=dt.date(2026, 1, 2),
        ),
        config=CONFIG,
    )
    assert isinstance(found.outcome, Feedback)
    assert found.outcome.attributes == (
        ("alpha", "write to [EMAIL]"),
        ("day", "2026-01-02"),
        ("mobile_phone", "[PHONE]"),
        ("nested", '{"k": 1}'),
        ("tags", "b|a"),
        ("zeta", "z"),
    )
    assert found.redactions == {"COLUMN": 1, "EMAIL": 1, "PHONE": 1}


def test_language_is_detected_only_when_absent() -> None:
    text = "Die Rechnung zeigt schon wieder den falschen Steuersatz an."
    assert accepted(text=text).language == "de"
    assert accepted(text=text, language="en-GB").language == "en"
    assert accepted(text=text, language="?").language == "de"
    assert accepted(text="ok").language is None


def test_naive_times_may_be_in_a_zone_of_their_own() -> None:
    config = IntakeConfig(kind="ticket", source="s", zone="UTC", naive_zone="America/New_York")
    item = accepted(config, created_at="2026-11-15 22:00")
    assert item.created_at == dt.datetime(2026, 11, 16, 3, tzinfo=dt.UTC)
    assert item.week == "2026-W47"


def test_the_quarantine_keeps_no_personal_data() -> None:
    wrong = refused(
        created_at="a@example.com",
        text="card 4111 1111 1111 1111",
        customer_id="jo@example.com",
        note="+44 7700 900123",
        deep={"list": ["b@example.com", 1]},
        first_name="Josephine",
        phone=4155550142,
    )
    for secret in ("example.com", "4111", "7700", "4155550142", "Josephine"):
        assert secret not in wrong.raw
        assert secret not in wrong.reason
    assert json.loads(wrong.raw)[ORIGIN] == {"file": "f.csv", "line": 2}


def test_a_mended_row_is_as_if_it_had_been_right_at_first() -> None:
    config = IntakeConfig(kind="ticket", source="desk", hash_secret="s")
    fields: dict[str, Any] = {
        "text": "<p>mail a@example.com</p>",
        "customer_id": "jo@example.com",
        "plan": "Pro",
        "version": "10.0.1.2",
        "tags": ["x", "y"],
        "seats": 3,
    }
    wrong = refused(config, created_at="soon", **fields)
    mended = json.loads(wrong.raw) | {"created_at": "2026-11-16T10:00:00Z"}
    assert intake(mended, config=IntakeConfig(hash_secret="s")) == accepted(config, **fields)


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.dates(),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.sampled_from(["2026-11-16", "a@example.com", "nps", "survey", "9"]),
)


@given(st.dictionaries(st.sampled_from([*row(), "score", "score_kind", "x", "reopened"]), _VALUES))
def test_any_row_is_taken_or_refused_and_refusals_are_stable(raw: dict[str, object]) -> None:
    found = intake(raw, config=CONFIG, file="f", line=1)
    if isinstance(found, Rejected):
        assert found.reason
        again = intake(json.loads(found.raw), config=CONFIG, file="f", line=1)
        if isinstance(again, Rejected):
            assert json.loads(again.raw) == json.loads(found.raw)


def test_a_text_is_kept_as_it_would_be_taken() -> None:
    text = "4155550142 is the order"
    assert accepted(text=text).text == json.loads(refused(text=text, created_at="").raw)["text"]


def test_a_row_that_could_not_be_parsed_is_kept_redacted() -> None:
    wrong = reject(
        {"raw": '{"text": "a@example.com'}, "is not JSON", config=CONFIG, file="f", line=9
    )
    assert json.loads(wrong.raw) == {"raw": '{"text": "[EMAIL]', ORIGIN: {"file": "f", "line": 9}}
    assert (wrong.id, wrong.line) == ("", 9)


def test_an_id_that_is_an_object_is_hashed_within_and_nested_names_are_dropped() -> None:
    config = IntakeConfig(kind="ticket", source="desk", hash_secret="s")
    found = refused(config, customer_id={"ref": 4711}, caller={"first_name": "Jane", "plan": "Pro"})
    assert "4711" not in found.raw
    assert "Jane" not in found.raw
    assert json.loads(found.raw)["caller"] == {"plan": "Pro"}


def nested(levels: int, *, objects: bool) -> object:
    value: object = "seven"
    for _ in range(levels):
        value = {"in": value} if objects else [value]
    return value


@pytest.mark.parametrize("objects", [False, True])
@pytest.mark.parametrize("levels", [DEEPEST_RAW - 1, DEEPEST_RAW])
def test_what_is_nested_is_taken(levels: int, *, objects: bool) -> None:
    assert "seven" in dict(accepted(extra=nested(levels, objects=objects)).attributes)["extra"]


@pytest.mark.parametrize("objects", [False, True])
@pytest.mark.parametrize("levels", [DEEPEST_RAW + 1, 500, 100_000])
@pytest.mark.parametrize("name", ["extra", "text", "customer_id", "id"])
def test_what_is_nested_too_deep_is_refused_before_anything_goes_through_it(
    name: str, levels: int, *, objects: bool
) -> None:
    raw = row(plan="Pro") | {name: nested(levels, objects=objects)}
    found = intake(raw, config=CONFIG)
    assert isinstance(found, Rejected)
    assert found.reason.startswith(f"{name} holds lists or objects more than 20 deep")
    kept = json.loads(found.raw)
    assert name not in kept
    assert kept["plan"] == "Pro"


def test_a_personal_column_is_dropped_however_deep() -> None:
    assert dict(accepted(surname=nested(500, objects=True)).attributes) == {}


def test_an_empty_list_is_a_level_too() -> None:
    assert not is_too_deep([[]], 2)
    assert is_too_deep([[]], 1)
    assert is_too_deep(({"a": ()},), 2)
    assert not is_too_deep("text", 0)
