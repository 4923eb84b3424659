from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flows import diagnosis
from flows.diagnosis import Finding, diagnose
from flows.settings import Settings, load_settings


def _found(settings: Settings, subject: str) -> Finding:
    return next(finding for finding in diagnose(settings) if finding.subject == subject)


def test_a_fresh_installation_is_well(tmp_path: Path) -> None:
    findings = diagnose(load_settings(home=tmp_path, environment={}))
    assert [finding.subject for finding in findings] == [
        *("python", "packages", "sentence encoder", "sentence splitter", "labels"),
        *("names of people", "zone", "database", "disk"),
    ]
    assert all(finding.ok and not finding.mend for finding in findings), findings


def test_wrong_labels_name_the_file(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "owners.yaml").write_text("owners: 3\n")
    finding = _found(load_settings(home=tmp_path, environment={}), "labels")
    assert not finding.ok
    assert "owners.yaml" in finding.found
    assert "groundswell init" in finding.mend


def test_a_database_out_of_reach(tmp_path: Path) -> None:
    url = "postgresql://ana:s3cret@127.0.0.1:1/none?connect_timeout=2"
    finding = _found(load_settings(home=tmp_path, database_url=url, environment={}), "database")
    assert not finding.ok
    assert "s3cret" not in finding.found
    assert "GROUNDSWELL_DATABASE_URL" in finding.mend


def test_a_database_of_no_known_kind(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, database_url="mysql://db/x", environment={})
    finding = _found(settings, "database")
    assert not finding.ok
    assert "mysql" in finding.found


def test_a_database_that_was_never_migrated(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "groundswell.sqlite").close()
    (tmp_path / "groundswell.sqlite").touch()
    finding = _found(load_settings(home=tmp_path, environment={}), "database")
    assert not finding.ok
    assert "migrates" in finding.mend


def test_looking_changes_nothing(tmp_path: Path) -> None:
    diagnose(load_settings(home=tmp_path / "home", environment={}))
    assert list(tmp_path.iterdir()) == []


def test_a_package_at_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "requires", lambda _: ["rich==1.0.0", "no-such-thing==2.0"])
    settings = load_settings(home=tmp_path, environment={})
    assert "wanted 1.0.0" in _found(settings, "package rich").found
    assert "not installed" in _found(settings, "package no-such-thing").found


def test_a_model_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    environment = {"GROUNDSWELL_MODEL": str(tmp_path / "model")}
    finding = _found(load_settings(home=tmp_path, environment=environment), "sentence encoder")
    assert not finding.ok
