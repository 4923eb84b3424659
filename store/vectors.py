"""The embedding cache: one vector for each (model digest, text digest), written once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from store.database import Session
from store.rows import among, insert
from store.tables import VECTOR

_STORED = np.dtype("<f4")
_CHUNK = 5_000  # rows; 8 MB of 384-dimensional vectors on their way at a time
_SCAN_FROM_ONE_IN = 4  # asked for a quarter of a model's vectors, one pass beats as many look-ups


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
    order = sorted(unique)
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
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
    place: dict[str, int] = {}
    for number, sha in enumerate(shas):
        place.setdefault(sha, number)
    found = np.empty((0, 0), dtype=np.float32)
    absent = set(place)
    for sha, blob in _stored(session, model, place):
        if sha not in absent:
            continue
        vector = np.frombuffer(blob, _STORED)
        if len(absent) == len(place):
            found = np.empty((len(shas), len(vector)), dtype=np.float32)
        if len(vector) != found.shape[1]:
            raise ValueError(f"vectors of model {model} differ in length; embed its texts anew")
        found[place[sha]] = vector
        absent.discard(sha)
    if absent:
        raise KeyError(f"no vector of text {min(absent)} by model {model}; embed it first")
    again = [number for number, sha in enumerate(shas) if place[sha] != number]
    if again:
        found[again] = found[[place[shas[number]] for number in again]]
    return found


def _stored(session: Session, model: str, shas: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """(sha, bytes) of those digests that are there, maybe with others of the model, unordered."""
    if not shas:
        return
    connection = session.connection()
    counting = select(func.count()).select_from(VECTOR).where(VECTOR.c.model == model)
    total = connection.execute(counting).scalar_one()
    everything = len(shas) * _SCAN_FROM_ONE_IN >= total
    if connection.dialect.name == "postgresql":
        yield from _binary(connection, model, None if everything else sorted(shas))
        return
    wanted = select(VECTOR.c.sha, VECTOR.c.vector).where(VECTOR.c.model == model)
    if not everything:
        wanted = wanted.where(among(session, VECTOR.c.sha, shas))
    yield from connection.execute(wanted, execution_options={"yield_per": _CHUNK}).tuples()


def _binary(
    connection: Connection, model: str, shas: list[str] | None
) -> Iterator[tuple[str, bytes]]:
    """PostgreSQL's binary protocol: as text, every byte would travel as two."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor("vectors", binary=True) as cursor:
        cursor.itersize = _CHUNK
        if shas is None:
            cursor.execute("SELECT sha, vector FROM vector WHERE model = %s", [model])
        else:
            wanted = "SELECT sha, vector FROM vector WHERE model = %s AND sha = ANY(%s)"
            cursor.execute(wanted, [model, shas])
        yield from cursor
