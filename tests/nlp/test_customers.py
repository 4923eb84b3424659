from __future__ import annotations

from collections import Counter

import pytest

from nlp.customers import LOST, PlacedCustomer, settle_customers, take_customer
from nlp.intake import IntakeConfig, intake
from nlp.records import Customer, Feedback, Rejected

PLAIN = IntakeConfig()


def taken(
    raw: dict[str, object], *, config: IntakeConfig = PLAIN, line: int = 2
) -> PlacedCustomer | Rejected:
    return take_customer(
        raw, id_column="id", config=config, file="crm.csv", line=line, counts=Counter()
    )


def placed(raw: dict[str, object], line: int = 2) -> PlacedCustomer:
    found = taken(raw, line=line)
    assert isinstance(found, PlacedCustomer)
    return found


def test_every_other_column_is_an_attribute_cleaned_and_redacted() -> None:
    counts: Counter[str] = Counter()
    found = take_customer(
        {"id": " c 1 ", "plan": "pro", "seats": 20.0, "owner": "ann@acme.com", "First Name": "Ann",
         "note": None, "kind": "reseller"},
        id_column="id",
        config=PLAIN,
        file="crm.csv",
        line=2,
        counts=counts,
    )  # fmt: skip
    assert isinstance(found, PlacedCustomer)
    assert found.item == Customer(
        "c 1", (("kind", "reseller"), ("owner", "[EMAIL]"), ("plan", "pro"), ("seats", "20"))
    )
    assert counts == {"EMAIL": 1, "COLUMN": 1}
    assert "ann@acme.com" not in found.as_rejected.raw


@pytest.mark.parametrize("config", [PLAIN, IntakeConfig(hash_secret="secret")])
@pytest.mark.parametrize("name", ["c1", "ann@acme.com"])
def test_ids_are_those_of_feedback(config: IntakeConfig, name: str) -> None:
    found = taken({"id": name}, config=config)
    message = intake(
        {"id": "1", "kind": "ticket", "source": "s", "text": "slow", "created_at": "2026-01-05",
         "customer_id": name},
        config=config,
    )  # fmt: skip
    assert isinstance(found, PlacedCustomer)
    assert isinstance(message, Feedback)
    assert found.item.id == message.customer_id


@pytest.mark.parametrize("value", [None, "", "  ", True, ["a"]])
def test_a_row_without_an_id_is_rejected_with_its_place(value: object) -> None:
    found = taken({"id": value, "plan": "pro"}, line=7)
    assert isinstance(found, Rejected)
    assert (found.stage, found.file, found.line) == ("customers", "crm.csv", 7)
    assert "id" in found.reason


def test_identical_rows_are_one_and_contradicting_ones_none() -> None:
    rows = [
        placed({"id": "b", "plan": "pro"}, 2),
        placed({"id": "a", "plan": "pro"}, 3),
        placed({"id": "b", "plan": "pro"}, 4),
        placed({"id": "c", "plan": "pro"}, 5),
        placed({"id": "c", "plan": "free"}, 6),
    ]
    for order in (rows, rows[::-1]):
        settled = settle_customers(order)
        assert [one.id for one in settled.kept] == ["a", "b"]
        assert settled.repeats == 1
        assert {(one.line, one.reason) for one in settled.rejected} == {(5, LOST), (6, LOST)}


@pytest.mark.parametrize(("levels", "good"), [(19, True), (20, True), (21, False), (500, False)])
def test_what_is_nested_too_deep_is_refused(levels: int, *, good: bool) -> None:
    value: object = "x"
    for _ in range(levels):
        value = [value]
    found = taken({"id": "c1", "plan": "Pro", "tree": value})
    assert isinstance(found, PlacedCustomer) == good
    if isinstance(found, Rejected):
        assert found.reason.startswith("tree holds lists or objects more than 20 deep")
        assert "tree" not in found.raw
