"""The models of a process, verified and loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nlp.embed import Encoder, load_encoder
from nlp.language import Language, load_language
from nlp.models import digest as folder_digest
from nlp.models import encoder_digest, spacy_path, verify_minilm


@dataclass(frozen=True, slots=True)
class Models:
    """Encoder and parser, with their digests for the record of a run."""

    encoder: Encoder
    language: Language
    digests: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def load_models(path: Path | None) -> Models:
    """The packaged MiniLM, or the sentence-transformers model in `path`; and spaCy's English.

    Raises:
        ModelMissing, ModelMismatch: the packaged weights are not those that were released.
    """
    folder = verify_minilm() if path is None else path
    digest = encoder_digest(folder)
    return Models(
        encoder=load_encoder(folder, digest=digest),
        language=load_language(),
        digests=(("encoder", digest), ("spacy", folder_digest(spacy_path()))),
    )
