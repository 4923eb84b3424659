"""The customer table: who there is, whether or not they write."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.records import Customer
from store.database import Session
from store.revision import mark_changed
from store.rows import Upserted, insert, read, sha256, to_row
from store.tables import CUSTOMER

__all__ = ["Upserted", "customers_digest", "load_customers", "upsert_customers"]


def upsert_customers(session: Session, customers: Sequence[Customer]) -> Upserted:
    """Keep customers by id; other attributes replace all that were known.

    Raises:
        ValueError: when an id comes twice.
    """
    chosen = {one.id: one for one in customers}
    if len(chosen) != len(customers):
        raise ValueError("a customer comes twice; settle repeats first")
    known = {one.id: one for one in load_customers(session)}
    fresh = [name for name in chosen if name not in known]
    changed = [name for name in chosen if name in known and known[name] != chosen[name]]
    rows = [to_row(chosen[name]) for name in sorted([*fresh, *changed])]
    if rows:
        mark_changed(session, "said")
    insert(session, CUSTOMER, rows, on_conflict="update")
    return Upserted(len(fresh), len(changed), len(customers) - len(fresh) - len(changed))


def load_customers(session: Session) -> list[Customer]:
    """All customers of the table, sorted by id."""
    return read(session, Customer, CUSTOMER, order=[CUSTOMER.c.id])


def customers_digest(session: Session) -> str:
    """SHA-256 over all customers and their attributes."""
    return sha256([[one.id, one.attributes] for one in load_customers(session)])
