"""The embedding cache: one vector for each (model digest, text digest), written once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from store.database import Session
from store.rows import among, insert
from store.tables import VECTOR

_STORED = np.dtype("<f4")
_CHUNK = 20_000  # 31 MB of 384-dimensional vectors at a time


def missing_vectors(session: Session, model: str, shas: Collection[str]) -> set[str]:
    """Those text digests that have no vector by this model yet."""
    known = select(VECTOR.c.sha).where(VECTOR.c.model == model, among(session, VECTOR.c.sha, shas))
    return set(shas).difference(session.connection().execute(known).scalars())


def save_vectors(
    session: Session, model: str, shas: Sequence[str], vectors: NDArray[np.float32]
) -> None:
    """Keep vectors (n, d) of n text digests; those already there stay as they are.

    Raises:
        ValueError: when shapes do not fit or a number is not finite.
    """
    if vectors.ndim != 2 or len(vectors) != len(shas):
        raise ValueError(f"vectors have the shape {vectors.shape}, expected ({len(shas)}, d)")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds numbers that are not finite")
    stored = np.ascontiguousarray(vectors, dtype=_STORED)
    unique = dict(zip(shas, range(len(shas)), strict=True))
    for chunk in _chunks(sorted(unique)):
        rows = [
            {"model": model, "sha": sha, "vector": stored[unique[sha]].tobytes()} for sha in chunk
        ]
        insert(session, VECTOR, rows, on_conflict="ignore")


def load_vectors(session: Session, model: str, shas: Sequence[str]) -> NDArray[np.float32]:
    """Vectors (n, d) in the order of `shas`, which may repeat; (0, 0) when none are asked for.

    Raises:
        KeyError: naming a text digest that has no vector by this model.
        ValueError: when the model's vectors differ in length.
    """
    unique = sorted(set(shas))
    place = {sha: number for number, sha in enumerate(unique)}
    found: NDArray[np.float32] | None = None
    for chunk in _chunks(unique):
        rows = session.connection().execute(
            select(VECTOR.c.sha, VECTOR.c.vector).where(
                VECTOR.c.model == model, among(session, VECTOR.c.sha, chunk)
            )
        )
        got = dict(rows.tuples().all())
        if len(got) != len(chunk):
            absent = min(set(chunk).difference(got))
            raise KeyError(f"no vector of text {absent} by model {model}; embed it first")
        width = len(next(iter(got.values()))) // _STORED.itemsize
        if found is None:
            found = np.empty((len(unique), width), dtype=np.float32)
        joined = b"".join(got[sha] for sha in chunk)
        if width != found.shape[1] or len(joined) != len(chunk) * width * _STORED.itemsize:
            raise ValueError(f"vectors of model {model} differ in length; embed its texts anew")
        first = place[chunk[0]]
        found[first : first + len(chunk)] = np.frombuffer(joined, _STORED).reshape(-1, width)
    if found is None:
        return np.empty((0, 0), dtype=np.float32)
    return found[[place[sha] for sha in shas]]


def _chunks(items: list[str]) -> list[list[str]]:
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
