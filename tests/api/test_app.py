from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import load_settings

HEAVY = {"torch", "sentence_transformers", "spacy", "hdbscan", "prefect", "pyarrow"}


def test_serving_loads_no_model(tmp_path: Path) -> None:
    """The server starts in a second, and in little memory, because it never embeds."""
    code = "import sys, api.app; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert not HEAVY & set(done.stdout.split())


def test_settings_default_to_a_file_in_the_home(tmp_path: Path) -> None:
    found = load_settings({"GROUNDSWELL_HOME": str(tmp_path)})
    assert found.database_url == f"sqlite:///{tmp_path / 'groundswell.sqlite'}"
    assert found.labels_dir is None
    (tmp_path / "labels").mkdir()
    assert load_settings({"GROUNDSWELL_HOME": str(tmp_path)}).labels_dir == tmp_path / "labels"


def test_settings_of_the_environment_win(tmp_path: Path) -> None:
    found = load_settings(
        {
            "GROUNDSWELL_HOME": str(tmp_path),
            "GROUNDSWELL_DATABASE_URL": "postgresql://user:secret@db/x",
            "GROUNDSWELL_LABELS": str(tmp_path / "mine"),
            "GROUNDSWELL_HASH_SECRET": "pepper",
        }
    )
    assert found.labels_dir == tmp_path / "mine"
    assert "secret" not in repr(found)
    assert "pepper" not in repr(found)


def test_a_database_of_another_kind_stops_at_once(tmp_path: Path) -> None:
    from dataclasses import replace

    from api.app import create_app

    settings = load_settings({"GROUNDSWELL_HOME": str(tmp_path)})
    with pytest.raises(ValueError, match="not a supported kind"):
        create_app(replace(settings, database_url="mysql://localhost/x"))
