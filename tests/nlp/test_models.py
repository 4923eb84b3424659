"""Weights are found without importing their packages, and refused when they are not the tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nlp import models
from nlp.models import ModelMismatch, ModelMissing, digest, encoder_digest, verify


def test_bundled_weights_are_the_tested_ones() -> None:
    assert models.verify_minilm() == models.minilm_path()
    assert models.verify_spacy() == models.spacy_path()


def test_a_changed_byte_is_refused_with_file_both_digests_and_the_way_out(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    good = digest(weights)
    verify(weights, good)
    weights.write_bytes(b"weightz")
    with pytest.raises(ModelMismatch) as caught:
        verify(weights, good)
    message = str(caught.value)
    assert str(weights) in message
    assert good in message
    assert digest(weights) in message
    assert "reinstall" in message


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="reinstall"):
        verify(tmp_path / "nowhere", models.MINILM_SHA256)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MINILM_PACKAGE", "gt_no_such_model")
    with pytest.raises(ModelMissing, match="gt-no-such-model: not installed"):
        models.minilm_path()


def test_folder_digest_follows_contents_and_names_not_prose(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "config.json").write_text("{}")
    (tmp_path / "vocab.txt").write_text("a")
    before = encoder_digest(tmp_path)
    (tmp_path / "README.md").write_text("read me")
    (tmp_path / "LICENSE").write_text("licence")
    (tmp_path / ".cache").write_text("x")
    assert encoder_digest(tmp_path) == before
    (tmp_path / "vocab.txt").write_text("b")
    changed = encoder_digest(tmp_path)
    assert changed != before
    (tmp_path / "vocab.txt").rename(tmp_path / "words.txt")
    assert encoder_digest(tmp_path) not in {before, changed}


def test_an_empty_or_absent_encoder_folder_is_explained(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ModelMissing, match="no sentence-transformers model there"):
            encoder_digest(path)


def test_finding_models_imports_neither_torch_nor_spacy() -> None:
    code = (
        "import sys; from nlp import models; models.verify_spacy(); models.minilm_path();"
        "print(sorted({'torch', 'spacy', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
