from __future__ import annotations

import pytest

from nlp.records import Customer
from store.customers import Upserted, customers_digest, load_customers, upsert_customers
from store.database import Session

ANN = Customer("ann", (("plan", "pro"), ("seats", "20")))
BOB = Customer("bob")


def test_customers_are_upserted_by_id(session: Session) -> None:
    assert upsert_customers(session, [BOB, ANN]) == Upserted(2, 0, 0)
    before = customers_digest(session)
    assert upsert_customers(session, [ANN, BOB]) == Upserted(0, 0, 2)
    assert customers_digest(session) == before
    changed = Customer("ann", (("plan", "free"),))
    assert upsert_customers(session, [changed]) == Upserted(0, 1, 0)
    assert load_customers(session) == [changed, BOB]
    assert customers_digest(session) != before


def test_an_id_that_comes_twice_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="twice"):
        upsert_customers(session, [ANN, ANN])
