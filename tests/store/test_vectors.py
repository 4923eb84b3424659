from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import update

from store.database import Session
from store.tables import VECTOR
from store.vectors import load_vectors, missing_vectors, save_vectors

SHAS = [f"{number:064x}" for number in range(60)]
VECTORS = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)


@pytest.mark.parametrize("asked", [1, 14, 15, 16, 60])
def test_vectors_come_back_bit_by_bit_in_the_order_asked(asked: int, session: Session) -> None:
    order = np.random.default_rng(2).permutation(60)
    save_vectors(session, "m", [SHAS[i] for i in order], VECTORS[order])
    back = load_vectors(session, "m", [SHAS[i] for i in order[:asked]])
    assert back.dtype == np.float32
    assert back.tobytes() == VECTORS[order[:asked]].tobytes()


def test_a_digest_may_be_asked_for_twice(session: Session) -> None:
    save_vectors(session, "m", SHAS[:3], VECTORS[:3])
    back = load_vectors(session, "m", [SHAS[1], SHAS[0], SHAS[1]])
    assert (back == VECTORS[[1, 0, 1]]).all()


def test_what_is_there_stays_as_it_is(session: Session) -> None:
    save_vectors(session, "m", SHAS[:2], VECTORS[:2])
    save_vectors(session, "m", SHAS[1:3], VECTORS[1:3] + 1)
    assert (load_vectors(session, "m", SHAS[:3])[:2] == VECTORS[:2]).all()
    assert (load_vectors(session, "m", SHAS[2:3]) == VECTORS[2] + 1).all()


def test_models_are_kept_apart(session: Session) -> None:
    save_vectors(session, "m", SHAS[:2], VECTORS[:2])
    save_vectors(session, "wide", SHAS[1:2], np.ones((1, 16), dtype=np.float32))
    assert load_vectors(session, "wide", SHAS[1:2]).shape == (1, 16)
    assert (load_vectors(session, "m", SHAS[1:2]) == VECTORS[1]).all()
    assert missing_vectors(session, "wide", SHAS[:3]) == {SHAS[0], SHAS[2]}


@pytest.mark.parametrize("stored", [1, 50])
def test_a_missing_one_is_named(stored: int, session: Session) -> None:
    save_vectors(session, "m", SHAS[:stored], VECTORS[:stored])
    with pytest.raises(KeyError, match=SHAS[55]):
        load_vectors(session, "m", [SHAS[0], SHAS[55]])


def test_nothing_asked_nothing_read(session: Session) -> None:
    assert load_vectors(session, "m", []).shape == (0, 0)
    assert missing_vectors(session, "m", []) == set()
    save_vectors(session, "m", [], np.empty((0, 8), dtype=np.float32))


def test_shapes_and_numbers_are_checked(session: Session) -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 8\), expected \(3, d\)"):
        save_vectors(session, "m", SHAS[:3], VECTORS[:2])
    with pytest.raises(ValueError, match="not finite"):
        save_vectors(session, "m", SHAS[:1], np.full((1, 8), np.nan, dtype=np.float32))


def test_vectors_of_different_lengths_are_reported(session: Session) -> None:
    save_vectors(session, "m", SHAS[:2], VECTORS[:2])
    session.connection().execute(
        update(VECTOR).where(VECTOR.c.sha == SHAS[1]).values(vector=b"\0" * 8)
    )
    with pytest.raises(ValueError, match="model m differ in length"):
        load_vectors(session, "m", SHAS[:2])
