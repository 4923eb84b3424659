"""Split and embed what is new. Both depend on each text alone, so every chunk is kept at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flows.models import Models
from nlp.causes.said import clause_texts
from nlp.encoding import Encode
from nlp.records import Statement, text_sha
from nlp.segment import SPLITTER_VERSION, split
from store.database import Engine, session_scope
from store.statements import load_statements, save_statements, unsplit_feedback
from store.vectors import load_vectors, missing_vectors, save_vectors

_MESSAGES = 2_000  # messages split between two commits
_TEXTS = 1_024  # texts embedded between two commits

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """How much was new."""

    messages: int
    statements: int
    texts: int


def prepare(engine: Engine, *, week: str, models: Models, processes: int, tell: Tell) -> Prepared:
    """Split the messages up to `week` that were not, and embed the texts that never were.

    A run that dies here has lost at most one chunk; the next one goes on where it stopped.
    """
    with session_scope(engine) as session:
        waiting = unsplit_feedback(session, until_week=week, version=SPLITTER_VERSION)
    made = 0
    for start in range(0, len(waiting), _MESSAGES):
        chunk = waiting[start : start + _MESSAGES]
        statements = split(chunk, language=models.language, processes=processes)
        made += len(statements)
        with session_scope(engine) as session:
            save_statements(
                session,
                statements,
                version=SPLITTER_VERSION,
                feedback_keys=[item.key for item in chunk],
            )
        tell(f"split {start + len(chunk)} of {len(waiting)} messages: {made} statements")
    with session_scope(engine) as session:
        texts = _to_embed(load_statements(session, until_week=week))
        missing = missing_vectors(session, models.encoder.digest, list(texts))
    new = [texts[sha] for sha in sorted(missing)]
    _embed(engine, new, models=models, tell=tell)
    return Prepared(len(waiting), made, len(new))


def cached_encode(engine: Engine, models: Models) -> Encode:
    """An encoder that keeps what it makes, at once and for good."""

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        shas = [text_sha(text) for text in texts]
        by_sha = dict(zip(shas, texts, strict=True))
        with session_scope(engine) as session:
            missing = sorted(missing_vectors(session, models.encoder.digest, list(by_sha)))
        if missing:
            made = models.encoder.encode([by_sha[sha] for sha in missing])
            with session_scope(engine) as session:
                save_vectors(session, models.encoder.digest, missing, made)
        with session_scope(engine) as session:
            return load_vectors(session, models.encoder.digest, shas)

    return encode


def _to_embed(statements: Sequence[Statement]) -> dict[str, str]:
    spoken = [item for item in statements if item.noise is None]
    texts = {item.sha: item.text for item in spoken}
    texts.update({text_sha(text): text for text in clause_texts(spoken)})
    return texts


def _embed(engine: Engine, texts: Sequence[str], *, models: Models, tell: Tell) -> None:
    shas = [text_sha(text) for text in texts]
    rows: list[int] = []
    made: list[NDArray[np.float32]] = []
    done = 0

    def keep() -> None:
        with session_scope(engine) as session:
            save_vectors(
                session, models.encoder.digest, [shas[row] for row in rows], np.concatenate(made)
            )
        rows.clear()
        made.clear()

    for indices, vectors in models.encoder.batches(texts):
        rows.extend(indices)
        made.append(vectors)
        if len(rows) >= _TEXTS:
            done += len(rows)
            keep()
            tell(f"embedded {done} of {len(texts)} new texts")
    if rows:
        done += len(rows)
        keep()
        tell(f"embedded {done} of {len(texts)} new texts")
