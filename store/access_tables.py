"""The tables of who may ask, what was answered before, what was sent out, and how much changed."""

import datetime as dt

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from store.columns import TupleJson, UtcTime
from store.table_fields import key_column, optional_column, text_column, typed_column


class RevisionRow(SQLModel, table=True):
    """One row: how many transactions have changed what is answered; see `store.revision`."""

    __tablename__ = "revision"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int


class AccessKeyRow(SQLModel, table=True):
    """A key to the API; `id` is what people see of it, `digest` all that is kept of the rest."""

    __tablename__ = "access_key"
    id: str = key_column()
    name: str = typed_column(Text)
    digest: str = text_column()
    scopes: str = typed_column(TupleJson)
    created_at: dt.datetime = typed_column(UtcTime)
    expires_at: dt.datetime | None = optional_column(UtcTime)
    revoked_at: dt.datetime | None = optional_column(UtcTime)
    last_used_at: dt.datetime | None = optional_column(UtcTime)


class WebSessionRow(SQLModel, table=True):
    """A browser that is signed in with a key; `digest` is that of its cookie."""

    __tablename__ = "web_session"
    digest: str = key_column()
    key_id: str = text_column(index=True)
    csrf: str = text_column()
    created_at: dt.datetime = typed_column(UtcTime)
    expires_at: dt.datetime = typed_column(UtcTime)


class PostedRow(SQLModel, table=True):
    """What a batch with an idempotency key was answered, so that it is answered the same again."""

    __tablename__ = "posted"
    key_id: str = key_column()
    idempotency_key: str = key_column()
    digest: str = text_column()
    answer: str = typed_column(Text)
    created_at: dt.datetime = typed_column(UtcTime)


class DeliveryRow(SQLModel, table=True):
    """A document on its way to somebody: the row is what keeps it from being sent twice.

    `target` names the address without its secrets; `id` is a digest of document, period, owner and
    the address itself.
    """

    __tablename__ = "delivery"
    id: str = key_column()
    document: str = text_column()
    period: str = text_column(index=True)
    owner_id: str = text_column()
    target: str = typed_column(Text)
    status: str = text_column()
    attempts: int
    error: str = typed_column(Text)
    started_at: dt.datetime = typed_column(UtcTime)
    finished_at: dt.datetime | None = optional_column(UtcTime)
