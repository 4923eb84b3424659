from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.settings import Settings, SettingsError, hide_password, load_settings


def test_options_outrank_the_environment_which_outranks_defaults(tmp_path: Path) -> None:
    environment = {
        "GROUNDSWELL_HOME": str(tmp_path / "env"),
        "GROUNDSWELL_ZONE": "Europe/Berlin",
        "GROUNDSWELL_PROCESSES": "2",
    }
    from_environment = load_settings(environment=environment)
    assert from_environment.home == tmp_path / "env"
    assert from_environment.database_url == f"sqlite:///{tmp_path}/env/groundswell.sqlite"
    assert (from_environment.zone, from_environment.processes) == ("Europe/Berlin", 2)

    overridden = load_settings(
        home=tmp_path / "option", database_url="sqlite:///x.sqlite", environment=environment
    )
    assert overridden.home == tmp_path / "option"
    assert overridden.database_url == "sqlite:///x.sqlite"
    assert load_settings(environment={}).home == Path.cwd() / ".groundswell"


def test_names_of_people_are_kept_unless_asked_for() -> None:
    assert not load_settings(environment={}).redact_names
    for text, expected in (("1", True), ("true", True), ("0", False), (" Off ", False)):
        found = load_settings(environment={"GROUNDSWELL_REDACT_NAMES": text})
        assert found.redact_names is expected


def test_labels_are_packaged_until_init_wrote_some(tmp_path: Path) -> None:
    assert load_settings(home=tmp_path, environment={}).labels_dir is None
    (tmp_path / "labels").mkdir()
    assert load_settings(home=tmp_path, environment={}).labels_dir == tmp_path / "labels"
    named = load_settings(home=tmp_path, environment={"GROUNDSWELL_LABELS": str(tmp_path)})
    assert named.labels_dir == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("GROUNDSWELL_ZONE", "Mars/Olympus", "Europe/Berlin"),
        ("GROUNDSWELL_ZONE", "../etc/passwd", "Europe/Berlin"),
        ("GROUNDSWELL_PROCESSES", "0", "1 or more"),
        ("GROUNDSWELL_PROCESSES", "-1", "1 or more"),
        ("GROUNDSWELL_PROCESSES", "two", "1 or more"),
        ("GROUNDSWELL_REDACT_NAMES", "ja", "1 or 0"),
        ("GROUNDSWELL_MODEL", "/nowhere/at/all", "unset it"),
    ],
)
def test_unusable_settings_name_themselves_and_the_way_out(
    name: str, value: str, hint: str
) -> None:
    with pytest.raises(SettingsError, match=hint) as caught:
        load_settings(environment={name: value})
    assert name in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cret@db:5432/groundswell",
        "postgresql+psycopg://ana:s3c/ret@db/groundswell",
        "postgresql://ana:s3c@ret@db/groundswell",
        "postgresql://db/groundswell?user=ana&password=s3cret",
    ],
)
def test_passwords_are_hidden(url: str) -> None:
    shown = hide_password(url)
    assert "s3c" not in shown
    assert "***" in shown
    assert "groundswell" in shown


@given(st.text())
def test_hiding_passwords_is_idempotent(text: str) -> None:
    assert hide_password(hide_password(text)) == hide_password(text)


def test_urls_without_a_password_stay() -> None:
    for url in ("sqlite:////data/x.sqlite", "postgresql://ana@db/groundswell"):
        assert hide_password(url) == url


def test_no_secret_is_handed_to_prefect_and_all_come_back(tmp_path: Path) -> None:
    url = "postgresql://ana:s3cret@db/groundswell"
    settings = Settings(
        home=tmp_path, database_url=url, labels_dir=tmp_path, hash_secret="pepper", processes=2
    )
    settings = replace(settings, redact_names=True)
    text = settings.to_json()
    assert "s3cret" not in text
    assert "pepper" not in text
    assert "pepper" not in repr(settings)
    assert "s3cret" not in json.dumps(settings.public())

    environment = {"GROUNDSWELL_DATABASE_URL": url, "GROUNDSWELL_HASH_SECRET": "pepper"}
    assert Settings.from_json(text, environment=environment) == settings
    with pytest.raises(SettingsError, match="GROUNDSWELL_DATABASE_URL"):
        Settings.from_json(text, environment={})


def test_settings_of_an_embedded_database_need_no_environment(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, environment={})
    assert Settings.from_json(settings.to_json(), environment={}) == settings
