"""The product's own embeddings, made once and kept on disk by model digest and text digest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlp.encoding import Encode, FloatArray
from nlp.models import encoder_digest, verify_minilm
from nlp.records import text_sha
from tests.bench.row import say

_DIMENSIONS = 384  # of the packaged encoder


def cached_encoder(folder: Path, *, model: Path | None = None) -> Encode:
    """Texts to unit vectors, through a cache below `folder`; torch loads only when it is needed.

    Vectors are appended before their digests, so that a run that dies leaves no wrong pair.
    """
    source = model or verify_minilm()
    digest = encoder_digest(source)
    place = folder / digest[:16]
    place.mkdir(parents=True, exist_ok=True)
    names, data = place / "texts", place / "vectors"
    known = names.read_text(encoding="ascii").split() if names.exists() else []
    size_file = place / "dimensions"
    dimensions = int(size_file.read_text(encoding="ascii")) if size_file.exists() else _DIMENSIONS
    stored = np.fromfile(data, dtype=np.float32) if data.exists() else np.zeros(0, np.float32)
    kept: dict[str, FloatArray] = dict(
        zip(known, stored[: len(known) * dimensions].reshape(-1, dimensions), strict=True)
    )
    if len(stored) > len(known) * dimensions:
        stored[: len(known) * dimensions].tofile(data)
    loaded: list[Encode] = []

    def encode(texts: Sequence[str]) -> FloatArray:
        shas = [text_sha(text) for text in texts]
        missing = {sha: text for sha, text in zip(shas, texts, strict=True) if sha not in kept}
        if missing:
            if not loaded:
                from nlp.embed import load_encoder

                loaded.append(load_encoder(source, digest=digest).encode)
            if len(missing) > 2000:
                say(f"embedding {len(missing)} texts")
            made = loaded[0](list(missing.values()))
            kept.update(zip(missing, made, strict=True))
            size_file.write_text(str(made.shape[1]), encoding="ascii")
            with data.open("ab") as file:
                file.write(made.astype(np.float32).tobytes())
            with names.open("a", encoding="ascii") as file:
                file.write("".join(f"{sha}\n" for sha in missing))
        if not shas:
            return np.zeros((0, dimensions), np.float32)
        return np.stack([kept[sha] for sha in shas])

    return encode
