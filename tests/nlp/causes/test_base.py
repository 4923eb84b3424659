from __future__ import annotations

import numpy as np
import pytest

from nlp.causes.attributes import encode
from nlp.causes.base import base_of
from nlp.causes.segments import segment_named
from nlp.customer_base import CustomerBase

# Forty feedback rows of twenty customers in a table of fifty; row i is from entry i % 20.
PLANS = tuple(("pro" if at < 30 else "free") for at in range(50))
SEATS = (*(str(1 + at) for at in range(49)), None)
BASE = CustomerBase(entries=np.arange(40) % 20, size=50, attributes={"plan": PLANS, "seats": SEATS})
COLUMNS = encode(
    {
        "plan": tuple("pro" if row % 2 else "free" for row in range(40)),
        "seats": tuple(str(1 + row) for row in range(40)),
        "channel": ("web", "app", "web", "web") * 10,
    }
)


def counted(*conditions: tuple[str, str], rows: range = range(40)) -> tuple[int, int] | None:
    segment = segment_named(COLUMNS, conditions)
    assert segment is not None
    found = base_of(BASE, np.array(rows), COLUMNS, segment, level=0.95)
    return (found.concerned, found.customers) if found else None


def test_customers_are_counted_once_however_often_they_write() -> None:
    assert counted(("plan", "pro")) == (20, 30)
    assert counted(("plan", "pro"), rows=range(0, 40, 20)) == (1, 30)
    assert counted(("plan", "free")) == (0, 20)


def test_every_condition_must_be_of_the_table() -> None:
    assert counted(("channel", "web")) is None
    assert counted(("channel", "web"), ("plan", "pro")) is None


def test_numbers_of_the_table_are_cut_as_those_of_the_feedback() -> None:
    label = next(column for column in COLUMNS if column.name == "seats").values
    assert "above 30" in label
    assert counted(("seats", "up to 10")) == (10, 10)
    assert counted(("seats", "above 30")) == (0, 19)


def test_the_ratio_is_of_parts_of_customers() -> None:
    segment = segment_named(COLUMNS, [("plan", "pro")])
    assert segment is not None
    base = CustomerBase(np.arange(1000), 1000, {"plan": ("pro",) * 200 + ("free",) * 800})
    rows = np.array([*range(60), *range(200, 280)])  # 60 of 200 against 80 of 800
    found = base_of(base, rows, COLUMNS, segment, level=0.95)
    assert found is not None
    assert found.lift == pytest.approx(3.0, rel=0.05)
    assert found.low < 3.0 < found.high
    assert found.statement.startswith(
        "60 of 200 customers of that segment, 2.9 times other customers' share"
    )


def test_no_table_no_base() -> None:
    segment = segment_named(COLUMNS, [("plan", "pro")])
    assert segment is not None
    assert base_of(CustomerBase(), np.arange(3), COLUMNS, segment, level=0.95) is None
