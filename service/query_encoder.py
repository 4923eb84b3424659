"""What a query means: its embedding by the encoder that made the statements' vectors."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.models import (
    ModelMismatch,
    ModelMissing,
    encoder_digest,
    minilm_path,
    verify_minilm,
)
from nlp.records import text_sha

FloatArray = NDArray[np.float32]
EncodeOne = Callable[[str], FloatArray]

_KEPT = 512  # vectors of queries, so that turning pages embeds nothing anew: under a megabyte


class QueryEncoder:
    """The encoder of queries, loaded when the first one comes: torch takes seconds and 0.3 GB.

    Nothing of a query is kept but its digest and its vector.
    """

    def __init__(self, model: Path | None) -> None:
        """Prepare; nothing is loaded yet.

        Args:
            model: a sentence-transformers folder; None is the packaged MiniLM.
        """
        self._model = model
        self._digest: str | None = None
        self._encode: EncodeOne | None = None
        self._problem = ""
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def problem(self) -> str:
        """Why it cannot embed, for people; empty while it can, or was not asked yet."""
        return self._problem

    def digest(self) -> str:
        """The digest its vectors are stored under; empty where the model is missing."""
        with self._lock:
            if self._digest is None:
                try:
                    self._digest = encoder_digest(self._model or minilm_path())
                except ModelMissing as error:
                    self._digest, self._problem = "", str(error)
            return self._digest

    def vector(self, text: str) -> FloatArray | None:
        """The unit vector of a text, shape (d,); None where the model cannot be used."""
        if not self.digest():
            return None
        sha = text_sha(text)
        with self._lock:
            if sha in self._kept:
                self._kept.move_to_end(sha)
                return self._kept[sha]
            if self._encode is None and not self._problem:
                self._load()
            encode = self._encode
        if encode is None:
            return None
        found = encode(text)  # outside the lock: who asks for something else does not wait
        with self._lock:
            self._kept[sha] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _load(self) -> None:
        try:
            folder = self._model or verify_minilm()
            # Here, not above: a server that nobody searches does without torch.
            from nlp.embed import load_encoder, use_one_thread  # noqa: PLC0415

            use_one_thread()
            self._encode = load_encoder(folder, digest=self._digest or "").encode_one
        except (ModelMissing, ModelMismatch, FileNotFoundError) as error:
            self._problem = str(error)
