"""What a ledger is laid out from: keys and places of all statements, without their texts."""

from __future__ import annotations

import gc

from sqlalchemy import func, select

from nlp.ledger import Ledger, Place, Said, build_ledger
from store.customers import load_customers
from store.database import Session
from store.feedback import load_feedback
from store.tables import ASSIGNMENT_VERSION, STATEMENT


def load_ledger(session: Session, *, customers: bool = True) -> Ledger:
    """All that was said, of all weeks; four seconds or more for 300,000 statements.

    Args:
        customers: whether attributes of the customer table are attributes of the feedback.
    """
    # A million objects that stay: looking for garbage among them would take as long again.
    gc.disable()
    try:
        return _load(session, customers=customers)
    finally:
        gc.enable()


def _load(session: Session, *, customers: bool) -> Ledger:
    connection = session.connection()
    place = ASSIGNMENT_VERSION.c
    said = STATEMENT.c
    statements = connection.execute(
        select(said.id, said.feedback_key, said.sha, func.length(said.text))
    )
    places = connection.execute(
        select(
            place.statement_id, place.week, place.theme_id, place.parent_theme_id, place.confidence
        )
    )
    return build_ledger(
        load_feedback(session),
        [Said(*row) for row in statements],
        [Place(*row) for row in places.all()],
        customers=load_customers(session) if customers else (),
    )
