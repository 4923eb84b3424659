"""Sentence embeddings whose bits depend on the text alone.

An encoder's output moves by about 1e-6 with the batch a text happens to stand in: padding length
and matrix shape choose different kernels. Here every forward pass has one of a few fixed shapes
(8 rows, padded to a length bucket; short batches are filled up), so a text gets the same bits
alone, in any batch, at any place in it, with one thread or two. Measured: 1,500 texts shuffled,
subset and single-threaded were equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from nlp.encoding import Encode, FloatArray
from nlp.records import text_sha

__all__ = ["Encode", "Encoder", "load_encoder"]

# Rows of every forward pass. Few texts at a time, as a week brings them, leave most of a wide one
# to be filled up: in CPU milliseconds a text, 32 rows took 95 for 5 texts, 44 for 40, 15 for 300;
# 8 rows took 28, 16 and 10. Full passes take the same with 8 as with 32, with 4 they take more.
_ROWS = 8
_LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)  # token buckets


@dataclass(frozen=True, slots=True)
class Encoder:
    """A local sentence-transformers model and the digest that its vectors are cached under."""

    model: SentenceTransformer
    digest: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape (len(texts), dimensions), in the order of `texts`."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for rows, vectors in self.batches(texts):
            out[rows] = vectors
        return out

    def encode_one(self, text: str) -> FloatArray:
        """The unit vector of one text, shape (dimensions,), at a fraction of the work of a batch.

        Its forward passes have one row: fixed shapes of their own, so that a text has one vector
        here, too, some 1e-7 from the one it has in `encode`. For what is asked, not for what is
        kept.
        """
        tokens = self._tokens(text)
        vector: FloatArray = self._forward([tokens], _bucket(tokens), rows=1)[0]
        return vector

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], FloatArray]]:
        """Yield (indices into `texts`, their unit vectors), at most 8 at a time, as they are made.

        Shortest texts come first; within a length they come in the order of their digests.
        """
        tokens = [self._tokens(text) for text in texts]
        by_length: dict[int, list[int]] = {}
        for index in sorted(range(len(texts)), key=lambda i: text_sha(texts[i])):
            by_length.setdefault(_bucket(tokens[index]), []).append(index)
        for length in sorted(by_length):
            rows = by_length[length]
            for start in range(0, len(rows), _ROWS):
                chunk = rows[start : start + _ROWS]
                yield chunk, self._forward([tokens[i] for i in chunk], length)

    def _tokens(self, text: str) -> Sequence[int]:
        limit = min(int(self.model.max_seq_length or _LENGTHS[-1]), _LENGTHS[-1])
        found: Sequence[int] = self.model.tokenizer(text, truncation=True, max_length=limit)[
            "input_ids"
        ]
        return found

    def _forward(
        self, tokens: Sequence[Sequence[int]], length: int, *, rows: int = _ROWS
    ) -> FloatArray:
        ids = torch.full((rows, length), int(self.model.tokenizer.pad_token_id or 0))
        mask = torch.zeros((rows, length), dtype=torch.long)
        mask[:, 0] = 1  # filler rows must attend to something, or they divide by zero
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = torch.tensor(sequence)
            mask[row, : len(sequence)] = 1
        with torch.inference_mode():
            features = self.model.forward({"input_ids": ids, "attention_mask": mask})
            vectors = torch.nn.functional.normalize(features["sentence_embedding"], dim=1)
        array: FloatArray = vectors[: len(tokens)].numpy().astype(np.float32)
        return array


def _bucket(tokens: Sequence[int]) -> int:
    return next(size for size in _LENGTHS if size >= len(tokens))


def load_encoder(path: Path, *, digest: str) -> Encoder:
    """Load a sentence-transformers model from a local folder; nothing is downloaded.

    Args:
        path: folder with `modules.json`, as sentence-transformers saves it.
        digest: identifies weights and tokenizer; vectors are cached under it. Verify it before.

    Raises:
        FileNotFoundError: when the folder holds no sentence-transformers model.
    """
    if not (path / "modules.json").is_file():
        raise FileNotFoundError(
            f"{path} holds no sentence-transformers model (no modules.json); "
            "set GROUNDSWELL_MODEL to a folder that does, or unset it for the packaged model"
        )
    model = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    model.eval()
    unsized = Encoder(model, digest, 0)
    _, vectors = next(unsized.batches(["size"]))
    return Encoder(model, digest, int(vectors.shape[1]))


def use_one_thread() -> None:
    """Have each call of torch in this process do with one thread: for servers.

    A question is too little work to share out, and requests are answered side by side anyway; with
    a team of threads for each, most of the time is spent waiting for one another.
    """
    torch.set_num_threads(1)
