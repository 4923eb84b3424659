"""What messages say of scores, time and money, in columns: looked at object by object but once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from nlp.rates import FloatArray
from nlp.records import Feedback

IntArray = NDArray[np.int64]

DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Columns of n messages, each of shape (n,); what is not known is NaN, of codes -1.

    score: on 0..1. group: of the score's kind and the message's kind, in the order of both; also of
        messages without a score.
    identified: whether a customer or an account is known. written: seconds since 1970.
    reopened: 1 or 0. waited: days until it was resolved.
    payer: code of who pays (the account, else the customer), in the order of their ids.
    revenue: as it was given with the message.
    """

    score: FloatArray
    group: NDArray[np.int16]
    identified: NDArray[np.bool_]
    written: FloatArray
    reopened: NDArray[np.int8]
    waited: FloatArray
    payer: NDArray[np.int32]
    revenue: FloatArray

    def at(self, rows: IntArray) -> Facts:
        """Those of some messages."""
        return Facts(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def facts_of(feedback: Sequence[Feedback]) -> Facts:
    """The columns of messages, in their order."""
    groups = [(item.score_kind or "", item.kind) for item in feedback]
    group = {key: code for code, key in enumerate(sorted(set(groups)))}
    payers = [item.account_id or item.customer for item in feedback]
    payer = {name: code for code, name in enumerate(sorted(set(payers)))}
    return Facts(
        score=_floats([item.unit_score for item in feedback]),
        group=np.array([group[key] for key in groups], dtype=np.int16),
        identified=np.array(
            [bool(item.customer_id or item.account_id) for item in feedback], dtype=np.bool_
        ),
        written=np.array([item.created_at.timestamp() for item in feedback], dtype=np.float64),
        reopened=np.array(
            [-1 if item.reopened is None else int(item.reopened) for item in feedback],
            dtype=np.int8,
        ),
        waited=_floats(
            [
                None
                if item.resolved_at is None
                else (item.resolved_at - item.created_at).total_seconds() / DAY
                for item in feedback
            ]
        ),
        payer=np.array([payer[name] for name in payers], dtype=np.int32),
        revenue=_floats([item.revenue for item in feedback]),
    )


def _floats(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)
