"""Shapes of columns that the tables have in common."""

from typing import Any

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from store.columns import BYTE_TEXT


def key_column(**options: Any) -> Any:
    """Part of the primary key: text that sorts by its bytes."""
    return Field(sa_type=BYTE_TEXT, primary_key=True, **options)


def text_column(**options: Any) -> Any:
    """Text that sorts by its bytes; never NULL."""
    return Field(sa_type=BYTE_TEXT, **options)


def optional_column(sa_type: Any = BYTE_TEXT, **options: Any) -> Any:
    """A column that may be NULL."""
    return Field(default=None, sa_type=sa_type, nullable=True, **options)


def typed_column(sa_type: Any) -> Any:
    """A column of this type; never NULL."""
    return Field(sa_type=sa_type, nullable=False)


def owned_by(parent: str, *, primary_key: bool = False, index: bool = False) -> Any:
    """A foreign key whose rows go when the parent's row goes."""
    return Field(
        sa_column=Column(
            BYTE_TEXT,
            ForeignKey(parent, ondelete="CASCADE"),
            primary_key=primary_key,
            index=index,
            nullable=False,
        )
    )
