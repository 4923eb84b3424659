from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nlp.embed import Encoder, load_encoder
from nlp.models import minilm_path

WORDS = """invoice refund login password slow crash price cancel upload button screen export
bank feed receipt camera reminder client support answer tax rate logo column""".split()  # noqa: SIM905
# From one word to 20: three shapes of pass, each with rows to spare or filled up.
TEXTS = (
    *(
        " ".join(WORDS[(start * 7 + step) % len(WORDS)] for step in range(length))
        for start, length in enumerate([*range(1, 19)] * 3)
    ),
    "",
    "é 日本 🙂",
    "[EMAIL] wrote to [PHONE]",
    "Why?",
    "why?",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(minilm_path(), digest="minilm")


@pytest.fixture(scope="module")
def together(encoder: Encoder) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return encoder.encode(TEXTS)


def test_a_vector_for_each_text_of_length_one(
    encoder: Encoder, together: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    assert together.shape == (len(TEXTS), encoder.dimensions)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
    assert len(np.unique(together, axis=0)) > 50  # not one vector for everything


def test_bits_do_not_depend_on_the_company_a_text_is_in(
    encoder: Encoder, together: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert np.array_equal(encoder.encode([TEXTS[i] for i in order]), together[order])
    some = order[:20]
    assert np.array_equal(encoder.encode([TEXTS[i] for i in some]), together[some])
    for alone in (0, len(TEXTS) - 1):
        assert np.array_equal(encoder.encode([TEXTS[alone]])[0], together[alone])


def test_bits_do_not_depend_on_the_place_in_a_full_batch(encoder: Encoder) -> None:
    """More texts of one length than one pass holds: each text stands in several places."""
    many = [f"{first} {second}" for first in WORDS[:7] for second in WORDS[:7]]
    rows = encoder.encode(many)
    assert np.array_equal(rows[24:], encoder.encode(many[24:]))
    assert np.array_equal(encoder.encode([many[10]] * 40), np.tile(rows[10], (40, 1)))


def test_bits_do_not_depend_on_the_number_of_threads(
    encoder: Encoder, together: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    before = torch.get_num_threads()
    few = range(0, len(TEXTS), 3)
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            assert np.array_equal(encoder.encode([TEXTS[i] for i in few]), together[list(few)])
    finally:
        torch.set_num_threads(before)


def test_every_pass_has_one_of_the_fixed_shapes(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bits above can be equal by luck of the processor; with these they are by construction."""
    forward, shapes = encoder.model.forward, set()

    def seen(features: dict[str, torch.Tensor]) -> Any:
        shapes.add(tuple(features["input_ids"].shape))
        return forward(features)

    monkeypatch.setattr(encoder.model, "forward", seen)
    encoder.encode(TEXTS)
    encoder.encode(["Why?"])
    assert shapes == {(8, 8), (8, 16), (8, 24), (8, 32)}
    encoder.encode_one("Why?")
    assert shapes == {(8, 8), (8, 16), (8, 24), (8, 32), (1, 8)}


def test_batches_give_every_text_once_at_most_8_at_a_time(encoder: Encoder) -> None:
    texts = [f"{word} {word}" for word in WORDS] * 2
    seen: list[int] = []
    for rows, vectors in encoder.batches(texts):
        assert 1 <= len(rows) == len(vectors) <= 8
        seen.extend(rows)
    assert sorted(seen) == list(range(len(texts)))


def test_meaning_survives_the_fixed_shapes(encoder: Encoder) -> None:
    """The padded passes give what sentence-transformers itself gives, up to rounding."""
    texts = ["the app crashes", "I want my money back because you charged me twice", "Why?"]
    own = encoder.model.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(texts), own, atol=1e-5)


def test_what_is_longer_than_the_model_reads_is_cut(encoder: Encoder) -> None:
    long = " ".join(WORDS * 12)
    rows = encoder.encode([long, f"{long} and more"])
    assert np.array_equal(rows[0], rows[1])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


def test_no_texts_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert list(encoder.batches([])) == []


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=rf"{re.escape(str(tmp_path))}.*modules\.json.*GROUNDSWELL_MODEL"
    ):
        load_encoder(tmp_path, digest="none")


def test_what_an_encoder_is_can_be_said_without_torch() -> None:
    code = "import sys, nlp.encoding, nlp.memory; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
