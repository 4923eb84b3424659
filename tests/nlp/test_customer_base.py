from __future__ import annotations

import datetime as dt

import numpy as np

from nlp.population import MISSING, build_population, restrict
from nlp.records import Customer, Feedback


def message(no: int, **fields: object) -> Feedback:
    return Feedback(
        id=str(no),
        source="s",
        kind="ticket",
        text="slow",
        created_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
        week="2026-W02",
        day=dt.date(2026, 1, 5),
        **fields,  # type: ignore[arg-type]
    )


CUSTOMERS = [
    Customer("ann", (("plan", "pro"), ("region", "EU"))),
    Customer("acme", (("plan", "team"),)),
    Customer("silent", (("plan", "pro"),)),
]


def test_attributes_join_by_customer_then_account_and_feedback_says_more() -> None:
    population = build_population(
        [
            message(1, customer_id="ann", account_id="acme"),
            message(2, customer_id="bob", account_id="acme", attributes=(("region", "US"),)),
            message(3, customer_id="ann", attributes=(("plan", "free"),)),
            message(4),
        ],
        [],
        {},
        customers=CUSTOMERS[::-1],
    )
    assert population.attributes["plan"] == ("pro", "team", "free", MISSING)
    assert population.attributes["region"] == ("EU", "US", "EU", MISSING)
    assert population.base.size == 3
    assert population.base.entries.tolist() == [1, 0, 1, -1]
    assert population.base.attributes["plan"] == ("team", "pro", "pro")
    part = restrict(population, np.array([False, True, False, True]))
    assert part.base.entries.tolist() == [0, -1]
    assert part.base.size == 3


def test_no_table_is_an_empty_base() -> None:
    assert build_population([message(1)], [], {}).base.size == 0
